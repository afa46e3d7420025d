"""Who may do what with offers: the student, their group's tutor, the module leader of the run, the organisation."""

from datetime import datetime

from placements.challenges.models import Challenge
from placements.core.policy import Abilities, Principal, condition, has_role, state
from placements.offers.models import Clearing, HostRefusal, Offer
from placements.offers.workflow import OFFER, REFUSAL
from placements.partners.policy import has_no_side


@condition
def is_own(who: Principal, offer: Offer, now: datetime) -> bool:
    """The student to whom it was made."""
    return who.has("student", offer.enrolment_id)


@condition
def leads(who: Principal, thing: Offer | Clearing, now: datetime) -> bool:
    """The module leader of the student's run."""
    return who.has("leader", thing.enrolment.run_id)


@condition
def is_tutor(who: Principal, thing: Offer | Clearing, now: datetime) -> bool:
    """The tutor of the student's group."""
    return who.has("group_tutor", thing.enrolment.group_id)


@state
def is_in_time(who: Principal, offer: Offer, now: datetime) -> bool:
    """Before the offer's deadline."""
    return now < offer.deadline_at


@condition
def works_there(who: Principal, challenge: Challenge, now: datetime) -> bool:
    """A contact of the challenge's organisation."""
    return who.has("contact", challenge.organisation_id)


@condition
def leads_one(who: Principal, refusal: HostRefusal, now: datetime) -> bool:
    """The module leader of one of the runs whose students were offered the challenge."""
    return any(who.has("leader", offer.enrolment.run_id) for offer in refusal.offers)


@condition
def no_interest(who: Principal, refusal: HostRefusal, now: datetime) -> bool:
    """Has no side in the organisation that said it."""
    return has_no_side(who, refusal.challenge.organisation_id)


may_settle = leads_one & no_interest

ABILITIES: Abilities = {
    "offers.mine": has_role("student"),
    "offers.show": is_own | leads | is_tutor,
    "offers.read_reasons": leads | is_tutor,
    "offers.accept": is_own & OFFER.can("accept") & is_in_time,
    "offers.decline": is_own & OFFER.can("decline") & is_in_time,
    "offers.reinstate": leads & OFFER.can("reinstate"),
    "offers.withdraw": leads & OFFER.can("withdraw"),
    "offers.refuse": works_there,
    "offers.refusals": has_role("leader"),
    "offers.take_back": may_settle & REFUSAL.can("take_back"),
    "offers.let_stand": may_settle & REFUSAL.can("let_stand"),
}
