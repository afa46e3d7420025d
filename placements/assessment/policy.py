"""Who may do what with work that is handed in and with its marks. Nobody marks for both sides, or their own work."""

from datetime import datetime
from typing import Any

from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MARK
from placements.cohorts.models import ModuleRun
from placements.core.policy import Abilities, Answer, Predicate, Principal, condition, has_role, signed_in, state
from placements.partners.policy import has_no_side


def _mark(thing: Any) -> Mark | None:
    return thing.mark if isinstance(thing, Submission) else thing


def run_id_of(thing: Any) -> int:
    """The run that a thing belongs to: a run itself, what names its run, or an enrolment's work or mark."""
    if isinstance(thing, ModuleRun):
        return thing.id
    return int(thing.run_id if hasattr(thing, "run_id") else thing.enrolment.run_id)


@condition
def is_its_tutor(who: Principal, thing: Any, now: datetime) -> bool:
    """Is the tutor of the student's timeslot group, or of their placement."""
    mark = _mark(thing)
    if not isinstance(mark, Mark):
        return False
    by_placement = any(who.has("placement_tutor", each.id) for each in mark.placements)
    return by_placement or who.has("group_tutor", mark.enrolment.group_id)


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


def on_its_mark(verb: str) -> Predicate:
    """The mark's state allows the verb; where there is no mark yet, none does."""
    allowed = MARK.can(verb)

    def ask(who: Principal, thing: Any, now: datetime) -> Answer:
        mark = _mark(thing)
        return Answer.NOT_NOW if mark is None else allowed.ask(who, mark, now)

    return Predicate(ask, allowed.name)


marks_it = is_its_tutor & has_no_side_in_it

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
    "assessment.marking": has_role("group_tutor", "placement_tutor", "tutor", "leader", "external"),
    "assessment.mark": marks_it & deadline_has_passed & on_its_mark("draft"),
    "assessment.reopen": marks_it & on_its_mark("reopen") & somebody_marked_it,
    "assessment.read_mark": is_its_tutor | leads,
}
