"""When a student needs somebody's look: each kind by its days, what cannot wait, and that the healthy are left alone."""

from datetime import date, timedelta
from typing import Any

import pytest

from placements.cohorts.closures import usual_closures
from placements.watch import rules
from placements.watch.rules import Kind, Pace, Placed, Sign

pytestmark = pytest.mark.pure

CLOSED = frozenset(usual_closures("2026/27"))
TODAY = date(2026, 11, 20)  # a Friday
ENDS = date(2027, 4, 30)
DAY = timedelta(days=1)


def signs(today: date = TODAY, **facts: Any) -> list[Sign]:
    return list(rules.signs_of(Placed(**{"ends_on": ENDS, **facts}), today, CLOSED))


def pace(worked: int, planned: int, **said: Any) -> Pace:
    usual = {"by_the_end": 45 * 60, "target": 45 * 60, "minimum": 40 * 60, "weekly": 120}
    return Pace(worked, planned, **{**usual, **said})


HEALTHY: list[dict[str, Any]] = [
    {},
    {"silent_since": date(2026, 11, 12)},  # eight days, and a day left to write the visit up
    {"pace": pace(600, 600)},
    {"pace": pace(400, 600)},  # less than a tenth of the target behind
    {"pace": pace(2700, 5000)},  # has the hours
    {"pace": pace(0, 600, weekly=400)},  # less than two weeks of the plan behind
    {"waiting_since": date(2026, 11, 9)},
    {"queried_since": date(2026, 11, 16)},
    {"papers": {"the organisation’s approval": date(2026, 12, 19)}},  # in 29 days
    {"papers": {"the organisation’s approval": ENDS}},
    {"missed_on": date(2026, 11, 12)},  # six working days
]


@pytest.mark.parametrize("facts", HEALTHY, ids=str)
def test_the_healthy_are_left_alone(facts: dict[str, Any]) -> None:
    assert signs(**facts) == []


LOOKED_AT: list[tuple[dict[str, Any], Kind, bool, str]] = [
    (
        {"silent_since": date(2026, 11, 11)},
        Kind.SILENT,
        False,
        "Nothing has been logged since Wed 11 Nov 2026, and the plan expected a visit.",
    ),
    (
        {"silent_since": date(2026, 11, 6)},
        Kind.SILENT,
        True,
        "Nothing has been logged since Fri 6 Nov 2026, and the plan expected a visit.",
    ),
    (
        {"pace": pace(300, 600, by_the_end=1350)},
        Kind.BEHIND,
        True,
        "5 h worked, 10 h planned by now. At this pace it is 22 h on the last day, Fri 30 Apr 2027.",
    ),
    (
        {"pace": pace(330, 600, by_the_end=2500, finishes_on=date(2027, 5, 14))},
        Kind.BEHIND,
        False,
        "5 h 30 min worked, 10 h planned by now. At this pace it is 41 h on the last day, Fri 30 Apr 2027, "
        "and 45 h on Fri 14 May 2027.",
    ),
    (
        {"pace": pace(2400, 2700, by_the_end=2400), "ends_on": date(2026, 11, 13)},
        Kind.BEHIND,
        True,
        "40 h worked, 45 h planned by now. The placement ended on Fri 13 Nov 2026.",
    ),
    (
        {"waiting_since": date(2026, 11, 6)},
        Kind.UNANSWERED,
        False,
        "Hours have waited for the supervisor since Fri 6 Nov 2026.",
    ),
    (
        {"waiting_since": date(2026, 10, 30)},
        Kind.UNANSWERED,
        True,
        "Hours have waited for the supervisor since Fri 30 Oct 2026.",
    ),
    (
        {"queried_since": date(2026, 11, 13)},
        Kind.QUERIED,
        False,
        "The supervisor asked about a visit on Fri 13 Nov 2026, and it is not settled.",
    ),
    (
        {"queried_since": date(2026, 10, 30)},
        Kind.QUERIED,
        True,
        "The supervisor asked about a visit on Fri 30 Oct 2026, and it is not settled.",
    ),
    (
        {"papers": {"the organisation’s approval": date(2027, 1, 8), "the check of the place": date(2026, 12, 18)}},
        Kind.PAPER,
        False,
        "The check of the place runs out on Fri 18 Dec 2026, before the placement ends on Fri 30 Apr 2027.",
    ),
    (
        {"papers": {"the organisation’s approval": date(2026, 11, 19)}},
        Kind.PAPER,
        True,
        "The organisation’s approval ran out on Thu 19 Nov 2026, before the placement ends on Fri 30 Apr 2027.",
    ),
    (
        {"missed_on": date(2026, 11, 11)},
        Kind.ATTENDANCE,
        False,
        "Expected on Wed 11 Nov 2026, and no attendance since.",
    ),
    (
        {"missed_on": date(2026, 11, 6)},
        Kind.ATTENDANCE,
        True,
        "Expected on Fri 6 Nov 2026, and no attendance since.",
    ),
]


@pytest.mark.parametrize(("facts", "kind", "is_urgent", "why"), LOOKED_AT, ids=lambda value: str(value)[:60])
def test_each_kind_says_why_and_whether_it_can_wait(
    facts: dict[str, Any], kind: Kind, is_urgent: bool, why: str
) -> None:
    found = signs(**facts)
    assert [(each.kind, each.is_urgent, each.why) for each in found] == [(kind, is_urgent, why)]


def test_the_winter_break_makes_nobody_late() -> None:
    """From Thursday 24 December to Friday 1 January no day is a working day."""
    asked = {"waiting_since": date(2026, 12, 16)}
    assert signs(date(2027, 1, 7), **asked) == []
    assert [each.kind for each in signs(date(2027, 1, 8), **asked)] == [Kind.UNANSWERED]


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 11, 13), None), (date(2026, 11, 14), False), (date(2026, 11, 26), False), (date(2026, 11, 27), True)],
)
def test_without_a_place_is_told_from_the_day_after_the_target(today: date, expected: bool | None) -> None:
    sign = rules.unplaced(date(2026, 11, 13), today, CLOSED)
    assert (sign and sign.is_urgent) == expected


def test_the_plan_is_asked_for_weeks_that_were_over_a_week_ago() -> None:
    weeks = {date(2026, 11, 2): 180, date(2026, 11, 9): 240}
    days = (date(2026, 11, 15), date(2026, 11, 16), date(2026, 11, 23))
    assert [rules.planned_by(weeks, day) for day in days] == [0, 180, 420]


def test_only_missed_attendance_is_reported() -> None:
    assert rules.Act.REPORTED in rules.acts_for(Kind.ATTENDANCE)
    assert rules.Act.REPORTED not in rules.acts_for(Kind.SILENT)


@pytest.mark.parametrize("words", [rules.KINDS, rules.NEXT], ids=["names", "next steps"])
def test_every_kind_has_its_words(words: dict[Kind, str]) -> None:
    assert list(words) == list(Kind)
