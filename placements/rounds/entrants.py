"""Who and what a round is about as things stand: its students, those who are not in it and why, and its places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

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
from placements.offers.queries import Taken, live_offers, open_challenges, taken
from placements.offers.rules import Room
from placements.people.models import Person
from placements.rounds.adjustments import of_kind, standing
from placements.rounds.models import Adjustment, Lock, Round
from placements.rounds.repairs import InPlay, in_play
from placements.rounds.workflow import AdjustmentKind
from placements.solver.objective import DISPLEASURE

NEEDS_A_PLACE = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING)
HAS_AN_OFFER, DID_NOT_APPLY = "Has an offer already", "Has submitted no choices"
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
