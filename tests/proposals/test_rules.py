"""What is true of a proposal on paper."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from placements.proposals.rules import Check, Tie, Ties, checks, closes_at, problems, see_to_by, why_shut

pytestmark = pytest.mark.pure


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("closes", "lead", "expected"),
    [
        (at(2026, 11, 16, 15), 10, at(2026, 11, 2, 15)),  # Monday, two weeks before a Monday
        (at(2026, 10, 30, 15), 10, at(2026, 10, 16, 14)),  # 3pm before and after the clocks go back
        (at(2026, 11, 16, 15), 1, at(2026, 11, 13, 15)),  # the Friday before
        (at(2026, 11, 16, 15), 0, at(2026, 11, 16, 15)),
        (at(2026, 11, 14, 15), 1, at(2026, 11, 13, 15)),  # closes on a Saturday
    ],
)
def test_until_when_a_place_is_proposed(closes: datetime, lead: int, expected: datetime) -> None:
    assert closes_at(closes, lead) == expected


def test_a_last_call_comes_three_working_days_before_choices_close() -> None:
    assert closes_at(at(2026, 11, 16, 15), 3) == at(2026, 11, 11, 15)


def test_who_comes_too_late_reads_until_when_it_was() -> None:
    closes = at(2026, 11, 2, 15)
    assert why_shut(closes, at(2026, 11, 2, 14, 59)) is None
    said = "Places of your own could be proposed until Mon 2 Nov 2026, 3pm. Your tutor can still help you find one."
    assert why_shut(closes, closes) == said


def test_staff_have_three_working_days() -> None:
    assert see_to_by(at(2026, 10, 20, 8), ()) == at(2026, 10, 23, 16)  # Friday, 5pm in summer
    assert see_to_by(at(2026, 10, 22, 8), ()) == at(2026, 10, 27, 17)  # over a weekend, and the clocks
    christmas = (date(2026, 12, 25), date(2026, 12, 28))
    assert see_to_by(at(2026, 12, 22, 8), christmas) == at(2026, 12, 29, 17)


def ties(**said: Any) -> Ties:
    nothing = {"tie": Tie.NONE, "tied_to": "", "duties_now": "", "duties_differ": ""}
    people = {"supervisor_name": "Ruth Mensah", "supervisor_email": "ruth@garden.org", "own_email": "ada@uni.org"}
    return Ties(**{**nothing, **people, **said})


MANAGER = "Enter the name of your line manager, or of the person whom you are close to"
ANOTHER = "Find another supervisor: it cannot be your line manager or somebody close to you"
NOW_THERE = "Enter what you do there now"
DIFFERS = "Enter how the placement would differ from what you do there now"
DUTIES = {"tied_to": "Paul Boss", "duties_now": "I serve.", "duties_differ": "I would plan."}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"tie": Tie.EMPLOYED, **DUTIES}, {}),
        ({"tie": Tie.VOLUNTEER, **DUTIES}, {}),
        ({"tie": Tie.RELATED, "tied_to": "My aunt, Ama"}, {}),
        ({"tie": Tie.EMPLOYED}, {"tied_to": MANAGER, "duties_now": NOW_THERE, "duties_differ": DIFFERS}),
        ({"tie": Tie.VOLUNTEER, "tied_to": "P"}, {"duties_now": NOW_THERE, "duties_differ": DIFFERS}),
        ({"tie": Tie.RELATED}, {"tied_to": MANAGER}),
        ({"tie": Tie.EMPLOYED, **DUTIES, "tied_to": " ruth  MENSAH"}, {"supervisor_name": ANOTHER}),
        ({"tie": Tie.RELATED, "tied_to": "Ruth Mensah"}, {"supervisor_name": ANOTHER}),
        (
            {"tie": Tie.EMPLOYED, **DUTIES, "duties_differ": "i serve. "},
            {"duties_differ": "Say what would be different: the two answers are the same"},
        ),
        (
            {"supervisor_email": "ADA@uni.org"},
            {"supervisor_email": "Enter the address of the person who would supervise you, not your own"},
        ),
    ],
)
def test_what_stands_against_what_is_said_of_a_tie(said: dict[str, Any], expected: dict[str, str]) -> None:
    assert problems(ties(**said)) == expected


ALL = {"is_known": True, "is_verified": True, "is_approved": True, "is_place_cleared": True}


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ({}, [True, True, True, True]),
        ({"is_known": False}, [False, True, True, False]),
        ({"is_verified": False}, [True, False, True, True]),
        ({"is_approved": False}, [True, True, False, True]),
        ({"is_place_cleared": False}, [True, True, True, False]),
    ],
)
def test_each_check_that_has_to_hold(fails: dict[str, bool], expected: list[bool]) -> None:
    found = checks(**{**ALL, **fails})
    assert [each.holds for each in found] == expected
    assert found[1] == Check(
        "The supervisor’s address is verified, by other means than the student’s word", expected[1]
    )
