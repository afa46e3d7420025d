"""Who may do what with a logbook: the student, the supervisor, the tutor, the module leader."""

from datetime import datetime

from placements.core.policy import Abilities, Principal, condition, has_role, state
from placements.logbook.models import Entry, EntryDraft, EntryEvidence
from placements.logbook.workflow import ENTRY, UNSETTLED, WAITING
from placements.placing.models import Placement
from placements.placing.policy import is_student, is_tutor, leads, of_its_placement, stands_outside

Ours = Placement | Entry | EntryDraft | EntryEvidence


def placement_of(thing: Ours) -> Placement:
    """The placement that something of ours is, or belongs to."""
    if isinstance(thing, EntryEvidence):
        return thing.entry.placement
    return thing if isinstance(thing, Placement) else thing.placement


@condition
def supervises(who: Principal, thing: Ours, now: datetime) -> bool:
    """Is the organisation's supervisor on the placement, and not its student."""
    placement = placement_of(thing)
    return placement.supervisor_id == who.person_id and placement.enrolment.person_id != who.person_id


@condition
def examines(who: Principal, thing: Ours, now: datetime) -> bool:
    """Is an external examiner of its module run, who may ask for any work."""
    return who.has("external", placement_of(thing).enrolment.run_id)


@condition
def marks_by_it(who: Principal, thing: Ours, now: datetime) -> bool:
    """Marks or moderates the work that the logbook is the evidence of."""
    return who.has("reads_logbook", placement_of(thing).enrolment_id)


@condition
def answers(who: Principal, thing: Entry, now: datetime) -> bool:
    """Is the one to answer for the visit: the supervisor, or the colleague it was handed to; not its student."""
    return thing.answerer_id == who.person_id and thing.placement.enrolment.person_id != who.person_id


@condition
def is_asked_to_confirm(who: Principal, thing: EntryEvidence, now: datetime) -> bool:
    """Is to answer for a visit that still waits for it."""
    return answers(who, thing.entry, now) and thing.entry.state in WAITING


@state
def is_unsettled(who: Principal, thing: EntryEvidence, now: datetime) -> bool:
    """Shows a visit that nobody has confirmed or decided about."""
    return thing.entry.state in UNSETTLED


is_own = of_its_placement(is_student, placement_of)
is_its_tutor = of_its_placement(is_tutor, placement_of)
is_its_leader = of_its_placement(leads, placement_of)
may_read = is_its_tutor | is_its_leader
may_judge = may_read & of_its_placement(stands_outside, placement_of)


ABILITIES: Abilities = {
    "logbook.mine": has_role("student"),
    "logbook.log": is_own,
    "logbook.new_entry": is_own,
    "logbook.autosave": is_own,
    "logbook.forget": is_own,
    "logbook.edit": is_own & ENTRY.can("edit"),
    "logbook.submit": is_own & ENTRY.can("submit"),
    "logbook.discard": is_own & ENTRY.can("discard"),
    "logbook.entry": is_own | may_read,
    "logbook.evidence": is_own | may_read | is_asked_to_confirm | examines | marks_by_it,
    "logbook.remove_evidence": is_own & is_unsettled,
    "logbook.read_reflections": is_its_tutor,
}
