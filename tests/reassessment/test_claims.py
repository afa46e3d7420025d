"""A claim of mitigating circumstances: its reference and its decision, and what an accepted one does to the attempt."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.collecting import find_missing
from placements.assessment.models import Mark
from placements.assessment.notices import portfolios_due
from placements.assessment.outcomes import Outcome, Result
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ClosedDay
from placements.core.errors import Refused
from placements.history.models import History
from placements.mail.models import Notification
from placements.reassessment import claims
from placements.reassessment.workflow import ClaimState
from tests.assessment.scene import agree, hand_in, mark_it, scene
from tests.factories import DAY, NOW
from tests.factories.base import add
from tests.reassessment.scene import JULY, TODAY, accepted, attempts, claimed, failing, opened, released, standing


def marks_of(session: Any) -> list[tuple[int, int | None, MarkState]]:
    rows = select(Mark.attempt, Mark.mark, Mark.state).where(Mark.component.has(kind="portfolio"))
    return [tuple(row) for row in session.execute(rows.order_by(Mark.id))]


def test_a_claim_changes_nothing_until_it_is_decided(session: Any) -> None:
    of = failing((62, None))
    before = standing(of).outcome()
    made = claimed(of)
    assert (made.state, made.decided_on) == (ClaimState.PENDING, None)
    assert standing(of).outcome() == before == Outcome(16, Result.REASSESS_2, ("portfolio",))
    assert len(standing(of).pending) == 1


def test_accepted_the_same_attempt_is_put_off_and_its_0_taken_back(session: Any) -> None:
    of = failing((62, None))
    assert marks_of(session) == [(1, 0, MarkState.PROVISIONAL)]
    accepted(of, claimed(of))
    [attempt] = attempts(of)
    assert (attempt.attempt, attempt.state, attempt.due_at) == (1, SubmissionState.OPEN, JULY)
    assert marks_of(session) == []
    assert standing(of).outcome() == Outcome(None, Result.DEFERRED)
    verbs = select(History.verb, History.reason).where(History.about_kind == "submission").order_by(History.id)
    told = session.execute(verbs).all()
    assert ("mark taken back", "it was 0") in told
    assert ("deadline moved", "Tue 20 Oct 2026, 8am → Wed 14 Jul 2027, 3pm") in told


def test_what_is_handed_in_by_the_new_deadline_is_not_capped(session: Any) -> None:
    of = failing((62, None))
    accepted(of, claimed(of))
    again = mark_it(of, hand_in(of, at=JULY), 72, 72, 72)
    assert (again.attempt, again.mark) == (1, 72)
    assert standing(of).outcome() == Outcome(None, Result.DEFERRED)  # until it is released
    released(of, [again])
    assert standing(of).outcome() == Outcome(70, Result.PASS)
    assert standing(of).deferred == []


def test_an_attempt_that_was_put_off_is_reminded_of_and_missed_by_its_new_deadline_alone(session: Any) -> None:
    of = failing((62, None))
    accepted(of, claimed(of))
    find_missing(NOW + DAY)
    assert attempts(of)[0].state is SubmissionState.OPEN
    due = session.execute(portfolios_due(JULY - 2 * DAY, (-7, -2, 0))).all()
    assert [row[1] for row in due] == [of.enrolments[0].person_id]
    find_missing(JULY + timedelta(minutes=11))
    assert attempts(of)[0].state is SubmissionState.NOT_SUBMITTED
    assert marks_of(session) == [(1, 0, MarkState.SUBMITTED)]


def test_what_came_late_counts_once_its_deadline_moved(session: Any) -> None:
    of = scene(1)
    late = hand_in(of, at=NOW - timedelta(minutes=30))
    assert (late.state, marks_of(session)) == (SubmissionState.LATE, [(1, 0, MarkState.SUBMITTED)])
    accepted(of, claimed(of))
    assert attempts(of)[0].state is SubmissionState.RECEIVED
    assert marks_of(session) == [(1, None, MarkState.DRAFTED)]


def test_a_mark_that_a_person_gave_is_a_draft_again(session: Any) -> None:
    of = failing((62, 30))
    accepted(of, claimed(of))
    assert marks_of(session) == [(1, 30, MarkState.DRAFTED)]
    assert standing(of).outcome() == Outcome(None, Result.DEFERRED)


def test_refused_everything_stays(session: Any) -> None:
    of = failing((62, None))
    made = claimed(of)
    claims.refuse(made, TODAY, actor=of.who(of.leader), now=NOW)
    assert made.state is ClaimState.REFUSED
    assert standing(of).outcome() == Outcome(16, Result.REASSESS_2, ("portfolio",))
    assert marks_of(session) == [(1, 0, MarkState.PROVISIONAL)]


def test_a_second_attempt_that_is_put_off_stays_capped(session: Any) -> None:
    of = failing((60, 30))
    opened(of)
    september = date(2027, 9, 1)
    accepted(of, claimed(of), september)
    assert standing(of).outcome() == Outcome(None, Result.DEFERRED)
    first, second = attempts(of)
    assert (first.due_at, second.due_at) == (None, JULY + 49 * DAY)
    again = mark_it(of, hand_in(of, at=JULY + DAY), 72, 72, 72)
    released(of, [again])
    assert (again.attempt, again.mark) == (2, 40)
    assert standing(of).outcome() == Outcome(45, Result.PASS)


def test_a_claim_after_ten_working_days_needs_a_reason(session: Any) -> None:
    of = scene(1, due=NOW - 15 * DAY)  # Monday 5 October: claims close on Monday 19 October
    with pytest.raises(Refused, match="Claims closed on Mon 19 Oct 2026"):
        claimed(of)
    assert claimed(of, late_reason="The system was down.").claimed_on == TODAY


def test_closed_days_are_no_working_days(session: Any) -> None:
    of = scene(1, due=NOW - 15 * DAY)
    add(ClosedDay(day=date(2026, 10, 14), name="Closed"))
    assert claimed(of).claimed_on == TODAY


def test_one_claim_at_a_time_and_none_in_the_future(session: Any) -> None:
    of = failing((62, None))
    claimed(of)
    with pytest.raises(Refused, match="waits for its decision already"):
        claimed(of, on=TODAY - DAY)
    with pytest.raises(Refused, match="cannot be in the future"):
        claimed(of, on=TODAY + DAY)


@pytest.mark.parametrize(
    ("due_on", "why"),
    [
        (date(2026, 10, 19), "still to come"),
        (date(2027, 7, 17), "The next working day is Mon 19 Jul 2027"),
    ],
)
def test_a_new_deadline_is_a_working_day_to_come(session: Any, due_on: date, why: str) -> None:
    of = failing((62, None))
    with pytest.raises(Refused, match=why):
        accepted(of, claimed(of), due_on)


def test_a_new_deadline_is_later_than_the_old_one(session: Any) -> None:
    of = failing((60, 30))
    opened(of)
    with pytest.raises(Refused, match="due on Wed 14 Jul 2027, 3pm already"):
        accepted(of, claimed(of), JULY.date())


def test_after_the_board_it_takes_a_correction(session: Any) -> None:
    of = failing((62, 30))
    for mark in session.scalars(select(Mark)):
        mark.state = MarkState.CONFIRMED
    with pytest.raises(Refused, match="two people"):
        accepted(of, claimed(of))


def test_deciding_twice_changes_nothing_the_second_time(session: Any) -> None:
    of = failing((62, None))
    made = claimed(of)
    accepted(of, made)
    accepted(of, made, date(2027, 8, 2))
    assert attempts(of)[0].due_at == JULY
    told = select(Notification.recipient_id).where(Notification.notice == "reassessment.news")
    assert session.scalars(told).all() == [of.enrolments[0].person_id]


def test_no_history_that_a_tutor_reads_says_why_a_deadline_moved(session: Any) -> None:
    of = scene(1)
    agree(of)
    accepted(of, claimed(of))
    rows = session.scalars(select(History).where(History.ability.is_(None))).all()
    assert not [row for row in rows if "MC-2026" in f"{row.verb} {row.reason}" or "claim" in row.verb]
