"""How far the marking of a run is: by component and marker, how long it took, and what is overdue."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.queries import marking_due_at
from placements.assessment.waiting import to_be_marked
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT
from placements.db import db
from placements.people.models import Person
from placements.scripts.queries import WITH_TUTORS, holder


@dataclass(frozen=True)
class Pace:
    """How far one marker is with one component; `whose` None: scripts that nobody has to mark yet.

    `days`: half of the marked ones took at most so long, from the student's deadline to the mark; None for none.
    """

    whose: Person | None
    given: int
    marked: int
    overdue: int
    days: float | None

    @property
    def waiting(self) -> int:
        """How many are left."""
        return self.given - self.marked


@dataclass(frozen=True)
class Progress:
    """One component of a run: each marker's pace by name, and that of all together."""

    component: Component
    paces: Sequence[Pace]
    whole: Pace
    due_at: datetime | None  # when the first that waits is due back


def progress_of(run: ModuleRun, now: datetime) -> list[Progress]:
    """How far each component is that gets a mark. Two queries."""
    marked = [each for each in run.components if each.kind is not ComponentKind.FEEDBACK]
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).where(Enrolment.run_id == run.id)
    found = found.where(Enrolment.state.not_in(LEFT), (Mark.state == MarkState.DRAFTED) | Mark.marker_id.is_not(None))
    by_component: defaultdict[int, list[Mark]] = defaultdict(list)
    for mark in db.session.scalars(found.options(*WITH_TUTORS).order_by(Mark.id)):
        by_component[mark.component_id].append(mark)
    return [_progress(component, by_component[component.id], now) for component in marked]


def without_marker(run_ids: Collection[int], now: datetime) -> Sequence[tuple[Component, int, datetime]]:
    """The components with scripts that wait for a mark and have nobody to give it: how many, and the first deadline.

    One query.
    """
    waiting = to_be_marked(now).subquery()
    found = select(Component, waiting.c.count, waiting.c.first).join(waiting, waiting.c.component_id == Component.id)
    found = found.where(waiting.c.marker_id.is_(None), Component.run_id.in_(run_ids)).order_by(Component.id)
    return db.session.execute(found).all()


def _progress(component: Component, marks: Sequence[Mark], now: datetime) -> Progress:
    theirs: defaultdict[Person | None, list[Mark]] = defaultdict(list)
    for mark in marks:
        theirs[holder(mark) if mark.state is MarkState.DRAFTED else mark.marker].append(mark)
    named = sorted(
        theirs.items(), key=lambda item: (item[0] is None, (item[0] and item[0].family_name) or "", item[1][0].id)
    )
    dues = [due for mark in marks if mark.state is MarkState.DRAFTED and (due := _due_at(mark))]
    paces = [_pace(whose, its, now) for whose, its in named]
    return Progress(component, paces, _pace(None, marks, now), min(dues, default=None))


def _by_name(whose: Person | None) -> tuple[bool, str, str]:
    return (False, whose.family_name, whose.given_name) if whose else (True, "", "")


def _pace(whose: Person | None, marks: Sequence[Mark], now: datetime) -> Pace:
    done = [mark for mark in marks if mark.state is not MarkState.DRAFTED]
    overdue = sum((due := _due_at(mark)) is not None and due < now for mark in marks if mark not in done)
    took = [days for mark in done if (days := _days(mark)) is not None]
    return Pace(whose, len(marks), len(done), overdue, median(took) if took else None)


def _due_at(mark: Mark) -> datetime | None:
    return marking_due_at(mark.component, mark.submission)


def _days(mark: Mark) -> int | None:
    """Days from the student's deadline, or where there is none, from when the work was in, to the mark."""
    since = mark.submission.own_due_at or mark.submission.received_at
    return max(0, (mark.submitted_at - since).days) if since and mark.submitted_at else None
