"""Reasons as their reader may have them: a student's own in words; the module leader's with what each choice costs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload, undefer

from placements.allocation.models import Attempt, Match, MatchReason
from placements.allocation.results import by_public_id, frozen_inputs
from placements.applications.models import Application, HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.core.policy import Principal
from placements.db import db
from placements.offers.models import Clearing, Offer
from placements.offers.queries import live_offers, open_clearing
from placements.rounds.inputs import round_key
from placements.rounds.models import Round
from placements.rounds.workflow import RoundState
from placements.solver.objective import read_rule
from placements.solver.reasons import Reasons


@dataclass(frozen=True)
class Mine:
    """What the latest round told its reader; the offer they have now, of whatever; their row on the clearing list."""

    match: Match
    offer: Offer | None
    clearing: Clearing | None


def mine(who: Principal) -> Mine | None:
    """What the latest published round did for oneself; a repair did nothing that left one alone. Four queries."""
    made_a_difference = or_(Match.offer_id.is_not(None), Match.challenge_id.is_(None))
    enrolment = joinedload(Match.enrolment, innerjoin=True)
    match = db.session.scalar(
        select(Match)
        .join(Match.round)
        .where(Match.enrolment_id.in_(who.held_on("student")), Round.state == RoundState.PUBLISHED, made_a_difference)
        .order_by(Match.id.desc())
        .limit(1)
        .options(
            enrolment.joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
            joinedload(Match.challenge).joinedload(Challenge.organisation),
            selectinload(Match.reasons).joinedload(MatchReason.challenge).joinedload(Challenge.organisation),
        )
    )
    if match is None:
        return None
    key = match.enrolment_id
    return Mine(match, live_offers([key]).get(key), open_clearing([key]).get(key))


@dataclass(frozen=True)
class Cost:
    """A choice above the place that a student has: what each line of the rule would grow by with them there."""

    challenge: Challenge
    rank: int | None
    why: str
    lines: Sequence[tuple[str, int]]


def costs_of(match: Match) -> list[Cost] | None:
    """For the module leader; the best choice first. None where the reasons of the staged attempt were not kept.

    Choices that were never in the round's inputs are not among them: why not may be the student's alone to know.
    """
    staged = select(Attempt).where(Attempt.round_id == match.round_id, Attempt.staged_at.is_not(None))
    attempt = db.session.scalar(staged.options(undefer(Attempt.instance), undefer(Attempt.reasons)))
    if attempt is None or not attempt.reasons:
        return None
    instance, key = frozen_inputs(attempt), round_key(match.round, match.enrolment)
    found = Reasons.from_json(attempt.reasons).students.get(key)
    if found is None:  # of a result that is not proven to be the best, there are none
        return None
    ranks = {option.challenge: option.rank for each in instance.students if each.key == key for option in each.options}
    challenges = by_public_id([each.challenge for each in found])
    names = read_rule(attempt.rule, instance.worst).lines
    return [
        Cost(challenges[each.challenge], ranks.get(each.challenge), each.why, list(zip(names, each.cost, strict=False)))
        for each in found
    ]


def unsuitable(enrolment_ids: Collection[int]) -> Mapping[tuple[int, int], Unsuitable | None]:
    """Why organisations said “not suitable”, by enrolment and challenge, where a module leader agreed. One query."""
    rows = db.session.execute(
        select(Application.enrolment_id, HostAnswer.challenge_id, HostAnswer.reason)
        .join(HostAnswer.application)
        .where(Application.enrolment_id.in_(enrolment_ids), HostAnswer.state == AnswerState.AGREED)
    )
    return {(enrolment_id, challenge_id): reason for enrolment_id, challenge_id, reason in rows}
