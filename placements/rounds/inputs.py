"""What a round is run on: the instance made of it, what is left out of that, and why it cannot be run as it is."""

import hashlib
from collections.abc import Iterator

from placements.applications.finding import misfits_of
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.offers.queries import Taken
from placements.offers.rules import Room, why_not
from placements.rounds.adjustments import of_kind
from placements.rounds.entrants import Entrant, Field
from placements.rounds.models import Round
from placements.rounds.rules import LeftOut
from placements.rounds.workflow import AdjustmentKind
from placements.solver import instance as pure
from placements.solver.changes import Change, Kind, changed

LEFT_OUT = "Its organisation cannot take them, and a module leader has agreed."
KEPT_APART = "The two are kept apart in this round."


def problems(field: Field) -> list[str]:
    """Why the round cannot be run as things are, a sentence each: nobody is in it, or a lock no longer fits."""
    if not field.entrants:
        return ["Nobody in these runs waits for a place with choices submitted."]
    found, counted = [], field.taken.copy()
    for entrant in field.entrants:
        lock = entrant.lock
        if lock is None:
            continue
        challenge = lock.challenge
        why = why_lock_is_void(field, entrant)
        if why is None and field.keeps_apart(entrant.enrolment, challenge.id):
            why = KEPT_APART
        why = why or why_not(is_open=True, is_for_level=True, room=field.room(challenge, counted))
        if why:
            found.append(f"{entrant.enrolment.person.name} is locked to {challenge.title}. {why} Undo that lock first.")
        counted.take(challenge.id, challenge.organisation_id)
    return found


def why_lock_is_void(field: Field, entrant: Entrant) -> str | None:
    """Why the student's lock cannot hold, whoever else is locked to what; None where it can, or there is none."""
    if entrant.lock is None:
        return None
    challenge = entrant.lock.challenge
    if field.leaves_out(entrant.enrolment, challenge.id):
        return LEFT_OUT
    is_open = challenge in field.challenges and challenge.id not in field.shut
    is_for_level = challenge.suits(entrant.enrolment.run.level)
    return why_not(is_open=is_open, is_for_level=is_for_level, room=Room(1, 0, None, 0))


def round_key(round: Round, enrolment: Enrolment) -> str:
    """What stands for the student in this round's inputs: tells nobody who it is, and is the same in every attempt."""
    return hashlib.sha256(f"{round.public_id}\n{enrolment.public_id}".encode()).hexdigest()[:16]


def instance_of(round: Round, field: Field) -> pure.Instance:
    """The frozen inputs: eligible pairs only, places less those that offers hold, adjustments. No problems.

    A choice that does not fit what its student needs is no eligible pair; what they need stays where it is.
    """
    instance = _as_it_stands(round, field)
    return changed(instance, _changes(round, field))


def _changes(round: Round, field: Field) -> Iterator[Change]:
    """The round's adjustments, of what is in the round at all; room before what depends on it."""
    for challenge in field.challenges:
        room = field.room(challenge)
        if challenge.id in of_kind(field.adjustments, AdjustmentKind.PLACES):
            yield Change(Kind.PLACES, challenge.public_id, number=max(0, room.places - room.taken))
        if challenge.organisation_id in of_kind(field.adjustments, AdjustmentKind.CEILING):
            left = (room.ceiling or 0) - room.taken_by_organisation
            yield Change(Kind.CEILING, challenge.organisation.public_id, number=max(0, left))
        least = of_kind(field.adjustments, AdjustmentKind.MINIMUM).get(challenge.id)
        if least is not None:
            most = 0 if room.taken else room.places  # as in _challenge: one that has students runs
            yield Change(Kind.MINIMUM, challenge.public_id, number=min(least, most))
    entrants, there = {each.enrolment.id for each in field.entrants}, {each.id for each in field.challenges}
    for each in field.adjustments:
        if each.enrolment and each.challenge and each.enrolment_id in entrants and each.challenge_id in there:
            yield Change(Kind.FORBID, each.challenge.public_id, round_key(round, each.enrolment))


def _as_it_stands(round: Round, field: Field) -> pure.Instance:
    """The inputs before anything is adjusted."""
    open_challenges = {challenge.id: challenge for challenge in field.challenges}
    organisations = {challenge.organisation_id: challenge.organisation for challenge in field.challenges}
    return pure.Instance(
        seed=round.seed,
        students=tuple(_student(round, entrant, field, open_challenges) for entrant in field.entrants),
        challenges=tuple(_challenge(each, field.taken) for each in field.challenges),
        organisations=tuple(
            pure.Organisation(each.public_id, _ceiling(each.ceiling, field.taken.by_organisation[each.id]))
            for each in organisations.values()
        ),
        locks=tuple(
            pure.Pair(round_key(round, entrant.enrolment), entrant.lock.challenge.public_id)
            for entrant in field.entrants
            if entrant.lock
        ),
    )


def _student(round: Round, entrant: Entrant, field: Field, challenges: dict[int, Challenge]) -> pure.Student:
    ranked = ((each.rank, challenges.get(each.challenge_id)) for each in entrant.preferences)
    options = [
        pure.Option(challenge.public_id, rank, field.displeasure(entrant.enrolment, challenge.id))
        for rank, challenge in ranked
        if challenge and left_out(entrant, field, challenge) is None
    ]
    held = challenges.get(entrant.held.challenge_id) if entrant.held else None
    level, now = entrant.enrolment.run.level, held.public_id if held else None
    return pure.Student(round_key(round, entrant.enrolment), level, tuple(options), now)


def left_out(entrant: Entrant, field: Field, challenge: Challenge | None) -> LeftOut | None:
    """Why a choice is not among the inputs; None where it is. `challenge` None: the round has no such challenge.

    A lock was agreed with its student, and an offer was made to them, so what they need does not stand against either.
    """
    if challenge is None or not challenge.suits(entrant.enrolment.run.level):
        return LeftOut.NOT_OPEN
    if entrant.holds(challenge):
        return None
    if challenge.id in field.shut:
        return LeftOut.NOT_OPEN
    if field.leaves_out(entrant.enrolment, challenge.id):
        return LeftOut.HOST
    is_locked = entrant.lock is not None and entrant.lock.challenge_id == challenge.id
    return None if is_locked or not misfits_of(entrant.limits, challenge) else LeftOut.NOT_FIT


def _challenge(challenge: Challenge, held: Taken) -> pure.Challenge:
    """Whoever has a place there keeps it, so a challenge that has students runs, and needs no more of them."""
    here = held.by_challenge[challenge.id]
    maximum = max(0, challenge.places_max - here)
    return pure.Challenge(
        id=challenge.public_id,
        organisation=challenge.organisation.public_id,
        levels=tuple(level for level in (5, 6) if challenge.suits(level)),
        maximum=maximum,
        minimum=0 if here else min(challenge.places_min, maximum),
    )


def _ceiling(ceiling: int | None, held: int) -> int | None:
    return None if ceiling is None else max(0, ceiling - held)
