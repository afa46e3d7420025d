"""Reads about challenges: who may see which, those that students may choose now, and what lists show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from placements.challenges.models import (
    DAYS,
    Challenge,
    ChallengeSite,
    ChallengeTheme,
    ReviewComment,
    WorkMode,
    free_champions,
    live_on,
)
from placements.challenges.rules import late_before
from placements.challenges.workflow import OVER, ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, Theme
from placements.cohorts.rules import academic_year
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import Contact, ContactRole, Organisation, Site
from placements.partners.queries import engagement_officers
from placements.search import matches

SHOWN = (
    *(joinedload(Challenge.organisation), joinedload(Challenge.site), joinedload(Challenge.supervisor)),
    selectinload(Challenge.also_about),
    selectinload(Challenge.further_sites).options(joinedload(ChallengeSite.site), joinedload(ChallengeSite.supervisor)),
    joinedload(Challenge.risk),
)
LISTED = (  # what lists show of a challenge; the rest stays in the database
    load_only(
        *(Challenge.public_id, Challenge.title, Challenge.state, Challenge.theme, Challenge.academic_year),
        *(Challenge.places_min, Challenge.places_max, Challenge.submitted_at),
    ),
    joinedload(Challenge.organisation, innerjoin=True).load_only(Organisation.name),
)
ON_CARDS = (  # and what cards of published ones show
    load_only(
        *(Challenge.public_id, Challenge.title, Challenge.need, Challenge.theme, Challenge.mode, Challenge.days),
        *(Challenge.places_min, Challenge.places_max, Challenge.pays_expenses, Challenge.dbs, Challenge.site_id),
    ),
    joinedload(Challenge.organisation, innerjoin=True).load_only(Organisation.name, Organisation.borough),
    joinedload(Challenge.site).load_only(Site.borough),
)
REVIEWER = "reviewer_"


@dataclass(frozen=True)
class Search:
    """What published challenges are narrowed to; None narrows nothing. `day` is 0 for Monday."""

    text: str | None = None
    theme: Theme | None = None
    borough: str | None = None
    mode: WorkMode | None = None
    day: int | None = None


@dataclass(frozen=True)
class ListSearch:
    """What the list of those who post, review and oversee is narrowed to."""

    text: str | None = None
    state: ChallengeState | None = None
    theme: Theme | None = None
    organisation: str | None = None  # its public_id


def visible_to(who: Principal, day: date) -> Select[Challenge]:
    """Engagement and leaders: all. Contacts: their organisation's. Champions: what their area was sent.

    Students and tutors: what is live on `day` in the years in which they have a run. To supervise one shows nothing
    by itself: a supervisor sees it as a contact, until they leave. Champions of another area of that year: a review
    that waits for somebody to take it over. Safety officers: all but drafts.
    """
    if who.has_any("engagement", "leader"):
        return select(Challenge)
    return select(Challenge).where(or_(false(), *_seen_by(who, day)))


def _seen_by(who: Principal, day: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if own := who.held_on("contact"):
        found.append(Challenge.organisation_id.in_(own))
    if _reviewed(who):
        found += (and_(Challenge.state != ChallengeState.DRAFT, championed_by(who)), waits_for_others(who, day))
    if who.has_any("safety_officer"):
        found.append(Challenge.state != ChallengeState.DRAFT)
    if who.has_any("student", "tutor"):
        found.append(and_(live_on(day), Challenge.academic_year.in_(_years_of(who))))
    return found


def championed_by(who: Principal) -> ColumnElement[bool]:
    """Of an area and a year in which `who` is its champion."""
    return or_(false(), *(_area(role, year) for role, year in _reviewed(who)))


def _reviewed(who: Principal) -> list[tuple[str, int]]:
    return sorted((role, year) for role, year in who.roles if year and role.startswith(REVIEWER))


def _area(role: str, year: int) -> ColumnElement[bool]:
    return and_(Challenge.theme == Theme(role.removeprefix(REVIEWER)), Challenge.academic_year.startswith(str(year)))


def waits_for_others(who: Principal, day: date) -> ColumnElement[bool]:
    """Champions of whichever area and the engagement team may review it: nobody of its own area may, or did in time."""
    late = Challenge.submitted_at < late_before(day)
    waits = and_(Challenge.state == ChallengeState.SUBMITTED, or_(late, ~Challenge.has_champion), ~has_side(who))
    if who.has_any("engagement"):
        return waits
    years = sorted({str(year) for _, year in _reviewed(who)})
    return and_(waits, func.substr(Challenge.academic_year, 1, 4).in_(years))


def has_side(who: Principal) -> ColumnElement[bool]:
    """Of an organisation where one works or has an interest."""
    return Challenge.organisation_id.in_(who.held_on("contact", "interest"))


def _years_of(who: Principal) -> Select[str]:
    """The academic years in which somebody studies or teaches."""
    studies = select(Enrolment.run_id).where(Enrolment.id.in_(who.held_on("student")))
    return select(ModuleRun.academic_year).where(or_(ModuleRun.id.in_(studies), ModuleRun.id.in_(who.held_on("tutor"))))


def challenge_of(who: Principal, public_id: str, day: date) -> Challenge | None:
    """A challenge that `who` may see on that day, with what its page shows."""
    return db.session.scalar(visible_to(who, day).where(Challenge.public_id == public_id).options(*SHOWN))


def comments(challenge: Challenge) -> Sequence[ReviewComment]:
    """What was said in its review, in order."""
    said = select(ReviewComment).where(ReviewComment.challenge_id == challenge.id)
    return db.session.scalars(said.options(joinedload(ReviewComment.author)).order_by(ReviewComment.id)).all()


def challenges(
    who: Principal, search: ListSearch, day: date, size: int, number: int
) -> tuple[Sequence[Challenge], int]:
    """One page of the challenges that `who` may see, what waits for somebody first, and how many. One query."""
    return slice_of(_listed(who, search, day), size, number, *LISTED)


@lru_cache(maxsize=64)
def _listed(who: Principal, search: ListSearch, day: date) -> Select[Challenge]:
    rows = visible_to(who, day)
    if search.text:
        rows = rows.where(_says(search.text))
    if search.state is not None:
        rows = rows.where(Challenge.state == search.state)
    if search.theme is not None:
        rows = rows.where(Challenge.theme == search.theme)
    if search.organisation is not None:
        asked = select(Organisation.id).where(Organisation.public_id == search.organisation)
        rows = rows.where(Challenge.organisation_id.in_(asked))
    return rows.order_by(Challenge.urgency.desc(), Challenge.id.desc())


@lru_cache(maxsize=16)  # slower to put together than to answer, and asked by every student's page
def published(year: str, day: date, level: int | None = None) -> Select[Challenge]:
    """The challenges of an academic year that students (of that level) may choose on that day, newest first."""
    rows = select(Challenge).where(Challenge.academic_year == year, live_on(day))
    if level is not None:
        rows = rows.where({5: Challenge.suits_level_5, 6: Challenge.suits_level_6}[level])
    return rows.order_by(Challenge.published_at.desc(), Challenge.id.desc())


def search_published(rows: Select[Challenge], search: Search) -> Select[Challenge]:
    """The same challenges, narrowed. One that says no day suits every day; an area need not be its lead area."""
    if search.text:
        rows = rows.where(_says(search.text))
    if search.theme is not None:
        also = Challenge.also_about.any(ChallengeTheme.theme == search.theme)
        rows = rows.where(or_(Challenge.theme == search.theme, also))
    if search.borough is not None:
        borough = func.coalesce(Site.borough, Organisation.borough)
        rows = rows.join(Challenge.organisation).outerjoin(Challenge.site).where(borough == search.borough)
    if search.mode is not None:
        rows = rows.where(Challenge.mode == search.mode)
    if search.day is not None:
        bit = 1 << (search.day % len(DAYS))
        rows = rows.where(or_(Challenge.days == 0, Challenge.days.op("&")(bit) != 0))
    return rows


def _says(text: str) -> ColumnElement[bool]:
    """Every word stands in its title, its need or its organisation's name."""
    return matches(text, Challenge, (Challenge.organisation_id, Organisation))


