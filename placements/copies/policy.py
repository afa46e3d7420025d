"""Who may have a copy of an Agreement: whoever may read it, once it was in force. Whoever signs in may check one."""

from datetime import datetime

from placements.agreements.models import Agreement
from placements.agreements.policy import reads
from placements.agreements.workflow import AgreementState
from placements.core.policy import Abilities, Principal, signed_in, state

WAS_IN_FORCE = (AgreementState.IN_FORCE, AgreementState.SUPERSEDED)


@state
def was_in_force(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """All three signed it, whether or not a later version has replaced it."""
    return agreement.state in WAS_IN_FORCE


ABILITIES: Abilities = {
    "copies.copy": reads & was_in_force,
    "copies.download": reads & was_in_force,
    "copies.check": signed_in,  # it says nothing but of what one may read
}
