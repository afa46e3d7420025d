"""Who may do what with a Challenge Agreement: its three parties, each on one side only; others who follow it read."""

from datetime import datetime

from placements.agreements.models import Agreement, Party
from placements.agreements.workflow import AGREEMENT
from placements.core.policy import Abilities, Predicate, Principal, condition, state
from placements.placing import policy as placing
from placements.placing.models import Placement


def of_its_placement(ability: Predicate) -> Predicate:
    return placing.of_its_placement(ability, lambda thing: thing.placement)


def sides(who: Principal, placement: Placement) -> list[Party]:
    """The parties of the placement's Agreement that this person is."""
    parties = {
        Party.STUDENT: placement.enrolment.person_id,
        Party.SUPERVISOR: placement.supervisor_id,
        Party.TUTOR: placement.tutor_id,
    }
    return [party for party, person_id in parties.items() if person_id is not None and person_id == who.person_id]


def signs_for(who: Principal, agreement: Agreement) -> list[Party]:
    """The parties whose signature of that version is this person's: the supervisor's may be a signatory's."""
    people = agreement.signing_people
    return [party for party, key in people.items() if key is not None and key == who.person_id]


@condition
def is_one_party(who: Principal, agreement: Agreement, now: datetime) -> bool:
    """Signs as student, for the organisation or as tutor, and only as one of them; a tutor without a side besides."""
    found = signs_for(who, agreement)
    if found == [Party.TUTOR]:
        return placing.stands_outside(who, agreement.placement, now)
    return len(found) == 1


@state
def goes_on(who: Principal, thing: Agreement, now: datetime) -> bool:
    """The placement has neither ended nor been called off."""
    return thing.placement.goes_on


is_student = of_its_placement(placing.is_student)
reads = of_its_placement(placing.is_told_all)
asks = of_its_placement(placing.is_supervisor | (placing.is_tutor & placing.stands_outside))

ABILITIES: Abilities = {
    "agreements.queue": placing.tutors,
    "agreements.agreement": reads,
    "agreements.version": reads,
    "agreements.start": is_student & goes_on,
    "agreements.share": is_student & goes_on,
    "agreements.leave_group": is_student & goes_on,
    "agreements.edit": is_student & goes_on & AGREEMENT.can("edit"),
    "agreements.ask_to_read": is_student & goes_on & AGREEMENT.can("edit"),
    "agreements.comment": (is_student | asks) & AGREEMENT.can("comment"),
}
