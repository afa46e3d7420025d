"""What students choose, with one statement; what organisations answer; and what students alone know they need."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from placements.applications.needs import Limits
from placements.applications.rules import MOST_CHOICES, REASON_LENGTH, Answer, Choice, Draft, Unsuitable
from placements.applications.workflow import AnswerState, ApplicationState
from placements.challenges.models import DAYS, MODES, Challenge, WorkMode
from placements.cohorts.models import Enrolment
from placements.core.seen import fingerprint
from placements.db import Key, Model, check_one_of, one_of, partial_index, public_id
from placements.partners.boroughs import DISTANCES, Distance, nearest, within
from placements.people.models import Person


class Application(Model):
    """`draft` is what the student is working on; statement and preferences are what was last submitted, and count.

    `decided_at`: when a round that used it was published; from then on it is shown to no organisation,
    until it is submitted again. `answers_closed_at`: when a round was staged on what organisations had answered; it is
    taken back where that round is discarded.
    """

    __tablename__ = "application"
    __table_args__ = (check_one_of("state", ApplicationState),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    state: Mapped[ApplicationState] = one_of(ApplicationState, default=ApplicationState.DRAFT)
    draft: Mapped[dict[str, object]] = mapped_column(JSON, default=dict)
    draft_saved_at: Mapped[datetime | None]
    statement: Mapped[str] = mapped_column(Text, default="")
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    answers_closed_at: Mapped[datetime | None]

    enrolment: Mapped[Enrolment] = relationship()
    preferences: Mapped[list[Preference]] = relationship(
        order_by="Preference.rank", cascade="all, delete-orphan", back_populates="application"
    )

    @property
    def working(self) -> Draft:
        """What the student is working on."""
        return Draft.read(self.draft)

    @property
    def standing(self) -> Draft | None:
        """What was submitted and counts, in the draft's terms; None where nothing does. Reads the challenges."""
        if self.state is not ApplicationState.SUBMITTED:
            return None
        chosen = tuple(Choice(each.challenge.public_id, each.addition) for each in self.preferences)
        return Draft(self.statement, chosen)


class Preference(Model):
    """One ranked choice, as submitted."""

    __tablename__ = "preference"
    __table_args__ = (
        UniqueConstraint("application_id", "rank"),
        UniqueConstraint("application_id", "challenge_id"),
        CheckConstraint(f"rank BETWEEN 1 AND {MOST_CHOICES}", name="rank_in_range"),
        Index(None, "challenge_id"),
    )

    id: Mapped[Key]
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    rank: Mapped[int]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    addition: Mapped[str] = mapped_column(Text, default="")

    application: Mapped[Application] = relationship(back_populates="preferences")
    challenge: Mapped[Challenge] = relationship()


SAID = {
    AnswerState.KEEN: Answer.KEEN,
    AnswerState.HAPPY: Answer.HAPPY,
    **dict.fromkeys((AnswerState.NOT_SUITABLE, AnswerState.AGREED, AnswerState.DISAGREED), Answer.NOT_SUITABLE),
}


class HostAnswer(Model):
    """What the organisation of one chosen challenge says of the applicant: there from submission on, WAITING at first.

    It stays where choices are submitted again and this one is still among them, and knows nothing of ranks. `version`
    is what somebody saw who answers or decides: the answer, and the words that it is about.
    """

    __tablename__ = "host_answer"
    __table_args__ = (
        UniqueConstraint("application_id", "challenge_id"),
        check_one_of("state", AnswerState),
        check_one_of("reason", Unsuitable),
        CheckConstraint(
            "state NOT IN ('not_suitable', 'agreed', 'disagreed') OR reason IS NOT NULL", name="unsuitable_has_reason"
        ),
        partial_index("ix_host_answer_undecided", "application_id", where="undecided_since IS NOT NULL"),
        Index(None, "challenge_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id", ondelete="CASCADE"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    state: Mapped[AnswerState] = one_of(AnswerState, default=AnswerState.WAITING)
    reason: Mapped[Unsuitable | None] = one_of(Unsuitable)
    sentence: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    undecided_since: Mapped[datetime | None]  # it waits for a module leader
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[str] = mapped_column(String(REASON_LENGTH), default="")  # why the module leader disagreed
    decided_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship()
    challenge: Mapped[Challenge] = relationship()
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)
    decided_by: Mapped[Person | None] = relationship(foreign_keys=decided_by_id)
    preference: Mapped[Preference] = relationship(
        primaryjoin=lambda: and_(
            foreign(HostAnswer.application_id) == Preference.application_id,
            foreign(HostAnswer.challenge_id) == Preference.challenge_id,
        ),
        viewonly=True,
    )

    @property
    def said(self) -> Answer | None:
        """What the organisation said, whatever was decided about it; None before it has."""
        return SAID.get(self.state)

    @property
    def version(self) -> str:
        """The same for the same answer about the same words, and for nothing else."""
        said = (self.state.value, self.reason and self.reason.value, self.sentence, self.decision)
        return fingerprint((*said, self.application.statement, self.preference.addition))


class Receipt(Model):
    """What was submitted at one moment, word for word; written once. `number` is what the student can quote."""

    __tablename__ = "application_receipt"
    __table_args__ = (Index(None, "application_id"),)

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(9), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    submitted_at: Mapped[datetime]
    statement: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # title, organisation, addition: the 1st choice first

    application: Mapped[Application] = relationship()


class Bookmark(Model):
    """A challenge that a student wants to find again."""

    __tablename__ = "bookmark"
    __table_args__ = (UniqueConstraint("enrolment_id", "challenge_id"), Index(None, "challenge_id"))

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"))
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))


