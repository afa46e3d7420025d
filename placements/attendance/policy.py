"""Who may see and change planned days, an organisation's closures and contact points."""

from datetime import datetime
from typing import Any

from placements.attendance.workflow import CONTACT, DAY
from placements.core.clock import today
from placements.core.policy import Abilities, Principal, condition, has_role, state
from placements.partners.policy import is_contact
from placements.placing.models import Placement
from placements.placing.policy import (
    is_student,
    is_supervisor,
    is_told_all,
    is_tutor,
    leads,
    may_manage,
    of_its_placement,
    tutors,
)


def placement_of(thing: Any) -> Placement:
    """The placement that a planned day or contact point belongs to, or the placement itself."""
    return thing if isinstance(thing, Placement) else thing.placement


@state
def goes_on(who: Principal, thing: Any, now: datetime) -> bool:
    """The placement has neither ended nor been called off."""
    return placement_of(thing).goes_on


@state
def is_to_come(who: Principal, thing: Any, now: datetime) -> bool:
    """The planned day has not begun."""
    return bool(thing.on > today(now))


@state
def is_not_over(who: Principal, thing: Any, now: datetime) -> bool:
    """The planned day is still to come, or today."""
    return bool(thing.on >= today(now))


@condition
def has_said_so(who: Principal, thing: Any, now: datetime) -> bool:
    """Is the one who cancelled the planned day, or nobody has."""
    return thing.cancelled_by_id in (None, who.person_id)


students = of_its_placement(is_student, placement_of)
supervisors = of_its_placement(is_supervisor, placement_of)
managers = of_its_placement(may_manage, placement_of)
may_close = is_contact | has_role("engagement")

ABILITIES: Abilities = {
    "attendance.plan": is_told_all,
    "attendance.read_why": is_tutor,
    "attendance.read_university_notes": is_tutor | leads,
    "attendance.read_host_notes": is_supervisor | is_tutor | leads,
    "attendance.add_day": is_student & goes_on,
    "attendance.move_day": students & goes_on & is_to_come & DAY.can("move"),
    "attendance.remove_day": students & goes_on & is_to_come & DAY.can("remove"),
    "attendance.cannot_come": (students | supervisors) & goes_on & is_not_over & DAY.can("cancel"),
    "attendance.can_come": (students | supervisors) & has_said_so & goes_on & is_to_come & DAY.can("restore"),
    "attendance.host_closures": may_close,
    "attendance.end_closure": may_close,
    "attendance.plan_contact": may_manage & goes_on,
    "attendance.settle_contacts": may_manage,
    "attendance.settle_contact": managers & CONTACT.can("finish"),
    "attendance.visits": tutors,
    "attendance.add_note": supervisors & CONTACT.can("add_note"),
}
