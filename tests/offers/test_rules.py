"""What is true of offers on paper."""

from datetime import UTC, date, datetime

import pytest

from placements.offers.rules import Room, turn, usual_clearing_date, usual_deadline, why_not

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("now", "deadline"),
    [
        (datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 8, 16, tzinfo=UTC)),  # 5pm in summer
        (datetime(2026, 10, 20, 8, tzinfo=UTC), datetime(2026, 10, 27, 17, tzinfo=UTC)),  # the clocks go back between
        (datetime(2026, 11, 1, 23, 59, tzinfo=UTC), datetime(2026, 11, 8, 17, tzinfo=UTC)),
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), datetime(2026, 7, 8, 16, tzinfo=UTC)),  # already July in London
    ],
)
def test_an_offer_usually_stands_a_week_until_five(now: datetime, deadline: datetime) -> None:
    assert usual_deadline(now) == deadline


@pytest.mark.parametrize(
    ("now", "by_on"),
    [
        (datetime(2026, 10, 20, 8, tzinfo=UTC), date(2026, 11, 3)),  # Tuesday, two weeks on
        (datetime(2026, 10, 24, 8, tzinfo=UTC), date(2026, 11, 9)),  # Saturday counts from Monday
    ],
)
def test_the_clearing_list_has_ten_working_days(now: datetime, by_on: date) -> None:
    assert usual_clearing_date(now) == by_on


@pytest.mark.parametrize(
    ("places", "taken", "ceiling", "by_organisation", "left"),
    [
        (3, 0, None, 0, 3),
        (3, 2, None, 9, 1),
        (3, 3, None, 3, 0),
        (3, 4, None, 4, 0),  # more offers than places: the organisation lowered them since
        (3, 0, 2, 0, 2),
        (3, 1, 4, 3, 1),
        (3, 0, 2, 2, 0),
        (3, 0, 2, 5, 0),
    ],
)
def test_room(places: int, taken: int, ceiling: int | None, by_organisation: int, left: int) -> None:
    assert Room(places, taken, ceiling, by_organisation).left == left


@pytest.mark.parametrize(
    ("is_open", "is_for_level", "room", "said"),
    [
        (True, True, Room(1, 0, None, 0), None),
        (False, True, Room(1, 0, None, 0), "This challenge is not open to students now."),
        (True, False, Room(1, 0, None, 0), "This challenge is for the other level."),
        (True, True, Room(1, 1, None, 1), "Every place in this challenge is taken."),
        (True, True, Room(2, 0, 1, 1), "This organisation has as many students as it can take."),
    ],
)
def test_why_a_student_cannot_have_a_place(is_open: bool, is_for_level: bool, room: Room, said: str | None) -> None:
    assert why_not(is_open=is_open, is_for_level=is_for_level, room=room) == said


@pytest.mark.parametrize(
    ("challenge", "order"), [("park-park-12", ["cyd", "ben", "ada"]), ("hall-hall-12", ["cyd", "ada", "ben"])]
)
def test_whose_turn_it_is_where_rank_and_answer_are_equal_is_drawn_and_stays(challenge: str, order: list[str]) -> None:
    assert sorted(["ada", "ben", "cyd"], key=lambda each: turn(1, False, challenge, each)) == order


def test_the_rank_comes_before_the_answer_and_the_answer_before_the_draw() -> None:
    turns = [(2, True, "cyd"), (1, False, "cyd"), (1, True, "ada")]
    assert sorted(turns, key=lambda each: turn(each[0], each[1], "park-park-12", each[2])) == turns[::-1]
