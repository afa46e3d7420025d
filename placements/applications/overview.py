"""A run's applications for its module leader: how many are in, whose, in what order, and who is still without."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from placements.applications.models import Application, Preference
from placements.applications.policy import CHOOSING
from placements.applications.workflow import ApplicationState
from placements.cohorts.models import Enrolment, ModuleRun, TimeslotGroup
from placements.db import db, slice_of
from placements.people.models import Person

PAGE_SIZE = 50
MOST_WORDS = 10


class Standing(StrEnum):
    """How far a student has come."""

    SUBMITTED = "submitted"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    NOTHING = "nothing"


STANDINGS = {
    Standing.SUBMITTED: "Submitted",
    Standing.DRAFT: "Draft only",
    Standing.WITHDRAWN: "Withdrawn",
    Standing.NOTHING: "Nothing yet",
}

standing_of = case((Application.id.is_(None), Standing.NOTHING.value), else_=Application.state)


@dataclass(frozen=True)
class Asked:
    """What the module leader asks for; empty means all. `group` is a public id."""

    words: str = ""
    standing: Standing | None = None
    group: str | None = None


@dataclass(frozen=True)
class Row:
    """One student of the run."""

    enrolment: Enrolment
    application: Application | None

    @property
    def standing(self) -> Standing:
        """How far they have come."""
        return Standing(self.application.state.value) if self.application else Standing.NOTHING


def counts(run: ModuleRun) -> Mapping[Standing, int]:
    """How many of the run's students stand where. One query."""
    grouped = _listed(run).with_only_columns(standing_of, func.count()).group_by(standing_of)
    found = {Standing(standing): count for standing, count in db.session.execute(grouped)}
    return {standing: found.get(standing, 0) for standing in Standing}


def rows(run: ModuleRun, asked: Asked, number: int) -> tuple[Sequence[Row], int]:
    """The `number`th page of the run's students, by family name, and how many there are. Three queries."""
    wanted = _listed(run).where(*_conditions(asked)).order_by(Person.family_name, Person.given_name, Person.id)
    shown, count = slice_of(
        wanted, PAGE_SIZE, number, contains_eager(Enrolment.person), contains_eager(Enrolment.group)
    )
    theirs = select(Application).where(Application.enrolment_id.in_([each.id for each in shown]))
    theirs = theirs.options(selectinload(Application.preferences).joinedload(Preference.challenge))
    found = {each.enrolment_id: each for each in db.session.scalars(theirs)}
    return [Row(enrolment, found.get(enrolment.id)) for enrolment in shown], count


def without_choices(run: ModuleRun) -> Sequence[Enrolment]:
    """The run's students still to be placed who have submitted nothing that counts, by family name. One query."""
    found = select_without().where(Enrolment.run_id == run.id).options(contains_eager(Enrolment.person))
    return db.session.scalars(found.order_by(Person.family_name, Person.given_name, Person.id)).all()


def select_without() -> Select[Enrolment]:
    """The same of every run, as a SELECT with the student joined."""
    return (
        _with_application()
        .where(Enrolment.state.in_(CHOOSING))
        .where(or_(Application.id.is_(None), Application.state != ApplicationState.SUBMITTED))
    )


def runs_not_closed(now: datetime) -> Sequence[ModuleRun]:
    """The runs whose students choose at `now` or are still to. One query."""
    return db.session.scalars(select(ModuleRun).where(ModuleRun.ranking_closes_at > now).order_by(ModuleRun.id)).all()


def _with_application() -> Select[Enrolment]:
    joined = select(Enrolment).join(Enrolment.person).join(Enrolment.group)
    return joined.outerjoin(Application, Application.enrolment_id == Enrolment.id)


def _listed(run: ModuleRun) -> Select[Enrolment]:
    """Who is still to be placed, and whoever has submitted."""
    there = or_(Enrolment.state.in_(CHOOSING), Application.state == ApplicationState.SUBMITTED)
    return _with_application().where(Enrolment.run_id == run.id, there)


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    fields = (Person.given_name, Person.family_name, Person.student_number)
    words = asked.words.split()[:MOST_WORDS]
    found = [or_(*(field.icontains(word, autoescape=True) for field in fields)) for word in words]
    if asked.standing is not None:
        found.append(standing_of == asked.standing.value)
    if asked.group is not None:
        found.append(TimeslotGroup.public_id == asked.group)
    return found
