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
    """The parties of the placement's Agreement that this person is; who covers for the tutor signs as the tutor."""
    parties = {
        Party.STUDENT: who.person_id == placement.enrolment.person_id,
        Party.SUPERVISOR: who.person_id == placement.supervisor_id,
        Party.TUTOR: who.person_id == placement.tutor_id or who.has("placement_tutor", placement.id),
    }
    return [party for party, is_theirs in parties.items() if is_theirs and who.person_id is not None]


def signs_for(who: Principal, agreement: Agreement) -> list[Party]:
    """The parties whose signature of that version is this person's: the supervisor's may be a signatory's."""
    found = [party for party in sides(who, agreement.placement) if party is not Party.SUPERVISOR]
    signs_there = who.person_id is not None and who.person_id == agreement.signing_people[Party.SUPERVISOR]
    return [*found, *([Party.SUPERVISOR] if signs_there else [])]


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
