"""What a round is run on: who is in it and who is not, which places there are, and the instance made of both."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from placements.allocation.adjustments import of_kind, standing
from placements.allocation.models import Adjustment, Lock, Round
from placements.allocation.repairs import InPlay, in_play
from placements.allocation.why import Told
from placements.allocation.workflow import AdjustmentKind
from placements.applications.finding import misfits_of
from placements.applications.models import Application, Preference
from placements.applications.needs import Limits
from placements.applications.queries import answers_for, limits_of
from placements.applications.rules import Answer
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.offers.models import Offer
from placements.offers.queries import Taken, live_offers, open_challenges, open_clearing, taken
from placements.offers.rules import Room, why_not
from placements.people.models import Person
from placements.solver import instance as pure
from placements.solver.changes import Change, Kind, changed
from placements.solver.objective import DISPLEASURE

NEEDS_A_PLACE = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING)
HAS_AN_OFFER, DID_NOT_APPLY = "Has an offer already", "Has submitted no choices"
LEFT_OUT = "Its organisation cannot take them, and a module leader has agreed."
KEPT_APART = "The two are kept apart in this round."
WHY_OUTSIDE = {
    EnrolmentState.PLACED: "Has a place",
    EnrolmentState.COMPLETED: "Has finished",
    EnrolmentState.DEFERRED: "Has deferred",
    EnrolmentState.WITHDRAWN: "Has left the module",
    EnrolmentState.NOT_PLACED: "Has an agreed alternative",
}


@dataclass(frozen=True)
class Entrant:
    """A student in the round: the choices they submitted, what they are locked to, and what decides if a choice fits.

    `limits` are theirs alone to know: they stand in nothing that is frozen or shown. `held`: in a repair, the offer
    that they have not answered.
    """

    enrolment: Enrolment
    preferences: Sequence[Preference]
    lock: Lock | None
    limits: Limits | None
    held: Offer | None = None

    def holds(self, challenge: Challenge) -> bool:
        """Whether an offer of it waits for their answer."""
        return self.held is not None and self.held.challenge_id == challenge.id


@dataclass(frozen=True)
class Outsider:
    """A student of the round's runs who is not in it, and why."""

    enrolment: Enrolment
    why: str


@dataclass(frozen=True)
class Field:
    """Everybody and everything that a round is about, as it is now.

    `shut`: challenges that are on for those alone who hold an offer of them.
    """

    entrants: list[Entrant]
    outsiders: list[Outsider]
    challenges: Sequence[Challenge]
    taken: Taken
    answers: Mapping[tuple[int, int], Answer]  # by enrolment and challenge; a pair that is not there counts as happy
    adjustments: Sequence[Adjustment]
    shut: frozenset[int] = frozenset()

    def leaves_out(self, enrolment: Enrolment, challenge_id: int) -> bool:
        """Whether the challenge's organisation cannot take the student, and a module leader has agreed."""
        return self.answers.get((enrolment.id, challenge_id)) is Answer.NOT_SUITABLE

    def displeasure(self, enrolment: Enrolment, challenge_id: int) -> int:
        """What placing the student there costs its organisation: nothing where it is keen."""
        return 0 if self.answers.get((enrolment.id, challenge_id)) is Answer.KEEN else DISPLEASURE

    def room(self, challenge: Challenge, counted: Taken | None = None) -> Room:
        """What the challenge and its organisation can take in this round, what is `counted` as taken being taken."""
        room = (counted or self.taken).room(challenge)
        places = of_kind(self.adjustments, AdjustmentKind.PLACES).get(challenge.id)
        if places is not None:
            room = replace(room, places=min(room.places, self.taken.by_challenge[challenge.id] + places))
        ceiling = of_kind(self.adjustments, AdjustmentKind.CEILING).get(challenge.organisation_id)
        if ceiling is not None:
            ceiling += self.taken.by_organisation[challenge.organisation_id]
            room = replace(room, ceiling=ceiling if room.ceiling is None else min(room.ceiling, ceiling))
        return room

    def keeps_apart(self, enrolment: Enrolment, challenge_id: int) -> bool:
        """Whether a module leader keeps the student out of the challenge in this round."""
        pairs = ((each.kind, each.enrolment_id, each.challenge_id) for each in self.adjustments)
        return (AdjustmentKind.FORBID, enrolment.id, challenge_id) in pairs

    @property
    def places(self) -> int:
        """How many places are left, each challenge counted by itself."""
        return sum(self.room(challenge).left for challenge in self.challenges)


