"""A challenge: what an organisation needs, for which levels, how many students, where, when, and with whom."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    and_,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import THEMES, ModuleRun, RoleOnRun, RunRole, Theme
from placements.db import Key, Model, check_one_of, new_public_id, one_of, public_id
from placements.partners.models import Contact, Interest, Organisation, Site
from placements.partners.workflow import OrganisationState
from placements.people.models import Person

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class WorkMode(enum.StrEnum):
    ON_SITE = "on_site"
    HYBRID = "hybrid"
    REMOTE = "remote"


MODES = {WorkMode.ON_SITE: "In person", WorkMode.HYBRID: "Partly remote", WorkMode.REMOTE: "Remote"}


class Dbs(enum.StrEnum):
    """What the role (never the person) needs of the Disclosure and Barring Service."""

    NONE = "none"
    BASIC = "basic"
    ENHANCED = "enhanced"


CHECKS = {Dbs.NONE: "No DBS check", Dbs.BASIC: "Basic DBS check", Dbs.ENHANCED: "Enhanced DBS check"}


class Challenge(Model):
    """Belongs to an academic year and says which levels it suits. `days` is a bit a day, Monday the lowest.

    `version` counts the times its words were saved, so that two people who edit at once do not overwrite each other.
    """

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
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    published_at: Mapped[datetime | None]
    is_held: Mapped[bool] = mapped_column(default=False)  # the university paused it, and it alone shows it again

    organisation: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    supervisor: Mapped[Person] = relationship(foreign_keys=[supervisor_id])
    comments: Mapped[list[ReviewComment]] = relationship(order_by="ReviewComment.id")

    if TYPE_CHECKING:
        has_champion: Mapped[bool]  # some champion of its area and year may review it; asked only when read

    @property
    def year(self) -> int:
        """The calendar year in which its academic year starts."""
        return int(self.academic_year[:4])

    @property
    def theme_name(self) -> str:
        """Its lead area as people say it."""
        return THEMES[self.theme]

    @property
    def mode_said(self) -> str:
        """How the work is done, in a word or two."""
        return MODES[self.mode]

    @property
    def dbs_said(self) -> str:
        """The check that the role needs."""
        return CHECKS[self.dbs]

    @property
    def levels_said(self) -> str:
        """“Levels 5 and 6”, “Level 6”; nothing where none is chosen yet."""
        levels = [str(level) for level in (5, 6) if self.suits(level)]
        return f"Level{'s' if len(levels) > 1 else ''} {' and '.join(levels)}" if levels else ""

    @property
    def places_said(self) -> str:
        """“2 places”, “1 to 3 places”."""
        if self.places_min == self.places_max:
            return f"{self.places_max} place{'s' if self.places_max > 1 else ''}"
        return f"{self.places_min} to {self.places_max} places"

    @property
    def day_names(self) -> list[str]:
        """The days it says; none where any day will do."""
        return [name for place, name in enumerate(DAYS) if self.days & 1 << place]

    @property
    def borough(self) -> str:
        """Where the work is; where the organisation is, if it is remote."""
        return self.site.borough if self.site else self.organisation.borough

    def is_live(self, day: date) -> bool:
        """Published, by an organisation that is approved on that day: students may choose it."""
        return self.state is ChallengeState.PUBLISHED and self.organisation.is_approved(day)

    def suits(self, level: int) -> bool:
        """Whether students of that level may do it."""
        return {5: self.suits_level_5, 6: self.suits_level_6}[level]


def live_on(day: date) -> ColumnElement[bool]:
    """The same as `is_live`, over rows of challenge joined to organisation."""
    return and_(
        Challenge.state == ChallengeState.PUBLISHED,
        Organisation.state == OrganisationState.APPROVED,
        or_(Organisation.approved_until.is_(None), Organisation.approved_until >= day),
    )


def free_champions(theme: Any, academic_year: Any, organisation_id: Any) -> Select[int]:
    """The champions of an area in a year, by key, who neither work at the organisation nor have an interest in it."""
    person = RoleOnRun.person_id
    works_there = exists().where(
        Contact.person_id == person, Contact.organisation_id == organisation_id, Contact.left_on.is_(None)
    )
    has_interest = exists().where(
        Interest.person_id == person, Interest.organisation_id == organisation_id, Interest.ended_at.is_(None)
    )
    return (
        select(person)
        .join(ModuleRun, ModuleRun.id == RoleOnRun.run_id)
        .where(RoleOnRun.role == RunRole.CHAMPION, RoleOnRun.theme == theme)
        .where(ModuleRun.academic_year == academic_year, ~works_there, ~has_interest)
        .distinct()
    )


Challenge.has_champion = column_property(
    free_champions(Challenge.theme, Challenge.academic_year, Challenge.organisation_id).correlate(Challenge).exists(),
    deferred=True,
)


class ReviewComment(Model):
    """What reviewer and organisation say to each other about a brief; `version` is the text that it is about."""

    __tablename__ = "review_comment"
    __table_args__ = (Index(None, "challenge_id"),)

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    version: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()
