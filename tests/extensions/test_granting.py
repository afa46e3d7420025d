"""Granting, changing and withdrawing: what moves with a deadline, and what stands against it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy import select

from placements.assessment.collecting import collect
from placements.assessment.models import Mark, Submission
from placements.assessment.waiting import to_be_marked
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import ClosedDay, Component
from placements.core.errors import Refused
from placements.extensions import notices
from placements.extensions.actions import change, grant, withdraw
from placements.extensions.models import Extension
from placements.extensions.planning import Wanted, fingerprint_of, movable, plan
from placements.extensions.rules import Cause
from placements.history.models import History
from placements.mail.actions import remind
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.rendering import render
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene
from tests.golden import check_golden

DAY = timedelta(days=1)
DUE = datetime(2027, 5, 12, 14, 0, tzinfo=UTC)  # Wednesday, 3pm in London
LATER = datetime(2027, 5, 26, 14, 0, tzinfo=UTC)


def given(
    of: Scene,
    due: datetime | None = LATER,
    *,
    at: datetime = DUE - DAY,
    places: tuple[int, ...] = (0,),
    days: int = 0,
    components: list[Component] | None = None,
    form_key: str = "form-key",
) -> list[Extension]:
    """The module leader looks at the plan and grants it."""
    wanted = Wanted([of.enrolments[place] for place in places], components or [of.portfolio], due, days)
    seen = fingerprint_of(plan(wanted, at))
    leader = of.who(of.leader)
    return grant(wanted, Cause.ADJUSTMENT, "DS-1", seen=seen, form_key=form_key, actor=leader, now=at)


def attempts(session: Any) -> list[tuple[datetime | None, SubmissionState]]:
    rows = session.scalars(select(Submission).order_by(Submission.enrolment_id))
    return [(each.due_at, each.state) for each in rows]


def marks(session: Any) -> list[tuple[int | None, MarkState]]:
    return [(each.mark, each.state) for each in session.scalars(select(Mark).order_by(Mark.id))]


def told(session: Any, notice: str) -> list[datetime]:
    rows = select(Notification.due_at).where(Notification.notice == notice)
    return list(session.scalars(rows.order_by(Notification.due_at)))


def test_an_extension_after_a_penalty_moves_everything_and_keeps_both_marks(session: Any) -> None:
    """The story that the whole is for, through the verbs and the worker's rounds."""
    of = scene(due=DUE)
    late = hand_in(of, 0, DUE + 2 * HOUR)
    collect(DUE + 3 * HOUR)
    assert (late.state, marks(session)) == (SubmissionState.LATE, [(0, MarkState.SUBMITTED)])
    assert late.moves == 1

    [extension] = given(of, at=DUE + DAY)
    session.refresh(late)
    assert (late.state, late.due_at, marks(session)) == (
        SubmissionState.RECEIVED,
        LATER,
        [(None, MarkState.DRAFTED)],
    )
    assert (extension.due_before, extension.due_at, extension.own_before) == (DUE, LATER, None)
    assert late.moves == 2
    reasons = session.scalars(select(History.reason).where(History.about_kind == "submission").order_by(History.id))
    assert [each for each in reasons if each][1:] == ["now Wed 26 May 2027, 3pm", "0 by rule, now to be marked"]

    assert mark_it(of, late, 62, 62, 62).mark == 62
    collect(LATER + DAY)
    assert marks(session) == [(62, MarkState.SUBMITTED)]


def test_nothing_is_reminded_of_on_the_old_date_and_all_on_the_new(session: Any) -> None:
    of = scene(due=DUE)
    given(of, at=DUE - 20 * DAY)
    for day in range(-20, 16):
        remind(DUE + day * DAY - 6 * HOUR)
    nine = LATER - 6 * HOUR
    assert told(session, "assessment.portfolio_due") == [nine - 7 * DAY, nine - 2 * DAY, nine]
    hand_in(of, 0, LATER - HOUR)
    for day in range(40):
        remind(DUE + day * DAY + HOUR)
    assert told(session, "assessment.marking_due") == [LATER + 14 * DAY, LATER + 20 * DAY, LATER + 22 * DAY]


def test_what_waits_for_its_marker_is_due_by_the_students_own_deadline(session: Any) -> None:
    of = scene(due=DUE)
    hand_in(of)
    given(of)
    assert session.execute(to_be_marked(LATER - HOUR)).all() == []
    [row] = session.execute(to_be_marked(LATER + HOUR)).all()
    assert row.first == LATER


def test_what_was_missed_can_be_handed_in_again(session: Any) -> None:
    of = scene(due=DUE)
    collect(DUE + HOUR)
    assert marks(session) == [(0, MarkState.SUBMITTED)]
    given(of, at=DUE + DAY)
    assert (attempts(session), marks(session)) == ([(LATER, SubmissionState.OPEN)], [])
    assert hand_in(of, 0, LATER).state is SubmissionState.RECEIVED


