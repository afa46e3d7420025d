"""A tutor's home: their students, from the Agreement to the mark, and those who still need a place."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, case, func, or_, select

from placements.agreements.models import Party
from placements.assessment.rules import feedback_due_at
from placements.assessment.waiting import to_be_marked
from placements.attendance.models import ContactPoint
from placements.attendance.queries import to_note
from placements.cohorts.models import Component, Enrolment, ModuleRun
from placements.cohorts.queries import closed_days
from placements.cohorts.workflow import LEFT, RunState
from placements.confirming.queries import asked_at, is_the_tutors
from placements.confirming.quiet import to_telephone
from placements.confirming.rules import LEADER_TOLD_AFTER, QUIET_AFTER, decided_by, goes_to_tutor_on
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import silent as silent_supervisors
from placements.feedback.rules import LATE_AFTER
from placements.feedback.workflow import FeedbackState
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.links.models import Link
from placements.logbook.hours import confirmed_minutes
from placements.logbook.models import Entry
from placements.offers.models import Clearing
from placements.partners.policy import has_no_side
from placements.placing.models import Placement
from placements.placing.queries import tutored_by
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN, PlacementState
from placements.signing.waiting import to_sign

NOTED_WITHIN = timedelta(days=7)  # of a visit or call; ours


def tutor_look(who: Principal, now: datetime) -> Look:
    """What one's students wait for. Four queries."""
    closed = closed_days()
    row = db.session.execute(_of_placements(who, now, closed)).one()
    figures = [Figure(row.going_on, "on a placement or about to start", "reading.logbooks")]
    if who.has_any("group_tutor"):
        figures.insert(0, Figure(row.students, "students in your groups", "reading.logbooks"))
    return Look(
        "Your students",
        "The students of your timeslot groups and placements: Agreements, logbooks and marking.",
        [*_signing(who), *_with_placements(row, closed), *_marking(who, now)],
        figures,
    )


def _when(condition: ColumnElement[bool], value: Any) -> Any:
    return case((condition, value), else_=None)


def _of_placements(who: Principal, now: datetime, closed: Collection[date]) -> Select[*tuple[Any, ...]]:
    """One row: of the placements that go on, how many wait for what, and since or until when at the earliest."""
    day = today(now)
    held_up = Placement.state.in_(NOT_BEGUN) & (Placement.starts_on <= day)
    is_active = Placement.state == PlacementState.ACTIVE
    over = is_active & or_(Placement.ends_on < day, confirmed_minutes() >= ModuleRun.minutes_target)
    return (
        select(
            func.count(Placement.id).label("going_on"),
            func.count(_when(held_up, 1)).label("held_up"),
            func.min(_when(held_up, Placement.starts_on)).label("held_up_from"),
            _undecided(who, now, closed, func.count(Entry.id)).label("undecided"),
            _undecided(who, now, closed, func.min(asked_at())).label("undecided_since"),
            _students(who).label("students"),
            func.count(_when(over, 1)).label("over"),
            func.min(_when(over, Placement.ends_on)).label("over_on"),
            _of_contacts(who, now, func.count(ContactPoint.id)).label("to_note"),
            _of_contacts(who, now, func.min(ContactPoint.at)).label("to_note_since"),
            to_telephone(who, now, func.count(Link.holder_id.distinct())).label("to_telephone"),
            to_telephone(who, now, func.min(Link.created_at)).label("quiet_since"),
            _without_feedback(who, now, func.count(Feedback.id)).label("without_feedback"),
            _without_feedback(who, now, func.min(Feedback.asked_at)).label("feedback_asked_at"),
        )
        .join(Placement.enrolment)
        .join(Enrolment.run)
        .where(tutored_by(who), Placement.state.in_(GOING_ON))
    )


