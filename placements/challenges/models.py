"""A challenge: what an organisation needs, for which levels, how many students, where, when, and with whom."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from placements.challenges.rules import CHECK_TAKES
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import THEMES, ModuleRun, RoleOnRun, RunRole, Theme
from placements.db import Dated, Key, Model, check_one_of, new_public_id, one_of, public_id
from placements.partners.models import Contact, Interest, Organisation, Site
from placements.people.models import Person
from placements.vetting.models import Risk

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class WorkMode(enum.StrEnum):
    ON_SITE = "on_site"
    HYBRID = "hybrid"
    REMOTE = "remote"


MODES = {WorkMode.ON_SITE: "In person", WorkMode.HYBRID: "Partly remote", WorkMode.REMOTE: "Remote"}


class Working(enum.StrEnum):
    """Whether students work on it each for themselves or together."""

    ALONE = "alone"
    TOGETHER = "together"
    EITHER = "either"


WORKING = {Working.ALONE: "On your own", Working.TOGETHER: "In a group", Working.EITHER: "On your own or in a group"}


class Dbs(enum.StrEnum):
    """What the role (never the person) needs of the Disclosure and Barring Service."""

    NONE = "none"
    BASIC = "basic"
    ENHANCED = "enhanced"


CHECKS = {Dbs.NONE: "No DBS check", Dbs.BASIC: "Basic DBS check", Dbs.ENHANCED: "Enhanced DBS check"}

# Lists go by it, the highest first: an index serves them.
URGENCY = "CASE state WHEN 'submitted' THEN 3 WHEN 'approved' THEN 2 WHEN 'changes_requested' THEN 1 ELSE 0 END"


class Challenge(Dated, Model):
    """Belongs to an academic year and says which levels it suits. `days` is a bit a day, Monday the lowest.

    `version` counts the times its words were saved, so that two people who edit at once do not overwrite each other.
    """

    __tablename__ = "challenge"
    __table_args__ = (
        check_one_of("state", ChallengeState),
        check_one_of("theme", Theme),
        check_one_of("mode", WorkMode),
        check_one_of("dbs", Dbs),
        check_one_of("working", Working),
        CheckConstraint("1 <= places_min AND places_min <= places_max", name="places_in_order"),
        CheckConstraint("days BETWEEN 0 AND 127", name="days_are_a_week"),
        Index(None, "academic_year", "state", "id"),
        Index(None, "state", "published_at", "id"),
        Index(None, "theme", "academic_year", "state", "organisation_id"),  # every request asks who champions what
        Index(None, "urgency", "id"),
        Index(None, "organisation_id"),
    )
    DATES = ("publish_on",)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    form_key: Mapped[str] = mapped_column(String(40), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    academic_year: Mapped[str] = mapped_column(String(7))
    state: Mapped[ChallengeState] = one_of(ChallengeState, default=ChallengeState.DRAFT)
    urgency: Mapped[int] = mapped_column(Computed(URGENCY, persisted=True), deferred=True)
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
    working: Mapped[Working] = one_of(Working, default=Working.EITHER)
    skills: Mapped[str] = mapped_column(String(500), default="")  # welcome, not required
    skills_learnt: Mapped[str] = mapped_column(String(500), default="")
    client_group: Mapped[str] = mapped_column(String(300), default="")
    dbs: Mapped[Dbs] = one_of(Dbs, default=Dbs.NONE)
    pays_expenses: Mapped[bool] = mapped_column(default=False)
    access_notes: Mapped[str] = mapped_column(Text, default="")  # how accessible the place is
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    publish_on: Mapped[date | None]  # approved, it is published by itself on this day
    published_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]  # paused, closed or withdrawn after students could choose it
    stop_reason: Mapped[str] = mapped_column(String(500), default="")  # what those students are told
    offered_before_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"))  # the same, a year earlier
    # The last day on which its organisation is approved and its places are cleared: for queries. The database keeps it.
    safe_until: Mapped[date] = mapped_column(server_default="0001-01-01", deferred=True)
    is_held: Mapped[bool] = mapped_column(default=False)  # the university paused it, and it alone shows it again

    organisation: Mapped[Organisation] = relationship()
    site: Mapped[Site | None] = relationship()
    supervisor: Mapped[Person] = relationship(foreign_keys=[supervisor_id])
    offered_before: Mapped[Challenge | None] = relationship(remote_side="Challenge.id")
    also_about: Mapped[list[ChallengeTheme]] = relationship(order_by="ChallengeTheme.id", cascade="all, delete-orphan")
    further_sites: Mapped[list[ChallengeSite]] = relationship(order_by="ChallengeSite.id", cascade="all, delete-orphan")
    risk: Mapped[BriefRisk | None] = relationship()
    comments: Mapped[list[ReviewComment]] = relationship(order_by="ReviewComment.id")

    if TYPE_CHECKING:
        has_champion: Mapped[bool]  # some champion of its area and year may review it; asked only when read
        further_boroughs: Mapped[str | None]  # where its further places are, “|” between; asked only when read

    @property
    def year(self) -> int:
        """The calendar year in which its academic year starts."""
        return int(self.academic_year[:4])

    @property
    def theme_name(self) -> str:
        """Its lead area as people say it."""
        return THEMES[self.theme]

    @property
    def other_areas(self) -> set[Theme]:
        """The areas that it is about beside its lead area."""
        return {each.theme for each in self.also_about}

    @other_areas.setter
    def other_areas(self, themes: set[Theme]) -> None:
        kept = [each for each in self.also_about if each.theme in themes]
        added = themes - {each.theme for each in kept}
        self.also_about = [*kept, *(ChallengeTheme(theme=theme) for theme in Theme if theme in added)]

    @property
    def other_areas_said(self) -> str:
        """Their names, in the areas' own order."""
        return ", ".join(name for theme, name in THEMES.items() if theme in self.other_areas)

    @property
    def working_said(self) -> str:
        """Whether students work each for themselves or together."""
        return WORKING[self.working]

    @property
    def all_sites(self) -> list[Site]:
        """Every place where it is worked on, the first one first."""
        return [*([self.site] if self.site else []), *(each.site for each in self.further_sites)]

    @property
    def all_supervisors(self) -> set[int]:
        """Who supervises it at any of its places, by key."""
        return {self.supervisor_id, *(each.supervisor_id for each in self.further_sites)}

    @property
    def mode_said(self) -> str:
        """How the work is done, in a word or two."""
        return MODES[self.mode]

    @property
    def dbs_said(self) -> str:
        """The check that the role needs."""
        return CHECKS[self.dbs]

    @property
    def dbs_wait_said(self) -> str:
        """The same, with how long it takes."""
        return f"{self.dbs_said}, {CHECK_TAKES[self.dbs]}" if self.dbs in CHECK_TAKES else self.dbs_said

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

    @property
    def boroughs(self) -> frozenset[str]:
        """The same of each of its places."""
        return frozenset({self.borough, *(self.further_boroughs or self.borough).split("|")})

    @property
    def is_too_risky(self) -> bool:
        """Its risk was assessed, and what is left of it is high."""
        return self.risk is not None and self.risk.residual is Risk.HIGH

    def is_live(self, day: date) -> bool:
        """Published, by an organisation approved on that day, each of its places cleared: students may choose it."""
        is_safe = self.organisation.is_approved(day) and all(site.is_cleared(day) for site in self.all_sites)
        return self.state is ChallengeState.PUBLISHED and is_safe

    def suits(self, level: int) -> bool:
        """Whether students of that level may do it."""
        return {5: self.suits_level_5, 6: self.suits_level_6}[level]


