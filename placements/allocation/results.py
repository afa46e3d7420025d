"""What attempts and staged rounds come to: whom they place where, and how many at which of their choices."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, undefer

from placements.allocation.models import Attempt, Match
from placements.allocation.workflow import AttemptState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import db
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.rounds.entrants import students_of
from placements.rounds.inputs import round_key
from placements.rounds.models import Round
from placements.solver.instance import Instance
from placements.solver.objective import read_rule
from placements.solver.result import Result


@dataclass(frozen=True)
class Profile:
    """How many students a placing puts at each of their choices. `unranked`: placed where they had not chosen."""

    ranks: Mapping[int, int]
    unranked: int
    unplaced: int

    @property
    def placed(self) -> int:
        """How many have a place."""
        return sum(self.ranks.values()) + self.unranked

    @property
    def students(self) -> int:
        """How many there are."""
        return self.placed + self.unplaced

    @property
    def total_rank(self) -> int:
        """The ranks added up, of those placed at one of their choices."""
        return sum(rank * number for rank, number in self.ranks.items())

    @property
    def rows(self) -> list[tuple[int, int]]:
        """Each rank from 1 to the worst that occurs, with its number of students."""
        return [(rank, self.ranks.get(rank, 0)) for rank in range(1, max(self.ranks, default=0) + 1)]


def profile_of_result(result: Result) -> Profile:
    """The profile of an attempt's result."""
    unplaced = sum(challenge is None for challenge in result.placing.values())
    return Profile(dict(enumerate(result.profile, 1)), result.unranked, unplaced)


@dataclass(frozen=True)
class Line:
    """One line of a rule: what it keeps small, how much of it there is, and the least that is possible."""

    what: str
    here: int
    least: int


def lines_of(attempt: Attempt) -> list[Line]:
    """What a solved attempt keeps small, the first line before the second."""
    result, worst = result_of(attempt), frozen_inputs(attempt).worst
    told = zip(read_rule(result.rule, worst).lines, result.totals, result.bound, strict=True)
    return [Line(*line) for line in told]


def compared(attempts: Sequence[Attempt]) -> list[tuple[Attempt, Profile]]:
    """The solved ones at the latest inputs of a round's attempts: the last by each rule, and its profile. One query."""
    if not attempts:
        return []
    latest = [each for each in attempts if each.instance_sha256 == attempts[-1].instance_sha256]
    last = {each.rule: each for each in latest if each.state is AttemptState.SOLVED}
    wanted = select(Attempt).where(Attempt.id.in_([each.id for each in last.values()])).order_by(Attempt.id)
    found = db.session.scalars(wanted.options(undefer(Attempt.result)))
    return [(each, profile_of_result(result_of(each))) for each in found]


def profile_of_round(round: Round) -> Profile:
    """The profile of a staged round, its overrides included. One query."""
    is_placed = Match.challenge_id.is_not(None)
    rows = db.session.execute(
        select(is_placed, Match.rank, func.count()).where(Match.round_id == round.id).group_by(is_placed, Match.rank)
    ).all()
    return Profile(
        ranks={rank: number for placed, rank, number in rows if placed and rank is not None},
        unranked=sum(number for placed, rank, number in rows if placed and rank is None),
        unplaced=sum(number for placed, _, number in rows if not placed),
    )


@dataclass(frozen=True)
class Outcome:
    """What an attempt has for one student. `challenge` None: no place; `rank` None: they had not chosen it."""

    enrolment: Enrolment
    challenge: Challenge | None
    rank: int | None
    is_locked: bool


def outcomes(attempt: Attempt) -> Sequence[Outcome]:
    """Whom a solved attempt puts where, those without a place first, then by name. Two queries."""
    placing = result_of(attempt).placing
    instance = frozen_inputs(attempt)
    locked = {lock.student for lock in instance.locks}
    ranks = {(each.key, option.challenge): option.rank for each in instance.students for option in each.options}
    challenges = by_public_id({place for place in placing.values() if place})
    found = []
    for enrolment in students_of(attempt.round):
        key = round_key(attempt.round, enrolment)
        if key in placing:
            place = placing[key]
            challenge = challenges[place] if place else None
            found.append(Outcome(enrolment, challenge, ranks.get((key, place or "")), key in locked))
    return sorted(found, key=lambda outcome: outcome.challenge is not None)


def not_running(attempt: Attempt) -> list[Challenge]:
    """The challenges that a solved attempt leaves empty though students chose them: too few for their minimum.

    By title. One query where there are any.
    """
    instance, held = frozen_inputs(attempt), set(result_of(attempt).placing.values())
    wanted = {option.challenge for student in instance.students for option in student.options}
    closed = {each.id for each in instance.challenges if each.minimum > 1 and each.id in wanted - held}
    return sorted(by_public_id(closed).values(), key=lambda challenge: challenge.title) if closed else []


def frozen_inputs(attempt: Attempt) -> Instance:
    """The attempt's frozen inputs."""
    return _read_inputs(attempt.instance)


def result_of(attempt: Attempt) -> Result:
    """The result of a solved attempt."""
    return _read_result(attempt.result or "")


_read_inputs = lru_cache(maxsize=4)(Instance.from_json)  # a page asks for the same one several times
_read_result = lru_cache(maxsize=8)(Result.from_json)


def by_public_id(public_ids: Collection[str]) -> Mapping[str, Challenge]:
    """The challenges with these public ids, each with its organisation. One query."""
    rows = select(Challenge).where(Challenge.public_id.in_(public_ids)).options(joinedload(Challenge.organisation))
    return {challenge.public_id: challenge for challenge in db.session.scalars(rows)}


def answers(round: Round) -> Mapping[OfferState, int]:
    """How the offers of a published round stand. One query."""
    rows = db.session.execute(
        select(Offer.state, func.count())
        .join(Match, Match.offer_id == Offer.id)
        .where(Match.round_id == round.id)
        .group_by(Offer.state)
    )
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True)
class Changes:
    """What publishing does to each student of a round: who keeps the offer they have, whose changes into another, who
    gets one and had none, and who loses theirs. A round that repairs none has only those who get one."""

    kept: list[Match]
    moved: list[Match]
    placed: list[Match]
    lost: list[Match]

    @property
    def is_anything(self) -> bool:
        """Whether anybody is told anything."""
        return bool(self.moved or self.placed or self.lost)


def changes_of(matches: Iterable[Match]) -> Changes:
    """What publishing these matches does."""
    changes = Changes([], [], [], [])
    for match in matches:
        if match.held is None:
            if match.challenge_id is not None:
                changes.placed.append(match)
        elif match.challenge_id is None:
            changes.lost.append(match)
        else:
            (changes.kept if match.challenge_id == match.held.challenge_id else changes.moved).append(match)
    return changes
