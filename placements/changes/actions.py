"""Changing what a round is run on, with a reason, and taking that back; and choosing its rule."""

from collections.abc import Callable, Iterable
from datetime import datetime

from placements.challenges.actions import promise_places
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.offers.queries import locked_challenges, taken
from placements.partners.actions import edit_organisation
from placements.partners.policy import has_no_side
from placements.rounds.adjustments import Wanted, standing
from placements.rounds.entrants import standing_locks
from placements.rounds.locking import lock_pair, undo_lock
from placements.rounds.models import Adjustment, Round
from placements.rounds.workflow import ROUND, AdjustmentKind
from placements.solver.changes import Kind

Made = Callable[[Round, Wanted, str, Principal, datetime], None]
WHO = "allocation.matches"  # the ability that what names a student is read by


def adjust(round: Round, wanted: Iterable[Wanted], reason: str, *, actor: Principal, now: datetime) -> None:
    """Make each change so, one after the other, in the same transaction; what stands already stays as it is.

    A lock, or its end, is one of `locking`. Places or a ceiling above what the organisation has said are its promise,
    so they go to the brief or to its record, where publishing looks. The rest are adjustments of this round, each
    instead of the one before. Raises Refused where `actor` has a side in it, a lock does not fit, or the round is over.
    """
    hold_row(round, "state")
    ROUND.move(round, "adjust")
    for change in wanted:
        owner = change.owner
        if owner is not None and not has_no_side(actor, owner.id):
            raise Refused(f"You have an interest in {owner.name}, so somebody else has to decide this.")
        _MAKE[change.kind](round, change, reason, actor, now)
        db.session.flush()


def take_back(adjustment: Adjustment, *, actor: Principal, now: datetime) -> None:
    """Let the next run of the round go without that adjustment. Taken back twice is taken back once."""
    round = adjustment.round
    hold_row(round, "state")
    ROUND.move(round, "adjust")
    hold_row(adjustment, "undone_at")
    if adjustment.undone_at is None:
        adjustment.undone_at = now
        _record(adjustment, f"took back: {SAID[adjustment.kind]}", "", actor, now)


def choose_rule(round: Round, threshold: int, *, actor: Principal, now: datetime) -> None:
    """From the next run on, let the usual rule count students one by one down to that choice."""
    hold_row(round, "state")
    ROUND.move(round, "choose_rule")
    if round.threshold != threshold:
        round.threshold = threshold
        record("chose another rule", round, actor=actor, now=now)


SAID = {
    AdjustmentKind.FORBID: "kept a student out of a challenge",
    AdjustmentKind.PLACES: "changed places",
    AdjustmentKind.MINIMUM: "changed a minimum",
    AdjustmentKind.CEILING: "changed an organisation’s limit",
}


def _record(adjustment: Adjustment, said: str, reason: str, actor: Principal, now: datetime) -> None:
    student = adjustment.enrolment.person_id if adjustment.enrolment else None
    record(said, adjustment.round, actor=actor, now=now, person_id=student, ability=WHO, reason=reason)


def _lock(round: Round, wanted: Wanted, reason: str, actor: Principal, now: datetime) -> None:
    assert wanted.enrolment is not None and wanted.challenge is not None
    for lock in standing_locks([wanted.enrolment.id]):
        if lock.challenge_id != wanted.challenge.id:
            undo_lock(lock, reason, actor=actor, now=now)
    _allow(round, wanted, reason, actor, now)
    lock_pair(wanted.enrolment, wanted.challenge, reason, actor=actor, now=now)


def _unlock(round: Round, wanted: Wanted, reason: str, actor: Principal, now: datetime) -> None:
    assert wanted.enrolment is not None and wanted.challenge is not None
    for lock in standing_locks([wanted.enrolment.id]):
        if lock.challenge_id == wanted.challenge.id:
            undo_lock(lock, reason, actor=actor, now=now)


def _allow(round: Round, wanted: Wanted, reason: str, actor: Principal, now: datetime) -> None:
    _take_back_all(round, wanted, AdjustmentKind.FORBID, actor, now)


def _places(round: Round, wanted: Wanted, reason: str, actor: Principal, now: datetime) -> None:
    assert wanted.challenge is not None
    challenge = locked_challenges([wanted.challenge.id])[wanted.challenge.id]
    in_all = wanted.number + taken(round.academic_year).by_challenge[challenge.id]
    if in_all < challenge.places_max:
        _adjust(round, wanted, reason, actor, now)
        return
    _take_back_all(round, wanted, AdjustmentKind.PLACES, actor, now)
    if in_all > challenge.places_max:
        promise_places(challenge, in_all, reason, actor=actor, now=now)


def _ceiling(round: Round, wanted: Wanted, reason: str, actor: Principal, now: datetime) -> None:
    assert wanted.organisation is not None
    in_all = wanted.number + taken(round.academic_year).by_organisation[wanted.organisation.id]
    hold_row(wanted.organisation)
    ceiling = wanted.organisation.ceiling
    if ceiling is None or in_all < ceiling:
        _adjust(round, wanted, reason, actor, now)
        return
    _take_back_all(round, wanted, AdjustmentKind.CEILING, actor, now)
    if in_all > ceiling:
        edit_organisation(wanted.organisation, {"ceiling": in_all}, actor=actor, now=now)
        record("a higher limit agreed", round, actor=actor, now=now, ability=WHO, reason=reason)


def _take_back_all(round: Round, wanted: Wanted, kind: AdjustmentKind, actor: Principal, now: datetime) -> None:
    for each in _same(round, wanted, kind):
        take_back(each, actor=actor, now=now)


def _same(round: Round, wanted: Wanted, kind: AdjustmentKind) -> list[Adjustment]:
    """What stands in the round about the same thing."""
    about = [each.id if each else None for each in (wanted.enrolment, wanted.challenge, wanted.organisation)]
    return [
        each
        for each in standing(round)
        if each.kind is kind and [each.enrolment_id, each.challenge_id, each.organisation_id] == about
    ]


def _adjust(round: Round, wanted: Wanted, reason: str, actor: Principal, now: datetime) -> None:
    """One adjustment instead of any of the same thing; one that says the same already stays."""
    kind = AdjustmentKind(wanted.kind.value)
    number = None if kind is AdjustmentKind.FORBID else wanted.number
    before = _same(round, wanted, kind)
    if any(each.number == number for each in before):
        return
    for each in before:
        each.undone_at = now
    assert actor.person_id is not None
    adjustment = Adjustment(
        round=round,
        kind=kind,
        enrolment=wanted.enrolment,
        challenge=wanted.challenge,
        organisation=wanted.organisation,
        number=number,
        reason=reason,
        made_by_id=actor.person_id,
        made_at=now,
    )
    db.session.add(adjustment)
    _record(adjustment, SAID[kind], reason, actor, now)


_MAKE: dict[Kind, Made] = {
    Kind.LOCK: _lock,
    Kind.UNLOCK: _unlock,
    Kind.FORBID: _adjust,
    Kind.ALLOW: _allow,
    Kind.PLACES: _places,
    Kind.MINIMUM: _adjust,
    Kind.CEILING: _ceiling,
}
