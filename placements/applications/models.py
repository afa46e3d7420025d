"""A student's ranked choices with one statement, an addition for any of them; and what they alone know they need."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.applications.needs import Limits
from placements.applications.rules import MOST_CHOICES, Choice, Draft
from placements.applications.workflow import ApplicationState
from placements.challenges.models import DAYS, MODES, Challenge, WorkMode
from placements.cohorts.models import Enrolment
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.partners.boroughs import DISTANCES, Distance, nearest, within


class Application(Model):
    """`draft` is what the student is working on; statement and preferences are what was last submitted, and count.

    `decided_at`: when a round that used it was published; from then on it is shown to no organisation,
    until it is submitted again.
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
