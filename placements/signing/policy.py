"""Who may do what with a version that goes round: each party on one side only."""

from datetime import datetime

from placements.agreements.models import Agreement
from placements.agreements.policy import asks, goes_on, is_one_party, is_student, of_its_placement, signs_for
from placements.agreements.workflow import AGREEMENT
from placements.core.policy import Abilities, Principal, state
from placements.placing import policy as placing


@state
def has_signed(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """Whoever asks has signed this version: signing again is already done."""
    return agreement.signature_of_person(who.person_id) is not None


@state
def is_unsigned(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """Nobody has signed for the party that this person is: of a tutor and who covers, one signs."""
    return all(agreement.signature_of(party) is None for party in signs_for(who, agreement))


@state
def is_agreed(who: Principal, thing: Agreement, now: datetime) -> bool:
    """The placement has an Agreement in force."""
    return thing.placement.agreed_at is not None


amends = of_its_placement(placing.is_student | placing.may_manage)

ABILITIES: Abilities = {
    "signing.amend": amends & goes_on & is_agreed,
    "signing.propose": is_student & goes_on & AGREEMENT.can("propose"),
    "signing.take_back": is_student & AGREEMENT.can("take_back"),
    "signing.ask_for_changes": asks & AGREEMENT.can("ask_for_changes"),
    "signing.sign": is_one_party & ((AGREEMENT.can("sign") & goes_on & is_unsigned) | has_signed),
}
