"""Who may do what with the clearing list: its students, their groups' tutors, the module leaders of their runs."""

from datetime import datetime

from placements.core.policy import Abilities, Principal, has_role, state
from placements.offers.models import Clearing
from placements.offers.policy import is_tutor, leads


@state
def is_open(who: Principal, row: Clearing, now: datetime) -> bool:
    """Its student still needs a place."""
    return row.closed_at is None


ABILITIES: Abilities = {
    "clearing.open_places": has_role("student"),
    "clearing.ask": has_role("student"),
    "clearing.stop_asking": has_role("student"),
    "clearing.by_hand": has_role("leader"),
    "clearing.students": has_role("leader", "group_tutor"),
    "clearing.place": (leads | is_tutor) & is_open,
    "clearing.reassign": (leads | is_tutor) & is_open,
    "clearing.give_alternative": leads & is_open,
}
