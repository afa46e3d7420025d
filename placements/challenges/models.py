"""A challenge: what an organisation needs, for which levels, how many students, where, when, and with whom."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.db import Key, Model, check_one_of, one_of, public_id
from placements.partners.models import Organisation, Site
from placements.people.models import Person

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class WorkMode(enum.StrEnum):
    ON_SITE = "on_site"
    HYBRID = "hybrid"
    REMOTE = "remote"


class Dbs(enum.StrEnum):
    """What the role (never the person) needs of the Disclosure and Barring Service."""

    NONE = "none"
    BASIC = "basic"
    ENHANCED = "enhanced"


class Challenge(Model):
    """Belongs to an academic year and says which levels it suits. `days` is a bit a day, Monday the lowest."""

    __tablename__ = "challenge"
    __table_args__ = (
        check_one_of("state", ChallengeState),
        check_one_of("theme", Theme),
        check_one_of("mode", WorkMode),
        check_one_of("dbs", Dbs),
        CheckConstraint("1 <= places_min AND places_min <= places_max", name="places_in_order"),
        CheckConstraint("days BETWEEN 0 AND 127", name="days_are_a_week"),
        Index(None, "academic_year", "state", "id"),
        Index(None, "organisation_id"),
    )

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    academic_year: Mapped[str] = mapped_column(String(7))
    state: Mapped[ChallengeState] = one_of(ChallengeState, default=ChallengeState.DRAFT)
    title: Mapped[str] = mapped_column(String(120))
    need: Mapped[str] = mapped_column(Text)
    output: Mapped[str] = mapped_column(Text, default="")  # what is left behind at the end
    theme: Mapped[Theme] = one_of(Theme)
    suits_level_5: Mapped[bool] = mapped_column(default=True)
    suits_level_6: Mapped[bool] = mapped_column(default=True)
    places_min: Mapped[int] = mapped_column(default=1)
    places_max: Mapped[int] = mapped_column(default=1)
    mode: Mapped[WorkMode] = one_of(WorkMode)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))  # None: remote only
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    days: Mapped[int] = mapped_column(default=0)  # 0: any day
    times: Mapped[str] = mapped_column(String(200), default="")
    skills: Mapped[str] = mapped_column(String(500), default="")
    client_group: Mapped[str] = mapped_column(String(300), default="")
    dbs: Mapped[Dbs] = one_of(Dbs, default=Dbs.NONE)
    pays_expenses: Mapped[bool] = mapped_column(default=False)
    access_notes: Mapped[str] = mapped_column(Text, default="")  # how accessible the place is
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    supervisor: Mapped[Person] = relationship()
    comments: Mapped[list[ReviewComment]] = relationship(order_by="ReviewComment.id")

    def suits(self, level: int) -> bool:
        """Whether students of that level may do it."""
        return {5: self.suits_level_5, 6: self.suits_level_6}[level]


class ReviewComment(Model):
    """What a reviewer asked the organisation to change, on one field or on the whole."""

    __tablename__ = "review_comment"
    __table_args__ = (Index(None, "challenge_id"),)

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    version: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()
