"""The dates of one person: what they are to hand in, when they hear of it, and what they are to mark by when.

No entry says anybody's name, a mark, or why a date was moved: a calendar is read by other eyes and other companies.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload

from placements.assessment.models import Submission
from placements.assessment.outstanding import IS_ASKED, IS_LATEST, ITS
from placements.assessment.queries import OWN_DEADLINE, Task, is_tutored_by
from placements.assessment.rules import feedback_due_at
from placements.assessment.work import work_of
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import london
from placements.core.policy import Principal
from placements.db import db
from placements.extensions.queries import times_moved
from placements.history.models import History

PORTFOLIO_MOVED, MOVED = "portfolio_due_at", "due_at"  # what the history calls a deadline of everybody's that changed


@dataclass(frozen=True)
class Entry:
    """One date. `uid` stays the same for the same thing, `sequence` grows with each time that its date is moved."""

    uid: str
    what: str
    where: str  # the run, as it is called
    at: datetime
    sequence: int
    endpoint: str
    is_to_do: bool = True


def entries_of(who: Principal) -> list[Entry]:
    """All of them, the first date first. Nine queries at most."""
    found = [*_as_student(who), *_as_tutor(who)] if who.has_any("student") else [*_as_tutor(who)]
    return sorted(found, key=lambda each: (each.at, each.uid))


def _as_student(who: Principal) -> Iterator[Entry]:
    tasks = [
        task
        for work in work_of(who)
        for task in work.tasks
        if work.enrolment.run.state is RunState.OPEN and task.is_current and task.is_asked
        if task.component.kind is not ComponentKind.FEEDBACK
    ]
    own = times_moved([task.submission.id for task in tasks if task.submission])
    everybodys = _moves_of_all([task.component for task in tasks])
    for task in tasks:
        moved = everybodys[task.component.id] + (own[task.submission.id] if task.submission else 0)
        yield from _of_task(task, moved)


def _of_task(task: Task, moved: int) -> Iterator[Entry]:
    component, run = task.component, task.enrolment.run.title
    uid = f"{task.enrolment.public_id}-{component.public_id}-{task.attempt}"
    if task.due_at is not None:
        what = f"Hand in: {component.title}"
        yield Entry(f"due-{uid}", what, run, task.due_at, moved, "assessment.work", not task.is_in)
    if task.feedback_due_at is not None:
        what = f"Mark and feedback due: {component.title}"
        yield Entry(f"feedback-{uid}", what, run, task.feedback_due_at, moved, "assessment.marks", is_to_do=False)


def _as_tutor(who: Principal) -> Iterator[Entry]:
    """One for each component and deadline of one's own students; those with a later one have another."""
    if not who.has_any("group_tutor", "placement_tutor"):
        return
    studying = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT), is_tutored_by(who))
    found = select(Component.id, OWN_DEADLINE).join(Enrolment, Enrolment.run_id == Component.run_id)
    found = found.join(Enrolment.run).outerjoin(Submission, and_(ITS, IS_LATEST)).where(*studying)
    found = found.where(Component.kind != ComponentKind.FEEDBACK, OWN_DEADLINE.is_not(None))
    found = found.where(or_(Submission.id.is_(None), IS_ASKED))
    rows = db.session.execute(found.distinct().order_by(Component.id, OWN_DEADLINE)).all()
    whole = select(Component).where(Component.id.in_({key for key, _ in rows})).options(joinedload(Component.run))
    components = {each.id: each for each in db.session.scalars(whole)}
    everybodys = _moves_of_all(list(components.values()))
    for key, due_at in rows:
        component = components[key]
        is_own = due_at != component.due_at
        uid = f"marking-{component.public_id}-{who.person_id}" + (f"-{london(due_at):%Y%m%d%H%M}" if is_own else "")
        at = feedback_due_at(due_at, component.feedback_weeks)
        moved = 0 if is_own else everybodys[component.id]
        yield Entry(uid, f"Marking due: {component.title}", component.run.title, at, moved, "marking.queue")


def _moves_of_all(components: Sequence[Component]) -> Counter[int]:
    """How often the deadline that a component has for everybody was moved. One query."""
    of_run = and_(History.about_kind == ModuleRun.__tablename__, History.about_id.in_({c.run_id for c in components}))
    of_its = and_(History.about_kind == Component.__tablename__, History.about_id.in_({c.id for c in components}))
    rows = select(History.about_kind, History.about_id, History.fields).where(or_(of_run, of_its))
    moved: Counter[int] = Counter()
    for kind, about_id, fields in db.session.execute(rows):
        for each in components:
            is_run = kind == ModuleRun.__tablename__ and about_id == each.run_id
            is_its = kind == Component.__tablename__ and about_id == each.id
            is_portfolio = each.kind is ComponentKind.PORTFOLIO
            if (is_its and MOVED in fields) or (is_run and is_portfolio and PORTFOLIO_MOVED in fields):
                moved[each.id] += 1
    return moved
