"""Notifications gathered into messages, and the mailbox that a demonstration delivers to."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.people.models import EMAIL_LENGTH, Person

PROBLEM_LENGTH = 500


class Notification(Model):
    """One thing to say to one person. The unique key makes saying it twice impossible."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("notice", "about_id", "recipient_id", "due_at"),
        partial_index("ix_notification_waiting", "due_at", "id", where="message_id IS NULL AND dropped_at IS NULL"),
        Index(None, "message_id"),
        Index(None, "recipient_id"),
    )

    id: Mapped[Key]
    notice: Mapped[str] = mapped_column(String(60))
    about_id: Mapped[int]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    due_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    dropped_at: Mapped[datetime | None]  # when it was found to be no longer true, and so never said


class MessageState(enum.StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # given up after the last try; visible, can be queued again
    DROPPED = "dropped"  # nothing in it was still true when it came to be sent


class Message(Model):
    """One mail to one person. `leased_until` and `next_try_at` are machine time."""

    __tablename__ = "message"
    __table_args__ = (
        check_one_of("state", MessageState),
        Index("ix_message_queue", "state", "next_try_at", "id"),
        Index(None, "recipient_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MessageState] = one_of(MessageState, default=MessageState.QUEUED)
    subject: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(PROBLEM_LENGTH))

    recipient: Mapped[Person] = relationship()
    notifications: Mapped[list[Notification]] = relationship(order_by=Notification.id)


class Stoppage(Model):
    """A time in which the clock stood still, so that mail went out late. Machine time, which story time equals.

    `late` is how many things should have been said in it, once that is counted; `told_at`, when somebody was told.
    """

    __tablename__ = "stoppage"

    id: Mapped[Key]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    late: Mapped[int | None]
    told_at: Mapped[datetime | None]


class KeptMail(Model):
    """A mail as its recipient would read it; written only by a demonstration's mailbox."""

    __tablename__ = "kept_mail"

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    to: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
