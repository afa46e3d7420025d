"""Finding challenges: which are open to a student, searched and filtered, with how many have ranked each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import joinedload

from placements.applications.models import Application, Bookmark, Preference
from placements.applications.policy import CHOOSING
from placements.applications.rules import Option, say_ranked
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge, Dbs, live_on
from placements.challenges.queries import Search, published, published_page, search_published
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.db import db

PAGE_SIZE = 15
WITH_PLACE = (joinedload(Challenge.organisation, innerjoin=True), joinedload(Challenge.site))


@dataclass(frozen=True)
class Wanted:
    """What a student asks for: a search, and what they alone ask; False narrows nothing."""

    search: Search
    pays_expenses: bool = False
    needs_no_dbs: bool = False
    is_bookmarked: bool = False


@dataclass(frozen=True)
class Found:
    """One challenge of a list, as far as this student may know of it."""

    challenge: Challenge
    is_bookmarked: bool
    ranked_said: str


@dataclass(frozen=True)
class Chosen:
    """A challenge somewhere among a student's choices, and what the rules say of it now."""

    challenge: Challenge
    option: Option


def search(of: Enrolment, wanted: Wanted, number: int, now: datetime) -> tuple[Sequence[Found], int]:
    """The `number`th page of the challenges open to the enrolment, newest first; how many there are. One query."""
    shown, count = published_page(_wanted(_open_to(of, now), wanted, of.id), PAGE_SIZE, number)
    return [Found(challenge, marked, say_ranked(ranked)) for challenge, marked, ranked in shown], count


@lru_cache(maxsize=256)  # slower to put together than to answer
def _wanted(open_to: Select[Challenge], wanted: Wanted, enrolment_id: int) -> Select[Any]:
    rows = search_published(open_to, wanted.search)
    if wanted.pays_expenses:
        rows = rows.where(Challenge.pays_expenses.is_(True))
    if wanted.needs_no_dbs:
        rows = rows.where(Challenge.dbs == Dbs.NONE)
    is_bookmarked = _is_bookmarked(enrolment_id)
    if wanted.is_bookmarked:
        rows = rows.where(is_bookmarked)
    return rows.add_columns(is_bookmarked, RANKED)


def found(of: Enrolment, challenge: Challenge) -> Found:
    """A challenge with what this student may know of it. One query."""
    asked = select(_is_bookmarked(of.id), RANKED).select_from(Challenge).where(Challenge.id == challenge.id)
    marked, ranked = db.session.execute(asked).one()
    return Found(challenge, marked, say_ranked(ranked))


def open_challenge(of: Enrolment, public_id: str, now: datetime) -> Challenge | None:
    """That challenge, where it is open to the enrolment."""
    rows = _open_to(of, now).where(Challenge.public_id == public_id)
    return db.session.scalar(rows.options(*WITH_PLACE))


def chosen(of: Enrolment, public_ids: Collection[str], now: datetime) -> Mapping[str, Chosen]:
    """The challenges by public id, open or not, with what stands against each for the enrolment. One query."""
    rows = select(Challenge, live_on(today(now))).where(Challenge.public_id.in_(public_ids))
    shown = db.session.execute(rows.options(*WITH_PLACE))
    return {each.public_id: Chosen(each, _option(of, each, bool(is_live))) for each, is_live in shown}


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
