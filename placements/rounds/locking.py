"""Holding a student and a challenge together for the next round, and letting go again."""

from datetime import datetime

from placements.challenges.models import Challenge
from placements.cohorts.actions import enrolment_left
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import offer_accepted
from placements.offers.models import Offer
from placements.offers.queries import Taken, live_offers, locked_challenges
from placements.offers.rules import why_not
from placements.partners.policy import has_no_side
from placements.rounds import notices
from placements.rounds.entrants import NEEDS_A_PLACE, standing_locks
from placements.rounds.models import Lock
from placements.rounds.queries import taken_or_locked

WHO = "rounds.lock"  # the ability that a lock's history is read by: never its student's


def lock_pair(enrolment: Enrolment, challenge: Challenge, reason: str, *, actor: Principal, now: datetime) -> Lock:
    """Fix the student to the challenge in the next round. Returns the lock, the same one where it stands already.

    Raises Refused where the student needs no place or has another lock, where the challenge is not open to them or
    its places are taken or locked, or where `actor` has a side in it.
    """
    challenge = locked_challenges([challenge.id])[challenge.id]
    name = enrolment.person.name
    standing = next(iter(standing_locks([enrolment.id])), None)
    if standing is not None:
        if standing.challenge_id == challenge.id:
            return standing
        raise Refused(f"{name} is locked to {standing.challenge.title} already. Undo that lock first.")
    if enrolment.state not in NEEDS_A_PLACE or live_offers([enrolment.id]):
        raise Refused(f"{name} does not need a place now.")
    check_place(enrolment, challenge, taken_or_locked(challenge.academic_year), actor=actor, now=now)
    lock = Lock(enrolment=enrolment, challenge=challenge, locked_by_id=actor.person_id, reason=reason, locked_at=now)
    db.session.add(lock)
    record("locked", lock, actor=actor, now=now, person_id=enrolment.person_id, ability=WHO, reason=reason)
    return lock


def check_place(enrolment: Enrolment, challenge: Challenge, counted: Taken, *, actor: Principal, now: datetime) -> None:
    """Raises Refused where the challenge is not open to the student or full, or where `actor` has a side in it."""
    if not has_no_side(actor, challenge.organisation_id):
        raise Refused(f"You have an interest in {challenge.organisation.name}, so somebody else has to decide this.")
    refusal = why_not(
        is_open=challenge.is_live(today(now)) and challenge.academic_year == enrolment.run.academic_year,
        is_for_level=challenge.suits(enrolment.run.level),
        room=counted.room(challenge),
    )
    if refusal:
        raise Refused(f"{challenge.title}: {refusal}", field="challenge")


def undo_lock(lock: Lock, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let the next round place the student freely again. Tells whoever locked it, if that was somebody else."""
    hold_row(lock, "ended_at")
    if lock.ended_at is not None:
        return
    end(lock, "undone", reason, actor=actor, now=now)
    if lock.locked_by_id != actor.person_id:
        tell(notices.LOCK_UNDONE, lock.id, [lock.locked_by_id], now)


@enrolment_left.connect
def _let_go(enrolment: Enrolment, *, actor: Principal, now: datetime, **_: object) -> None:
    """Whoever withdraws or defers is locked to nothing."""
    for lock in standing_locks([enrolment.id]):
        end(lock, "undone", actor=actor, now=now)


@offer_accepted.connect
def _placed_otherwise(offer: Offer, *, actor: Principal, now: datetime, **_: object) -> None:
    """Whoever has a place is locked to none: a round uses its locks up before anybody accepts."""
    _let_go(offer.enrolment, actor=actor, now=now)


def end(lock: Lock, verb: str, reason: str = "", *, actor: Principal, now: datetime) -> None:
    """End a lock that stands; `verb` says how, in the past tense."""
    lock.ended_at = now
    student = lock.enrolment.person_id
    record(verb, lock, actor=actor, now=now, person_id=student, ability=WHO, reason=reason)
