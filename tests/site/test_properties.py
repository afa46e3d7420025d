"""What holds for every example is tried on the same examples each time, however slow the machine is."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.errors import DeadlineExceeded, FlakyFailure

pytestmark = pytest.mark.pure

OTHERWISE = settings(deadline=20, derandomize=False, database=None)  # the negative control


def tried(how: settings | None = None) -> list[int]:
    """The numbers that one run tries."""
    seen: list[int] = []

    @given(st.integers())
    def look(number: int) -> None:
        seen.append(number)

    (how(look) if how else look)()
    return seen


def slow() -> Callable[[], None]:
    """A property whose one example takes as long as it may on a busy core."""

    @given(st.just(0))
    def wait(_: int) -> None:
        time.sleep(0.25)

    return wait


def test_every_run_tries_the_same_examples() -> None:
    assert tried() == tried()


def test_otherwise_each_run_tries_others() -> None:
    assert tried(OTHERWISE) != tried(OTHERWISE)


def test_a_slow_example_is_no_fault() -> None:
    slow()()


def test_otherwise_a_slow_example_is_a_fault() -> None:
    with pytest.raises((DeadlineExceeded, FlakyFailure)):
        OTHERWISE(slow())()
