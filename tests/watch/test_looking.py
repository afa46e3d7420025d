"""What the worker finds in the database, and what becomes of a warning: opened once, worse, over; and what people do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.cohorts.models import Enrolment, RunRole
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from placements.watch.actions import act, keep
from placements.watch.looking import look
from placements.watch.models import EarlyWarning, WarningAction
from placements.watch.queries import need
from placements.watch.rules import Act, Kind
from tests import factories as make
from tests.client import counting_queries
from tests.factories import DAY, NOW
from tests.watch.making import placed

AGAIN = date(2026, 10, 27)


def found(now: datetime = NOW) -> list[tuple[Kind, bool]]:
    return [(each.sign.kind, each.sign.is_urgent) for each in look(now)]


def test_a_healthy_placement_gives_no_warning(session: Any) -> None:
    placed()
    assert found() == []


CASES: list[tuple[dict[str, Any], datetime, list[tuple[Kind, bool]]]] = [
    ({"visits": [date(2026, 10, 7)]}, NOW, [(Kind.SILENT, False)]),
    ({"visits": [], "starts_on": date(2026, 10, 5)}, NOW, [(Kind.SILENT, True)]),
    ({"visits": [], "state": PlacementState.PAUSED}, NOW, []),
    ({"approved_until": date(2026, 11, 10)}, NOW, [(Kind.PAPER, False)]),
    ({"approved_until": date(2026, 10, 19), "state": PlacementState.PREPARING}, NOW, [(Kind.PAPER, True)]),
    ({"entries": EntryState.SUBMITTED}, NOW, []),
    ({"entries": EntryState.SUBMITTED}, NOW + DAY, [(Kind.UNANSWERED, False)]),
    ({"entries": EntryState.QUERIED}, NOW, [(Kind.QUERIED, False)]),
    ({"visits": [date(2026, 10, 7)], "enrolled": {"is_visa_sponsored": True}}, NOW, [(Kind.SILENT, False)]),
    (
        {"visits": [date(2026, 10, 7)], "enrolled": {"is_visa_sponsored": True}},
        NOW + 3 * DAY,  # Friday 23 October, seven working days after Wednesday the 14th
        [(Kind.SILENT, True), (Kind.ATTENDANCE, False)],
    ),
    (
        {"ends_on": date(2026, 12, 18), "visits": [date(2026, 11, 18)]},
        datetime(2026, 11, 23, 9, tzinfo=UTC),
        [(Kind.BEHIND, True)],
    ),
]


@pytest.mark.parametrize(("said", "now", "expected"), CASES, ids=str)
def test_what_the_database_holds_gives_the_warnings_that_were_typed(
    session: Any, said: dict[str, Any], now: datetime, expected: list[tuple[Kind, bool]]
) -> None:
    placed(**said)
    assert found(now) == expected


def test_students_without_a_place_are_found_once_the_target_day_is_over(session: Any) -> None:
    run = make.run(ranking_closes_at=NOW - 30 * DAY, placed_by_on=date(2026, 10, 19))
    group = make.group(run)
    seeking = make.enrolment(group, state=EnrolmentState.SEEKING)
    make.enrolment(group, state=EnrolmentState.NOT_PLACED)
    make.enrolment(group, state=EnrolmentState.WITHDRAWN)
    assert [(each.enrolment_id, each.sign.kind) for each in look(NOW)] == [(seeking.id, Kind.UNPLACED)]
    run.placed_by_on = date(2026, 10, 20)
    assert look(NOW) == []
    run.placed_by_on, run.state = date(2026, 10, 19), RunState.CLOSED
    assert look(NOW) == []


@pytest.mark.parametrize("many", [1, 3])
def test_looking_asks_the_same_queries_however_many_students_there_are(session: Any, many: int) -> None:
    group = make.group(make.run(placed_by_on=date(2026, 10, 12)))
    for _ in range(many):
        placed(of=make.enrolment(group), visits=[date(2026, 10, 7)])
        make.enrolment(group, state=EnrolmentState.SEEKING)
    with counting_queries() as queries:
        assert len(look(NOW)) == 2 * many
    assert queries.count == 12


def the_warning() -> EarlyWarning:
    return db.session.scalars(select(EarlyWarning)).one()


def test_a_warning_is_opened_once_gets_worse_and_is_over(session: Any) -> None:
    placement = placed(visits=[date(2026, 10, 7)])
    for now in (NOW, NOW + timedelta(hours=1)):
        keep(look(now), now=now)
    opened = the_warning()
    assert (opened.opened_at, opened.due_on, opened.is_urgent) == (NOW, date(2026, 10, 23), False)
    keep(look(NOW + DAY), now=NOW + DAY)
    assert (opened.is_urgent, opened.due_on, opened.since_on) == (True, date(2026, 10, 22), date(2026, 10, 7))
    make.entry(placement, on=date(2026, 10, 21), state=EntryState.CONFIRMED)
    keep(look(NOW + 2 * DAY), now=NOW + 2 * DAY)
    assert the_warning().closed_at == NOW + 2 * DAY


def tutor_of(enrolment: Enrolment) -> Principal:
    return Principal(enrolment.group.tutor_id, frozenset({("group_tutor", enrolment.group_id)}))


def watched(kind: Kind = Kind.SILENT) -> tuple[EarlyWarning, Principal]:
    enrolment = make.enrolment(make.group(tutor=make.person()), is_visa_sponsored=kind is Kind.ATTENDANCE)
    placed(of=enrolment, visits=[date(2026, 10, 7)])
    keep(look(NOW), now=NOW)
    return the_warning(), tutor_of(enrolment)


def record(warning: EarlyWarning, who: Principal, again_on: date = AGAIN, form_key: str = "one") -> None:
    act(warning, Act.TALKED, "On the phone.", again_on, form_key=form_key, actor=who, now=NOW)


def test_what_was_done_is_kept_once_and_hides_the_warning_until_its_day(session: Any) -> None:
    warning, tutor = watched()
    assert need(tutor, NOW).students == 1
    for _ in range(2):
        record(warning, tutor)
    kept = db.session.scalars(select(WarningAction)).one()
    assert (kept.act, kept.words, kept.by_id, kept.quiet_until) == (Act.TALKED, "On the phone.", tutor.person_id, AGAIN)
    seen = [need(tutor, now).students for now in (NOW, NOW + 6 * DAY, NOW + 7 * DAY)]
    assert seen == [0, 0, 1]
    lines = db.session.scalars(select(History).where(History.actor_id == tutor.person_id)).all()
    assert [(each.about_kind, each.ability) for each in lines] == [("placement", "placing.read_reasons")]


def test_what_gets_worse_comes_back_at_once_and_only_then(session: Any) -> None:
    warning, tutor = watched()
    record(warning, tutor)
    keep(look(NOW), now=NOW)
    assert need(tutor, NOW).students == 0
    later = NOW + DAY
    keep(look(later), now=later)
    assert (need(tutor, later).students, need(tutor, later).urgent) == (1, 1)


@pytest.mark.parametrize("again_on", [date(2026, 10, 20), date(2026, 11, 18)])
def test_a_warning_is_put_off_to_a_day_that_comes_and_is_not_forgotten(session: Any, again_on: date) -> None:
    warning, tutor = watched()
    with pytest.raises(Refused, match="within 28 days"):
        record(warning, tutor, again_on)


def test_only_missed_attendance_can_be_reported(session: Any) -> None:
    warning, tutor = watched()
    with pytest.raises(Refused):
        act(warning, Act.REPORTED, "To the sponsor.", AGAIN, form_key="x", actor=tutor, now=NOW)


def test_missed_attendance_is_counted_for_the_visa_officer_alone(session: Any) -> None:
    """The tutor and the module leader see the silence, as of any student, and nothing of the visa."""
    enrolment = make.enrolment(make.group(tutor=make.person()), is_visa_sponsored=True)
    placed(of=enrolment, visits=[date(2026, 10, 7)])
    later = NOW + 9 * DAY
    keep(look(later), now=later)
    assert {each.kind for each in db.session.scalars(select(EarlyWarning))} == {Kind.SILENT, Kind.ATTENDANCE}
    leader, officer = make.person(), make.person()
    make.run_role(RunRole.LEADER, leader, enrolment.run)
    leads = Principal(leader.id, frozenset({("leader", enrolment.run_id)}))
    visa = Principal(officer.id, frozenset({("visa_officer", None)}))
    needs = [
        need(who, later, attendance=flag).students for who in (tutor_of(enrolment), leads, visa) for flag in (0, 1)
    ]
    assert needs == [1, 0, 1, 0, 0, 1]


def test_nothing_about_a_visa_stands_in_a_placements_history(session: Any) -> None:
    enrolment = make.enrolment(make.group(tutor=make.person()), is_visa_sponsored=True)
    placed(of=enrolment, visits=[date(2026, 10, 7)])
    later = NOW + 9 * DAY
    keep(look(later), now=later)
    warning = db.session.scalars(select(EarlyWarning).where(EarlyWarning.kind == Kind.ATTENDANCE)).one()
    officer = Principal(make.person().id, frozenset({("visa_officer", None)}))
    act(warning, Act.REPORTED, "To the sponsor.", date(2026, 11, 5), form_key="x", actor=officer, now=later)
    lines = db.session.scalars(select(History).where(History.actor_id == officer.person_id)).all()
    assert [(each.about_kind, each.person_id) for each in lines] == [("early_warning", None)]
