"""Log entries, their versions and evidence, the append-only ledger of their hours, and what is said of them."""

from __future__ import annotations

import enum
from datetime import date, datetime, time

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.models import Objective
from placements.challenges.models import WorkMode
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.files.models import StoredFile
from placements.logbook.rules import Visit
from placements.logbook.workflow import EntryState
from placements.people.models import Person
from placements.placing.models import Placement

REASON_LENGTH = 500


class Entry(Model):
    """One visit on London's clocks; `ends` not after `starts` means past midnight. `minutes` excludes the break.

    `version` counts changes of what happened, which is what a supervisor confirms; a reflection is the student's own.
    """

    __tablename__ = "log_entry"
    __table_args__ = (
        check_one_of("state", EntryState),
        check_one_of("mode", WorkMode),
        CheckConstraint("break_minutes >= 0", name="break_not_negative"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
        Index(None, "placement_id", "on"),
        Index(None, "handed_to_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    state: Mapped[EntryState] = one_of(EntryState, default=EntryState.DRAFT)
    on: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    break_minutes: Mapped[int] = mapped_column(default=0)
    minutes: Mapped[int]
    mode: Mapped[WorkMode] = one_of(WorkMode)
    activity: Mapped[str] = mapped_column(Text)
    reflection: Mapped[str] = mapped_column(Text, default="")
    is_reflection_shared: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    objective_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_objective.id"))
    submitted_at: Mapped[datetime | None]
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who answers in the supervisor's place

    placement: Mapped[Placement] = relationship()
    objective: Mapped[Objective | None] = relationship()
    versions: Mapped[list[EntryVersion]] = relationship(order_by="EntryVersion.number")
    evidence: Mapped[list[EntryEvidence]] = relationship(order_by="EntryEvidence.id", back_populates="entry")
    events: Mapped[list[LedgerEvent]] = relationship(order_by="LedgerEvent.id", back_populates="entry")
    comments: Mapped[list[EntryComment]] = relationship(order_by="EntryComment.id", back_populates="entry")

    @property
    def answerer_id(self) -> int:
        """Who is to answer for it: the supervisor, or the colleague that it was handed to."""
        return self.handed_to_id or self.placement.supervisor_id

    @property
    def visit(self) -> Visit:
        """The same on paper, for the rules."""
        return Visit(self.on, self.starts, self.ends, self.break_minutes, ends_next_day=self.ends <= self.starts)

    @property
    def current_evidence(self) -> list[EntryEvidence]:
        """The photos and files that the student has not removed."""
        return [each for each in self.evidence if each.removed_at is None]


class EntryVersion(Model):
    """Append-only: what an entry said since `at`, from when it was first sent. The last row is what it says now."""

    __tablename__ = "entry_version"
    __table_args__ = (UniqueConstraint("entry_id", "number"), check_one_of("mode", WorkMode))

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id"))
    number: Mapped[int]  # from 1
    on: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]
    break_minutes: Mapped[int]
    mode: Mapped[WorkMode] = one_of(WorkMode)
    activity: Mapped[str] = mapped_column(Text)
    reflection: Mapped[str] = mapped_column(Text)
    objective_id: Mapped[int | None] = mapped_column(ForeignKey("agreement_objective.id"))
    at: Mapped[datetime]

    objective: Mapped[Objective | None] = relationship()

    @property
    def visit(self) -> Visit:
        """When it said that the student was there."""
        return Visit(self.on, self.starts, self.ends, self.break_minutes, ends_next_day=self.ends <= self.starts)


class EntryEvidence(Model):
    """A photo or file that shows a visit. What its student removed nobody can open any more."""

    __tablename__ = "entry_evidence"
    __table_args__ = (Index(None, "entry_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    entry: Mapped[Entry] = relationship(back_populates="evidence")
    file: Mapped[StoredFile] = relationship()


class EntryDraft(Model):
    """What a student typed into the form of a new visit and has not sent: as typed, whether or not it could be sent.

    Gone once the form is sent or saved, or the student throws it away. Nobody else reads it.
    """

    __tablename__ = "entry_draft"
    __table_args__ = (Index(None, "placement_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"))
    typed: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # by the name of the field, as the form posts it
    saved_at: Mapped[datetime]

    placement: Mapped[Placement] = relationship()


class LedgerKind(enum.StrEnum):
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    QUERIED = "queried"
    VERIFIED = "verified"
    NOT_COUNTED = "not_counted"
    REOPENED = "reopened"
    REMOVED = "removed"


class How(enum.StrEnum):
    """How somebody said so."""

    ACCOUNT = "signed in"
    LINK = "by mail link"


class LedgerEvent(Model):
    """Append-only: an entry as it then was, what became of it, who said so, when and how. Totals replay these."""

    __tablename__ = "ledger_event"
    __table_args__ = (check_one_of("kind", LedgerKind), check_one_of("how", How), Index(None, "entry_id", "id"))

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id"))
    kind: Mapped[LedgerKind] = one_of(LedgerKind)
    entry_version: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]
    at: Mapped[datetime]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    how: Mapped[How] = one_of(How)
    word: Mapped[str | None] = mapped_column(String(REASON_LENGTH))  # what is asked, or why it was decided so

    entry: Mapped[Entry] = relationship(back_populates="events")
    by: Mapped[Person] = relationship()


class EntryComment(Model):
    """What a tutor or the student says about an entry."""

    __tablename__ = "entry_comment"
    __table_args__ = (Index(None, "entry_id"),)

    id: Mapped[Key]
    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entry.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    entry: Mapped[Entry] = relationship(back_populates="comments")
    author: Mapped[Person] = relationship()
