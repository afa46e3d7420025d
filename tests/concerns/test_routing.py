"""Who reads a concern and who is asked to own it, and by when: the tables, typed by hand."""

from datetime import UTC, date, datetime

import pytest

from placements.concerns.rules import (
    About,
    Alarm,
    Kind,
    Readers,
    Severity,
    alarm_at,
    deadlines,
    may_go_to_leader,
    readers_of,
)

pytestmark = pytest.mark.pure

# kind → how serious → who reads it, about: nobody, student, supervisor, organisation, tutor, leader, safeguarding, somebody
ORDINARY = "team team team team leaders alone alone team"
ALONE = "alone " * 8
TABLE = {
    "hours": {"can_wait": ORDINARY, "soon": ORDINARY, "harm": ORDINARY},
    "supervision": {"can_wait": ORDINARY, "soon": ORDINARY, "harm": ORDINARY},
    "fit": {"can_wait": ORDINARY, "soon": ORDINARY, "harm": ORDINARY},
    "safety": {"can_wait": ALONE, "soon": ALONE, "harm": ALONE},
    "person": {"can_wait": ALONE, "soon": ALONE, "harm": ALONE},
    "host": {"can_wait": ALONE, "soon": ALONE, "harm": ALONE},
    "accident": {"can_wait": ORDINARY, "soon": ORDINARY, "harm": ALONE},
    "near_miss": {"can_wait": ORDINARY, "soon": ORDINARY, "harm": ALONE},
}
ABOUT = ("nobody", "student", "supervisor", "organisation", "tutor", "leader", "safeguarding", "somebody")


def test_every_kind_severity_and_person_has_the_readers_that_were_typed() -> None:
    assert set(TABLE) == {kind.value for kind in Kind}
    assert set(ABOUT) == {about.value for about in About}
    found = {
        kind.value: {
            severity.value: " ".join(readers_of(kind, severity, About(about)).value for about in ABOUT)
            for severity in Severity
        }
        for kind in Kind
    }
    assert found == {kind: {how: row.strip() for how, row in rows.items()} for kind, rows in TABLE.items()}


@pytest.mark.parametrize(
    ("kind", "about", "may"),
    [
        ("safety", "nobody", True),
        ("person", "supervisor", True),
        ("host", "organisation", False),
        ("person", "leader", False),
        ("safety", "safeguarding", False),
    ],
)
def test_what_may_be_passed_on_to_a_module_leader(kind: str, about: str, may: bool) -> None:
    assert may_go_to_leader(Kind(kind), About(about)) is may


CHRISTMAS = {date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30)}
CHRISTMAS |= {date(2026, 12, 31), date(2027, 1, 1)}


@pytest.mark.parametrize(
    ("told", "own_by", "act_by"),
    [
        ("2026-10-20 08:00", "2026-10-21 16:00", "2026-10-27 17:00"),  # a Tuesday; the clocks go back on the Sunday
        ("2026-10-23 15:59", "2026-10-26 17:00", "2026-10-30 17:00"),  # a Friday
        ("2026-10-24 10:00", "2026-10-27 17:00", "2026-11-02 17:00"),  # a Saturday counts as the Monday
        ("2026-10-20 22:59", "2026-10-21 16:00", "2026-10-27 17:00"),  # late on the same day in London
        ("2026-10-20 23:00", "2026-10-22 16:00", "2026-10-28 17:00"),  # already the next day in London
        ("2026-12-22 12:00", "2026-12-23 17:00", "2027-01-07 17:00"),  # before Christmas
        ("2026-12-26 12:00", "2027-01-05 17:00", "2027-01-11 17:00"),  # between the years, when nobody works
    ],
)
def test_the_clock_counts_working_days(told: str, own_by: str, act_by: str) -> None:
    found = deadlines(at(told), CHRISTMAS)
    assert [f"{each:%Y-%m-%d %H:%M}" for each in found] == [own_by, act_by]


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


OWN_BY, ACT_BY = at("2026-10-21 16:00"), at("2026-10-27 17:00")


@pytest.mark.parametrize(
    ("now", "is_owned", "is_acted_on", "alarm"),
    [
        ("2026-10-21 07:59", False, False, None),
        ("2026-10-21 08:00", False, False, (Alarm.DUE_TO_BE_OWNED, "2026-10-21 08:00")),
        ("2026-10-21 16:00", False, False, (Alarm.NOT_OWNED, "2026-10-21 16:00")),
        ("2026-10-27 17:00", False, False, (Alarm.NOT_OWNED_NOR_ACTED_ON, "2026-10-27 17:00")),
        ("2026-10-21 16:00", True, False, None),
        ("2026-10-27 09:00", True, False, (Alarm.DUE_TO_BE_ACTED_ON, "2026-10-27 09:00")),
        ("2026-11-30 12:00", True, False, (Alarm.NOT_ACTED_ON, "2026-10-27 17:00")),
        ("2026-11-30 12:00", True, True, None),
    ],
)
def test_what_the_clock_says_and_since_when(
    now: str, is_owned: bool, is_acted_on: bool, alarm: tuple[Alarm, str] | None
) -> None:
    found = alarm_at(at(now), OWN_BY, ACT_BY, is_owned=is_owned, is_acted_on=is_acted_on)
    assert found == (alarm and (alarm[0], at(alarm[1])))


def test_those_who_read_what_is_about_the_tutor_are_no_tutors() -> None:
    assert readers_of(Kind.HOURS, Severity.SOON, About.TUTOR) is Readers.LEADERS
