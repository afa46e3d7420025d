"""Handing work in: on time to the very instant, late kept and never counting, old files kept, receipts."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.actions import submit
from placements.assessment.collecting import collect, find_missing
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.board.releasing import fingerprint_of, release
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.clock import in_london
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.history.models import History
from placements.mail.models import Notification
from tests.assessment.scene import FILE, HOUR, OTHER_FILE, Scene, hand_in, mark_it, scene
from tests.factories import NOW

MOMENT = timedelta(microseconds=1)
DEADLINES = [
    (date(2026, 10, 25), datetime(2026, 10, 25, 15, 0, tzinfo=UTC)),  # the day the clocks go back: 3pm is 15:00 UTC
    (date(2026, 10, 24), datetime(2026, 10, 24, 14, 0, tzinfo=UTC)),  # the day before
    (date(2027, 3, 28), datetime(2027, 3, 28, 14, 0, tzinfo=UTC)),  # the day they go forward
    (date(2027, 3, 27), datetime(2027, 3, 27, 15, 0, tzinfo=UTC)),
    (date(2027, 5, 12), datetime(2027, 5, 12, 14, 0, tzinfo=UTC)),
]


def marks(session: Any) -> list[Mark]:
    return list(session.scalars(select(Mark).order_by(Mark.id)))


def told(session: Any) -> list[str]:
    return list(session.scalars(select(Notification.notice).order_by(Notification.id)))


@pytest.mark.parametrize(("day", "due"), DEADLINES)
def test_3pm_in_london_is_on_time_and_a_microsecond_later_is_late(session: Any, day: date, due: datetime) -> None:
    assert in_london(day, time(15)) == due
    of = scene(students=2, due=due)
    on_time = hand_in(of, 0, due)
    assert (on_time.state, on_time.received_at) == (SubmissionState.RECEIVED, due)
    late = hand_in(of, 1, due + MOMENT)
    assert (late.state, late.received_at) == (SubmissionState.LATE, due + MOMENT)
    assert [(each.enrolment_id, each.mark, each.state) for each in marks(session)] == [
        (of.enrolments[0].id, None, MarkState.DRAFTED),
        (of.enrolments[1].id, 0, MarkState.SUBMITTED),
    ]
    assert late.receipt
    assert told(session) == ["assessment.receipt", "assessment.receipt"]


def test_a_later_upload_replaces_the_files_and_keeps_the_old(session: Any) -> None:
    of = scene(due=NOW + HOUR)
    first = hand_in(of, 0, NOW)
    receipt = first.receipt
    again = hand_in(of, 0, NOW + HOUR / 2, OTHER_FILE, FILE)
    assert again is first
    assert again.receipt != receipt
    assert again.received_at == NOW + HOUR / 2
    assert [each.file.name for each in again.current_files] == ["Portfolio final.pdf", "Portfolio.pdf"]
    assert [(each.file.name, each.received_at, each.replaced_at) for each in again.files[:1]] == [
        ("Portfolio.pdf", NOW, NOW + HOUR / 2)
    ]
    assert len(marks(session)) == 1


def test_the_same_files_again_are_the_same_receipt(session: Any) -> None:
    of = scene(due=NOW + HOUR)
    receipt = hand_in(of, 0, NOW).receipt
    again = hand_in(of, 0, NOW + HOUR / 2)
    assert (again.receipt, again.received_at, len(again.files)) == (receipt, NOW, 1)
    assert told(session) == ["assessment.receipt"]


def test_what_is_on_time_is_never_replaced_by_what_is_late(session: Any) -> None:
    of = scene(due=NOW)
    hand_in(of, 0, NOW - HOUR)
    with pytest.raises(Refused, match="stands: it was on time"):
        hand_in(of, 0, NOW + MOMENT, OTHER_FILE)


def test_late_work_that_does_not_count_is_kept_as_often_as_it_comes(session: Any) -> None:
    of = scene(due=NOW)
    find_missing(NOW + HOUR)
    hand_in(of, 0, NOW + 2 * HOUR)
    late = hand_in(of, 0, NOW + 3 * HOUR, OTHER_FILE)
    assert (late.state, len(late.files)) == (SubmissionState.LATE, 2)
    assert [(each.mark, each.state, each.marker_id) for each in marks(session)] == [(0, MarkState.SUBMITTED, None)]


def _capped(due: datetime = NOW) -> Scene:
    return scene(due=due, late_policy={"kind": "capped_within", "days": 7, "cap": 40})


def test_late_work_that_is_accepted_waits_for_its_marker(session: Any) -> None:
    of = _capped()
    late = hand_in(of, 0, NOW + 24 * HOUR)
    assert late.state is SubmissionState.LATE
    assert [(each.mark, each.state) for each in marks(session)] == [(None, MarkState.DRAFTED)]
    with pytest.raises(Refused, match="it is being marked"):
        hand_in(of, 0, NOW + 8 * 24 * HOUR, OTHER_FILE)


def test_accepted_late_work_can_be_replaced_until_somebody_marks_it(session: Any) -> None:
    of = _capped()
    hand_in(of, 0, NOW + HOUR)
    hand_in(of, 0, NOW + 2 * HOUR, OTHER_FILE)
    marks(session)[0].marker_id = of.tutor.person_id
    session.flush()
    with pytest.raises(Refused, match="it is being marked"):
        hand_in(of, 0, NOW + 3 * HOUR)


def test_nothing_is_missing_before_the_policys_last_moment(session: Any) -> None:
    of = _capped()
    last = NOW + 7 * 24 * HOUR + HOUR  # a week later at the same London time, after the clocks have gone back
    still_arriving = last + timedelta(minutes=10)
    find_missing(still_arriving)
    assert session.scalars(select(Submission)).all() == []
    find_missing(still_arriving + MOMENT)
    assert [each.state for each in session.scalars(select(Submission))] == [SubmissionState.NOT_SUBMITTED]
    assert of.enrolments[0].id == marks(session)[0].enrolment_id


def test_a_missing_portfolio_is_found_once_and_scores_0_by_rule(session: Any) -> None:
    of = scene(students=3, due=NOW - HOUR)
    hand_in(of, 0)
    of.enrolments[2].state = EnrolmentState.WITHDRAWN
    session.flush()
    find_missing(NOW)
    find_missing(NOW + HOUR)
    [found] = session.scalars(select(Submission).where(Submission.state == SubmissionState.NOT_SUBMITTED))
    assert found.enrolment_id == of.enrolments[1].id
    assert [(each.mark, each.marker_id) for each in marks(session)] == [(None, None), (0, None)]
    assert told(session) == ["assessment.receipt", "assessment.not_handed_in"]


def moved(of: Scene, session: Any, due: datetime) -> None:
    """The module leader moves the deadline; then the worker comes round."""
    of.portfolio.due_at = due
    session.flush()
    collect(NOW)
    session.expire_all()


def test_a_moved_deadline_lets_in_those_whom_it_was_moved_for(session: Any) -> None:
    of = scene(due=NOW - HOUR)
    collect(NOW - HOUR / 2)
    assert [each.mark for each in marks(session)] == [0]
    moved(of, session, NOW + HOUR)
    assert marks(session) == []
    assert [each.state for each in session.scalars(select(Submission))] == [SubmissionState.OPEN]
    assert hand_in(of, 0, NOW + HOUR).state is SubmissionState.RECEIVED
    assert [(each.mark, each.state) for each in marks(session)] == [(None, MarkState.DRAFTED)]


def test_a_moved_deadline_does_not_wait_for_the_worker(session: Any) -> None:
    of = scene(students=2, due=NOW - HOUR)
    find_missing(NOW)
    of.portfolio.due_at = NOW + HOUR
    session.flush()
    assert hand_in(of, 0, NOW).state is SubmissionState.RECEIVED
    assert [(each.enrolment_id, each.mark, each.state) for each in marks(session)] == [
        (of.enrolments[1].id, 0, MarkState.SUBMITTED),  # until the worker comes round
        (of.enrolments[0].id, None, MarkState.DRAFTED),
    ]


def test_whoever_misses_the_moved_deadline_too_is_told_so_again(session: Any) -> None:
    of = scene(due=NOW - HOUR)
    collect(NOW - HOUR / 2)
    moved(of, session, NOW + HOUR)
    collect(NOW + 2 * HOUR)
    assert [(each.mark, each.state) for each in marks(session)] == [(0, MarkState.SUBMITTED)]
    assert told(session) == ["assessment.not_handed_in"] * 2


def test_what_came_late_is_on_time_by_the_moved_deadline(session: Any) -> None:
    of = scene(due=NOW - 3 * HOUR)
    hand_in(of, 0, NOW - 2 * HOUR)
    assert [each.mark for each in marks(session)] == [0]
    moved(of, session, NOW - HOUR)  # which is over by now
    assert [each.state for each in session.scalars(select(Submission))] == [SubmissionState.RECEIVED]
    assert [(each.mark, each.state) for each in marks(session)] == [(None, MarkState.DRAFTED)]
    lines = session.scalars(select(History.verb).order_by(History.id)).all()
    collect(NOW)
    assert lines[-1] == "counts again: the deadline was moved"
    assert session.scalars(select(History.verb).order_by(History.id)).all() == lines


def test_what_came_too_late_may_be_only_late_by_the_moved_deadline(session: Any) -> None:
    of = _capped(NOW - 9 * 24 * HOUR)
    hand_in(of, 0, NOW - HOUR)
    assert [each.mark for each in marks(session)] == [0]
    moved(of, session, NOW - 2 * 24 * HOUR)
    assert [each.state for each in session.scalars(select(Submission))] == [SubmissionState.LATE]
    assert [(each.mark, each.state) for each in marks(session)] == [(None, MarkState.DRAFTED)]


def test_lateness_that_a_moved_deadline_takes_away_costs_nothing_any_more(session: Any) -> None:
    of = _capped(NOW - 3 * HOUR)
    mark = mark_it(of, hand_in(of, 0, NOW - 2 * HOUR), 60, 60, 60)
    assert mark.mark == 40
    moved(of, session, NOW - HOUR)
    assert [(each.mark, each.state) for each in marks(session)] == [(60, MarkState.SUBMITTED)]


def test_lateness_that_a_moved_deadline_makes_less_costs_less(session: Any) -> None:
    of = scene(due=NOW - 50 * HOUR, late_policy={"kind": "sliding", "points_per_day": 5, "days": 5})
    mark = mark_it(of, hand_in(of, 0, NOW - HOUR), 60, 60, 60)
    assert mark.mark == 45
    moved(of, session, NOW - 26 * HOUR)
    assert [(each.mark, each.state) for each in marks(session)] == [(50, MarkState.SUBMITTED)]


def test_what_is_released_stays_whatever_the_deadline_becomes(session: Any) -> None:
    of = scene(due=NOW - HOUR)
    find_missing(NOW)
    zeros = marks(session)
    release(of.run, zeros, seen=fingerprint_of(zeros), actor=of.who(of.leader), now=NOW)
    moved(of, session, NOW + HOUR)
    assert [(each.mark, each.state) for each in marks(session)] == [(0, MarkState.PROVISIONAL)]
    with pytest.raises(Refused, match="Your mark is released already"):
        hand_in(of, 0, NOW)


def test_what_was_marked_and_is_replaced_by_a_moved_deadline_is_marked_again(session: Any) -> None:
    of = scene(due=NOW - HOUR)
    mark_it(of, hand_in(of), 60, 60, 60)
    of.portfolio.due_at = NOW + HOUR
    session.flush()
    hand_in(of, 0, NOW, OTHER_FILE)
    assert [(each.mark, each.state, each.submitted_at) for each in marks(session)] == [(60, MarkState.DRAFTED, None)]


def test_a_run_that_is_over_takes_nothing_and_misses_nothing(session: Any) -> None:
    of = scene(due=NOW - HOUR)
    of.run.state = RunState.CLOSED
    session.flush()
    find_missing(NOW)
    assert marks(session) == []
    with pytest.raises(Refused, match="This run is closed"):
        submit(of.task(), [FILE], actor=Principal(of.enrolments[0].person_id), now=NOW)


def test_history_says_what_was_done_and_hides_the_mark_from_students(session: Any) -> None:
    of = scene(due=NOW)
    receipt = hand_in(of, 0, NOW + HOUR).receipt
    rows = session.execute(select(History.verb, History.reason, History.ability).order_by(History.id)).all()
    assert rows == [
        ("handed in late", f"receipt {receipt}", None),
        ("set to 0: not handed in", None, "assessment.read_mark"),
    ]
