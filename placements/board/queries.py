"""A run's marks as a whole: who has which, how they are spread, which can be released, and what is exported."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.assessment.models import Mark
from placements.assessment.queries import NOTHING, RELEASED, STANDINGS, is_called, outcome_of
from placements.assessment.rules import BANDS, band
from placements.assessment.workflow import MarkState
from placements.board.models import MarkExport, Stage
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.queries import visible_runs
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.double_marking.queries import is_settled
from placements.moderation.queries import is_moderated
from placements.people.models import Person

MODULE = "Module"  # the row of an export that carries the module's own mark and result


@dataclass(frozen=True)
class Spread:
    """One component over the whole run: how many students stand where, and given marks by band (lowest mark first)."""

    component: Component
    standings: Mapping[str, int]
    bands: Mapping[int, int]


def marked_components(run: ModuleRun) -> list[Component]:
    """The components that get a mark: what the supervisor writes never does."""
    return [each for each in run.components if each.kind is not ComponentKind.FEEDBACK]


def spread(run: ModuleRun) -> list[Spread]:
    """Where the run's students stand with each component, and how their marks are spread. Two queries."""
    studying = (Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    students = db.session.scalar(select(func.count(Enrolment.id)).where(*studying)) or 0
    standings: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    bands: defaultdict[int, dict[int, int]] = defaultdict(lambda: dict.fromkeys(reversed(BANDS), 0))
    rows = select(Mark.component_id, Mark.state, Mark.mark, func.count()).join(Mark.enrolment).where(*studying)
    for component_id, state, mark, count in db.session.execute(
        rows.where(Mark.attempt == 1).group_by(Mark.component_id, Mark.state, Mark.mark)
    ):
        standings[component_id][state.value] += count
        if state is not MarkState.DRAFTED:
            bands[component_id][band(mark or 0)] += count
    found = []
    for component in marked_components(run):
        counts = standings[component.id]
        counts[NOTHING] = students - sum(counts.values())
        found.append(Spread(component, {each: counts[each] for each in STANDINGS}, bands[component.id]))
    return found


@dataclass(frozen=True)
class Row:
    """One student's line: the mark of each component, where there is one, by component."""

    enrolment: Enrolment
    marks: Mapping[int, Mark]

    def standing(self, component: Component) -> str:
        """How far the student is with it: a key of STANDINGS."""
        mark = self.marks.get(component.id)
        return mark.state.value if mark else NOTHING


def page_of(
    run: ModuleRun,
    size: int,
    number: int,
    *,
    search: str | None = None,
    group: str | None = None,
    component: str | None = None,
    standing: str | None = None,
) -> tuple[list[Row], int]:
    """One page of the run's students by name, with their marks, and how many there are. Two queries."""
    found = select(Enrolment).join(Enrolment.person).join(Enrolment.group)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    found = found.options(contains_eager(Enrolment.person), contains_eager(Enrolment.group))
    found = found.order_by(Person.family_name, Person.given_name, Enrolment.id)
    if search:
        found = found.where(is_called(search))
    if group:
        found = found.where(TimeslotGroup.public_id == group)
    if standing:
        found = found.where(_stands(run, standing, component))
    enrolments, count = slice_of(found, size, number)
    marks = _marks_of(enrolments)
    return [Row(each, marks[each.id]) for each in enrolments], count


def _stands(run: ModuleRun, standing: str, component: str | None) -> ColumnElement[bool]:
    """A student who stands there with the component asked for, or with any that gets a mark."""
    asked = [each for each in marked_components(run) if component in (None, each.public_id)]
    clauses = []
    for each in asked:
        mark = select(Mark.id).where(Mark.enrolment_id == Enrolment.id, Mark.component_id == each.id)
        clauses.append(~mark.exists() if standing == NOTHING else mark.where(Mark.state == standing).exists())
    return or_(*clauses)


def _marks_of(enrolments: Sequence[Enrolment]) -> defaultdict[int, dict[int, Mark]]:
    found: defaultdict[int, dict[int, Mark]] = defaultdict(dict)
    rows = select(Mark).where(Mark.enrolment_id.in_([each.id for each in enrolments]), Mark.attempt == 1)
    for mark in db.session.scalars(rows.options(joinedload(Mark.submission))):
        found[mark.enrolment_id][mark.component_id] = mark
    return found


def marks_in(run: ModuleRun, state: MarkState) -> Select[Mark]:
    """The run's marks in that state, by name, of those who have not left it."""
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).join(Enrolment.group)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT), Mark.state == state)
    student = contains_eager(Mark.enrolment)
    found = found.options(student.contains_eager(Enrolment.person), student.contains_eager(Enrolment.group))
    found = found.options(joinedload(Mark.component), joinedload(Mark.marker))
    return found.order_by(Person.family_name, Person.given_name, Mark.id)