def live_on(day: date) -> ColumnElement[bool]:
    """The same as `is_live`, over rows of challenge."""
    return and_(Challenge.state == ChallengeState.PUBLISHED, Challenge.safe_until >= day)


def has_a_side(person: Any, organisation_id: Any) -> ColumnElement[bool]:
    """Works at the organisation or has an interest in it."""
    works_there = exists().where(
        Contact.person_id == person, Contact.organisation_id == organisation_id, Contact.left_on.is_(None)
    )
    has_interest = exists().where(
        Interest.person_id == person, Interest.organisation_id == organisation_id, Interest.ended_at.is_(None)
    )
    return or_(works_there, has_interest)


def free_champions(theme: Any, academic_year: Any, organisation_id: Any) -> Select[int]:
    """The champions in a year, by key, who neither work at the organisation nor have an interest in it.

    Of one area, or of any (None).
    """
    person = RoleOnRun.person_id
    is_of_area = RoleOnRun.theme.is_not(None) if theme is None else RoleOnRun.theme == theme
    return (
        select(person)
        .join(ModuleRun, ModuleRun.id == RoleOnRun.run_id)
        .where(RoleOnRun.role == RunRole.CHAMPION, is_of_area)
        .where(ModuleRun.academic_year == academic_year, ~has_a_side(person, organisation_id))
        .distinct()
    )


