"""Reads about challenges: who may see which, those that students may choose now, and what lists show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.challenges.models import DAYS, Challenge, ReviewComment, WorkMode, free_champions, live_on
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, Theme
from placements.cohorts.rules import academic_year
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.partners.models import Contact, ContactRole, Organisation, Site
from placements.partners.queries import engagement_officers

SHOWN = (joinedload(Challenge.organisation), joinedload(Challenge.site), joinedload(Challenge.supervisor))
REVIEWER = "reviewer_"
WAITING_FIRST = (ChallengeState.SUBMITTED, ChallengeState.APPROVED, ChallengeState.CHANGES_REQUESTED)


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
    by itself: a supervisor sees it as a contact, until they leave.
    """
    rows = select(Challenge).join(Challenge.organisation)
    if who.has_any("engagement", "leader"):
        return rows
    return rows.where(or_(false(), *_seen_by(who, day)))


def _seen_by(who: Principal, day: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if own := who.held_on("contact"):
        found.append(Challenge.organisation_id.in_(own))
    reviewed = sorted((role, year) for role, year in who.roles if year and role.startswith(REVIEWER))
    if areas := [_area(role, year) for role, year in reviewed]:
        found.append(and_(Challenge.state != ChallengeState.DRAFT, or_(*areas)))
    if who.has_any("student", "tutor"):
        found.append(and_(live_on(day), Challenge.academic_year.in_(_years_of(who))))
    return found


def _area(role: str, year: int) -> ColumnElement[bool]:
    return and_(Challenge.theme == Theme(role.removeprefix(REVIEWER)), Challenge.academic_year.startswith(str(year)))


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
    """One page of the challenges that `who` may see, what waits for somebody first, and how many there are."""
    rows = visible_to(who, day)
    if search.text:
        rows = rows.where(_says(search.text))
    if search.state is not None:
        rows = rows.where(Challenge.state == search.state)
    if search.theme is not None:
        rows = rows.where(Challenge.theme == search.theme)
    if search.organisation is not None:
        rows = rows.where(Organisation.public_id == search.organisation)
    order = case({state: place for place, state in enumerate(WAITING_FIRST)}, value=Challenge.state, else_=9)
    rows = rows.order_by(order, Challenge.id.desc())
    return slice_of(rows, size, number, contains_eager(Challenge.organisation))


def published(year: str, day: date, level: int | None = None) -> Select[Challenge]:
    """The challenges of an academic year that students (of that level) may choose on that day, newest first.

    Joined to organisation, so that `Organisation.ceiling` can be read beside `Challenge.places_max`.
    """
    rows = select(Challenge).join(Challenge.organisation).where(Challenge.academic_year == year, live_on(day))
    if level is not None:
        rows = rows.where({5: Challenge.suits_level_5, 6: Challenge.suits_level_6}[level])
    return rows.order_by(Challenge.published_at.desc(), Challenge.id.desc())


def search_published(rows: Select[Challenge], search: Search) -> Select[Challenge]:
    """The same challenges, narrowed. A challenge that says no day suits every day."""
    rows = rows.outerjoin(Challenge.site)
    if search.text:
        rows = rows.where(_says(search.text))
    if search.theme is not None:
        rows = rows.where(Challenge.theme == search.theme)
    if search.borough is not None:
        rows = rows.where(func.coalesce(Site.borough, Organisation.borough) == search.borough)
    if search.mode is not None:
        rows = rows.where(Challenge.mode == search.mode)
    if search.day is not None:
        bit = 1 << (search.day % len(DAYS))
        rows = rows.where(or_(Challenge.days == 0, Challenge.days.op("&")(bit) != 0))
    return rows


def _says(text: str) -> ColumnElement[bool]:
    return or_(
        *(column.icontains(text, autoescape=True) for column in (Challenge.title, Challenge.need, Organisation.name))
    )


def published_page(rows: Select[Challenge], size: int, number: int) -> tuple[Sequence[Challenge], int]:
    """One page of what `published` or `search_published` selects, with organisation and site. Two queries."""
    return slice_of(rows, size, number, contains_eager(Challenge.organisation), joinedload(Challenge.site))


def live_now(day: date) -> Select[Challenge]:
    """What anybody may read on that day: live, of this academic year or a later one."""
    this_year = academic_year(day)
    rows = select(Challenge).join(Challenge.organisation).where(Challenge.academic_year >= this_year, live_on(day))
    return rows.order_by(Challenge.published_at.desc(), Challenge.id.desc())


def live_challenge(public_id: str, day: date) -> Challenge | None:
    """One of them."""
    found = live_now(day).where(Challenge.public_id == public_id)
    return db.session.scalar(found.options(contains_eager(Challenge.organisation), joinedload(Challenge.site)))


def open_years(day: date) -> list[str]:
    """The academic years for which challenges can be posted: those of runs that are not over, or the current one."""
    runs = select(ModuleRun.academic_year).where(ModuleRun.state != RunState.CLOSED).distinct()
    return list(db.session.scalars(runs.order_by(ModuleRun.academic_year))) or [academic_year(day)]


def reviewers(challenge: Challenge) -> Sequence[int]:
    """Who is asked to review, by key: the area's champions without an interest, or else the engagement team."""
    found = free_champions(challenge.theme, challenge.academic_year, challenge.organisation_id)
    champions = db.session.scalars(found.order_by(RoleOnRun.person_id)).all()
    return champions or engagement_officers(about=challenge.organisation_id)


def to_tell(challenge: Challenge) -> list[int]:
    """Who hears of a challenge's fate at its organisation, by key: the main contacts, and whoever sent it in."""
    here = select(Contact.person_id, Contact.role).where(
        Contact.organisation_id == challenge.organisation_id, Contact.left_on.is_(None)
    )
    rows: Sequence[Any] = db.session.execute(here).all()
    told = [person for person, role in rows if role is ContactRole.PRIMARY or person == challenge.submitted_by_id]
    return told or [person for person, _ in rows]


def latest_comment(challenge: Challenge) -> ReviewComment | None:
    """The last thing said in its review."""
    said = select(ReviewComment).where(ReviewComment.challenge_id == challenge.id)
    return db.session.scalar(said.order_by(ReviewComment.id.desc()).limit(1))
