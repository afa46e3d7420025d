"""An enquiry: what an organisation first told us, who looks after it, and what became of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import Organisation
from placements.people.models import Person


class Enquiry(Model):
    """What an organisation first told us. `form_key` makes a form sent twice one enquiry."""

    __tablename__ = "enquiry"
    __table_args__ = (check_one_of("state", EnquiryState), Index(None, "state", "id"))

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
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    next_step: Mapped[str | None] = mapped_column(String(300))
    next_step_on: Mapped[date | None]
    outcome: Mapped[str | None] = mapped_column(String(500))  # why it was closed, or where it was routed
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))

    writer: Mapped[Person] = relationship(foreign_keys=[writer_id])
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id])
    organisation: Mapped[Organisation | None] = relationship()
