"""Attempts and matches as their reader may see them, and who else is to be told of a round."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from placements.allocation.models import Attempt, Match
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.offers.models import Offer
from placements.offers.queries import Taken, live_offers, open_clearing, taken
from placements.offers.workflow import OfferState
from placements.people.models import Person
from placements.rounds.entrants import NEEDS_A_PLACE, students_of
from placements.rounds.models import Round
from placements.rounds.queries import rounds_visible_to
from placements.rounds.repairs import InPlay


def attempts_of(round: Round) -> Sequence[Attempt]:
    """The round's attempts, the first first; trials are none. One query."""
    rows = select(Attempt).where(Attempt.round_id == round.id, Attempt.base_id.is_(None))
    return db.session.scalars(rows.order_by(Attempt.id)).all()


def seen_attempt(who: Principal, public_id: str) -> Attempt | None:
    """The attempt at that address, with its round, inputs and result; a trial is none."""
    found = attempts_seen(who).where(Attempt.public_id == public_id, Attempt.base_id.is_(None))
    return db.session.scalar(found)


def attempts_seen(who: Principal) -> Select[Attempt]:
    """The attempts and trials of rounds that `who` may see, each with its round, inputs and result."""
    seen = select(Attempt).where(Attempt.round_id.in_(rounds_visible_to(who).with_only_columns(Round.id)))
    return seen.options(
        joinedload(Attempt.round).selectinload(Round.runs), undefer(Attempt.instance), undefer(Attempt.result)
    )


_MATCH: tuple[ORMOption, ...] = (
    joinedload(Match.enrolment).joinedload(Enrolment.person),
    joinedload(Match.enrolment).joinedload(Enrolment.run),
    joinedload(Match.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
    joinedload(Match.challenge).joinedload(Challenge.organisation),
    joinedload(Match.offer),
    joinedload(Match.held).joinedload(Offer.challenge),
)


def seen_match(who: Principal, public_id: str) -> Match | None:
    """The match at that address, with its round, student and challenge."""
    return db.session.scalar(
        select(Match)
        .where(Match.public_id == public_id)
        .where(Match.round_id.in_(rounds_visible_to(who).with_only_columns(Round.id)))
        .options(joinedload(Match.round).selectinload(Round.runs), *_MATCH)
    )


def matches(round: Round, size: int, number: int) -> tuple[list[Match], int]:
    """A page of the round's matches, those without a place first, then by name; and how many there are. One query."""
    rows = (
        select(Match)
        .join(Match.enrolment)
        .join(Enrolment.person)
        .where(Match.round_id == round.id)
        .order_by(Match.challenge_id.is_not(None), Person.family_name, Person.given_name, Match.id)
    )
    return slice_of(rows, size, number, *_MATCH)


def all_matches(round: Round) -> Sequence[Match]:
    """Every match of the round. One query."""
    return db.session.scalars(select(Match).where(Match.round_id == round.id).options(*_MATCH).order_by(Match.id)).all()


def taken_by_matches(round: Round, but: Match) -> Taken:
    """What live offers and the round's other matches take of the year's places. Two queries, of a repair three.

    The offers that a repair may change hold nothing by themselves.
    """
    counted = taken(round.academic_year)
    if round.repairs_id is not None:
        counted = InPlay(unanswered_of(round)).counted(counted)
    rows = db.session.execute(
        select(Challenge.id, Challenge.organisation_id)
        .join(Match, Match.challenge_id == Challenge.id)
        .where(Match.round_id == round.id, Match.id != but.id)
    )
    for challenge_id, organisation_id in rows:
        counted.take(challenge_id, organisation_id)
    return counted


def unanswered_of(round: Round) -> Mapping[int, Offer]:
    """The offers that a staged repair may change and that still wait for an answer, by enrolment. One query."""
    rows = select(Offer).join(Match, Match.held_id == Offer.id).where(Match.round_id == round.id)
    waiting = rows.where(Offer.state == OfferState.MADE).options(joinedload(Offer.challenge))
    return {offer.enrolment_id: offer for offer in db.session.scalars(waiting)}


def without_a_place(round: Round, placed_ids: Collection[int] = ()) -> list[Enrolment]:
    """Who of the round's runs needs a place and has no offer, no row on the clearing list, and is not `placed_ids`."""
    enrolments = [each for each in students_of(round) if each.state in NEEDS_A_PLACE and each.id not in placed_ids]
    ids = [each.id for each in enrolments]
    settled = {*live_offers(ids), *open_clearing(ids)}
    return [each for each in enrolments if each.id not in settled]
