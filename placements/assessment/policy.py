"""Who may do what with work that is handed in and with its marks. Nobody marks for both sides, or their own work."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, union_all

from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MARK
from placements.cohorts.models import (
    Component,
    MarkedBy,
    ModuleRun,
    RoleOnRun,
    RunRole,
    TimeslotGroup,
    TutorCover,
)
from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, signed_in, state
from placements.partners.policy import has_no_side

MARKERS = (RunRole.LEADER, RunRole.TUTOR, RunRole.MODERATOR)  # roles on a run that let somebody mark


def is_on_team() -> ColumnElement[bool]:
    """Whether whoever a mark was given to still works on its run. Join it with its component."""
    by_role = select(RoleOnRun.id).where(
        RoleOnRun.run_id == Component.run_id, RoleOnRun.person_id == Mark.allocated_id, RoleOnRun.role.in_(MARKERS)
    )
    by_group = select(TimeslotGroup.id).where(
        TimeslotGroup.run_id == Component.run_id, TimeslotGroup.tutor_id == Mark.allocated_id
    )
    return or_(by_role.correlate(Mark, Component).exists(), by_group.correlate(Mark, Component).exists())


def covers_marker(on: date) -> ColumnElement[bool]:
    """The covers that day for whoever a mark was given to. Join it with its component."""
    its = (TutorCover.run_id == Component.run_id, TutorCover.tutor_id == Mark.allocated_id)
    return and_(*its, TutorCover.lasts(on))


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """“marker” on each mark that was given to them to mark, or that day to whom they cover for."""
    given = select(literal("marker").label("role"), Mark.id.label("held_on")).join(Mark.component)
    covered = select(literal("marker"), Mark.id).join(Mark.component).join(TutorCover, covers_marker(on))
    held = union_all(
        given.where(Mark.allocated_id == person_id, is_on_team()),
        covered.where(TutorCover.cover_id == person_id, is_on_team()),
    ).subquery()
    return select(held.c.role, held.c.held_on)


def _mark(thing: Any) -> Mark | None:
    return thing.mark if isinstance(thing, Submission) else thing


def run_id_of(thing: Any) -> int:
    """The run that a thing belongs to: a run itself, what names its run, or an enrolment's work or mark."""
    if isinstance(thing, ModuleRun):
        return thing.id
    return int(thing.run_id if hasattr(thing, "run_id") else thing.enrolment.run_id)


@condition
def is_its_tutor(who: Principal, thing: Any, now: datetime) -> bool:
    """Is the tutor of the student's timeslot group, or of their placement, and does not mark it a second time."""
    mark = _mark(thing)
    if not isinstance(mark, Mark) or mark.second_id == who.person_id:
        return False
    by_placement = any(who.has("placement_tutor", each.id) for each in mark.placements)
    return by_placement or who.has("group_tutor", mark.enrolment.group_id)


@condition
def is_its_marker(who: Principal, thing: Any, now: datetime) -> bool:
    """Was given it to mark; where nobody was and the run's markers do not share the work, is the student's tutor."""
    mark = _mark(thing)
    if not isinstance(mark, Mark):
        return False
    if mark.allocated_id is not None:
        return who.has("marker", mark.id)
    return mark.component.marked_by is not MarkedBy.SHARED and is_its_tutor(who, mark, now)


@condition
def has_no_side_in_it(who: Principal, thing: Any, now: datetime) -> bool:
    """Has no side with an organisation that the student was placed with, did not supervise, and is not the student."""
    mark = _mark(thing)
    if not isinstance(mark, Mark) or mark.enrolment.person_id == who.person_id:
        return False
    supervises = who.person_id in [each.supervisor_id for each in mark.placements]
    return not supervises and all(has_no_side(who, each.challenge.organisation_id) for each in mark.placements)


@condition
def leads(who: Principal, thing: Any, now: datetime) -> bool:
    """Leads the run."""
    return who.has("leader", run_id_of(thing))


@state
def deadline_has_passed(who: Principal, thing: Any, now: datetime) -> bool:
    """What was handed in cannot be replaced any more."""
    due_at = (thing if isinstance(thing, Submission) else thing.submission).own_due_at
    return due_at is None or due_at < now


@state
def somebody_marked_it(who: Principal, thing: Any, now: datetime) -> bool:
    """A person gave the mark; not the rule for what was not handed in."""
    mark = _mark(thing)
    return mark is not None and mark.marker_id is not None


@state
def is_not_fixed(who: Principal, thing: Any, now: datetime) -> bool:
    """It is neither compared with a second mark nor moderated."""
    mark = _mark(thing)
    return mark is not None and mark.fixed_at is None


def on_its_mark(verb: str) -> Predicate:
    """The mark's state allows the verb; where there is no mark yet, none does."""
    allowed = MARK.can(verb)

    def ask(who: Principal, thing: Any, now: datetime) -> Answer:
        mark = _mark(thing)
        return Answer.NOT_NOW if mark is None else allowed.ask(who, mark, now)

    return Predicate(ask, allowed.name)


reads_mark = is_its_tutor | is_its_marker | leads

ABILITIES: Abilities = {
    "assessment.work": has_role("student"),
    "assessment.submit": has_role("student"),
    "assessment.autosave": has_role("student"),
    "assessment.start_again": has_role("student"),
    "assessment.check": has_role("student"),
    "assessment.submission": signed_in,  # whoever may see it
    "assessment.receipt": signed_in,  # whoever may see it
    "assessment.download": signed_in,  # whoever may see what it belongs to
    "assessment.marks": has_role("student"),
    "assessment.read_mark": reads_mark,
}
