"""The link by which an organisation signs: what it is for, whether it still lets its holder, and what it shows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from placements.agreements.groups import group_of
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import agreement_to_tell_of
from placements.agreements.workflow import AgreementState
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.signing.together import waits_for

# What the link is for. It is part of the signature of links in mails that people have, so it keeps the name
# that its page had first.
SIGN_BY_LINK = "agreements.sign_by_link"


@dataclass(frozen=True)
class Invitation:
    """A link to sign for an organisation, the version that it is for, and the one that now goes round, if any does."""

    link: Link
    agreement: Agreement
    newest: Agreement | None

    def is_for(self, agreement: Agreement | None) -> bool:
        """Whether its holder can sign that version."""
        return agreement is not None and waits_for(agreement, Principal(self.link.holder_id), [Party.SUPERVISOR])

    def can_sign(self, now: datetime) -> bool:
        """The link is open, and what it is for is still what goes round."""
        is_same = self.link.version == self.agreement.sha256
        return self.link.is_open(now) and is_same and self.is_for(self.agreement)

    @property
    def can_be_renewed(self) -> bool:
        """There is something for its holder to sign, so a new link makes sense."""
        return self.is_for(self.newest)

    @property
    def signature(self) -> Signature | None:
        """What its holder signed, if they did."""
        signature = self.agreement.signature_of(Party.SUPERVISOR)
        return signature if signature and signature.person_id == self.link.holder_id else None

    def shows_text(self, now: datetime) -> bool:
        """Until it runs out, its holder can read what they were asked to sign, while it is theirs to sign."""
        return now < self.link.expires_at and self.is_theirs

    @property
    def is_theirs(self) -> bool:
        """Its holder supervises the placement, or is whom the organisation names to sign."""
        placement = self.agreement.placement
        return self.link.holder_id in (placement.supervisor_id, placement.challenge.organisation.signatory_id)

    @property
    def is_signatory(self) -> bool:
        """Its holder signs in the supervisor's place."""
        return self.agreement.signatory_id == self.link.holder_id


def invitation_of(link: Link) -> Invitation:
    """The link with what it is about; what goes round now may be another part of the group's."""
    agreement = agreement_to_tell_of(link.about_id)
    placements = [agreement.placement_id, *(each.id for each in group_of(agreement.placement).parts)]
    going_round = select(Agreement).where(
        Agreement.placement_id.in_(placements), Agreement.state == AgreementState.SIGNING
    )
    own_first = going_round.order_by(Agreement.placement_id != agreement.placement_id, Agreement.id)
    found = [Invitation(link, agreement, each) for each in db.session.scalars(own_first)]
    return next((each for each in found if each.can_be_renewed), Invitation(link, agreement, None))
