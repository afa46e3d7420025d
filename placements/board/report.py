"""What a board reads of its runs: how marks are spread, and who needs a decision, by number and without a reason.

Of marks, the released ones alone: whatever is not, for whatever reason, is one that is not released yet.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.assessment.models import Mark, Submission
from placements.assessment.queries import RELEASED
from placements.assessment.rules import BANDS, PASS_MARK, band
from placements.assessment.work import confirmed_minutes, hours_short, outcome_of
from placements.assessment.workflow import SubmissionState
from placements.board.queries import marked_components, submissions_of
from placements.board.rules import is_borderline, summary
from placements.cohorts.models import Component, Enrolment, ModuleRun
from placements.cohorts.queries import visible_runs
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db

SUMMED = ("Marks", "Mean", "Median", "Standard deviation")
BAND_WORDS = {0: "Below 40", 40: "40 to 49", 50: "50 to 59", 60: "60 to 69", 70: "70 and over"}
RESULT_WORDS = {"": "Pass", "R1": "R1, reassess", "R2": "R2, reassess", "F1": "F1, fail", "F2": "F2, fail"} | {
    "DF": "DF, deferred"
}


@dataclass(frozen=True)
class Table:
    """Rows under headings; the first cell names its row."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Section:
    """One part of the report: facts, tables, and how many marks lie in each band, the lowest first."""

    title: str
    facts: Sequence[tuple[str, object]]
    tables: Sequence[Table]
    bands: dict[int, int]

    @property
    def all_tables(self) -> list[Table]:
        """The spread over bands as a table too, then the others; without those that hold nobody."""
        spread = Table("Marks by band", ("Band", "Students"), [[BAND_WORDS[key], n] for key, n in self.bands.items()])
        return [table for table in (spread, *self.tables) if table.rows]


@dataclass(frozen=True)
class _Read:
    """Everything that a report is made of, read once."""

    runs: Sequence[ModuleRun]
    enrolments: Sequence[Enrolment]
    marks: dict[int, list[Mark]]  # the released ones by enrolment, the first attempt first
    submissions: dict[int, list[Submission]]
    minutes: dict[int, int]

    def of(self, run: ModuleRun) -> list[Enrolment]:
        return [each for each in self.enrolments if each.run_id == run.id]


def runs_beside(who: Principal, run: ModuleRun) -> Sequence[ModuleRun]:
    """Every run of that year that `who` leads, by code."""
    found = visible_runs(who).where(ModuleRun.academic_year == run.academic_year)
    found = found.where(ModuleRun.id.in_(who.held_on("leader"))).order_by(ModuleRun.code, ModuleRun.period)
    return db.session.scalars(found.options(joinedload(ModuleRun.components))).unique().all()


def report(runs: Sequence[ModuleRun]) -> list[Section]:
    """The sections of the report: the modules together, then each run's components. As many queries for any runs."""
    read = _read(runs)
    parts = [(run, component) for run in runs for component in marked_components(run)]
    return [_modules(read), *(_component(read, run, component) for run, component in parts)]


def _read(runs: Sequence[ModuleRun]) -> _Read:
    studying = (Enrolment.run_id.in_([run.id for run in runs]), Enrolment.state.not_in(LEFT))
    found = select(Enrolment).where(*studying).options(joinedload(Enrolment.person), joinedload(Enrolment.group))
    enrolments = sorted(db.session.scalars(found), key=lambda each: (each.person.student_number or "", each.id))
    keys = [each.id for each in enrolments]
    rows = select(Mark).where(Mark.enrolment_id.in_(keys), Mark.state.in_(RELEASED)).options(joinedload(Mark.marker))
    marks: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in db.session.scalars(rows.order_by(Mark.attempt, Mark.id)):
        marks[mark.enrolment_id].append(mark)
    return _Read(runs, enrolments, marks, submissions_of(enrolments), confirmed_minutes(keys))


