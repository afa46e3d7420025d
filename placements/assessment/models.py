"""What students hand in, and the marks it gets."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.models import Agreement
from placements.assessment.rules import days_late, own_deadline
from placements.assessment.workflow import MarkState, SubmissionState, Why
from placements.cohorts.models import Component, Criterion, Enrolment
from placements.cohorts.rules import ModerationKind
from placements.core.clock import london
from placements.db import Dated, Key, Model, check_one_of, one_of, public_id
from placements.feedback.models import FeedbackVersion
from placements.files.models import StoredFile
from placements.people.models import Person
from placements.placing.models import Placement
from placements.reading.models import LogbookSnapshot

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
SAME_ATTEMPT = (
    "and_(Submission.component_id == foreign(Mark.component_id), Submission.attempt == foreign(Mark.attempt), "
    "Submission.enrolment_id == foreign(Mark.enrolment_id))"
)


def new_script_number() -> str:
    """Five random letters and figures: what a script is called where its student's name is not said."""
    return "".join(secrets.choice(LETTERS) for _ in range(5))


class Submission(Dated, Model):
    """One attempt at one component. `received_at` is when the request began to arrive.

    `due_at` is a deadline of the student's own; where there is none, or the component's was moved past it, the
    component's counts. `deferred_at`: mitigation was accepted, so the attempt is put off; `waived_at`: nothing is asked
    of it any more.
    A second attempt that was withdrawn counts as none: its number is below 0.
    A Challenge Agreement is handed in by sending it out for signature; `placed_due_at` is the deadline that follows
    from the student's placing, whatever `due_at` has become since.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("component_id", "enrolment_id", "attempt"),
        check_one_of("state", SubmissionState),
    )
    DATES = ("due_at", "deferred_at", "received_at")

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    state: Mapped[SubmissionState] = one_of(SubmissionState, default=SubmissionState.OPEN)
    due_at: Mapped[datetime | None]
    placed_due_at: Mapped[datetime | None]
    deferred_at: Mapped[datetime | None]
    waived_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    text: Mapped[str] = mapped_column(Text, default="")
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"))  # the version that is marked
    receipt: Mapped[str | None] = mapped_column(String(12))

    component: Mapped[Component] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    agreement: Mapped[Agreement | None] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.id", back_populates="submission")
    hand_ins: Mapped[list[HandIn]] = relationship(order_by="HandIn.id", back_populates="submission")
    mark: Mapped[Mark | None] = relationship(primaryjoin=SAME_ATTEMPT, viewonly=True, uselist=False)
    instead: Mapped[GivenTask | None] = relationship(back_populates="submission")

    @property
    def own_due_at(self) -> datetime | None:
        """The student's deadline for this attempt."""
        return self.due_by(self.due_at)

    def due_by(self, own: datetime | None) -> datetime | None:
        """What it would be, had they that one of their own."""
        return own_deadline(own, self.component.due_at, is_apart=self.is_apart)

    @property
    def is_apart(self) -> bool:
        """Whether its day does not follow everybody's: it was put off, or is a second attempt."""
        return self.deferred_at is not None or (self.attempt or 1) > 1

    @property
    def is_asked(self) -> bool:
        """Whether it is not waived, nor put off without a new date."""
        has_date = self.deferred_at is None or (self.due_at is not None and self.due_at > self.deferred_at)
        return has_date and self.waived_at is None

    @property
    def received_said(self) -> str:
        """The moment on London's clocks, to the second: “15:00:01”. Empty where nothing was received."""
        return f"{london(self.received_at):%H:%M:%S}" if self.received_at else ""

    @property
    def current_files(self) -> list[SubmissionFile]:
        """The files that count: those not replaced since."""
        return [each for each in self.files if each.replaced_at is None]


class GivenTask(Model):
    """What one student does instead of a component that they cannot make as it was asked for, as it was given.

    `reason` is for who decides about it: not for the student, nor for who marks the work.
    """

    __tablename__ = "given_task"

    id: Mapped[Key]
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    brief: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, deferred=True)
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime]

    submission: Mapped[Submission] = relationship(back_populates="instead")
    given_by: Mapped[Person] = relationship()


