"""All that an enrolment asks for: what is in, its released marks, and what they come to together."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.outcomes import ComponentMark, Outcome, SecondAttempt, module_outcome
from placements.assessment.queries import RELEASED, Task
from placements.cohorts.models import Component, Enrolment, ModuleRun, Shortfall
from placements.cohorts.queries import my_enrolments
from placements.core.policy import Principal
from placements.db import db
from placements.logbook.hours import hours_of
from placements.placing.models import Placement


@dataclass(frozen=True)
class Work:
    """All that one enrolment asks for; with the latest released mark by component, and the module's once all are."""

    enrolment: Enrolment
    tasks: Sequence[Task]
    released: Mapping[int, Mark] = field(default_factory=dict)
    submissions: Sequence[Submission] = ()  # of all attempts
    marks: Sequence[Mark] = ()  # the released ones of all attempts
    short: str | None = None  # see `hours_short`

    def is_released(self, task: Task) -> bool:
        """Whether the mark of that very attempt is; one that was opened since asks for work again."""
        mark = self.released.get(task.component.id)
        return mark is not None and mark.attempt == task.attempt

    @property
    def outcome(self) -> Outcome | None:
        """The module's mark and result, as far as its student may know them."""
        return outcome_of([each.component for each in self.tasks], self.marks, self.submissions, self.short)


def work_of(who: Principal) -> list[Work]:
    """What each of one's enrolments asks for, the newest first. Four queries."""
    enrolments = my_enrolments(who)
    rows = db.session.scalars(
        select(Submission)
        .where(Submission.enrolment_id.in_([each.id for each in enrolments]))
        .order_by(Submission.attempt)  # so that the latest stands
        .options(selectinload(Submission.files), joinedload(Submission.instead), joinedload(Submission.agreement))
    ).all()
    known = {(row.component_id, row.enrolment_id): row for row in rows}
    return [
        Work(
            each,
            [Task(part, each, known.get((part.id, each.id))) for part in each.run.components],
            submissions=[row for row in rows if row.enrolment_id == each.id],
        )
        for each in enrolments
    ]


def results_of(who: Principal) -> list[Work]:
    """The same with one's released marks, their scores and words; of others nothing is read. Six queries.

    Where too few hours change a result, those that are confirmed are read too: three more.
    """
    found = work_of(who)
    rows = db.session.scalars(
        select(Mark)
        .where(Mark.enrolment_id.in_([each.enrolment.id for each in found]), Mark.state.in_(RELEASED))
        .order_by(Mark.attempt)
        .options(
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
            joinedload(Mark.marker),
            joinedload(Mark.submission),
        )
    ).all()
    counts = [each.enrolment for each in found if each.enrolment.run.shortfall is not Shortfall.REPORTED]
    minutes = confirmed_minutes([each.id for each in counts])
    short = {each.id: hours_short(each.run, minutes[each.id]) for each in counts}
    return [
        replace(
            work,
            released={mark.component_id: mark for mark in rows if mark.enrolment_id == work.enrolment.id},
            marks=[mark for mark in rows if mark.enrolment_id == work.enrolment.id],
            short=short.get(work.enrolment.id),
        )
        for work in found
    ]


def confirmed_minutes(enrolment_ids: Collection[int]) -> dict[int, int]:
    """The minutes that the ledger counts as confirmed, by enrolment, over all its placements. Three queries."""
    found = dict.fromkeys(enrolment_ids, 0)
    rows = select(Placement.id, Placement.enrolment_id).where(Placement.enrolment_id.in_(enrolment_ids))
    placed = {row.id: row.enrolment_id for row in db.session.execute(rows)} if found else {}
    totals = hours_of(placed) if placed else {}
    return found | {enrolment_id: totals[key].confirmed for key, enrolment_id in placed.items()}


def hours_short(run: ModuleRun, minutes: int) -> str | None:
    """What the run does about it, where the confirmed minutes are fewer than its minimum; None where they are not."""
    return run.shortfall.value if minutes < run.minutes_minimum else None


def outcome_of(
    components: Sequence[Component],
    marks: Iterable[Mark],
    submissions: Iterable[Submission] = (),
    short: str | None = None,
) -> Outcome | None:
    """The module's mark and result from one student's marks of all attempts; None until every weighted one is there.

    `submissions`: of all attempts; they say what is deferred, waived or open again. `short`: what the run does about
    too few hours, where they are too few: see `hours_short`.
    """
    given = {(mark.component_id, mark.attempt): mark for mark in marks}
    attempts = {(each.component_id, each.attempt): each for each in submissions}
    waived = {each.component_id for each in attempts.values() if each.waived_at}

    def known(part: Component, attempt: int) -> tuple[int | None, bool]:
        mark, submission = given.get((part.id, attempt)), attempts.get((part.id, attempt))
        value = mark.mark if mark else None
        return value, value is None and submission is not None and submission.deferred_at is not None

    def second(part: Component) -> SecondAttempt | None:
        is_there = (part.id, 2) in given or (part.id, 2) in attempts
        return SecondAttempt(*known(part, 2)) if is_there else None

    def in_module(part: Component) -> ComponentMark:
        value, is_deferred = known(part, 1)
        return ComponentMark(
            part.kind.value,
            part.weight,
            value,
            part.qualifying_mark,
            is_deferred=is_deferred,
            is_waived=part.id in waived,
            is_withheld=any(mark.withheld_at for (key, _), mark in given.items() if key == part.id),
            second=second(part),
        )

    return module_outcome([in_module(part) for part in components], short)