def _undecided(who: Principal, now: datetime, closed: Collection[date], what: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Something about all visits that are this tutor's to decide, whether or not their placements go on."""
    found = select(what).select_from(Entry).join(Entry.placement).join(Placement.enrolment)
    return found.where(tutored_by(who), is_the_tutors(now, closed)).correlate(None).scalar_subquery()


def _without_feedback(who: Principal, now: datetime, asked: Any) -> ScalarSelect[Any]:
    """Of feedback that supervisors were chased for in vain; the placements may have ended."""
    found = select(asked).select_from(Feedback).join(Feedback.placement).join(Placement.enrolment)
    found = found.join(Enrolment.run).where(tutored_by(who), ModuleRun.state == RunState.OPEN)
    return found.where(*silent_supervisors(now)).correlate(None).scalar_subquery()


def _of_contacts(who: Principal, now: datetime, asked: Any) -> ScalarSelect[Any]:
    """Of the visits and calls that nobody has said anything of since."""
    found = to_note(who, now).with_only_columns(asked, maintain_column_froms=True)
    return found.correlate(None).scalar_subquery()


def _signing(who: Principal) -> Iterator[Step]:
    mine = to_sign(Party.TUTOR, Placement.id.in_(who.held_on("placement_tutor")))
    unsigned = [each for each in mine if has_no_side(who, each.challenge.organisation_id)]
    if unsigned:
        what = many(len(unsigned), "Challenge Agreement waits", "Challenge Agreements wait")
        by = told_at(unsigned[0].starts_on)
        yield Step(f"{what} for your signature", "Read and sign", "agreements.queue", by=by)


def _with_placements(row: Row[*tuple[Any, ...]], closed: Collection[date]) -> Iterator[Step]:
    if row.held_up:
        what = many(row.held_up, "placement should have begun", "placements should have begun")
        yield Step(f"{what} and cannot yet", "See what is missing", "agreements.queue", by=told_at(row.held_up_from))
    if row.undecided:
        what = many(row.undecided, "visit that nobody settled", "visits that nobody settled")
        by = end_of(decided_by(goes_to_tutor_on(today(row.undecided_since), closed), closed))
        yield Step(f"{what}: decide", "See and decide", "reading.to_decide", by=by)
    if row.to_telephone:
        what = many(row.to_telephone, "supervisor does not answer", "supervisors do not answer")
        by = row.quiet_since + QUIET_AFTER + LEADER_TOLD_AFTER
        yield Step(f"{what} about hours: telephone them", "See whom", "confirming.to_telephone", by=by)
    if row.to_note:
        what = many(row.to_note, "visit or call to note: say how it went", "visits or calls to note: say how they went")
        yield Step(what, "See them", "attendance.visits", by=row.to_note_since + NOTED_WITHIN)
    if row.without_feedback:
        what = many(row.without_feedback, "supervisor has not given feedback", "supervisors have not given feedback")
        by, values = row.feedback_asked_at + LATE_AFTER, {"state": FeedbackState.REQUESTED.value}
        yield Step(f"{what}: talk to them", "See whose", "feedback.requests", values, by=by)
    if row.over:
        what = many(row.over, "placement has its hours or its last day", "placements have their hours or last day")
        yield Step(f"{what}: complete it or decide", "See the logbooks", "reading.logbooks", by=end_of(row.over_on))


def _marking(who: Principal, now: datetime) -> Iterator[Step]:
    """The same work that the reminder mail counts."""
    waiting = to_be_marked(now).subquery()
    asked = select(Component.feedback_weeks, func.sum(waiting.c.count), func.min(waiting.c.first)).join(
        Component, Component.id == waiting.c.component_id
    )
    own = asked.where(waiting.c.marker_id == who.person_id).group_by(Component.feedback_weeks)
    rows = db.session.execute(own).all()
    if rows:
        what = many(sum(count for _, count, _ in rows), "piece of work to mark", "pieces of work to mark")
        by = min(feedback_due_at(first, weeks) for weeks, _, first in rows)
        yield Step(what, "Mark", "marking.queue", by=by)


def _students(who: Principal) -> ScalarSelect[int]:
    found = select(func.count(Enrolment.id)).join(Enrolment.run).where(ModuleRun.state == RunState.OPEN)
    mine = found.where(Enrolment.group_id.in_(who.held_on("group_tutor")), Enrolment.state.not_in(LEFT))
    return mine.correlate(None).scalar_subquery()


def clearing_look(who: Principal, now: datetime) -> Look:
    """Students who need a place and are this person's to see to. One query."""
    count, first = db.session.execute(
        select(func.count(), func.min(Clearing.by_on)).where(
            Clearing.owner_id == who.person_id, Clearing.closed_at.is_(None)
        )
    ).one()
    steps = []
    if count:
        what = f"{many(count, 'student needs', 'students need')} a place from you"
        steps.append(Step(what, "Find places", "clearing.students", by=end_of(first)))
    figures = [Figure(count, "who need a place from you", "clearing.students")]
    return Look("Students without a place", "Those on the clearing list who are yours to see to.", steps, figures)
