"""Rounds, attempts, matches and locks as their reader may see them, and what their pages show."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from placements.allocation.adjustments import WHOLE
from placements.allocation.inputs import NEEDS_A_PLACE
from placements.allocation.models import Adjustment, Attempt, Lock, Match, Round, round_run
from placements.allocation.repairs import InPlay, unanswered_of
from placements.allocation.workflow import RoundState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.queries import visible_enrolments
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.offers.models import Offer
from placements.offers.queries import Taken, taken
from placements.offers.workflow import LIVE
from placements.people.models import Person

GOING_ON = (RoundState.DRAFT, RoundState.STAGED)


def rounds_visible_to(who: Principal) -> Select[Round]:
    """The rounds that are over runs which `who` leads, and over no others."""
    of_others = select(round_run.c.round_id).where(round_run.c.run_id.not_in(who.held_on("leader")))
    return select(Round).where(Round.runs.any(), Round.id.not_in(of_others))


def rounds(who: Principal, size: int, number: int) -> tuple[list[Round], int]:
    """A page of rounds, the newest first, and how many there are. Two queries."""
    newest = rounds_visible_to(who).order_by(Round.id.desc())
    return slice_of(newest, size, number, selectinload(Round.runs))


def seen_round(who: Principal, public_id: str) -> Round | None:
    """The round at that address, with its runs and attempts."""
    found = rounds_visible_to(who).where(Round.public_id == public_id)
    return db.session.scalar(found.options(selectinload(Round.runs), selectinload(Round.attempts)))


def seen_attempt(who: Principal, public_id: str) -> Attempt | None:
    """The attempt at that address, with its round, inputs and result; a trial is none."""
    found = _attempts_seen(who).where(Attempt.public_id == public_id, Attempt.base_id.is_(None))
    return db.session.scalar(found)


def seen_trial(who: Principal, public_id: str) -> Attempt | None:
    """The trial at that address, with the attempt that it was asked of, both with their inputs and results."""
    found = _attempts_seen(who).where(Attempt.public_id == public_id, Attempt.base_id.is_not(None))
    base = joinedload(Attempt.base)
    return db.session.scalar(found.options(base.undefer(Attempt.instance), base.undefer(Attempt.result)))


def _attempts_seen(who: Principal) -> Select[Attempt]:
    seen = select(Attempt).where(Attempt.round_id.in_(rounds_visible_to(who).with_only_columns(Round.id)))
    return seen.options(
        joinedload(Attempt.round).selectinload(Round.runs), undefer(Attempt.instance), undefer(Attempt.result)
    )


def seen_adjustment(who: Principal, public_id: str) -> Adjustment | None:
    """The adjustment at that address, with its round."""
    found = select(Adjustment).where(Adjustment.public_id == public_id)
    seen = found.where(Adjustment.round_id.in_(rounds_visible_to(who).with_only_columns(Round.id)))
    return db.session.scalar(seen.options(joinedload(Adjustment.round).selectinload(Round.runs), *WHOLE))


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


def runs_to_allocate(who: Principal) -> Sequence[ModuleRun]:
    """The open runs that one leads, the newest year first."""
    led = select(ModuleRun).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state == RunState.OPEN)
    return db.session.scalars(led.order_by(ModuleRun.academic_year.desc(), ModuleRun.code, ModuleRun.id)).all()


def going_on(runs: Sequence[ModuleRun]) -> Round | None:
    """A round over one of these runs that is neither published nor discarded."""
    over = Round.runs.any(ModuleRun.id.in_([run.id for run in runs]))
    return db.session.scalar(select(Round).where(over, Round.state.in_(GOING_ON)).limit(1))


# Locks


def locks_visible_to(who: Principal) -> Select[Lock]:
    """The locks of one's groups' students, and of the runs that one leads; not one's own."""
    others = visible_enrolments(who).where(Enrolment.person_id != who.person_id).with_only_columns(Enrolment.id)
    return select(Lock).where(Lock.enrolment_id.in_(others))


def seen_lock(who: Principal, public_id: str) -> Lock | None:
    """The lock at that address."""
    found = locks_visible_to(who).where(Lock.public_id == public_id)
    return db.session.scalar(found.options(*_LOCK))


_LOCK: tuple[ORMOption, ...] = (
    joinedload(Lock.enrolment).joinedload(Enrolment.person),
    joinedload(Lock.enrolment).joinedload(Enrolment.run),
    joinedload(Lock.enrolment).joinedload(Enrolment.group),
    joinedload(Lock.challenge).joinedload(Challenge.organisation),
    joinedload(Lock.locked_by),
)


def standing_locks_seen(who: Principal) -> Sequence[Lock]:
    """The locks that hold for the next round, the latest first. One query."""
    rows = locks_visible_to(who).where(Lock.ended_at.is_(None)).order_by(Lock.id.desc())
    return db.session.scalars(rows.options(*_LOCK)).all()


def waiting_students(who: Principal, search: str | None, size: int, number: int) -> tuple[list[Enrolment], int]:
    """A page of those who could be locked: they need a place, have no offer and no lock. One query."""
    held = select(Offer.enrolment_id).where(Offer.state.in_(LIVE))
    locked = select(Lock.enrolment_id).where(Lock.ended_at.is_(None))
    rows = (
        visible_enrolments(who)
        .join(Enrolment.person)
        .join(Enrolment.run)
        .where(Enrolment.person_id != who.person_id, ModuleRun.state == RunState.OPEN)
        .where(Enrolment.state.in_(NEEDS_A_PLACE), Enrolment.id.not_in(held), Enrolment.id.not_in(locked))
        .order_by(Person.family_name, Person.given_name, Enrolment.id)
    )
    for word in (search or "").split():
        rows = rows.where(
            or_(*(name.icontains(word, autoescape=True) for name in (Person.given_name, Person.family_name)))
        )
    return slice_of(
        rows, size, number, contains_eager(Enrolment.person), contains_eager(Enrolment.run), joinedload(Enrolment.group)
    )


def seen_student(who: Principal, public_id: str) -> Enrolment | None:
    """The student at that address: of one's groups, or of a run that one leads; not oneself."""
    found = visible_enrolments(who).where(Enrolment.public_id == public_id, Enrolment.person_id != who.person_id)
    return db.session.scalar(
        found.options(joinedload(Enrolment.person), joinedload(Enrolment.run), joinedload(Enrolment.group))
    )


def taken_or_locked(year: str) -> Taken:
    """What live offers and standing locks take of that year's places. Two queries."""
    counted = taken(year)
    rows = db.session.execute(
        select(Challenge.id, Challenge.organisation_id)
        .join(Lock, Lock.challenge_id == Challenge.id)
        .where(Challenge.academic_year == year, Lock.ended_at.is_(None))
    )
    for challenge_id, organisation_id in rows:
        counted.take(challenge_id, organisation_id)
    return counted