def releasable(run: ModuleRun, component: Component | None, group: str | None) -> Sequence[Mark]:
    """The submitted marks of a component (of all where None is given) and of a group (or all)."""
    found = marks_in(run, MarkState.SUBMITTED).join(Mark.component).where(is_settled(), is_moderated())
    if component is not None:
        found = found.where(Mark.component_id == component.id)
    if group:
        found = found.where(TimeslotGroup.public_id == group)
    return db.session.scalars(found).all()


def provisional(run: ModuleRun) -> Sequence[Mark]:
    """The marks that a board can confirm."""
    return db.session.scalars(marks_in(run, MarkState.PROVISIONAL)).all()


def export_rows(run: ModuleRun, stage: Stage) -> list[list[object]]:
    """The run's marks at that stage as the student record system takes them, by student number, the module's own last.

    A component to be taken again carries the module's result; so does the module's row, once all its marks are there.
    """
    wanted = MarkState.PROVISIONAL if stage is Stage.PROVISIONAL else MarkState.CONFIRMED
    at_least = RELEASED if stage is Stage.PROVISIONAL else (MarkState.CONFIRMED,)
    studying = select(Enrolment).where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    found = db.session.scalars(studying.options(joinedload(Enrolment.person), joinedload(Enrolment.group)))
    enrolments = sorted(found, key=lambda each: (each.person.student_number or "", each.id))
    marks = _marks_of(enrolments)
    rows: list[list[object]] = []
    for enrolment in enrolments:
        there = {key: mark for key, mark in marks[enrolment.id].items() if mark.state in at_least}
        if any(mark.state is wanted for mark in there.values()):
            rows += _lines(run, enrolment, there, wanted, stage)
    return rows


def _lines(
    run: ModuleRun, enrolment: Enrolment, marks: dict[int, Mark], wanted: MarkState, stage: Stage
) -> Iterable[list[object]]:
    def line(component: str, attempt: int, mark: int | None, result: str) -> list[object]:
        number, occurrence = enrolment.person.student_number or "", enrolment.group.occurrence
        where = [number, run.code, run.academic_year, run.period, occurrence]
        return [*where, component, attempt, mark, result, stage.value.capitalize()]

    outcome = outcome_of(run.components, marks)
    again = outcome.reassess if outcome else ()
    for component in run.components:
        mark = marks.get(component.id)
        if mark is not None and mark.state is wanted:
            result = outcome.result.value if outcome and component.kind.value in again else ""
            yield line(component.title, mark.attempt, mark.mark, result)
    if outcome is not None:
        yield line(MODULE, 1, outcome.mark, outcome.result.value)


def exports_of(run: ModuleRun) -> Sequence[MarkExport]:
    """What was exported of the run, the latest first."""
    found = select(MarkExport).where(MarkExport.run_id == run.id).options(joinedload(MarkExport.made_by))
    return db.session.scalars(found.order_by(MarkExport.id.desc())).all()


def export_of(who: Principal, public_id: str) -> MarkExport | None:
    """An export of a run that `who` has a role on."""
    seen = visible_runs(who).with_only_columns(ModuleRun.id)
    found = select(MarkExport).where(MarkExport.public_id == public_id, MarkExport.run_id.in_(seen))
    return db.session.scalar(found.options(joinedload(MarkExport.run)))
