"""Extensions as those who may see them see them."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.assessment.models import Submission
from placements.assessment.queries import is_called, is_tutored_by
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.extensions.models import Extension
from placements.people.models import Person

MOST_OFFERED = 100


def _extensions() -> Select[Extension]:
    """Joined with attempt, student and work, and with all that pages show."""
    attempt = contains_eager(Extension.submission)
    student = attempt.contains_eager(Submission.enrolment)
    return (
        select(Extension)
        .join(Extension.submission)
        .join(Submission.enrolment)
        .join(Enrolment.person)
        .join(Submission.component)
        .options(
            student.contains_eager(Enrolment.person),
            student.joinedload(Enrolment.run),
            attempt.contains_eager(Submission.component),
            joinedload(Extension.granted_by),
            joinedload(Extension.ended_by),
        )
    )


def extension_of(who: Principal, public_id: str) -> Extension | None:
    """One of a run that `who` leads, or one's own."""
    seen = or_(Enrolment.run_id.in_(who.held_on("leader")), Enrolment.person_id == who.person_id)
    return db.session.scalar(_extensions().where(Extension.public_id == public_id, seen))


def own(who: Principal) -> Sequence[Extension]:
    """One's own that were not changed since, the latest deadline first. One query."""
    mine = _extensions().where(Enrolment.person_id == who.person_id)
    stands = or_(Extension.ended_at.is_(None), Extension.reason != "")
    return db.session.scalars(mine.where(stands).order_by(Extension.due_at.desc(), Extension.id)).all()


def page_of(
    who: Principal,
    run: ModuleRun,
    size: int,
    number: int,
    *,
    search: str | None = None,
    group: str | None = None,
    work: str | None = None,
    ended: bool | None = None,
) -> tuple[list[Extension], int]:
    """One page of a run's extensions, the next deadline first: to its leader all, to a tutor their own students'.

    Those in force, or to its leader those that ended. One query.
    """
    found = _extensions().where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    leads = who.has("leader", run.id)
    if not leads:
        found = found.where(is_tutored_by(who))
    found = found.where(Extension.ended_at.is_not(None) if ended and leads else Extension.ended_at.is_(None))
    if search:
        found = found.where(is_called(search))
    if group:
        found = found.join(Enrolment.group).where(TimeslotGroup.public_id == group)
    if work:
        found = found.where(Component.public_id == work)
    return slice_of(found.order_by(Extension.due_at, Person.family_name, Extension.id), size, number)


def works_of(run: ModuleRun) -> list[Component]:
    """What has a deadline that can be moved: what a supervisor writes has none."""
    return [each for each in run.components if each.kind is not ComponentKind.FEEDBACK]


def offered(
    who: Principal, run: ModuleRun, *, search: str | None = None, group: str | None = None, student: str | None = None
) -> Sequence[Enrolment]:
    """The run's students by name, without oneself: at most a hundred and one. One query."""
    found = select(Enrolment).join(Enrolment.person).join(Enrolment.group)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT), Person.id != who.person_id)
    found = found.options(contains_eager(Enrolment.person), contains_eager(Enrolment.group))
    if search:
        found = found.where(is_called(search))
    if group:
        found = found.where(TimeslotGroup.public_id == group)
    if student:
        found = found.where(Enrolment.public_id == student)
    found = found.order_by(Person.family_name, Person.given_name, Enrolment.id)
    return db.session.scalars(found.limit(MOST_OFFERED + 1)).all()
