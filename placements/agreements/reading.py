"""A supervisor's link to read what is being written, and to say what they think of it, without an account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from placements.agreements.models import Agreement, Party
from placements.agreements.policy import sides
from placements.agreements.queries import papers_to_tell_of
from placements.agreements.workflow import AgreementState
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.placing.models import Placement

READ_BY_LINK = "agreements.read_by_link"  # what the link is for: the endpoint that it opens
READING_LASTS = timedelta(days=21)


@dataclass(frozen=True)
class Reading:
    """A supervisor's link, the placement that it is about, and the version that is being worked on, if any is.

    The link is about the placement: taken back and written again, the Agreement is read by the same link.
    """

    link: Link
    placement: Placement
    agreement: Agreement | None

    @property
    def is_theirs(self) -> bool:
        """Its holder supervises the placement, is on no other side of it, and it goes on."""
        found = sides(Principal(self.link.holder_id), self.placement)
        return found == [Party.SUPERVISOR] and self.placement.goes_on

    @property
    def goes_round(self) -> bool:
        """The version can be signed now, by a link of its own."""
        return self.agreement is not None and self.agreement.state is AgreementState.SIGNING

    def can_comment(self, now: datetime) -> bool:
        """The link has not run out, and there is something to read."""
        return self.link.is_open(now) and self.is_theirs and self.agreement is not None

    @property
    def can_be_renewed(self) -> bool:
        """Something is being written still, so a new link makes sense."""
        return self.is_theirs and self.agreement is not None and not self.goes_round


def reading_of(link: Link) -> Reading:
    """The link with what it is about. Three queries."""
    papers = papers_to_tell_of(link.about_id)
    return Reading(link, papers.placement, papers.open)


def asked_to_read(placement: Placement) -> Link | None:
    """The newest link to read that the supervisor was sent, if they were asked at all. One query."""
    of_it = select(Link).where(Link.purpose == READ_BY_LINK, Link.about_id == placement.id)
    theirs = of_it.where(Link.holder_id == placement.supervisor_id)
    return db.session.scalar(theirs.order_by(Link.id.desc()).limit(1))


def words_seen(agreement: Agreement) -> str:
    """Which saved words of which version somebody was asked to read."""
    return f"{agreement.number}.{agreement.edit_version}"
