"""The Challenge Agreement as work: its deadline follows from the placing; what is marked is what was sent by then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from placements.agreements.models import Agreement
from placements.agreements.workflow import AgreementState
from placements.assessment.agreed import placing_due_at
from placements.assessment.agreeing import follow_placings, take_agreements
from placements.assessment.evidence import agreement_of
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ClosedDay
from placements.db import db
from placements.offers.workflow import OfferState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.assessment.scene import Scene, scene
from tests.factories import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
DUE = datetime(2026, 11, 17, 15, 0, tzinfo=UTC)  # 3pm, 28 days after Tuesday 20 October


@pytest.mark.parametrize(
    ("placed", "days", "closed", "due"),
    [
        (datetime(2026, 10, 20, 9, tzinfo=UTC), 28, (), DUE),
        (datetime(2026, 10, 20, 22, 59, tzinfo=UTC), 28, (), DUE),  # a minute before midnight in London
        (datetime(2026, 10, 20, 23, 0, tzinfo=UTC), 28, (), DUE + DAY),  # midnight: the next day
        (datetime(2026, 10, 20, 9, tzinfo=UTC), 4, (), datetime(2026, 10, 26, 15, tzinfo=UTC)),  # a Saturday: Monday
        (datetime(2026, 10, 20, 9, tzinfo=UTC), 28, (date(2026, 11, 17),), DUE + DAY),
        (datetime(2026, 10, 1, 9, tzinfo=UTC), 14, (), datetime(2026, 10, 15, 14, tzinfo=UTC)),  # still summer time
    ],
)
def test_it_is_due_at_3pm_on_a_working_day(
    placed: datetime, days: int, closed: tuple[date, ...], due: datetime
) -> None:
    assert placing_due_at(placed, days, closed) == due


@pytest.fixture
def of(session: Any) -> Scene:
    """One student, placed now, whose Agreement is due 28 days later."""
    made = scene()
    made.agreement.days_after_placing = 28
    made.placements[0].created_at = NOW
    session.flush()
    return made


def work(of: Scene) -> Submission | None:
    its = select(Submission).where(Submission.component_id == of.agreement.id)
    return db.session.scalar(its.execution_options(populate_existing=True))


def tick(now: datetime) -> None:
    follow_placings(now)
    take_agreements(now)
    db.session.flush()


def send(of: Scene, at: datetime, number: int = 1, **said: Any) -> Agreement:
    said = {"state": AgreementState.SIGNING, "proposed_at": at, **said}
    made = make.agreement(of.placements[-1], number=number, **said)
    db.session.flush()
    return made


def placed_again(of: Scene, at: datetime) -> None:
    of.placements[-1].offer.state = OfferState.WITHDRAWN
    db.session.flush()
    of.placements.append(make.placement(of.enrolments[0], created_at=at))


def test_a_placing_sets_the_deadline_once(of: Scene) -> None:
    tick(NOW)
    found = work(of)
    assert found is not None
    assert (found.state, found.due_at, found.placed_due_at) == (SubmissionState.OPEN, DUE, DUE)
    tick(NOW + HOUR)
    assert len(db.session.scalars(select(Submission)).all()) == 1


def test_without_a_placement_nothing_is_asked(of: Scene) -> None:
    of.placements[0].state = PlacementState.NOT_STARTED
    tick(NOW)
    assert work(of) is None


def test_who_loses_the_placement_has_no_deadline_and_another_gives_one(of: Scene) -> None:
    tick(NOW)
    of.placements[0].state = PlacementState.ENDED_EARLY
    tick(NOW + HOUR)
    found = work(of)
    assert found is not None
    assert found.due_at is None
    placed_again(of, NOW + 7 * DAY)
    tick(NOW + 7 * DAY)
    assert found.due_at == DUE + 7 * DAY


def test_another_placement_after_it_was_sent_changes_nothing(of: Scene) -> None:
    tick(NOW)
    send(of, NOW + HOUR)
    tick(NOW + HOUR)
    of.placements[0].state = PlacementState.ENDED_EARLY
    placed_again(of, NOW + 7 * DAY)
    tick(NOW + 7 * DAY)
    found = work(of)
    assert found is not None
    assert (found.state, found.due_at) == (SubmissionState.RECEIVED, DUE)


def test_who_was_given_longer_keeps_it(of: Scene) -> None:
    tick(NOW)
    found = work(of)
    assert found is not None
    found.due_at = DUE + 30 * DAY
    placed_again(of, NOW + 7 * DAY)
    tick(NOW + 7 * DAY)
    assert (found.due_at, found.placed_due_at) == (DUE + 30 * DAY, DUE + 7 * DAY)


def test_days_that_are_set_after_the_placing_leave_a_week(of: Scene) -> None:
    of.placements[0].created_at = NOW - 60 * DAY
    tick(NOW)
    found = work(of)
    assert found is not None
    assert found.due_at == datetime(2026, 10, 27, 15, 0, tzinfo=UTC)


def test_a_day_that_the_university_closes_moves_it(of: Scene, session: Any) -> None:
    tick(NOW)
    session.add(ClosedDay(day=date(2026, 11, 17), name="A strike"))
    session.flush()
    tick(NOW + HOUR)
    found = work(of)
    assert found is not None
    assert found.due_at == DUE + DAY


def marks() -> list[tuple[int | None, MarkState]]:
    return [(each.mark, each.state) for each in db.session.scalars(select(Mark).order_by(Mark.id))]


def test_sending_hands_it_in_and_coming_into_force_puts_it_up_for_marking(of: Scene) -> None:
    tick(NOW)
    version = send(of, NOW + DAY)
    tick(NOW + DAY)
    found = work(of)
    assert found is not None
    assert (found.state, found.received_at, found.agreement_id) == (
        SubmissionState.RECEIVED,
        NOW + DAY,
        version.id,
    )
    assert marks() == []
    version.state, version.in_force_at = AgreementState.IN_FORCE, NOW + 2 * DAY
    tick(NOW + 2 * DAY)
    assert marks() == [(None, MarkState.DRAFTED)]
    assert found.received_at == NOW + DAY


def test_what_is_not_in_force_at_the_deadline_is_taken_then(of: Scene) -> None:
    tick(NOW)
    send(of, DUE)
    tick(DUE)
    assert marks() == []
    tick(DUE + timedelta(seconds=1))
    assert marks() == [(None, MarkState.DRAFTED)]


def test_a_version_sent_again_by_the_deadline_replaces_it_and_one_sent_later_does_not(of: Scene) -> None:
    tick(NOW)
    send(of, NOW + DAY, state=AgreementState.TAKEN_BACK)
    tick(NOW + DAY)
    second = send(of, DUE, 2, state=AgreementState.TAKEN_BACK)
    tick(DUE)
    send(of, DUE + HOUR, 3)
    tick(DUE + HOUR)
    found = work(of)
    assert found is not None
    assert (found.agreement_id, found.received_at, found.state) == (second.id, DUE, SubmissionState.RECEIVED)
    mark = db.session.scalars(select(Mark)).one()
    assert agreement_of(mark) is second


def test_a_version_sent_late_counts_as_the_policy_says(of: Scene) -> None:
    of.agreement.late_policy = {"kind": "capped_within", "days": 7, "cap": 40}
    tick(NOW)
    first = send(of, DUE + HOUR, state=AgreementState.TAKEN_BACK)
    send(of, DUE + 2 * HOUR, 2)
    tick(DUE + 3 * HOUR)
    found = work(of)
    assert found is not None
    assert (found.state, found.received_at, found.agreement_id) == (SubmissionState.LATE, DUE + HOUR, first.id)
    assert marks() == [(None, MarkState.DRAFTED)]


def test_late_where_none_is_accepted_is_0_by_rule(of: Scene) -> None:
    tick(NOW)
    send(of, DUE + HOUR)
    tick(DUE + 2 * HOUR)
    assert marks() == [(0, MarkState.SUBMITTED)]


def _miss(of: Scene) -> None:
    """What is done at the deadline where nothing is in."""
    found = work(of)
    assert found is not None
    found.state = SubmissionState.NOT_SUBMITTED
    mark = make.mark(of.enrolments[0], of.agreement, None, mark=0, state=MarkState.SUBMITTED)
    mark.submitted_at = DUE
    db.session.flush()


def test_what_was_sent_in_time_and_seen_too_late_is_on_time(of: Scene) -> None:
    tick(NOW)
    _miss(of)
    send(of, DUE)
    tick(DUE + HOUR)
    found = work(of)
    assert found is not None
    assert (found.state, found.received_at) == (SubmissionState.RECEIVED, DUE)
    assert marks() == [(None, MarkState.DRAFTED)]


def test_without_a_deadline_it_is_taken_as_it_came_into_force(session: Any) -> None:
    of = scene()
    send(of, NOW - 2 * HOUR, in_force_at=NOW - HOUR, state=AgreementState.IN_FORCE)
    tick(NOW)
    found = work(of)
    assert found is not None
    assert (found.state, found.received_at, found.due_at) == (SubmissionState.RECEIVED, NOW - HOUR, None)
    assert marks() == [(None, MarkState.DRAFTED)]


ACTS = st.lists(
    st.tuples(st.sampled_from(["send", "agree", "tick"]), st.integers(-6, 6).map(lambda hours: hours * HOUR)),
    max_size=9,
)


def expected(acts: list[tuple[str, timedelta]]) -> tuple[str, int | None, timedelta | None, int]:
    """State, number of the version that is marked, when it came (from the deadline on), and how many marks there are.

    Told by hand: versions in the order they were sent, each taking the place of the one before up to the deadline.
    """
    counts: tuple[int, timedelta] | None = None
    number = 0
    for verb, when in sorted(acts, key=lambda act: act[1]):
        if verb != "send":
            continue
        number += 1
        if counts is None or when <= timedelta():
            counts = number, when
    if counts is None:
        return "open", None, None, 0
    return ("received" if counts[1] <= timedelta() else "late"), counts[0], counts[1], 1


@given(acts=ACTS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_sent_and_agreed_when_one_rule_says_what_is_marked(
    session: Any, acts: list[tuple[str, timedelta]]
) -> None:
    of = scene()
    of.agreement.days_after_placing, of.placements[0].created_at = 28, NOW
    tick(NOW)
    newest, number = None, 0
    for verb, when in sorted(acts, key=lambda act: act[1]):
        now = DUE + when
        if verb == "send":
            number += 1
            if newest is not None:
                newest.state = AgreementState.SUPERSEDED if newest.in_force_at else AgreementState.TAKEN_BACK
                session.flush()
            newest = send(of, now, number)
        elif verb == "agree" and newest is not None and newest.in_force_at is None:
            newest.state, newest.in_force_at = AgreementState.IN_FORCE, now
            session.flush()
        elif verb == "tick":
            tick(now)
    tick(DUE + 7 * HOUR)
    found = work(of)
    assert found is not None
    version = session.get(Agreement, found.agreement_id) if found.agreement_id else None
    came = found.received_at - DUE if found.received_at else None
    assert (found.state.value, version and version.number, came, len(marks())) == expected(acts)
    session.rollback()