def _modules(read: _Read) -> Section:
    """Module marks and results, by level and by run; and whose hours are too few."""
    marks: dict[tuple[int, str], list[int]] = {(run.level, run.title): [] for run in read.runs}
    results: Counter[str] = Counter()
    short = 0
    for run in read.runs:
        for each in read.of(run):
            why = hours_short(run, read.minutes.get(each.id, 0))
            short += why is not None
            outcome = outcome_of(run.components, read.marks.get(each.id, []), read.submissions[each.id], why)
            results[RESULT_WORDS[outcome.result.value] if outcome else "Not known yet"] += 1
            if outcome and outcome.mark is not None:
                marks[run.level, run.title].append(outcome.mark)
    levels = sorted({run.level for run in read.runs})
    by_level = [
        [f"Level {level}", *summary([mark for (at, _), own in marks.items() if at == level for mark in own]).cells]
        for level in levels
    ]
    by_run = [[title, *summary(own).cells] for (_, title), own in marks.items()]
    known = [mark for own in marks.values() for mark in own]
    return Section(
        "Module results",
        [("Students", len(read.enrolments)), ("Fewer confirmed hours than the minimum", short)],
        [
            Table("Results", ("Result", "Students"), [[said, count] for said, count in sorted(results.items())]),
            Table("Module marks by level", ("Level", *SUMMED), by_level),
            Table("Module marks by run", ("Run", *SUMMED), by_run),
        ],
        _bands(known),
    )


def _bands(marks: Iterable[int]) -> dict[int, int]:
    counted = Counter(map(band, marks))
    return {lowest: counted[lowest] for lowest in reversed(BANDS)}


def _component(read: _Read, run: ModuleRun, component: Component) -> Section:
    students = read.of(run)
    latest = {
        each.id: mark for each in students for mark in read.marks.get(each.id, []) if mark.component_id == component.id
    }
    work = [row for each in students for row in read.submissions[each.id] if row.component_id == component.id]
    values = [mark.mark or 0 for mark in latest.values()]
    named = [(each, latest[each.id]) for each in students if each.id in latest]
    return Section(
        f"{run.title}: {component.title}",
        [
            ("Students", len(students)),
            ("Released", len(latest)),
            ("Confirmed by a board", sum(mark.confirmed_at is not None for mark in latest.values())),
            ("Not released yet", len(students) - len(latest)),
            ("Failed, below 40", sum(value < PASS_MARK for value in values)),
            ("Handed in late", sum(row.state is SubmissionState.LATE for row in work)),
            ("Not handed in", sum(row.state is SubmissionState.NOT_SUBMITTED for row in work)),
            ("With a deadline of their own", sum(_is_extended(row, component) for row in work)),
            ("Put off", sum(row.deferred_at is not None for row in work)),
            ("Waived", sum(row.waived_at is not None for row in work)),
            ("Agreed by two markers", sum(mark.agreed is not None for mark in latest.values())),
            ("Moved by moderation", sum(mark.adjustment != 0 for mark in latest.values())),
            ("Corrected after a board", sum(mark.corrected_at is not None for mark in latest.values())),
        ],
        [
            Table("All marks", ("", *SUMMED), [["All", *summary(values).cells]]),
            _by("Marker", named, lambda _, mark: mark.marker.name if mark.marker else "By rule"),
            _by("Group", named, lambda each, _: each.group.name),
            _of_whom("Borderline", named, lambda mark: is_borderline(mark, component.borderline)),
            _of_whom("Failed", named, lambda mark: mark < PASS_MARK),
        ],
        _bands(values),
    )


def _is_extended(row: Submission, component: Component) -> bool:
    return (
        row.attempt == 1 and row.due_at is not None and component.due_at is not None and row.due_at > component.due_at
    )


Named = Sequence[tuple[Enrolment, Mark]]


def _by(what: str, named: Named, which: Callable[[Enrolment, Mark], str]) -> Table:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for each, mark in named:
        found[which(each, mark)].append(mark.mark or 0)
    return Table(
        f"By {what.lower()}", (what, *SUMMED), [[said, *summary(own).cells] for said, own in sorted(found.items())]
    )


def _of_whom(title: str, named: Named, is_one: Callable[[int], bool]) -> Table:
    rows = [
        [each.person.student_number or "No number", each.group.name, mark.attempt, mark.mark or 0]
        for each, mark in named
        if is_one(mark.mark or 0)
    ]
    return Table(title, ("Student number", "Group", "Attempt", "Mark"), rows)