def test_several_students_at_once_and_only_those(session: Any) -> None:
    of = scene(students=3, due=DUE)
    made = given(of, places=(0, 2))
    assert [each.submission.enrolment_id for each in made] == [of.enrolments[0].id, of.enrolments[2].id]
    assert [each.form_key for each in made] == ["form-key-0", "form-key-1"]
    people = session.scalars(select(Notification.recipient_id).order_by(Notification.recipient_id)).all()
    assert people == [of.enrolments[0].person_id, of.enrolments[2].person_id]


def test_the_same_form_twice_grants_once(session: Any) -> None:
    of = scene(due=DUE)
    assert len(given(of)) == 1
    assert given(of) == []
    assert len(session.scalars(select(Extension)).all()) == 1


def test_an_adjustment_moves_every_deadline_there_is_to_the_next_working_day(session: Any) -> None:
    of = scene(due=DUE)
    friday = datetime(2027, 4, 2, 14, 0, tzinfo=UTC)
    of.agreement.due_at = friday
    session.add(ClosedDay(day=datetime(2027, 4, 5, tzinfo=UTC).date(), name="Easter Monday"))
    session.flush()
    made = given(of, None, days=1, at=friday - DAY, components=[of.agreement, of.portfolio])
    assert [each.due_at for each in made] == [datetime(2027, 4, 6, 14, 0, tzinfo=UTC), DUE + DAY]


@pytest.mark.parametrize(
    ("due", "at", "why"),
    [
        (DUE, DUE - DAY, "not later than the deadline, Wed 12 May 2027, 3pm"),
        (DUE - DAY, DUE - 3 * DAY, "not later than the deadline"),
        (DUE + DAY, DUE + 2 * DAY, "has passed already, and nothing has been handed in"),
        (DUE + 3 * DAY, DUE - DAY, "Sat 15 May 2027 is no working day. The next one is Mon 17 May 2027"),
        (DUE + DAY, DUE - DAY, "Thu 13 May 2027 is no working day. The next one is Fri 14 May 2027"),
    ],
)
def test_a_date_that_makes_no_sense_is_refused(session: Any, due: datetime, at: datetime, why: str) -> None:
    of = scene(due=DUE)
    if "Thu" in why:
        session.add(ClosedDay(day=due.date(), name="University closed"))
        session.flush()
    with pytest.raises(Refused, match=why):
        movable(plan(Wanted([of.enrolments[0]], [of.portfolio], due), at))


def test_a_date_that_has_passed_will_do_where_work_came_before_it(session: Any) -> None:
    of = scene(due=DUE)
    hand_in(of, 0, DUE + HOUR)
    given(of, DUE + DAY, at=DUE + 5 * DAY)
    assert attempts(session) == [(DUE + DAY, SubmissionState.RECEIVED)]


def test_after_the_board_only_the_board_can(session: Any) -> None:
    of = scene(due=DUE)
    mark = mark_it(of, hand_in(of), 62, 62, 62)
    mark.state = MarkState.CONFIRMED
    session.flush()
    with pytest.raises(Refused, match="The board has confirmed the mark"):
        given(of, at=DUE + 40 * DAY)


def test_one_who_cannot_be_moved_holds_up_nobody_else(session: Any) -> None:
    of = scene(students=2, due=DUE)
    given(of)
    [second] = given(of, LATER + DAY, places=(0, 1), form_key="another")
    assert second.submission.enrolment_id == of.enrolments[1].id
    assert [due for due, _ in attempts(session)] == [LATER, LATER + DAY]


def test_what_was_looked_at_is_what_is_granted_or_nothing(session: Any) -> None:
    of = scene(due=DUE)
    wanted = Wanted([of.enrolments[0]], [of.portfolio], LATER)
    seen = fingerprint_of(plan(wanted, DUE))
    of.portfolio.due_at = DUE + DAY
    session.flush()
    leader = of.who(of.leader)
    with pytest.raises(Refused, match="Something has changed since you looked"):
        grant(wanted, Cause.PLACED_LATE, "", seen=seen, form_key="k", actor=leader, now=DUE - DAY)
    assert session.scalars(select(Extension)).all() == []


def changed(of: Scene, extension: Extension, due: datetime, at: datetime = DUE - DAY) -> Extension:
    wanted = Wanted([of.enrolments[0]], [of.portfolio], due, changes=extension)
    seen = fingerprint_of(plan(wanted, at))
    return change(extension, due, Cause.UNIVERSITY, "", seen=seen, actor=of.who(of.leader), now=at)