def published_page(rows: Select[Any], size: int, number: int, *options: Any) -> tuple[Sequence[Any], int]:
    """One page of what `published` or `search_published` selects, with organisation and site. One query."""
    return slice_of(rows, size, number, *ON_CARDS, *options)


@lru_cache(maxsize=4)
def live_now(day: date) -> Select[Challenge]:
    """What anybody may read on that day: live, of this academic year or a later one."""
    this_year = academic_year(day)
    rows = select(Challenge).where(Challenge.academic_year >= this_year, live_on(day))
    return rows.order_by(Challenge.published_at.desc(), Challenge.id.desc())


def live_challenge(public_id: str, day: date) -> Challenge | None:
    """One of them."""
    found = live_now(day).where(Challenge.public_id == public_id)
    return db.session.scalar(found.options(*SHOWN))


def open_years(day: date) -> list[str]:
    """The academic years for which challenges can be posted: those of runs that are not over, or the current one."""
    runs = select(ModuleRun.academic_year).where(ModuleRun.state != RunState.CLOSED).distinct()
    return list(db.session.scalars(runs.order_by(ModuleRun.academic_year))) or [academic_year(day)]


def next_year(challenge: Challenge, day: date) -> str | None:
    """The first academic year after its own for which challenges can be posted."""
    return next((year for year in open_years(day) if year > challenge.academic_year), None)