Challenge.has_champion = column_property(
    free_champions(Challenge.theme, Challenge.academic_year, Challenge.organisation_id).correlate(Challenge).exists(),
    deferred=True,
)


class ChallengeTheme(Model):
    """An area that a challenge is about beside its lead area, which alone is counted."""

    __tablename__ = "challenge_theme"
    __table_args__ = (UniqueConstraint("challenge_id", "theme"), check_one_of("theme", Theme))

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    theme: Mapped[Theme] = one_of(Theme)


class ChallengeSite(Model):
    """A place where the same challenge is worked on beside its first, with the supervisor there."""

    __tablename__ = "challenge_site"
    __table_args__ = (UniqueConstraint("challenge_id", "site_id"), Index(None, "site_id"))

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    site: Mapped[Site] = relationship()
    supervisor: Mapped[Person] = relationship()


Challenge.further_boroughs = column_property(
    select(func.aggregate_strings(Site.borough, "|"))
    .where(ChallengeSite.challenge_id == Challenge.id, ChallengeSite.site_id == Site.id)
    .correlate(Challenge)
    .scalar_subquery(),
    deferred=True,
)


class ChallengeVersion(Model):
    """A brief's words as they were saved once: field name → text, as people read it."""

    __tablename__ = "challenge_version"
    __table_args__ = (UniqueConstraint("challenge_id", "version"),)

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    version: Mapped[int]
    saved_at: Mapped[datetime]
    saved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    words: Mapped[dict[str, str]] = mapped_column(JSON)

    saved_by: Mapped[Person] = relationship()


class BriefRisk(Model):
    """The risk of the work itself and of those whom students meet; the place's own is with the place."""

    __tablename__ = "brief_risk"
    __table_args__ = (
        *(check_one_of(name, Risk) for name in ("work", "people", "residual")),
        CheckConstraint("residual = 'low' OR actions <> ''", name="actions_are_recorded"),
    )

    id: Mapped[Key]
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), unique=True)
    work: Mapped[Risk] = one_of(Risk)
    people: Mapped[Risk] = one_of(Risk)
    actions: Mapped[str] = mapped_column(Text, default="")
    residual: Mapped[Risk] = one_of(Risk)
    assessed_at: Mapped[datetime]
    assessed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))

    assessed_by: Mapped[Person] = relationship()


class ReviewComment(Model):
    """What reviewer and organisation say to each other about a brief; `version` is the text that it is about.

    `field` names the question of the form that it is about; None: the whole brief.
    """

    __tablename__ = "review_comment"
    __table_args__ = (Index(None, "challenge_id"),)

    id: Mapped[Key]
    form_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_public_id)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"))
    version: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    field: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    author: Mapped[Person] = relationship()