class SubmissionFile(Model):
    """A file as handed in. A later upload before the deadline replaces it; the old one stays, `replaced_at` set."""

    __tablename__ = "submission_file"
    __table_args__ = (Index(None, "submission_id"), Index(None, "hand_in_id"))

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    hand_in_id: Mapped[int | None] = mapped_column(ForeignKey("hand_in.id"))  # None: replaced before those were kept
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    received_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="files")
    hand_in: Mapped[HandIn | None] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)

    def numbered(self, number: str) -> str:
        """A name by that number and its place among all of the submission's: “26001234-2.pdf”."""
        place = [each.id for each in self.submission.files].index(self.id) + 1
        return f"{number}-{place}.{self.file.name.rpartition('.')[2].lower()}"


class HandIn(Model):
    """What one press handed in, under its receipt. Append-only: what replaces it is another, and both are kept.

    `due_at` is the student's own deadline as it was then. `snapshot` is the logbook as it stood then.
    """

    __tablename__ = "hand_in"
    __table_args__ = (Index(None, "submission_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    receipt: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    text: Mapped[str] = mapped_column(Text, default="")
    snapshot_id: Mapped[int | None] = mapped_column(ForeignKey("logbook_snapshot.id"))

    submission: Mapped[Submission] = relationship(back_populates="hand_ins")
    snapshot: Mapped[LogbookSnapshot | None] = relationship()
    files: Mapped[list[SubmissionFile]] = relationship(order_by="SubmissionFile.id", back_populates="hand_in")
    evidence: Mapped[list[HandInEvidence]] = relationship(order_by="HandInEvidence.id")

    @property
    def at_said(self) -> str:
        """The moment on London's clocks, to the second: “15:00:01”."""
        return f"{london(self.at):%H:%M:%S}"

    @property
    def days_late(self) -> int:
        """Days late, each one begun counting whole; 0 on time."""
        return days_late(self.at, self.due_at) if self.due_at else 0

    @property
    def agreements(self) -> list[Agreement]:
        """The versions of Challenge Agreements that were in force."""
        return [each.agreement for each in self.evidence if each.agreement]

    @property
    def versions(self) -> list[FeedbackVersion]:
        """What supervisors had said by then."""
        return [each.feedback_version for each in self.evidence if each.feedback_version]

    @property
    def text_sha256(self) -> str:
        """The fingerprint of the text, in UTF-8."""
        return sha256(self.text.encode()).hexdigest()


class HandInEvidence(Model):
    """What stood beside the work when it was handed in: a version of an Agreement, or of a supervisor's feedback."""

    __tablename__ = "hand_in_evidence"
    __table_args__ = (
        UniqueConstraint("hand_in_id", "agreement_id"),
        UniqueConstraint("hand_in_id", "feedback_version_id"),
        CheckConstraint("(agreement_id IS NULL) <> (feedback_version_id IS NULL)", name="one_thing"),
    )

    id: Mapped[Key]
    hand_in_id: Mapped[int] = mapped_column(ForeignKey("hand_in.id"))
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("agreement.id"))
    feedback_version_id: Mapped[int | None] = mapped_column(ForeignKey("feedback_version.id"))

    agreement: Mapped[Agreement | None] = relationship()
    feedback_version: Mapped[FeedbackVersion | None] = relationship()


class Mark(Model):
    """What an attempt is worth, 0–100, after lateness and cap: None until every criterion has its score.

    It is there as soon as there is something to mark. `marker` is who saved it last: nobody yet, or nobody at all where
    nothing was handed in and a rule says 0. `version` counts the saves. `allocated` is to mark it, where it is not the
    student's own tutor. `agreed` takes the place of what the scores come to, where two markers settled on it;
    `adjustment` is what moderation adds to it, with all others of its set. While withheld, nobody outside learns it.
    `script` is what it is called where its student's name is not said.
    `second` marks it too and reads nothing of it here. From `fixed_at` on its marker changes it no more: it is compared
    with the second mark, or moderated. `moderated_at`: the set that it belongs to was moderated, and may be released.
    """

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("component_id", "enrolment_id", "attempt"),
        check_one_of("state", MarkState),
        CheckConstraint("mark IS NULL OR mark BETWEEN 0 AND 100", name="mark_in_range"),
        CheckConstraint("agreed BETWEEN 0 AND 100", name="agreed_in_range"),
        Index(None, "marker_id", "state"),
        Index(None, "allocated_id"),
        Index(None, "second_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    script: Mapped[str] = mapped_column(String(5), default=new_script_number)
    marker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    allocated_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MarkState] = one_of(MarkState, default=MarkState.DRAFTED)
    mark: Mapped[int | None]
    agreed: Mapped[int | None]
    adjustment: Mapped[int] = mapped_column(default=0)
    withheld_at: Mapped[datetime | None]
    second_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    fixed_at: Mapped[datetime | None]
    moderated_at: Mapped[datetime | None]
    feedback: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    board_on: Mapped[date | None]  # the board that confirmed it
    corrected_at: Mapped[datetime | None]  # after that board

    component: Mapped[Component] = relationship()
    enrolment: Mapped[Enrolment] = relationship()
    marker: Mapped[Person | None] = relationship(foreign_keys=[marker_id])
    allocated: Mapped[Person | None] = relationship(foreign_keys=[allocated_id])
    submission: Mapped[Submission] = relationship(primaryjoin=SAME_ATTEMPT, viewonly=True)
    placements: Mapped[list[Placement]] = relationship(
        primaryjoin="Mark.enrolment_id == foreign(Placement.enrolment_id)", viewonly=True, order_by=Placement.id
    )
    scores: Mapped[list[CriterionScore]] = relationship(
        cascade="all, delete-orphan", order_by="CriterionScore.criterion_id"
    )

    @property
    def is_nameless(self) -> bool:
        """Whether those who mark it are not told whose it is: where its component says so, until it is released."""
        return self.component.is_anonymous and self.state in (MarkState.DRAFTED, MarkState.SUBMITTED)

    @property
    def is_settled(self) -> bool:
        """Whether it is one mark: not marked twice, set by rule, or agreed."""
        return not self.component.is_double_marked or self.marker_id is None or self.agreed is not None

    @property
    def is_moderated(self) -> bool:
        """Whether moderation has nothing against its release: it is not asked for, is done, or a rule set the mark."""
        is_asked = self.component.moderation["kind"] != ModerationKind.NONE
        return not is_asked or self.marker_id is None or self.moderated_at is not None

    @property
    def called(self) -> str:
        """What its markers call it: the student's name, or “Script 3F7KQ”."""
        return f"Script {self.script}" if self.is_nameless else self.enrolment.person.name

    def nameless_name(self, handed_in: SubmissionFile) -> str:
        """What a file is called for its markers where they are not told whose it is: “3F7KQ-2.pdf”."""
        return handed_in.numbered(self.script)


class CriterionScore(Model):
    """One criterion's score, 0–100 (None: not given yet), and what the marker says to it."""

    __tablename__ = "criterion_score"
    __table_args__ = (
        UniqueConstraint("mark_id", "criterion_id"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
    )

    id: Mapped[Key]
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(ForeignKey("criterion.id"))
    score: Mapped[int | None]
    comment: Mapped[str] = mapped_column(Text, default="")

    criterion: Mapped[Criterion] = relationship()


class MarkVersion(Model):
    """A mark as it was in that version: whose it was, and why it was kept. Append-only.

    `scores` holds position in the rubric, score and comment of each criterion. `by` is who did what it was kept for.
    """

    __tablename__ = "mark_version"
    __table_args__ = (UniqueConstraint("mark_id", "version"), check_one_of("why", Why))

    id: Mapped[Key]
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"))
    version: Mapped[int]
    why: Mapped[Why] = one_of(Why)
    marker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    mark: Mapped[int | None]
    scores: Mapped[list[tuple[int, int | None, str]]] = mapped_column(JSON)
    feedback: Mapped[str] = mapped_column(Text)

    marker: Mapped[Person | None] = relationship(foreign_keys=[marker_id])
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])