def offered_again(challenge: Challenge, year: str) -> Challenge | None:
    """Its copy in that year, unless that is over."""
    copies = select(Challenge).where(Challenge.offered_before_id == challenge.id, Challenge.academic_year == year)
    return db.session.scalar(copies.where(Challenge.state.not_in(OVER)).limit(1))


def first_need(organisation: Organisation, who: Principal) -> str:
    """What `who` told us when they enquired for the organisation, until it has a challenge of its own."""
    posted = select(Challenge.id).where(Challenge.organisation_id == organisation.id).exists()
    told = select(Enquiry.challenges_faced).where(
        Enquiry.organisation_id == organisation.id,
        Enquiry.writer_id == who.person_id,
        Enquiry.state == EnquiryState.ACCEPTED,
        ~posted,
    )
    return db.session.scalar(told.order_by(Enquiry.id.desc()).limit(1)) or ""


def reviewers(challenge: Challenge) -> Sequence[int]:
    """Who is asked to review, by key: the area's champions without an interest.

    Where there is none, the year's other champions and the engagement team, those without an interest.
    """
    theme, year, organisation = challenge.theme, challenge.academic_year, challenge.organisation_id
    champions = db.session.scalars(free_champions(theme, year, organisation).order_by(RoleOnRun.person_id)).all()
    if champions:
        return champions
    others = db.session.scalars(free_champions(None, year, organisation).order_by(RoleOnRun.person_id)).all()
    return list(dict.fromkeys([*others, *engagement_officers(about=organisation)]))


def to_tell(challenge: Challenge) -> list[int]:
    """Who hears of a challenge's fate at its organisation, by key: the main contacts, and whoever sent it in."""
    here = select(Contact.person_id, Contact.role).where(
        Contact.organisation_id == challenge.organisation_id, Contact.left_on.is_(None)
    )
    rows: Sequence[Any] = db.session.execute(here).all()
    told = [person for person, role in rows if role is ContactRole.PRIMARY or person == challenge.submitted_by_id]
    return told or [person for person, _ in rows]
