"""Finding challenges: which are open to a student, searched and filtered, with how many have ranked each."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, undefer

from placements.applications.models import Application, Bookmark, Preference
from placements.applications.needs import Asks, Limits, misfits
from placements.applications.policy import CHOOSING
from placements.applications.rules import Option, say_ranked
from placements.applications.workflow import ApplicationState
from placements.challenges.models import DAYS, MODES, Challenge, ChallengeSite, Dbs, WorkMode, live_on
from placements.challenges.queries import Search, published, published_page, search_published
from placements.challenges.rules import as_days
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.db import db
from placements.partners.models import Organisation, Site
from placements.search import matches

PAGE_SIZE = 15
FURTHER = undefer(Challenge.further_boroughs)
WITH_PLACE = (joinedload(Challenge.organisation, innerjoin=True), joinedload(Challenge.site))


@dataclass(frozen=True)
class Wanted:
    """What a student asks for: a search, and what they alone ask; False and None narrow nothing.

    `most_dbs`: the longest check. `within`: the boroughs to be in, unless it is remote. `fitting`: what must fit.
    """

    search: Search
    skills: str | None = None
    pays_expenses: bool = False
    most_dbs: Dbs | None = None
    within: frozenset[str] | None = None
    fitting: Limits | None = None
    is_bookmarked: bool = False


@dataclass(frozen=True)
class Found:
    """One challenge of a list, as far as this student may know of it. `misfits`: None where they need nothing."""

    challenge: Challenge
    is_bookmarked: bool
    ranked_said: str
    misfits: Sequence[str] | None


@dataclass(frozen=True)
class Chosen:
    """A challenge somewhere among a student's choices, and what the rules say of it now."""

    challenge: Challenge
    option: Option
    misfits: Sequence[str] | None


def misfits_of(limits: Limits | None, challenge: Challenge) -> list[str] | None:
    """Why the challenge does not fit, a sentence each; None where nothing decides. Reads the places' boroughs."""
    if limits is None or limits == Limits():
        return None
    is_remote = challenge.mode is WorkMode.REMOTE
    return misfits(limits, Asks(tuple(challenge.day_names), challenge.boroughs, challenge.mode_said, is_remote))


def search(
    of: Enrolment, limits: Limits | None, wanted: Wanted, number: int, now: datetime
) -> tuple[Sequence[Found], int]:
    """The `number`th page of the challenges open to the enrolment, newest first; how many there are. One query."""
    shown, count = published_page(_wanted(_open_to(of, now), wanted, of.id), PAGE_SIZE, number, FURTHER)
    return [
        Found(challenge, marked, say_ranked(ranked), misfits_of(limits, challenge))
        for challenge, marked, ranked in shown
    ], count


@lru_cache(maxsize=256)  # slower to put together than to answer
def _wanted(open_to: Select[Challenge], wanted: Wanted, enrolment_id: int) -> Select[Any]:
    rows = search_published(open_to, wanted.search)
    if wanted.skills:
        rows = rows.where(matches(wanted.skills, Challenge, part="skills"))
    if wanted.pays_expenses:
        rows = rows.where(Challenge.pays_expenses.is_(True))
    if wanted.most_dbs is not None:
        rows = rows.where(Challenge.dbs.in_(list(Dbs)[: list(Dbs).index(wanted.most_dbs) + 1]))
    if wanted.within is not None:
        rows = rows.where(_is_within(wanted.within))
    if wanted.fitting is not None:
        rows = rows.where(*_fits(wanted.fitting))
    is_bookmarked = _is_bookmarked(enrolment_id)
    if wanted.is_bookmarked:
        rows = rows.where(is_bookmarked)
    return rows.add_columns(is_bookmarked, RANKED)


def _fits(limits: Limits) -> Iterator[ColumnElement[bool]]:
    """The same as having no misfits, over rows of challenge."""
    if limits.days:
        can_come = as_days([DAYS.index(day) for day in limits.days])
        yield or_(Challenge.days == 0, Challenge.days.op("&")(can_come) != 0)
    if limits.within is not None:
        yield _is_within(limits.within)
    if limits.modes is not None:
        yield Challenge.mode.in_([mode for mode, said in MODES.items() if said in limits.modes])


def _is_within(boroughs: frozenset[str]) -> ColumnElement[bool]:
    """Remote, or one of its places is in one of the boroughs."""
    names = sorted(boroughs)
    its_site = exists().where(Site.id == Challenge.site_id, Site.borough.in_(names))
    further = exists().where(
        ChallengeSite.challenge_id == Challenge.id, ChallengeSite.site_id == Site.id, Site.borough.in_(names)
    )
    its_own = exists().where(Organisation.id == Challenge.organisation_id, Organisation.borough.in_(names))
    return or_(
        Challenge.mode == WorkMode.REMOTE,
        its_site.correlate(Challenge),
        further.correlate(Challenge),
        and_(Challenge.site_id.is_(None), its_own.correlate(Challenge)),
    )


def found(of: Enrolment, limits: Limits | None, challenge: Challenge) -> Found:
    """A challenge with what this student may know of it. One query."""
    asked = select(_is_bookmarked(of.id), RANKED).select_from(Challenge).where(Challenge.id == challenge.id)
    marked, ranked = db.session.execute(asked).one()
    return Found(challenge, marked, say_ranked(ranked), misfits_of(limits, challenge))


def open_challenge(of: Enrolment, public_id: str, now: datetime) -> Challenge | None:
    """That challenge, where it is open to the enrolment."""
    rows = _open_to(of, now).where(Challenge.public_id == public_id)
    return db.session.scalar(rows.options(*WITH_PLACE, FURTHER))


def chosen(
    of: Enrolment, public_ids: Collection[str], now: datetime, limits: Limits | None = None
) -> Mapping[str, Chosen]:
    """The challenges by public id, open or not, with what stands against each for the enrolment. One query."""
    rows = select(Challenge, live_on(today(now))).where(Challenge.public_id.in_(public_ids))
    shown = db.session.execute(rows.options(*WITH_PLACE, FURTHER))
    return {
        each.public_id: Chosen(each, _option(of, each, bool(is_live)), misfits_of(limits, each))
        for each, is_live in shown
    }


def _option(of: Enrolment, challenge: Challenge, is_live: bool) -> Option:
    suits = challenge.suits(of.run.level) and challenge.academic_year == of.run.academic_year
    return Option(challenge.title, is_live, suits)


def _open_to(of: Enrolment, now: datetime) -> Select[Challenge]:
    return published(of.run.academic_year, today(now), of.run.level)


def _is_bookmarked(enrolment_id: int) -> ColumnElement[bool]:
    return (
        exists()
        .where(Bookmark.enrolment_id == enrolment_id, Bookmark.challenge_id == Challenge.id)
        .correlate(Challenge)
    )


# How many students still to be placed have ranked a challenge.
RANKED = (
    select(func.count())
    .select_from(Preference)
    .join(Preference.application)
    .join(Application.enrolment)
    .where(Preference.challenge_id == Challenge.id)
    .where(Application.state == ApplicationState.SUBMITTED, Enrolment.state.in_(CHOOSING))
    .correlate(Challenge)
    .scalar_subquery()
)
