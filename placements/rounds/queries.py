"""Rounds and locks as their reader may see them."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.queries import visible_enrolments
from placements.cohorts.workflow import RunState
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.offers.models import Offer
from placements.offers.queries import Taken, taken
from placements.offers.workflow import LIVE
from placements.people.models import Person
from placements.rounds.entrants import NEEDS_A_PLACE
from placements.rounds.models import Lock, Round, round_run
from placements.rounds.workflow import RoundState

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
    """The round at that address, with its runs."""
    found = rounds_visible_to(who).where(Round.public_id == public_id)
    return db.session.scalar(found.options(selectinload(Round.runs)))


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
