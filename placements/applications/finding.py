"""Finding challenges: which are open to a student, searched and filtered, with how many have ranked each."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.applications.models import Application, Bookmark, Preference
from placements.applications.policy import CHOOSING
from placements.applications.rules import Option, say_ranked
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge, Dbs
from placements.challenges.queries import Search, published, published_page, search_published
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.db import db

PAGE_SIZE = 15


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
    """The `number`th page of the challenges open to the enrolment, newest first; how many there are. Four queries."""
    rows = search_published(_open_to(of, now), wanted.search)
    if wanted.pays_expenses:
        rows = rows.where(Challenge.pays_expenses.is_(True))
    if wanted.needs_no_dbs:
        rows = rows.where(Challenge.dbs == Dbs.NONE)
    if wanted.is_bookmarked:
        rows = rows.where(Challenge.id.in_(_bookmarks(of)))
    shown, count = published_page(rows, PAGE_SIZE, number)
    return found(of, shown), count


def found(of: Enrolment, shown: Sequence[Challenge]) -> list[Found]:
    """The same challenges with what this student may know of each. Two queries."""
    keys = [challenge.id for challenge in shown]
    ranked, marked = _ranked(keys), set(db.session.scalars(_bookmarks(of).where(Bookmark.challenge_id.in_(keys))))
    return [Found(each, each.id in marked, say_ranked(ranked.get(each.id, 0))) for each in shown]


def open_challenge(of: Enrolment, public_id: str, now: datetime) -> Challenge | None:
    """That challenge, where it is open to the enrolment."""
    rows = _open_to(of, now).where(Challenge.public_id == public_id)
    return db.session.scalar(rows.options(contains_eager(Challenge.organisation), joinedload(Challenge.site)))


def chosen(of: Enrolment, public_ids: Collection[str], now: datetime) -> Mapping[str, Chosen]:
    """The challenges by public id, open or not, with what stands against each for the enrolment. One query."""
    found = select(Challenge).where(Challenge.public_id.in_(public_ids))
    shown = db.session.scalars(found.options(joinedload(Challenge.organisation), joinedload(Challenge.site)))
    return {each.public_id: Chosen(each, _option(of, each, now)) for each in shown}


def _option(of: Enrolment, challenge: Challenge, now: datetime) -> Option:
    suits = challenge.suits(of.run.level) and challenge.academic_year == of.run.academic_year
    return Option(challenge.title, challenge.is_live(today(now)), suits)


def _open_to(of: Enrolment, now: datetime) -> Select[Challenge]:
    return published(of.run.academic_year, today(now), of.run.level)


def _bookmarks(of: Enrolment) -> Select[int]:
    return select(Bookmark.challenge_id).where(Bookmark.enrolment_id == of.id)


def _ranked(challenge_ids: Collection[int]) -> Mapping[int, int]:
    """How many students still to be placed have ranked each; those that nobody has are left out. One query."""
    counted = (
        select(Preference.challenge_id, func.count())
        .join(Preference.application)
        .join(Application.enrolment)
        .where(Preference.challenge_id.in_(challenge_ids))
        .where(Application.state == ApplicationState.SUBMITTED, Enrolment.state.in_(CHOOSING))
        .group_by(Preference.challenge_id)
    )
    return dict(db.session.execute(counted).all())
