"""Opening a round, having it solved, staging what came out, overriding a pair, and publishing."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete, func, select, update

from placements.allocation.explaining import explain, explain_by_hand
from placements.allocation.models import Attempt, Match
from placements.allocation.queries import all_matches, taken_by_matches, without_a_place
from placements.allocation.results import changes_of, frozen_inputs, outcomes, result_of
from placements.allocation.workflow import AttemptState
from placements.applications.actions import close_to_organisations
from placements.applications.answering import close_answers
from placements.challenges.models import Challenge
from placements.clearing.actions import tell_of_unfilled
from placements.cohorts.actions import enrolment_began
from placements.cohorts.models import Enrolment, ModuleRun
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.offers.actions import make_offers
from placements.offers.models import ClearingReason, Offer
from placements.offers.queries import locked_challenges
from placements.offers.refusing import tell_organisations
from placements.offers.replacing import make_room
from placements.offers.unplaced import needs_a_place, tell_of_no_place
from placements.rounds.entrants import field_of, ranks_of
from placements.rounds.inputs import instance_of, problems
from placements.rounds.locking import check_place, end
from placements.rounds.models import Adjustment, Lock, Round
from placements.rounds.suggesting import suggested
from placements.rounds.workflow import ROUND, RoundState
from placements.solver.objective import FEWEST_MOVES, GREEDY, LEAST_TOTAL_RANK, usual
from placements.solver.proof import verify

AGAIN = "Run the allocation again, and stage what comes out."
WHO = "allocation.matches"  # the ability that the history of single matches is read by: never their students'
WAITING = (AttemptState.QUEUED, AttemptState.SOLVING)


def run(round: Round, *, actor: Principal, now: datetime) -> Attempt:
    """Freeze the round's inputs and queue an attempt by each rule for the worker. Returns that of the usual rule.

    Where one waits already it returns that one, and queues none. Raises Refused where nobody is in the round, a lock
    does not fit, or the locks cannot all hold.
    """
    _hold(round)
    ROUND.move(round, "run")
    waiting = select(Attempt).where(Attempt.round_id == round.id, Attempt.state.in_(WAITING))
    attempt = db.session.scalar(waiting.where(Attempt.base_id.is_(None)).order_by(Attempt.id).limit(1))
    if attempt is not None:
        return attempt
    field = field_of(round, now)
    found = [*problems(field), *(f"{each.words} first." for each in suggested(round, field))]
    if found:
        raise Refused(found[0])
    instance = instance_of(round, field)
    inputs = {"instance": instance.to_json(), "instance_sha256": instance.sha256()}
    by_threshold = (usual(round.threshold), GREEDY, LEAST_TOTAL_RANK)
    rules = (FEWEST_MOVES,) if round.repairs_id else by_threshold
    attempts = [Attempt(round=round, rule=rule, created_at=now, **inputs) for rule in rules]
    db.session.add_all(attempts)
    db.session.flush()
    record("run", round, actor=actor, now=now)
    return attempts[0]


def stage(attempt: Attempt, *, actor: Principal, now: datetime) -> None:
    """Make the attempt's placing what the round is about to tell people; overrides made before are gone.

    The proof is checked once more. From now on organisations' answers stand as they are.
    Raises Refused where anything that the attempt was based on has changed since.
    """
    round = attempt.round
    _hold(round)
    if attempt.state is not AttemptState.SOLVED or attempt.base_id is not None:
        raise Refused("This attempt has no result to stage.")
    close_answers([run.id for run in round.runs], now=now)  # before they are read: none changes while this checks
    field = field_of(round, now)
    if problems(field) or instance_of(round, field).sha256() != attempt.instance_sha256:
        raise Refused(f"Students, choices, answers, places or locks have changed since this attempt. {AGAIN}")
    if verify(frozen_inputs(attempt), result_of(attempt)):
        raise Refused(f"The result of this attempt does not pass its check. {AGAIN}")
    ROUND.move(round, "stage")
    db.session.execute(delete(Match).where(Match.round_id == round.id))
    db.session.execute(update(Attempt).where(Attempt.round_id == round.id).values(staged_at=None))
    attempt.staged_at = now
    held = {entrant.enrolment.id: entrant.held for entrant in field.entrants}
    matches = [
        Match(
            round_id=round.id,
            enrolment=each.enrolment,
            challenge=each.challenge,
            rank=each.rank,
            held=held[each.enrolment.id],
        )
        for each in outcomes(attempt)
    ]
    db.session.add_all(matches)
    db.session.flush()
    explain(attempt, field, matches)
    record("staged", round, actor=actor, now=now)


def override(match: Match, challenge: Challenge | None, reason: str, *, actor: Principal, now: datetime) -> None:
    """Place one student of a staged round elsewhere, or nowhere, with a reason.

    Raises Refused where the challenge is not open to the student, its places are given to others, or `actor` has a
    side in it.
    """
    round, enrolment = match.round, match.enrolment
    _hold(round)
    ROUND.move(round, "override")
    if match.challenge_id == (challenge.id if challenge else None):
        return
    if challenge is not None:
        challenge = locked_challenges([challenge.id])[challenge.id]
        check_place(enrolment, challenge, taken_by_matches(round, but=match), actor=actor, now=now)
    match.challenge = challenge
    match.rank = ranks_of(enrolment).get(challenge.id) if challenge else None
    match.overridden_by_id, match.reason = actor.person_id, reason
    said, student = "placed by hand" if challenge else "placed nowhere", enrolment.person_id
    record(said, round, actor=actor, now=now, person_id=student, ability=WHO, reason=reason)


def publish(round: Round, deadline_at: datetime, clearing_by_on: date, *, actor: Principal, now: datetime) -> None:
    """Make every match an offer, and put everybody else who needs a place on the clearing list; mail them all.

    A repair leaves whoever keeps their offer alone, and tells them nothing. Locks are used up. Organisations are told
    how many students are offered a place, or why none is, and lose sight of those who applied; whoever looks after them
    hears of those to which nobody comes. Raises Refused, changing
    nothing, where a match no longer fits, a lock made since would be passed over, or the deadline is past.
    """
    _hold(round)
    if not ROUND.move(round, "publish"):
        return
    if clearing_by_on < today(now):
        raise Refused("Choose a date that is still to come.", field="clearing_by_on")
    staged_at = db.session.scalar(select(func.max(Attempt.staged_at)).where(Attempt.round_id == round.id))
    if staged_at is not None and _is_adjusted_since(staged_at, round):
        raise Refused(f"What this round is run on has been changed since this was staged. {AGAIN}")
    matches = all_matches(round)
    locks = _heeded(round, matches, staged_at, now)
    offers = _give_out(matches, deadline_at, clearing_by_on, actor=actor, now=now)
    in_round = {match.enrolment_id for match in matches}
    for enrolment in without_a_place(round):
        why = ClearingReason.UNPLACED if enrolment.id in in_round else ClearingReason.DID_NOT_APPLY
        row = needs_a_place(enrolment, why, by_on=clearing_by_on, actor=actor, now=now)
        tell_of_no_place(row, now=now)
    for lock in locks:
        end(lock, "used by a round", actor=actor, now=now)
    explain_by_hand([match for match in matches if match.overridden_by_id is not None])
    close_to_organisations(in_round, now=now)
    tell_organisations(offers, round.runs, with_nobody=not round.repairs_id, now=now)
    if not round.repairs_id:
        tell_of_unfilled(now=now)
    round.published_at = now
    record("published", round, actor=actor, now=now)


def _is_adjusted_since(staged_at: datetime, round: Round) -> bool:
    """Whether an adjustment that the staged matches know stands no more, or one stands that they do not know."""
    made = db.session.scalars(select(Adjustment).where(Adjustment.round_id == round.id))
    return any((each.made_at > staged_at) != bool(each.undone_at and each.undone_at > staged_at) for each in made)


def _give_out(
    matches: Sequence[Match], deadline_at: datetime, clearing_by_on: date, *, actor: Principal, now: datetime
) -> list[Offer]:
    """Take back the offers that the matches change, and make the new ones: all, or none and Refused."""
    changes = changes_of(matches)
    moved, lost = ([match.held for match in some if match.held] for some in (changes.moved, changes.lost))
    by_hand = {match.held_id for match in matches if match.held_id and match.overridden_by_id}
    given = [(match, match.challenge_id) for match in (*changes.moved, *changes.placed) if match.challenge_id]
    instead_of = {offer.enrolment_id: offer for offer in moved}
    try:
        if moved or lost:
            wanted = {challenge_id for _, challenge_id in given}
            make_room(moved, lost, wanted, by_hand=by_hand, by_on=clearing_by_on, actor=actor, now=now)
        pairs = [(match.enrolment, challenge_id) for match, challenge_id in given]
        offers = make_offers(pairs, deadline_at, instead_of=instead_of, actor=actor, now=now)
    except Refused as refusal:
        if refusal.field == "deadline_on":
            raise
        raise Refused(f"{refusal.sentence} {AGAIN}") from refusal
    for (match, _), offer in zip(given, offers, strict=True):
        match.offer = offer
    return offers


def _heeded(round: Round, matches: Sequence[Match], staged_at: datetime | None, now: datetime) -> list[Lock]:
    """The locks of those in the round. Raises Refused where one is passed over, but by hand where it stood before."""
    match_of = {match.enrolment_id: match for match in matches}
    locks = [entrant.lock for entrant in field_of(round, now).entrants if entrant.lock]
    for lock in locks:
        match = match_of.get(lock.enrolment_id)
        is_new = staged_at is not None and lock.locked_at > staged_at
        is_by_hand = match is not None and match.overridden_by_id is not None and not is_new
        if match is None or (match.challenge_id != lock.challenge_id and not is_by_hand):
            said = f"{lock.enrolment.person.name} has been locked to {lock.challenge.title} since this was staged."
            raise Refused(f"{said} Undo that lock, or run the allocation again and stage what comes out.")
    return locks


@enrolment_began.connect
def look_after(enrolment: Enrolment, *, actor: Principal, now: datetime) -> None:
    """Whoever joins, or comes back, when a round of their run is published goes on the clearing list and is told."""
    over_it = Round.runs.any(ModuleRun.id == enrolment.run_id)
    if db.session.scalar(select(Round.id).where(over_it, Round.state == RoundState.PUBLISHED).limit(1)):
        tell_of_no_place(needs_a_place(enrolment, ClearingReason.CAME_LATE, actor=actor, now=now), now=now)


def _hold(round: Round) -> None:
    """Read the round's state again, and keep everybody else off it until the transaction ends."""
    hold_row(round, "state")
