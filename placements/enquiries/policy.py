"""Who may do what with enquiries and what is passed on: the engagement team, but nobody with their own."""

from datetime import datetime

from placements.core.policy import Abilities, Principal, condition, state
from placements.enquiries.models import Enquiry, Referral
from placements.enquiries.workflow import ENQUIRY
from placements.partners.policy import engagement


@condition
def not_the_writer(who: Principal, enquiry: Enquiry, now: datetime) -> bool:
    """Did not write the enquiry."""
    return isinstance(enquiry, Enquiry) and enquiry.writer_id != who.person_id


@condition
def not_the_asker(who: Principal, referral: Referral, now: datetime) -> bool:
    """Is not whom it is about."""
    return isinstance(referral, Referral) and referral.asker_id != who.person_id


@state
def is_confirmed(who: Principal, enquiry: Enquiry, now: datetime) -> bool:
    """Its writer, or an officer who took it up, said that the address is theirs."""
    return enquiry.confirmed_at is not None


@state
def is_unacknowledged(who: Principal, referral: Referral, now: datetime) -> bool:
    """Nobody has said that they have it."""
    return isinstance(referral, Referral) and referral.acknowledged_at is None


may_handle = engagement & not_the_writer
may_answer = may_handle & is_confirmed

ABILITIES: Abilities = {
    "enquiries.overview": engagement,
    "enquiries.enquiry": engagement,
    "enquiries.take_up": may_handle & ENQUIRY.can("take_up"),
    "enquiries.plan": may_handle & ENQUIRY.can("plan"),
    "enquiries.note": may_handle & ENQUIRY.can("note"),
    "enquiries.accept": may_answer & ENQUIRY.can("accept"),
    "enquiries.route": may_answer & ENQUIRY.can("route"),
    "enquiries.close": may_answer & ENQUIRY.can("close"),
    "enquiries.referrals": engagement,
    "enquiries.pass_on": engagement & not_the_asker & is_unacknowledged,
    "enquiries.routes": engagement,
    "enquiries.add_route": engagement,
    "enquiries.edit_route": engagement,
    "enquiries.newsletter": engagement,
    "enquiries.subscribers": engagement,
}
