"""A tutor's and marker's dates: what they mark by when, visits and calls, Agreements to sign, logbooks to grade."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.agreements.models import Party
from placements.assessment.models import Mark, Submission
from placements.assessment.outstanding import IS_ASKED, IS_LATEST, ITS
from placements.assessment.queries import OWN_DEADLINE, is_open_to
from placements.assessment.rules import feedback_due_at
from placements.assessment.waiting import CURRENT, is_marked_by
from placements.assessment.workflow import MarkState, SubmissionState
from placements.calendar.entries import Entry, moves_of
from placements.calendar.visits import contacts, signings
from placements.cohorts.models import Checkpoint, Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.clock import london
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import SecondState
from placements.placing.models import Placement
from placements.placing.queries import tutored_by
from placements.placing.workflow import GOING_ON
from placements.reading.models import LogbookGrade


def as_tutor(who: Principal) -> Iterator[Entry]:
    """Six queries at most."""
    if who.has_any("group_tutor", "placement_tutor"):
        mine = Placement.id.in_(who.held_on("placement_tutor"))
        yield from signings(Party.TUTOR, mine, decides=who)
        yield from contacts(tutored_by(who), "Visit to a student", "Call about a student", "attendance.visits")
        yield from _checkpoints(who)
    if who.has_any("group_tutor", "placement_tutor", "marker"):
        yield from _marking(who)
    if who.has_any("second_marker", "third_marker"):
        yield from _second_marking(who)


def _marking(who: Principal) -> Iterator[Entry]:
    """One for each component and deadline of those whose work one marks; those with a later one have another."""
    its_mark = and_(
        Mark.component_id == Component.id,
        Mark.enrolment_id == Enrolment.id,
        Mark.attempt == func.coalesce(Submission.attempt, 1),
    )
    is_left = or_(Submission.id.is_(None), Submission.state == SubmissionState.OPEN, Mark.state == MarkState.DRAFTED)
    left = func.sum(case((is_left, 1), else_=0))
    found = select(Component.id, OWN_DEADLINE, left).join(Enrolment, Enrolment.run_id == Component.run_id)
    found = found.join(Enrolment.run).outerjoin(Submission, and_(ITS, IS_LATEST)).outerjoin(Mark, its_mark)
    found = found.where(*CURRENT, is_marked_by(who), is_open_to(who), OWN_DEADLINE.is_not(None))
    found = found.where(Component.kind != ComponentKind.FEEDBACK, or_(Submission.id.is_(None), IS_ASKED))
    rows = db.session.execute(found.group_by(Component.id, OWN_DEADLINE).order_by(Component.id, OWN_DEADLINE)).all()
    whole = select(Component).where(Component.id.in_({key for key, _, _ in rows})).options(joinedload(Component.run))
    components = {each.id: each for each in db.session.scalars(whole)}
    for key, due_at, number in rows:
        uid = f"marking-{components[key].public_id}-{who.person_id}"
        yield _of_pile(uid, "Marking due", components[key], due_at, "marking.queue", is_to_do=bool(number))


def _of_pile(uid: str, what: str, component: Component, due_at: datetime, page: str, *, is_to_do: bool) -> Entry:
    """By when what was due then is to be marked. Another deadline than everybody's makes another entry."""
    apart = "" if due_at == component.due_at else f"-{london(due_at):%Y%m%d%H%M}"
    at = feedback_due_at(due_at, component.feedback_weeks)
    said = f"{what}: {component.title}"
    return Entry(f"{uid}{apart}", said, component.run.title, at, moves_of(component), page, is_to_do=is_to_do)


def _second_marking(who: Principal) -> Iterator[Entry]:
    """The same of what one marks a second time. Of the first marks nothing is read."""
    found = select(SecondMark).join(SecondMark.mark).join(Mark.submission).join(Mark.component)
    found = found.join(Mark.enrolment).join(Enrolment.run).where(SecondMark.marker_id == who.person_id, *CURRENT)
    mark = contains_eager(SecondMark.mark)
    run = mark.contains_eager(Mark.component).contains_eager(Component.run)
    found = found.options(mark.contains_eager(Mark.submission).contains_eager(Submission.component), run)
    rows = db.session.scalars(found.order_by(Component.id, SecondMark.id)).all()
    for component, marks in groupby(rows, key=lambda each: each.mark.component):
        left: dict[datetime, bool] = {}
        for each in marks:
            due_at = each.mark.submission.own_due_at
            if due_at is not None:
                left[due_at] = left.get(due_at, False) or each.state is not SecondState.SUBMITTED
        for due_at, is_to_do in left.items():
            uid, page = f"second-{component.public_id}-{who.person_id}", "double_marking.desk"
            yield _of_pile(uid, "Second marking due", component, due_at, page, is_to_do=is_to_do)


def _checkpoints(who: Principal) -> Iterator[Entry]:
    """When the logbooks of one's students are to be graded; done once each has its grade. One query."""
    graded = exists().where(LogbookGrade.placement_id == Placement.id, LogbookGrade.checkpoint_id == Checkpoint.id)
    theirs: ColumnElement[int] = func.sum(case((graded, 0), else_=1))
    found = select(Checkpoint, theirs).join(Checkpoint.run).join(Enrolment, Enrolment.run_id == ModuleRun.id)
    found = found.join(Placement, Placement.enrolment_id == Enrolment.id).options(contains_eager(Checkpoint.run))
    found = found.where(tutored_by(who), Placement.state.in_(GOING_ON), ModuleRun.state == RunState.OPEN)
    found = found.where(Checkpoint.due_on.is_not(None)).group_by(Checkpoint.id, ModuleRun.id)
    for each, left in db.session.execute(found.order_by(Checkpoint.id)):
        assert each.due_on is not None
        what, uid, run = f"Grade the logbooks: {each.title}", f"grade-{each.public_id}", each.run.title
        yield Entry(uid, what, run, each.due_on, moves_of(each), "reading.logbooks", is_to_do=bool(left))