class Needs(Model):
    """What a student needs of a placement. Nobody but that student is shown it; a row that says nothing is deleted.

    `days`, `journey` (from `borough`) and `mode` decide what fits: `days` is a bit a day, Monday the lowest, 0 for any;
    `mode` is the least remote that they can do. `access` and `times` are notes for the student's own eyes.
    """

    __tablename__ = "needs"
    __table_args__ = (
        check_one_of("journey", Distance),
        check_one_of("mode", WorkMode),
        CheckConstraint("days BETWEEN 0 AND 127", name="days_are_a_week"),
        CheckConstraint("journey = 'far' OR borough <> ''", name="journey_starts_somewhere"),
    )

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    days: Mapped[int] = mapped_column(default=0)
    borough: Mapped[str] = mapped_column(String(40), default="")  # where they live in term time
    journey: Mapped[Distance] = one_of(Distance, default=Distance.FAR)
    mode: Mapped[WorkMode] = one_of(WorkMode, default=WorkMode.ON_SITE)
    access: Mapped[str] = mapped_column(Text, default="")
    times: Mapped[str] = mapped_column(Text, default="")

    @property
    def limits(self) -> Limits:
        """What of it decides whether a challenge fits."""
        can_work = list(MODES)[list(MODES).index(self.mode) :]  # from in person to remote
        return Limits(
            days=tuple(name for place, name in enumerate(DAYS) if self.days & 1 << place),
            within=None if self.journey is Distance.FAR else within(self.journey, self.borough),
            modes=None if self.mode is WorkMode.ON_SITE else tuple(MODES[mode] for mode in can_work),
        )

    def how_far(self, challenge: Challenge) -> str:
        """“near”, “across town”, “far”: its nearest place from home; nothing where that is unknown or no matter."""
        if not self.borough or challenge.mode is WorkMode.REMOTE:
            return ""
        return DISTANCES[nearest(challenge.boroughs, self.borough)]

    @property
    def said(self) -> str:
        """The same in a line: “Monday, Friday; near Islington; partly remote or remote”; empty for notes alone."""
        days, modes = self.limits.days, self.limits.modes or ()
        far = {Distance.NEAR: f"near {self.borough}", Distance.ACROSS: f"across town from {self.borough}"}
        parts = (", ".join(days), far.get(self.journey, self.borough), " or ".join(modes).lower())
        return "; ".join(part for part in parts if part)


class Outlook(Model):
    """How often this student was left without a place when the round was tried on samples; theirs alone to read.

    `inputs`: a fingerprint of what it was worked out from, the same for everybody it was worked out for.
    """

    __tablename__ = "outlook"
    __table_args__ = (CheckConstraint("unplaced BETWEEN 0 AND samples", name="unplaced_of_samples"),)

    id: Mapped[Key]
    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolment.id"), unique=True)
    unplaced: Mapped[int]
    samples: Mapped[int]
    inputs: Mapped[str] = mapped_column(String(64))
    worked_out_at: Mapped[datetime]


class LessChosen(Model):
    """A challenge that had a free place in `free` of the latest samples, which was most of them."""

    __tablename__ = "less_chosen"

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), unique=True)
    free: Mapped[int]

    challenge: Mapped[Challenge] = relationship()
