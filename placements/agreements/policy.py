"""Who may do what with a Challenge Agreement: its three parties, each on one side only; others who follow it read."""

from datetime import datetime

from placements.agreements.models import Agreement, Party
from placements.agreements.workflow import AGREEMENT
from placements.core.policy import Abilities, Predicate, Principal, condition, state
from placements.placing import policy as placing
from placements.placing.models import Placement


def _of_its_placement(ability: Predicate) -> Predicate:
    return placing.of_its_placement(ability, lambda thing: thing.placement)


def sides(who: Principal, placement: Placement) -> list[Party]:
    """The parties of the placement's Agreement that this person is; who covers for the tutor signs as the tutor."""
    parties = {
        Party.STUDENT: who.person_id == placement.enrolment.person_id,
        Party.SUPERVISOR: who.person_id == placement.supervisor_id,
        Party.TUTOR: who.person_id == placement.tutor_id or who.has("placement_tutor", placement.id),
    }
    return [party for party, is_theirs in parties.items() if is_theirs and who.person_id is not None]


@condition
def is_one_party(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """Is the student, the supervisor or the tutor, and only one of them; a tutor without a side besides."""
    found = sides(who, agreement.placement)
    if found == [Party.TUTOR]:
        return placing.stands_outside(who, agreement.placement, now)
    return len(found) == 1


@state
def goes_on(who: Principal, thing: Agreement, now: datetime) -> bool:
    """The placement has neither ended nor been called off."""
    return thing.placement.goes_on


@state
def has_signed(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """Whoever asks has signed this version: signing again is already done."""
    return agreement.signature_of_person(who.person_id) is not None


@state
def is_unsigned(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """Nobody has signed for the party that this person is: of a tutor and who covers, one signs."""
    return all(agreement.signature_of(party) is None for party in sides(who, agreement.placement))


@state
def is_agreed(who: Principal, thing: Agreement, now: datetime) -> bool:
    """The placement has an Agreement in force."""
    return thing.placement.agreed_at is not None


is_student = _of_its_placement(placing.is_student)
reads = _of_its_placement(placing.is_told_all)
amends = _of_its_placement(placing.is_student | placing.may_manage)
asks = _of_its_placement(placing.is_supervisor | (placing.is_tutor & placing.stands_outside))

ABILITIES: Abilities = {
    "agreements.queue": placing.tutors,
    "agreements.agreement": reads,
    "agreements.version": reads,
    "agreements.start": is_student & goes_on,
    "agreements.amend": amends & goes_on & is_agreed,
    "agreements.edit": is_student & goes_on & AGREEMENT.can("edit"),
    "agreements.comment": (is_student | asks) & AGREEMENT.can("comment"),
    "agreements.propose": is_student & goes_on & AGREEMENT.can("propose"),
    "agreements.take_back": is_student & AGREEMENT.can("take_back"),
    "agreements.ask_for_changes": asks & AGREEMENT.can("ask_for_changes"),
    "agreements.sign": is_one_party & ((AGREEMENT.can("sign") & goes_on & is_unsigned) | has_signed),
}
