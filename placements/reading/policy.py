"""Who reads logbooks, decides about visits and grades: the tutor, and the module leader, who sets the checkpoints."""

from datetime import datetime

from placements.cohorts.policy import is_not_closed, leads
from placements.core.policy import Abilities, Principal, condition, has_role
from placements.logbook.policy import is_its_leader, is_own, may_judge, may_read
from placements.logbook.workflow import ENTRY
from placements.reading.models import LogbookSnapshot


@condition
def is_whose(who: Principal, thing: LogbookSnapshot, now: datetime) -> bool:
    """Is the student whose logbook it is."""
    return who.has("student", thing.enrolment_id)


@condition
def reads_it(who: Principal, thing: LogbookSnapshot, now: datetime) -> bool:
    """Reads the logbook: as tutor of one of its placements, or as module leader."""
    return any(may_read(who, each, now) for each in thing.placements)


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
    "reading.snapshot": is_whose | reads_it,
    "reading.grades": is_own,
    "reading.week": has_role("group_tutor", "placement_tutor"),
    "reading.say": may_read,
    "reading.phrases": reads,
    "reading.nudge": reads,
    "reading.checkpoints": leads & is_not_closed,
}
