"""Who may do what at the end: students have their own record made, an organisation's people say whether again."""

from datetime import datetime

from placements.closing.models import Closing
from placements.core.policy import Abilities, Principal, condition, has_role, signed_in, state
from placements.placing.models import Placement
from placements.placing.policy import is_student
from placements.placing.workflow import PlacementState


@state
def is_completed(who: Principal, placement: Placement, now: datetime) -> bool:
    """The hours are done."""
    return placement.state is PlacementState.COMPLETED


@condition
def is_its_contact(who: Principal, closing: Closing, now: datetime) -> bool:
    """Works at the organisation."""
    return who.has("contact", closing.organisation_id)


ABILITIES: Abilities = {
    "closing.record": is_student & is_completed,
    "closing.record_file": is_student & is_completed,
    "closing.years": has_role("engagement", "leader", "contact"),
    "closing.year": signed_in,  # whoever sees it
    "closing.certificate": signed_in,
    "closing.answer": is_its_contact,
}
