"""Who answers for hours: the supervisor; who completes a placement: the tutor and the module leader."""

from datetime import date

from sqlalchemy import Select, literal, select

from placements.core.policy import Abilities, has_role
from placements.logbook.models import Entry
from placements.logbook.policy import answers, is_own, may_judge, placement_of, supervises
from placements.logbook.workflow import ENTRY, WAITING
from placements.placing.policy import of_its_placement
from placements.placing.workflow import PLACEMENT

ABILITIES: Abilities = {
    "confirming.confirm": has_role("supervisor", "answers"),
    "confirming.hand_on": has_role("supervisor", "answers"),
    "confirming.confirm_entry": answers & ENTRY.can("confirm"),
    "confirming.query_entry": answers & ENTRY.can("query"),
    "confirming.finish": is_own | supervises,
    "confirming.to_telephone": has_role("group_tutor", "placement_tutor", "leader"),
    "confirming.telephone": has_role("group_tutor", "placement_tutor", "leader"),
    "confirming.complete": may_judge & of_its_placement(PLACEMENT.can("complete"), placement_of),
}


def roles_of(person_id: int, on: date) -> Select[str, int | None]:
    """“answers” on each placement some of whose visits were handed to the person."""
    handed = select(literal("answers").label("role"), Entry.placement_id.label("held_on"))
    return handed.where(Entry.handed_to_id == person_id, Entry.state.in_(WAITING)).distinct()
