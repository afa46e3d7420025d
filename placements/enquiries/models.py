"""An enquiry, what the team notes about it, where it may be passed on to; and who asked for the newsletter."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Computed, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import Organisation
from placements.people.models import Person

# Lists go by these three, which an index serves: the untaken, the unanswered (oldest first), the rest (latest first).
TURN = "CASE state WHEN 'received' THEN 0 WHEN 'in_conversation' THEN 1 ELSE 2 END"
WAITS_SINCE = "CASE WHEN state IN ('received', 'in_conversation') THEN coalesce(confirmed_at, received_at) END"
LATEST_FIRST = "CASE WHEN state NOT IN ('received', 'in_conversation') THEN -id END"


class Enquiry(Model):
    """What an organisation first told us. `form_key` makes a form sent twice one enquiry.

    Until `confirmed_at` nobody but its writer is told of it: anybody can type somebody else's address. `touched_at` is
    when something was last done about it.
    """

    __tablename__ = "enquiry"
    __table_args__ = (
        check_one_of("state", EnquiryState),
        Index(None, "state", "id"),
        Index(None, "state", "touched_at"),
        Index("ix_enquiry_turn", "turn", "waits_since", "latest_first", "id", "confirmed_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    organisation_name: Mapped[str] = mapped_column(String(200))
    challenges_faced: Mapped[str] = mapped_column(Text)
    thoughts: Mapped[str] = mapped_column(Text, default="")
    wants_newsletter: Mapped[bool] = mapped_column(default=False)
    writer_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[EnquiryState] = one_of(EnquiryState, default=EnquiryState.RECEIVED)
    received_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    turn: Mapped[int] = mapped_column(Computed(TURN, persisted=True), deferred=True)
    waits_since: Mapped[datetime | None] = mapped_column(Computed(WAITS_SINCE, persisted=True), deferred=True)
    latest_first: Mapped[int | None] = mapped_column(Computed(LATEST_FIRST, persisted=True), deferred=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    next_step: Mapped[str | None] = mapped_column(String(300))
    next_step_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(String(500))  # why it was closed, or where it was routed
    confirmed_at: Mapped[datetime | None]  # when its writer showed that the address is theirs
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    writer: Mapped[Person] = relationship(foreign_keys=[writer_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    organisation: Mapped[Organisation | None] = relationship()

    @property
    def words(self) -> str:
        """All that its writer told us."""
        return "\n\n".join(filter(None, (self.challenges_faced, self.thoughts)))


class EnquiryNote(Model):
    """What the engagement team tells itself about an enquiry."""

    __tablename__ = "enquiry_note"
    __table_args__ = (Index(None, "enquiry_id"),)

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    enquiry_id: Mapped[int] = mapped_column(ForeignKey("enquiry.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()


class Route(Model):
    """Another part of the university that can help, and who receives for it. A setting of the engagement team."""

    __tablename__ = "route"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    name: Mapped[str] = mapped_column(String(100), unique=True)
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    is_open: Mapped[bool] = mapped_column(default=True)

    receiver: Mapped[Person | None] = relationship()


class Referral(Model):
    """Something passed to a named receiver, who says by link that they have it, and is reminded until they do.

    It stands on its own: whom it is about (`asker`), and in whose words. About an enquiry, or about an organisation
    that we know (whole, or one of its briefs).
    """

    __tablename__ = "referral"
    __table_args__ = (
        Index(None, "enquiry_id"),
        Index(None, "organisation_id"),
        Index(None, "acknowledged_at", "sent_at"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    route_id: Mapped[int] = mapped_column(ForeignKey("route.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    enquiry_id: Mapped[int | None] = mapped_column(ForeignKey("enquiry.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    subject: Mapped[str] = mapped_column(String(200))  # the organisation's name, or the brief's title
    words: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")  # ours, for the receiver
    sent_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sent_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]

    route: Mapped[Route] = relationship()
    receiver: Mapped[Person] = relationship(foreign_keys=[receiver_id])
    enquiry: Mapped[Enquiry | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    asker: Mapped[Person] = relationship(foreign_keys=[asker_id])
    sent_by: Mapped[Person] = relationship(foreign_keys=[sent_by_id])


class Subscription(Model):
    """To the newsletter: asked for, confirmed from the address itself, and ended with one press.

    Asked for again after its end, it begins anew.
    """

    __tablename__ = "newsletter_subscription"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship()

    @property
    def is_active(self) -> bool:
        """Whether the newsletter may be sent."""
        return self.confirmed_at is not None and self.ended_at is None
