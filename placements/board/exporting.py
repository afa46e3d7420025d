"""What the student record system is sent: a run's marks at a stage, and what differs from what it was sent before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.assessment.models import Mark
from placements.assessment.outcomes import Outcome
from placements.assessment.queries import RELEASED
from placements.assessment.work import confirmed_minutes, hours_short, outcome_of
from placements.assessment.workflow import MarkState
from placements.board.models import MarkExport, Stage
from placements.board.queries import attempts_of, submissions_of
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.queries import visible_runs
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db

MODULE = "Module"  # the row that carries the module's own mark and result
COLUMNS = (
    *("Student number", "Module code", "Academic year", "Period", "Occurrence"),
    *("Component", "Attempt", "Mark", "Result", "Stage"),
)
KEY = 7  # the columns up to the attempt say what a row is about, the others what it says
STATES = {Stage.PROVISIONAL: MarkState.PROVISIONAL, Stage.CONFIRMED: MarkState.CONFIRMED}
Line = Sequence[object]


@dataclass(frozen=True)
class Difference:
    """What later rows say that earlier ones did not: new ones, changed ones (before, after), and what is gone."""

    new: Sequence[Line] = ()
    changed: Sequence[tuple[Line, Line]] = ()
    gone: Sequence[Line] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.changed or self.gone)

    @property
    def rows(self) -> list[Line]:
        """What a file of the difference holds: what is gone cannot be sent, and has to be taken out by hand."""
        return [*self.new, *(after for _, after in self.changed)]


def difference(before: Sequence[Line], after: Sequence[Line]) -> Difference:
    """How two sets of rows differ, in their own order."""
    was, is_now = ({tuple(row[:KEY]): list(row) for row in rows} for rows in (before, after))
    return Difference(
        new=[row for key, row in is_now.items() if key not in was],
        changed=[(was[key], row) for key, row in is_now.items() if key in was and was[key] != row],
        gone=[row for key, row in was.items() if key not in is_now],
    )


def export_rows(run: ModuleRun, stage: Stage) -> list[list[object]]:
    """The run's marks at that stage as the student record system takes them, by student number, the module's own last.

    A component to be taken again carries the module's result; so does the module's row, once all its marks are there.
    """
    at_least = RELEASED if stage is Stage.PROVISIONAL else (MarkState.CONFIRMED,)
    studying = select(Enrolment).where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    found = db.session.scalars(studying.options(joinedload(Enrolment.person), joinedload(Enrolment.group)))
    enrolments = sorted(found, key=lambda each: (each.person.student_number or "", each.id))
    marks, submissions = attempts_of(enrolments), submissions_of(enrolments)
    minutes = confirmed_minutes([each.id for each in enrolments])
    rows: list[list[object]] = []
    for enrolment in enrolments:
        there = [mark for mark in marks[enrolment.id] if mark.state in at_least]
        if any(mark.state is STATES[stage] for mark in there):
            short = hours_short(run, minutes.get(enrolment.id, 0))
            outcome = outcome_of(run.components, there, submissions[enrolment.id], short)
            rows += _lines(run, enrolment, there, outcome, stage)
    return rows


def _lines(
    run: ModuleRun, enrolment: Enrolment, marks: Sequence[Mark], outcome: Outcome | None, stage: Stage
) -> Iterator[list[object]]:
    """`marks` by attempt, so that a component's latest decides."""

    def line(component: str, attempt: int, mark: int | None, result: str) -> list[object]:
        number, occurrence = enrolment.person.student_number or "", enrolment.group.occurrence
        where = [number, run.code, run.academic_year, run.period, occurrence]
        return [*where, component, attempt, mark, result, stage.value.capitalize()]

    latest: Mapping[int, Mark] = {mark.component_id: mark for mark in marks}
    again, result = (outcome.reassess, outcome.result.value) if outcome else ((), "")
    for component in run.components:
        for mark in marks:
            if mark.component_id == component.id and mark.state is STATES[stage]:
                is_again = mark is latest[component.id] and component.kind.value in again
                yield line(component.title, mark.attempt, mark.mark, result if is_again else "")
    if outcome is not None:
        yield line(MODULE, max(mark.attempt for mark in marks), outcome.mark, result)


def exports_of(run: ModuleRun) -> Sequence[MarkExport]:
    """What was exported of the run, the latest first."""
    found = select(MarkExport).where(MarkExport.run_id == run.id).options(joinedload(MarkExport.made_by))
    return db.session.scalars(found.options(joinedload(MarkExport.since)).order_by(MarkExport.id.desc())).all()


def last_of(run: ModuleRun, stage: Stage) -> MarkExport | None:
    """What was exported last of that stage."""
    found = select(MarkExport).where(MarkExport.run_id == run.id, MarkExport.stage == stage)
    return db.session.scalar(found.order_by(MarkExport.id.desc()).limit(1))


def before(made: MarkExport) -> MarkExport | None:
    """The export of the same stage that this one came after."""
    found = select(MarkExport).where(MarkExport.run_id == made.run_id, MarkExport.stage == made.stage)
    return db.session.scalar(found.where(MarkExport.id < made.id).order_by(MarkExport.id.desc()).limit(1))


def sent(made: MarkExport) -> Sequence[Line]:
    """The rows that its file holds."""
    return difference(made.since.rows, made.rows).rows if made.since else made.rows


def changes(run: ModuleRun) -> dict[Stage, tuple[MarkExport, Difference]]:
    """By stage that was exported before: the last export, and what one made now would say that it did not."""
    found = {}
    for stage in Stage:
        last = last_of(run, stage)
        if last is not None:
            found[stage] = (last, _since(last, export_rows(run, stage)))
    return found


def _since(last: MarkExport, rows: Sequence[Line]) -> Difference:
    """What a board has confirmed since is no provisional mark any more, and is not to be taken out anywhere."""
    found = difference(last.rows, rows)
    if last.stage is Stage.CONFIRMED or not found.gone:
        return found
    confirmed = {tuple(row[:KEY]) for row in export_rows(last.run, Stage.CONFIRMED)}
    return replace(found, gone=[row for row in found.gone if tuple(row[:KEY]) not in confirmed])


def export_of(who: Principal, public_id: str) -> MarkExport | None:
    """An export of a run that `who` has a role on."""
    seen = visible_runs(who).with_only_columns(ModuleRun.id)
    found = select(MarkExport).where(MarkExport.public_id == public_id, MarkExport.run_id.in_(seen))
    return db.session.scalar(found.options(joinedload(MarkExport.run), joinedload(MarkExport.since)))