def students_of(round: Round) -> Sequence[Enrolment]:
    """Everybody enrolled on the round's runs, by name, with person and group. One query."""
    return db.session.scalars(
        select(Enrolment)
        .join(Enrolment.person)
        .where(Enrolment.run_id.in_([run.id for run in round.runs]))
        .options(
            joinedload(Enrolment.person),
            joinedload(Enrolment.run),
            joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
        )
        .order_by(Person.family_name, Person.given_name, Enrolment.id)
    ).all()


def field_of(round: Round, now: datetime) -> Field:
    """Who and what the round is about now. Ten queries, of a repair eleven, however many students there are."""
    enrolments = students_of(round)
    ids = [enrolment.id for enrolment in enrolments]
    submitted = select(Application).where(
        Application.enrolment_id.in_(ids), Application.state == ApplicationState.SUBMITTED
    )
    applications = {
        each.enrolment_id: each.preferences
        for each in db.session.scalars(submitted.options(selectinload(Application.preferences)))
    }
    locks = {lock.enrolment_id: lock for lock in standing_locks(ids)}
    offered, limits = live_offers(ids), limits_of(ids)
    play = in_play(offered, applications, now) if round.repairs_id else InPlay()
    entrants, outsiders = [], []
    for enrolment in enrolments:
        lock, preferences = locks.get(enrolment.id), applications.get(enrolment.id, [])
        held = play.offers.get(enrolment.id)
        if enrolment.state not in NEEDS_A_PLACE:
            outsiders.append(Outsider(enrolment, WHY_OUTSIDE[enrolment.state]))
        elif enrolment.id in offered and held is None:
            outsiders.append(Outsider(enrolment, HAS_AN_OFFER))
        elif not preferences and lock is None and held is None:
            outsiders.append(Outsider(enrolment, DID_NOT_APPLY))
        else:
            entrants.append(Entrant(enrolment, preferences, lock, limits.get(enrolment.id), held))
    is_open, year = open_challenges(round.academic_year, now), round.academic_year
    shut = [each for each in play.challenges if each not in is_open]
    return Field(
        entrants=entrants,
        outsiders=outsiders,
        challenges=[*is_open, *shut],
        taken=play.counted(taken(year)),
        answers=answers_for(ids),
        adjustments=standing(round),
        shut=frozenset(each.id for each in shut),
    )


def without_a_place(round: Round, placed_ids: Collection[int] = ()) -> list[Enrolment]:
    """Who of the round's runs needs a place and has no offer, no row on the clearing list, and is not `placed_ids`."""
    enrolments = [each for each in students_of(round) if each.state in NEEDS_A_PLACE and each.id not in placed_ids]
    ids = [each.id for each in enrolments]
    settled = {*live_offers(ids), *open_clearing(ids)}
    return [each for each in enrolments if each.id not in settled]


def standing_locks(enrolment_ids: Sequence[int]) -> Sequence[Lock]:
    """The locks that hold for these students, each with its challenge. One query."""
    return db.session.scalars(
        select(Lock)
        .where(Lock.enrolment_id.in_(enrolment_ids), Lock.ended_at.is_(None))
        .options(joinedload(Lock.challenge).joinedload(Challenge.organisation), joinedload(Lock.locked_by))
        .order_by(Lock.id)
    ).all()


def ranks_of(enrolment: Enrolment) -> Mapping[int, int]:
    """The student's submitted choices: challenge → rank. One query."""
    rows = db.session.execute(
        select(Preference.challenge_id, Preference.rank)
        .join(Preference.application)
        .where(Application.enrolment_id == enrolment.id, Application.state == ApplicationState.SUBMITTED)
    )
    return {row.challenge_id: row.rank for row in rows}


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


def left_out(entrant: Entrant, field: Field, challenge: Challenge | None) -> Told | None:
    """Why a choice is not among the inputs; None where it is. `challenge` None: the round has no such challenge.

    A lock was agreed with its student, and an offer was made to them, so what they need does not stand against either.
    """
    if challenge is None or not challenge.suits(entrant.enrolment.run.level):
        return Told.NOT_OPEN
    if entrant.holds(challenge):
        return None
    if challenge.id in field.shut:
        return Told.NOT_OPEN
    if field.leaves_out(entrant.enrolment, challenge.id):
        return Told.HOST
    is_locked = entrant.lock is not None and entrant.lock.challenge_id == challenge.id
    return None if is_locked or not misfits_of(entrant.limits, challenge) else Told.NOT_FIT


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