def test_a_change_takes_its_place_and_both_are_kept(session: Any) -> None:
    of = scene(due=DUE)
    [first] = given(of)
    second = changed(of, first, LATER + DAY)
    assert (second.due_before, second.due_at, second.is_in_force) == (DUE, LATER + DAY, True)
    assert (first.due_at, first.is_in_force, first.was_withdrawn) == (LATER, False, False)
    assert second.submission.moves == 2
    shorter = changed(of, second, DUE + DAY)
    assert attempts(session) == [(DUE + DAY, SubmissionState.OPEN)]
    with pytest.raises(Refused, match="not later than the deadline, Wed 12 May 2027"):
        changed(of, shorter, DUE - DAY)


def test_it_is_not_cut_short_beneath_work_that_came(session: Any) -> None:
    of = scene(due=DUE)
    [extension] = given(of)
    hand_in(of, 0, LATER - HOUR)
    with pytest.raises(Refused, match="What came on Wed 26 May 2027, 2pm would be late by it"):
        changed(of, extension, LATER - DAY, at=LATER)


def test_withdrawn_the_deadline_is_everybodys_again(session: Any) -> None:
    of = scene(due=DUE)
    [extension] = given(of)
    withdraw(extension, "Wrong student.", actor=of.who(of.leader), now=DUE + DAY)
    withdraw(extension, "Again.", actor=of.who(of.leader), now=DUE + 2 * DAY)
    assert attempts(session) == [(None, SubmissionState.OPEN)]
    assert (extension.was_withdrawn, extension.reason) == (True, "Wrong student.")
    assert extension.submission.moves == 2
    collect(DUE + 2 * DAY)
    assert attempts(session) == [(None, SubmissionState.NOT_SUBMITTED)]


def test_everybodys_deadline_moved_past_it_counts_and_taking_it_back_changes_no_date(session: Any) -> None:
    of = scene(due=DUE)
    [extension] = given(of)
    of.portfolio.due_at = LATER + 7 * DAY
    session.flush()
    attempt = extension.submission
    assert (attempt.own_due_at, extension.is_overtaken, extension.due_without) == (
        LATER + 7 * DAY,
        True,
        LATER + 7 * DAY,
    )
    wanted = Wanted([of.enrolments[0]], [of.portfolio], LATER + 14 * DAY)
    assert [each.problem for each in plan(wanted, DUE)] == [
        "There is an extension until Wed 26 May 2027, 3pm already. Change that one."
    ]
    with pytest.raises(Refused, match="not later than the deadline, Wed 2 Jun 2027"):
        changed(of, extension, LATER + 2 * DAY, at=DUE)
    hand_in(of, 0, LATER + DAY)
    withdraw(extension, "Everybody has longer now.", actor=of.who(of.leader), now=LATER + DAY)
    assert (attempt.own_due_at, attempt.state) == (LATER + 7 * DAY, SubmissionState.RECEIVED)


def test_what_relies_on_it_is_not_withdrawn(session: Any) -> None:
    of = scene(due=DUE)
    [extension] = given(of)
    hand_in(of, 0, LATER - HOUR)
    with pytest.raises(Refused, match="relies on it, so it stays"):
        withdraw(extension, "Too generous.", actor=of.who(of.leader), now=LATER)


def test_withdrawn_after_the_attempt_was_put_off_it_changes_no_date(session: Any) -> None:
    of = scene(due=DUE)
    [extension] = given(of)
    attempt, put_off = extension.submission, LATER + 30 * DAY
    attempt.deferred_at, attempt.due_at = DUE, put_off
    session.flush()
    withdraw(extension, "A mistake.", actor=of.who(of.leader), now=DUE)
    assert (attempt.own_due_at, attempt.is_asked, extension.is_in_force) == (put_off, True, False)


def test_a_second_attempt_goes_back_to_its_own_deadline(session: Any) -> None:
    of = scene(due=DUE)
    mark_it(of, hand_in(of), 20, 20, 20)
    again = DUE + 60 * DAY
    empty = {"state": SubmissionState.OPEN, "due_at": again, "attempt": 2}
    attempt = make.submission(of.enrolments[0], of.portfolio, **empty)
    due = datetime(2027, 7, 20, 14, 0, tzinfo=UTC)
    [extension] = given(of, due, at=again - DAY)
    assert (attempt.due_at, extension.due_before) == (due, again)
    withdraw(extension, "A mistake.", actor=of.who(of.leader), now=again - HOUR)
    assert attempt.due_at == again


def test_the_mail_says_the_date_and_never_why(session: Any) -> None:
    of = scene(due=DUE)
    [extension] = given(of)
    student = of.students[0].person
    g.now = DUE - DAY
    context = notices.DEADLINE_MOVED.context(extension.submission_id, student, DUE - DAY)
    assert context is not None
    mail = render([Said(notices.DEADLINE_MOVED, context)], student)
    text = f"Subject: {mail.subject}\n\n{mail.text}"
    assert "DS-1" not in text
    assert "djustment" not in text
    check_golden("extensions/deadline_moved", text)
