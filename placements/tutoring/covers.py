"""Who covers for which tutor of a run, whom that concerns, and what a cover's interests leave out of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from placements.cohorts.models import Enrolment, ModuleRun, TimeslotGroup, TutorCover
from placements.cohorts.workflow import LEFT
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.policy import covering
from placements.tutoring.queries import PLACEMENT, shared_by

PEOPLE = (joinedload(TutorCover.run), joinedload(TutorCover.tutor), joinedload(TutorCover.cover))


@dataclass(frozen=True)
class Shown:
    """A cover as its run's leader sees it. `left_out`: what the cover may not look after, having a side there."""

    cover: TutorCover
    left_out: Sequence[Placement]


def seen_cover(who: Principal, public_id: str) -> TutorCover | None:
    """A cover in a run that `who` leads."""
    found = select(TutorCover).where(TutorCover.public_id == public_id)
    return db.session.scalar(found.where(TutorCover.run_id.in_(who.held_on("leader"))).options(*PEOPLE))


def covers_of(run: ModuleRun, now: datetime) -> list[Shown]:
    """Those that last or are still to come, the soonest first. Two queries, and one for each."""
    theirs = _standing(today(now)).where(TutorCover.run_id == run.id).order_by(TutorCover.from_on, TutorCover.id)
    return [Shown(each, left_out_of(each)) for each in db.session.scalars(theirs.options(*PEOPLE))]


def in_the_way(run: ModuleRun, tutor: Person, by: Person, from_on: date, to_on: date) -> TutorCover | None:
    """A cover on some of these days for one of the two, or by the tutor: nobody stands in for who stands in. One query.

    That `by` covers for somebody else too is not in the way.
    """
    clashes = TutorCover.tutor_id.in_((tutor.id, by.id)) | (TutorCover.cover_id == tutor.id)
    overlap = (TutorCover.run_id == run.id, TutorCover.from_on <= to_on, TutorCover.to_on >= from_on)
    found = select(TutorCover).where(*overlap, TutorCover.ended_at.is_(None), clashes)
    return db.session.scalars(found.order_by(TutorCover.id).limit(1).options(*PEOPLE)).first()


def _standing(on: date) -> Select[TutorCover]:
    return select(TutorCover).where(TutorCover.ended_at.is_(None), TutorCover.to_on >= on)


def covered(cover: TutorCover) -> Sequence[Placement]:
    """The tutor's placements that the cover looks after, by student. One query."""
    theirs = covering(TutorCover.id == cover.id).with_only_columns(Placement.id)
    return _of_tutor(cover, Placement.id.in_(theirs))


def left_out_of(cover: TutorCover) -> Sequence[Placement]:
    """Those that the cover may not look after. One query."""
    theirs = covering(TutorCover.id == cover.id).with_only_columns(Placement.id)
    return _of_tutor(cover, Placement.id.not_in(theirs))


def _of_tutor(cover: TutorCover, which: ColumnElement[bool]) -> Sequence[Placement]:
    found = shared_by(cover.run).where(Placement.tutor_id == cover.tutor_id, which)
    return db.session.scalars(found.options(*PLACEMENT, joinedload(Placement.supervisor))).all()


def students_in_groups(cover: TutorCover) -> Sequence[Person]:
    """The students of the tutor's timeslot groups in the run, by name. One query."""
    in_groups = (
        select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Enrolment.group)
        .where(TimeslotGroup.run_id == cover.run_id, TimeslotGroup.tutor_id == cover.tutor_id)
        .where(Enrolment.state.not_in(LEFT))
    )
    return db.session.scalars(in_groups.order_by(Person.family_name, Person.given_name, Person.id)).all()


def concerned(cover: TutorCover) -> set[int]:
    """Whom it concerns, by key: both tutors, the students, and the supervisors of what the cover looks after."""
    placements = covered(cover)
    students = {person.id for person in students_in_groups(cover)} | {each.enrolment.person_id for each in placements}
    return students | {each.supervisor_id for each in placements} | {cover.tutor_id, cover.cover_id}
