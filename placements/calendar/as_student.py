"""A student's dates: choices, an offer, the Agreement, the placement, what they hand in and when they hear."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.agreements.models import Party
from placements.applications.models import Application
from placements.applications.policy import CHOOSING
from placements.applications.workflow import ApplicationState
from placements.assessment.queries import Task
from placements.assessment.work import work_of
from placements.calendar.entries import Entry, moves_of
from placements.calendar.visits import contacts, planned_days, signings
from placements.cohorts.models import Checkpoint, ComponentKind, Enrolment
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, NOT_BEGUN


def as_student(who: Principal) -> Iterator[Entry]:
    """Eleven queries, none for anybody else."""
    if not who.has_any("student"):
        return
    works = [each for each in work_of(who) if each.enrolment.run.state is RunState.OPEN]
    for work in works:
        for task in work.tasks:
            if task.is_current and task.is_asked and task.component.kind is not ComponentKind.FEEDBACK:
                yield from _of_task(task)
    keys = {each.enrolment.id for each in works}
    yield from _choosing([each.enrolment for each in works if each.enrolment.state in CHOOSING])
    yield from _offers(keys)
    placed = Placement.enrolment_id.in_(keys)
    placements = _placements(keys)
    yield from _first_and_last(placements)
    yield from _checkpoints(placements)
    yield from signings(Party.STUDENT, placed)
    yield from planned_days(placed, "Placement day")
    yield from contacts(placed, "Your tutor visits", "Your tutor calls", "attendance.plan")


def _of_task(task: Task) -> Iterator[Entry]:
    component, run, submission = task.component, task.enrolment.run.title, task.submission
    moves = moves_of(component, submission)
    uid = f"{task.enrolment.public_id}-{component.public_id}-1"
    if submission is not None and task.attempt > 1:  # one that is opened again is another thing
        uid = submission.public_id
    if task.due_at is not None:
        what = f"Hand in: {component.title}"
        yield Entry(f"due-{uid}", what, run, task.due_at, moves, "assessment.work", is_to_do=not task.is_in)
    if task.feedback_due_at is not None:
        what = f"Mark and feedback due: {component.title}"
        yield Entry(f"feedback-{uid}", what, run, task.feedback_due_at, moves, "assessment.marks", is_to_do=False)


def _choosing(enrolments: Sequence[Enrolment]) -> Iterator[Entry]:
    """When choices open and close, while one's own are not in."""
    keys = [each.id for each in enrolments]
    sent = select(Application.enrolment_id).where(
        Application.enrolment_id.in_(keys), Application.state == ApplicationState.SUBMITTED
    )
    are_in = set(db.session.scalars(sent))
    for each in enrolments:
        if each.id not in are_in:
            run, uid, moves = each.run, each.public_id, moves_of(each.run)
            opens, closes = run.ranking_opens_at, run.ranking_closes_at
            what = "Choices open"
            yield Entry(f"choose-{uid}", what, run.title, opens, moves, "applications.find", is_to_do=False)
            yield Entry(f"chosen-{uid}", "Choices close", run.title, closes, moves, "applications.choices")


def _offers(keys: Collection[int]) -> Iterator[Entry]:
    made = select(Offer).where(Offer.enrolment_id.in_(keys), Offer.state == OfferState.MADE)
    for each in db.session.scalars(made.options(joinedload(Offer.enrolment).joinedload(Enrolment.run))):
        run, values = each.enrolment.run.title, {"public_id": each.public_id}
        moves = moves_of(each)
        yield Entry(f"offer-{each.public_id}", "Answer your offer", run, each.deadline_at, moves, "offers.show", values)


def _placements(keys: Collection[int]) -> Sequence[Placement]:
    found = select(Placement).where(Placement.enrolment_id.in_(keys), Placement.state.in_(GOING_ON))
    run = joinedload(Placement.enrolment).joinedload(Enrolment.run)
    return db.session.scalars(found.options(run).order_by(Placement.id)).all()


def _first_and_last(placements: Sequence[Placement]) -> Iterator[Entry]:
    for each in placements:
        run, values, moves = each.enrolment.run.title, {"public_id": each.public_id}, moves_of(each)
        first, last = "First day of your placement", "Last day of your placement"
        is_to_come, page = each.state in NOT_BEGUN, "placing.first_day"
        yield Entry(f"first-{each.public_id}", first, run, each.starts_on, moves, page, values, is_to_come)
        yield Entry(f"last-{each.public_id}", last, run, each.ends_on, moves, "home.placement", values, is_to_do=False)


def _checkpoints(placements: Sequence[Placement]) -> Iterator[Entry]:
    """When the logbook is looked at, at the latest."""
    of_run = {each.enrolment.run_id: each for each in placements}
    found = select(Checkpoint).where(Checkpoint.run_id.in_(of_run), Checkpoint.due_on.is_not(None))
    for each in db.session.scalars(found.order_by(Checkpoint.id)):
        its = of_run[each.run_id]
        values, what = {"public_id": its.public_id}, f"Have your logbook up to date: {each.title}"
        assert each.due_on is not None
        uid, moves = f"log-{each.public_id}-{its.public_id}", moves_of(each)
        yield Entry(uid, what, its.enrolment.run.title, each.due_on, moves, "logbook.log", values)
