"""What the link of a renewal mail is about, whether it still works, and what its holder may read by it."""

from dataclasses import dataclass
from datetime import date, datetime

from placements.db import db
from placements.links.models import Link
from placements.partners.models import Organisation
from placements.partners.queries import is_current_contact
from placements.partners.workflow import CURRENT
from placements.vetting.queries import Question, questions_of

RENEW_BY_LINK = "vetting.renew_by_link"  # what a contact's link is for: the endpoint that it opens


@dataclass(frozen=True)
class Renewal:
    """A contact's link, their organisation (`sent_for` may have become part of it), and all that is asked of it."""

    link: Link
    sent_for: Organisation
    organisation: Organisation
    questions: list[Question]
    is_contact: bool

    def works(self, now: datetime) -> bool:
        """Whether its holder may still answer for the organisation."""
        return self.is_contact and not self.is_over and self.link.is_open(now)

    @property
    def is_over(self) -> bool:
        """Nothing is asked of the organisation any more."""
        return self.organisation.state not in CURRENT

    def shown(self, now: datetime) -> list[Question]:
        """What its holder may read: everything, until the link runs out or they leave."""
        return self.questions if self.is_contact and now < self.link.expires_at else []

    def renewable(self, day: date) -> list[Question]:
        """What its word is enough for."""
        return [each for each in self.questions if each.renewal(day)]


def renewal_of(link: Link) -> Renewal:
    """The link with what it is about; what became part of another record, with that. Five or six queries."""
    sent_for = db.session.get_one(Organisation, link.about_id)
    organisation = sent_for.survivor
    is_contact = is_current_contact(link.holder_id, organisation.id)
    return Renewal(link, sent_for, organisation, questions_of(organisation), is_contact)
