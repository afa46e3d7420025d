"""Notifications gathered into messages, and the mailbox that a demonstration delivers to."""

import enum
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.mail.notices import Pace
from placements.people.models import EMAIL_LENGTH, Person

PROBLEM_LENGTH = 500
STATUS_LENGTH = 12
DIAGNOSTIC_LENGTH = 300
NOTICE_LENGTH = 60
STEPS_LENGTH = 60


class Notification(Model):
    """One thing to say to one person. The unique key makes saying it twice impossible."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("notice", "about_id", "recipient_id", "due_at"),
        partial_index("ix_notification_waiting", "due_at", "id", where="message_id IS NULL AND dropped_at IS NULL"),
        # Not of all rows: SQLite would look there for what waits, among all that will be due in a year.
        partial_index("ix_notification_message_id", "message_id", where="message_id IS NOT NULL"),
        Index(None, "recipient_id"),
        check_one_of("pace", Pace),
    )

    id: Mapped[Key]
    notice: Mapped[str] = mapped_column(String(NOTICE_LENGTH))
    about_id: Mapped[int]
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    pace: Mapped[Pace] = one_of(Pace, default=Pace.SOON)
    due_at: Mapped[datetime]
    deadline_at: Mapped[datetime | None]  # what it is to be read before, where it hangs on a deadline
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    dropped_at: Mapped[datetime | None]  # when it was found to be no longer true, and so never said

    message: Mapped["Message | None"] = relationship(back_populates="notifications")


class MessageState(enum.StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # given up after the last try; visible, can be queued again
    DROPPED = "dropped"  # nothing in it was still true when it came to be sent


class Message(Model):
    """One mail to one person. `leased_until` and `next_try_at` are machine time; of a failed one, when that was."""

    __tablename__ = "message"
    __table_args__ = (
        check_one_of("state", MessageState),
        Index("ix_message_queue", "state", "next_try_at", "id"),
        UniqueConstraint("recipient_id", "digest_on"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MessageState] = one_of(MessageState, default=MessageState.QUEUED)
    subject: Mapped[str] = mapped_column(String(200), default="")
    digest_on: Mapped[date | None]  # of whose mail in London it is all that could wait; none: it could not
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(String(PROBLEM_LENGTH))

    recipient: Mapped[Person] = relationship()
    notifications: Mapped[list[Notification]] = relationship(order_by=Notification.id, back_populates="message")
    muted: Mapped[list["Mute"]] = relationship(
        primaryjoin="foreign(Mute.person_id) == Message.recipient_id", viewonly=True
    )


class ReturnKind(enum.StrEnum):
    BOUNCED = "bounced"  # for good: the address takes no mail
    GIVEN_UP = "given_up"  # this mail did not arrive, though the address may be right
    PUT_OFF = "put_off"  # a server on the way goes on trying: no verdict
    COMPLAINED = "complained"  # its reader called it unwanted


class MailReturn(Model):
    """What came back of one of our mails, of each kind once. `settled_at`: when somebody said to write there again.

    `address` is the one that it came back from, as a key: who has another by now can be written to.
    """

    __tablename__ = "mail_return"
    __table_args__ = (
        UniqueConstraint("message_id", "kind"),
        check_one_of("kind", ReturnKind),
        partial_index("ix_mail_return_open", "address", where="kind = 'bounced' AND settled_at IS NULL"),
    )

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    kind: Mapped[ReturnKind] = one_of(ReturnKind)
    address: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    status: Mapped[str] = mapped_column(String(STATUS_LENGTH), default="")  # “5.1.1”
    diagnostic: Mapped[str] = mapped_column(String(DIAGNOSTIC_LENGTH), default="")  # what the server said
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    message: Mapped[Message] = relationship()


class MailboxDay(Model):
    """What one day's looks into the mailbox of returns found. `looked_at` is machine time.

    `last_read` is the SHA-256 of the mail that was read last, so that one which is read twice counts once.
    """

    __tablename__ = "mailbox_day"

    id: Mapped[Key]
    on: Mapped[date] = mapped_column(unique=True)
    looked_at: Mapped[datetime]
    returned: Mapped[int] = mapped_column(default=0)  # mails that said something of one of ours
    left_aside: Mapped[int] = mapped_column(default=0)
    last_read: Mapped[str] = mapped_column(String(64), default="")
    problem: Mapped[str | None] = mapped_column(String(PROBLEM_LENGTH))  # why the last look failed, if it did


class MailChoice(Model):
    """When somebody wants their day's mail; whoever chose nothing has no row."""

    __tablename__ = "mail_choice"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    hour: Mapped[int]  # in London


class Mute(Model):
    """What somebody does not want to be told."""

    __tablename__ = "mute"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    notice: Mapped[str] = mapped_column(String(NOTICE_LENGTH), primary_key=True)


class OwnNotice(Model):
    """What a run says otherwise than usual. What is NULL is as usual."""

    __tablename__ = "own_notice"
    __table_args__ = (UniqueConstraint("run_id", "notice"),)

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    notice: Mapped[str] = mapped_column(String(NOTICE_LENGTH))
    is_off: Mapped[bool] = mapped_column(default=False)
    steps: Mapped[str | None] = mapped_column(String(STEPS_LENGTH))  # “-7 -2 0”, in the reminder's unit
    subject: Mapped[str | None] = mapped_column(String(200))
    words: Mapped[str | None] = mapped_column(Text)


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
