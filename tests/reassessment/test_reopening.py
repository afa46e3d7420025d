"""Second attempts: who gets them, by when, capped; what is asked instead; what is waived; and hours."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.collecting import find_missing, take_agreements
from placements.assessment.models import Mark, Submission
from placements.assessment.outcomes import Outcome, Result
from placements.assessment.queries import task_of
from placements.assessment.work import work_of
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, ComponentKind, Shortfall
from placements.core.errors import Conflict, Refused
from placements.logbook.models import Entry
from placements.mail.models import Notification
from placements.reassessment import actions
from placements.reassessment.queries import fingerprint_of, shortfalls, standing_of
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it
from tests.client import counting_queries
from tests.factories import NOW
from tests.reassessment.scene import JULY, attempts, failing, opened, released, standing

KEY = "key-1"


def told(session: Any, notice: str) -> list[int]:
    return list(session.scalars(select(Notification.recipient_id).where(Notification.notice == notice)))


def test_who_failed_takes_again_what_failed_by_the_day_in_july(session: Any) -> None:
    of = failing((62, 30), (60, 70), (30, 30))
    assert opened(of) == 2
    rows = session.scalars(select(Submission).where(Submission.attempt == 2).order_by(Submission.id)).all()
    assert [(row.enrolment_id, row.component.kind, row.due_at, row.state) for row in rows] == [
        (of.enrolments[0].id, ComponentKind.PORTFOLIO, JULY, SubmissionState.OPEN),
        (of.enrolments[2].id, ComponentKind.AGREEMENT, JULY, SubmissionState.OPEN),
        (of.enrolments[2].id, ComponentKind.PORTFOLIO, JULY, SubmissionState.OPEN),
    ]
    assert told(session, "reassessment.opened") == [of.enrolments[0].person_id, of.enrolments[2].person_id]
    assert standing_of(of.run, stands="to_open") == []


def test_a_mark_that_is_not_released_opens_nothing(session: Any) -> None:
    of = failing((62, None))
    session.scalars(select(Mark).where(Mark.mark == 62)).one().state = MarkState.SUBMITTED
    assert standing_of(of.run, stands="to_open") == []


def test_it_is_opened_for_all_of_a_list_or_for_nobody(session: Any) -> None:
    of = failing((62, 30), (30, 30))
    rows = standing_of(of.run, stands="to_open")
    ids, seen = [each.enrolment.public_id for each in rows], fingerprint_of(rows)
    who = of.who(of.leader)
    session.scalars(select(Mark).where(Mark.mark == 62)).one().mark = 90
    session.flush()
    with pytest.raises(Refused, match="nothing was opened"):
        actions.open_again(of.run, ids, seen=seen, actor=who, now=NOW)
    with pytest.raises(Refused, match="at least one"):
        actions.open_again(of.run, [], seen=seen, actor=who, now=NOW)
    assert told(session, "reassessment.opened") == []
    with pytest.raises(Refused, match="still to come"):
        actions.open_again(of.run, ids, seen=seen, actor=who, now=JULY)


def test_what_is_handed_in_again_counts_for_at_most_40(session: Any) -> None:
    of = failing((62, 30))
    opened(of)
    assert standing(of).outcome() == Outcome(38, Result.REASSESS_1, ("portfolio",))
    again = mark_it(of, hand_in(of, at=JULY), 75, 75, 75)
    assert (again.attempt, again.mark) == (2, 40)
    assert standing(of).outcome() == Outcome(38, Result.REASSESS_1, ("portfolio",))
    released(of, [again])
    assert standing(of).outcome() == Outcome(46, Result.PASS)
    first = session.scalars(select(Mark).where(Mark.attempt == 1, Mark.component == of.portfolio)).one()
    assert first.mark == 30


def test_a_reassessment_that_lapses_leaves_the_first_mark(session: Any) -> None:
    of = failing((62, 30))
    opened(of)
    find_missing(JULY)
    assert attempts(of)[1].state is SubmissionState.OPEN
    find_missing(JULY + timedelta(minutes=11))
    assert attempts(of)[1].state is SubmissionState.NOT_SUBMITTED
    released(of, [session.scalars(select(Mark).where(Mark.attempt == 2)).one()])
    assert standing(of).outcome() == Outcome(38, Result.FAIL_1)


def test_an_agreement_that_is_taken_again_is_handed_in_as_files_and_missed_like_a_portfolio(session: Any) -> None:
    of = failing((20, 45))
    assert standing(of).outcome() == Outcome(39, Result.REASSESS_1, ("agreement",))
    opened(of)
    take_agreements(NOW)
    who = of.who(of.students[0])
    task = task_of(who, of.agreement.public_id)
    assert task is not None
    assert (task.attempt, task.due_at, task.submission and task.submission.state) == (2, JULY, SubmissionState.OPEN)
    find_missing(JULY + timedelta(minutes=11))
    session.expire_all()
    assert task.submission is not None
    assert task.submission.state is SubmissionState.NOT_SUBMITTED


def test_a_task_is_given_as_it_stands_then(session: Any) -> None:
    of = failing((62, 30))
    opened(of)
    who, again = of.who(of.leader), attempts(of)[1]
    actions.save_task(of.portfolio, "A case", "Write about a case.", seen=0, actor=who, now=NOW)
    given = actions.give_task(again, "The placement cannot be resumed.", actor=who, now=NOW)
    actions.save_task(of.portfolio, "Another", "Something else.", seen=1, actor=who, now=NOW)
    assert actions.give_task(again, "Again.", actor=who, now=NOW) is given
    session.flush()
    session.expire_all()
    assert (given.title, given.brief, given.reason) == (
        "A case",
        "Write about a case.",
        "The placement cannot be resumed.",
    )
    with pytest.raises(Conflict, match="other words"):
        actions.save_task(of.portfolio, "Mine", "Mine.", seen=1, actor=who, now=NOW)


def waive(of: Scene, component: Component, is_sure: bool = False) -> Any:
    return actions.waive(component, of.enrolments[0], "It closed.", is_sure, KEY, actor=of.who(of.leader), now=NOW)


def test_a_component_of_0_is_waived_and_asked_for_again(session: Any) -> None:
    of = failing((60, 70))
    feedback = session.scalars(select(Component).where(Component.kind == ComponentKind.FEEDBACK)).one()
    waiver = waive(of, feedback)
    assert standing(of).outcome() == Outcome(68, Result.PASS)
    [work] = work_of(of.who(of.students[0]))
    assert [task.is_asked for task in work.tasks if task.component is feedback] == [False]
    with pytest.raises(Refused, match="waived already"):
        waive(of, feedback)
    actions.end_waiver(waiver, actor=of.who(of.leader), now=NOW)
    actions.end_waiver(waiver, actor=of.who(of.leader), now=NOW)
    assert standing(of).waived == []
    assert told(session, "reassessment.news") == [of.enrolments[0].person_id]


def test_what_counts_is_waived_only_by_who_is_sure_and_never_all_of_it(session: Any) -> None:
    of = failing((60, 70))
    with pytest.raises(Refused, match="Say that you want its weight to fall to the rest"):
        waive(of, of.agreement)
    waive(of, of.agreement, is_sure=True)
    assert standing(of).outcome() == Outcome(70, Result.PASS)
    with pytest.raises(Refused, match="Nothing that counts would be left"):
        waive(of, of.portfolio, is_sure=True)


def test_what_counts_is_not_waived_once_the_board_has_confirmed(session: Any) -> None:
    of = failing((60, 70))
    session.scalars(select(Mark).where(Mark.mark == 60)).one().confirmed_at = NOW
    with pytest.raises(Refused, match="board has confirmed"):
        waive(of, of.agreement, is_sure=True)


def test_what_is_waived_is_neither_missed_nor_asked_for(session: Any) -> None:
    of = failing((60, 70))
    opened_late = make.submission(make.enrolment(of.group), of.portfolio, waived_at=NOW)
    find_missing(NOW)
    session.refresh(opened_late)
    assert opened_late.state is SubmissionState.OPEN


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        (Shortfall.REPORTED, Outcome(68, Result.PASS)),
        (Shortfall.CAPPED, Outcome(40, Result.PASS)),
        (Shortfall.DEFERRED, Outcome(None, Result.DEFERRED)),
    ],
)
def test_too_few_hours_do_what_the_run_says(session: Any, policy: Shortfall, outcome: Outcome) -> None:
    of = failing((60, 70))
    of.run.shortfall = policy
    session.flush()
    assert [each.enrolment.id for each in shortfalls(of.run)] == [of.enrolments[0].id]
    assert standing(of).outcome() == outcome


def test_hours_are_counted_by_the_ledger(session: Any) -> None:
    of = failing((60, 70))
    of.run.minutes_minimum = 150
    entry = make.entry(of.placements[0])
    session.flush()
    assert session.scalars(select(Entry)).one() is entry
    assert standing(of).is_short
    assert standing(of).minutes == 0  # it waits for its confirmation


@pytest.mark.parametrize("students", [1, 3])
def test_a_run_is_read_in_as_many_queries_however_many_students(session: Any, students: int) -> None:
    of = failing(*[(62, 30)] * students)
    opened(of)
    session.expire_all()
    run = session.merge(of.run)
    assert run.components
    with counting_queries() as queries:
        rows = standing_of(run)
        assert {(row.enrolment.person.name, row.enrolment.group.name, str(row.outcome()), row.short) for row in rows}
        assert {each.component.title for row in rows for each in row.again}
    assert queries.count == 8
