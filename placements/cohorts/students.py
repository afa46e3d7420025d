"""The students of a run as a list: whom `who` may see, searched, filtered and sorted."""

from collections.abc import Sequence

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import contains_eager

from placements.cohorts.models import Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.queries import visible_enrolments
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.people.models import Person

# What the list can be sorted by; a minus in front turns it round. Names break every tie.
ORDERS = {
    "name": (Person.family_name, Person.given_name),
    "number": (Person.student_number,),
    "course": (Enrolment.course_title,),
    "group": (TimeslotGroup.occurrence,),
    "status": (Enrolment.state,),
}


def students_of(
    who: Principal,
    run: ModuleRun,
    *,
    search: str | None = None,
    group: str | None = None,
    state: EnrolmentState | None = None,
    order: str | None = None,
) -> Select[Enrolment]:
    """The run's enrolments that `who` may see, with person, group and tutor; every word of `search` must be found."""
    found = visible_enrolments(who).where(Enrolment.run_id == run.id)
    found = found.join(Enrolment.person).join(Enrolment.group)
    for word in (search or "").split():
        fields = (Person.given_name, Person.family_name, Person.email, Person.student_number)
        found = found.where(or_(*(field.icontains(word, autoescape=True) for field in fields)))
    if group is not None:
        found = found.where(TimeslotGroup.public_id == group)
    if state is not None:
        found = found.where(Enrolment.state == state)
    columns = ORDERS.get((order or "").removeprefix("-"), ORDERS["name"])
    turned = [column.desc() for column in columns] if (order or "").startswith("-") else columns
    return found.order_by(*turned, *ORDERS["name"], Enrolment.id).options(
        contains_eager(Enrolment.person), contains_eager(Enrolment.group).joinedload(TimeslotGroup.tutor)
    )


def groups_listed(who: Principal, run: ModuleRun) -> Sequence[TimeslotGroup]:
    """The groups that `who` can filter the list by: the run's for its leader, their own for a tutor."""
    found = select(TimeslotGroup).where(TimeslotGroup.run_id == run.id)
    if not who.has("leader", run.id):
        found = found.where(TimeslotGroup.id.in_(who.held_on("group_tutor")))
    return db.session.scalars(found.order_by(TimeslotGroup.occurrence)).all()


def page_of(asked: Select[Enrolment], size: int, number: int) -> tuple[list[Enrolment], int]:
    """One page of what was asked for (from 1), and how many there are in all. One query."""
    return slice_of(asked, size, number)


def all_of(asked: Select[Enrolment]) -> Sequence[Enrolment]:
    """All of what was asked for. One query."""
    return db.session.scalars(asked).all()
