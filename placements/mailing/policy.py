"""Who may do what about mail: administrators look after delivery, engagement after the addresses of organisations'
people, and everybody after their own.
"""

from datetime import datetime

from placements.core.policy import Abilities, Principal, condition, has_role, signed_in
from placements.mail.workflow import MESSAGE
from placements.partners.models import Contact
from placements.partners.policy import has_no_side

administrator = has_role("administrator")


@condition
def looks_after_contact(who: Principal, contact: Contact, now: datetime) -> bool:
    """Of the engagement team, and has no side there."""
    return who.has("engagement") and has_no_side(who, contact.organisation_id)


ABILITIES: Abilities = {
    "mailing.overview": administrator,
    "mailing.health": administrator,
    "mailing.try_again": administrator & MESSAGE.can("try_again"),
    "mailing.try_all": administrator,
    "mailing.correct_contact": looks_after_contact,
    "mailing.try_contact": looks_after_contact,
    "mailing.my_address": signed_in,
    "mailing.try_mine": signed_in,
}
