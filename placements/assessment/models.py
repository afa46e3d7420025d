"""What students hand in, and the marks it gets."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.agreements.models import Agreement
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, Criterion, Enrolment
from placements.core.clock import london
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.files.models import StoredFile
from placements.people.models import Person
from placements.placing.models import Placement

SAME_ATTEMPT = (
    "and_(Submission.component_id == foreign(Mark.component_id), Submission.attempt == foreign(Mark.attempt), "
    "Submission.enrolment_id == foreign(Mark.enrolment_id))"
)


class Submission(Model):
    """One attempt at one component. `received_at` is when the request began to arrive.

    `due_at` is a deadline of the student's own; where there is none, the component's counts. `deferred_at`: mitigation
    was accepted, so the attempt is put off; `waived_at`: nothing is asked of it any more.
    What is not handed in here (the Challenge Agreement) is received as soon as it is there to be marked.
    """

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("component_id", "enrolment_id", "attempt"),
        check_one_of("state", SubmissionState),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    state: Mapped[SubmissionState] = one_of(SubmissionState, default=SubmissionState.OPEN)
    due_at: Mapped[datetime | None]
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
    mark: Mapped[Mark | None] = relationship(primaryjoin=SAME_ATTEMPT, viewonly=True, uselist=False)
    instead: Mapped[GivenTask | None] = relationship(back_populates="submission")

    @property
    def own_due_at(self) -> datetime | None:
        """The student's deadline for this attempt."""
        return self.due_at or self.component.due_at

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
    __table_args__ = (Index(None, "submission_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))
    received_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    submission: Mapped[Submission] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class Mark(Model):
    """What an attempt is worth, 0–100, after lateness and cap: None until every criterion has its score.

    It is there as soon as there is something to mark. `marker` is who saved it last: nobody yet, or nobody at all where
    nothing was handed in and a rule says 0. `version` counts the saves. `allocated` is to mark it, where it is not the
    student's own tutor. `agreed` takes the place of what the scores come to, where two markers settled on it;
    `adjustment` is what moderation adds to it, with all others of its set. While withheld, nobody outside learns it.
    """

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("component_id", "enrolment_id", "attempt"),
        check_one_of("state", MarkState),
        CheckConstraint("mark IS NULL OR mark BETWEEN 0 AND 100", name="mark_in_range"),
        CheckConstraint("agreed BETWEEN 0 AND 100", name="agreed_in_range"),
        Index(None, "marker_id", "state"),
        Index(None, "allocated_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    attempt: Mapped[int] = mapped_column(default=1)
    marker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    allocated_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MarkState] = one_of(MarkState, default=MarkState.DRAFTED)
    mark: Mapped[int | None]
    agreed: Mapped[int | None]
    adjustment: Mapped[int] = mapped_column(default=0)
    withheld_at: Mapped[datetime | None]
    feedback: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    board_on: Mapped[date | None]  # the board that confirmed it

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
