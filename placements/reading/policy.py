"""Who reads logbooks, decides about visits and grades: the tutor, and the module leader, who sets the checkpoints."""

from datetime import datetime

from placements.cohorts.policy import is_not_closed, leads
from placements.core.policy import Abilities, Principal, condition, has_role
from placements.logbook.policy import is_its_leader, is_own, may_judge, may_read
from placements.logbook.workflow import ENTRY
from placements.placing.models import Placement
from placements.reading.models import LogbookSnapshot


@condition
def is_whose(who: Principal, thing: LogbookSnapshot, now: datetime) -> bool:
    """Is the student whose logbook it is."""
    return who.has("student", thing.enrolment_id)


@condition
def reads_it(who: Principal, thing: LogbookSnapshot, now: datetime) -> bool:
    """Reads the logbook: as tutor of one of its placements, or as module leader."""
    return any(may_read(who, each, now) for each in thing.placements)


@condition
def does_not_mark_it_twice(who: Principal, placement: Placement, now: datetime) -> bool:
    """Does not give the portfolio's second mark: that is given without knowing the first, and this is part of it."""
    return not who.has("blind_to_final", placement.enrolment_id)


@condition
def marks_by_it(who: Principal, thing: LogbookSnapshot, now: datetime) -> bool:
    """Marks or moderates the work that it is the evidence of."""
    return who.has("reads_logbook", thing.enrolment_id)


reads = has_role("group_tutor", "placement_tutor", "leader")

ABILITIES: Abilities = {
    "reading.logbooks": reads,
    "reading.read": may_read,
    "reading.ask_for_reflections": is_its_leader,
    "reading.verify": may_judge & ENTRY.can("verify"),
    "reading.set_aside": may_judge & ENTRY.can("set_aside"),
    "reading.to_decide": reads,
    "reading.decide": may_judge & (ENTRY.can("verify") | ENTRY.can("set_aside")),
    "reading.grade": may_judge,
    "reading.read_final": may_read & does_not_mark_it_twice,
    "reading.snapshot": is_whose | reads_it | marks_by_it,
    "reading.grades": is_own,
    "reading.week": has_role("group_tutor", "placement_tutor"),
    "reading.say": may_read,
    "reading.phrases": reads,
    "reading.nudge": reads,
    "reading.checkpoints": leads & is_not_closed,
}
