"""How often a thing is said, in words, and what may be typed of it."""

import pytest

from placements.core.errors import Refused
from placements.reminding.rules import read_typed, say_steps, write_steps

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("steps", "unit", "said"),
    [
        ((-7, -2, 0), "day", "7 and 2 days before and on the day of the deadline"),
        ((-7, -1, 1), "day", "7 and 1 days before and 1 day after the deadline"),
        ((7, 14), "day", "7 and 14 days after the deadline"),
        ((0,), "day", "on the day of the deadline"),
        ((-1, 0, 1), "day", "1 day before, on the day and 1 day after the deadline"),
        ((-3,), "hour", "3 hours before the deadline"),
        ((0,), "hour", "at the moment of the deadline"),
        ((-3, 0), "working day", "3 working days before and on the day of the deadline"),
    ],
)
def test_steps_in_words(steps: tuple[int, ...], unit: str, said: str) -> None:
    assert say_steps(steps, unit, "the deadline") == said


def test_what_is_typed_is_read_and_written_back() -> None:
    assert read_typed(" 0, −2,-7 ,-2") == (-7, -2, 0)
    assert write_steps((-7, -2, 0)) == "−7, −2, 0"
    assert read_typed(write_steps((-7, 14))) == (-7, 14)


@pytest.mark.parametrize("typed", ["", "soon", "1.5", "--1", "1 2 3 4 5 6 7", "181", "-181", "99999999999", "٣"])
def test_what_cannot_be_meant_is_refused(typed: str) -> None:
    with pytest.raises(Refused):
        read_typed(typed)
