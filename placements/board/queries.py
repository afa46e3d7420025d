"""A run's marks as a whole: who has which, how they are spread, what is withheld, decided by a board, or corrected."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from placements.accounts.models import Account
from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import NOTHING, STANDINGS, is_called
from placements.assessment.rules import BANDS, band
from placements.assessment.workflow import MarkState
from placements.board.models import BoardDecision, BoardMeeting, Correction, StagedRelease, Withholding
from placements.board.workflow import CorrectionState, StagedState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.queries import leaders_of
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.people.models import Person


@dataclass(frozen=True)
class Spread:
    """One component over the whole run: how many students stand where, and given marks by band (lowest mark first).

    Of first attempts; `again` is how many second attempts stand where.
    """

    component: Component
    standings: Mapping[str, int]
    bands: Mapping[int, int]
    again: Mapping[str, int]

    @property
    def out(self) -> int:
        """How many marks are released, and wait for the board, of all attempts."""
        return self.standings[MarkState.PROVISIONAL] + self.again[MarkState.PROVISIONAL]

    @property
    def confirmed(self) -> int:
        """How many a board has confirmed, of all attempts."""
        return self.standings[MarkState.CONFIRMED] + self.again[MarkState.CONFIRMED]


def marked_components(run: ModuleRun) -> list[Component]:
    """The components that get a mark: what the supervisor writes never does."""
    return [each for each in run.components if each.kind is not ComponentKind.FEEDBACK]


def spread(run: ModuleRun) -> list[Spread]:
    """Where the run's students stand with each component, and how their marks are spread. Two queries."""
    studying = (Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    students = db.session.scalar(select(func.count(Enrolment.id)).where(*studying)) or 0
    standings: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    bands: defaultdict[int, dict[int, int]] = defaultdict(lambda: dict.fromkeys(reversed(BANDS), 0))
    again: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    what = (Mark.component_id, Mark.attempt, Mark.state, Mark.mark)
    rows = select(*what, func.count()).join(Mark.enrolment).where(*studying)
    for component_id, attempt, state, mark, count in db.session.execute(rows.group_by(*what)):
        if attempt > 1:
            again[component_id][state.value] += count
            continue
        standings[component_id][state.value] += count
        if state is not MarkState.DRAFTED:
            bands[component_id][band(mark or 0)] += count
    found = []
    for component in marked_components(run):
        counts = standings[component.id]
        counts[NOTHING] = students - sum(counts.values())
        both = [{each: of[each] for each in STANDINGS} for of in (counts, again[component.id])]
        found.append(Spread(component, both[0], bands[component.id], both[1]))
    return found


@dataclass(frozen=True)
class Row:
    """One student's line: the mark of each component's latest attempt, where there is one, by component."""

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
    marks = attempts_of(enrolments)
    return [Row(each, {mark.component_id: mark for mark in marks[each.id]}) for each in enrolments], count


def _stands(run: ModuleRun, standing: str, component: str | None) -> ColumnElement[bool]:
    """A student who stands there with the component asked for, or with any that gets a mark."""
    asked = [each for each in marked_components(run) if component in (None, each.public_id)]
    clauses = []
    for each in asked:
        mark = select(Mark.id).where(Mark.enrolment_id == Enrolment.id, Mark.component_id == each.id)
        clauses.append(~mark.exists() if standing == NOTHING else mark.where(Mark.state == standing).exists())
    return or_(*clauses)


def attempts_of(enrolments: Sequence[Enrolment]) -> defaultdict[int, list[Mark]]:
    """Every mark of theirs by enrolment, a component's first attempt before the next. One query."""
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    rows = select(Mark).where(Mark.enrolment_id.in_([each.id for each in enrolments])).order_by(Mark.attempt, Mark.id)
    for mark in db.session.scalars(rows.options(joinedload(Mark.submission))):
        found[mark.enrolment_id].append(mark)
    return found


def submissions_of(enrolments: Sequence[Enrolment]) -> defaultdict[int, list[Submission]]:
    """Every attempt of theirs by enrolment. One query."""
    found: defaultdict[int, list[Submission]] = defaultdict(list)
    rows = select(Submission).where(Submission.enrolment_id.in_([each.id for each in enrolments]))
    for submission in db.session.scalars(rows.order_by(Submission.attempt, Submission.id)):
        found[submission.enrolment_id].append(submission)
    return found


def marks_in(run: ModuleRun, state: MarkState) -> Select[Mark]:
    """The run's marks in that state, by name, of those who have not left it."""
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).join(Enrolment.group)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT), Mark.state == state)
    student = contains_eager(Mark.enrolment)
    found = found.options(student.contains_eager(Enrolment.person), student.contains_eager(Enrolment.group))
    found = found.options(joinedload(Mark.component), joinedload(Mark.marker))
    return found.order_by(Person.family_name, Person.given_name, Mark.id)


def provisional(run: ModuleRun) -> Sequence[Mark]:
    """The marks that a board can confirm."""
    return db.session.scalars(marks_in(run, MarkState.PROVISIONAL)).all()


def withheld_in(run: ModuleRun) -> dict[MarkState, int]:
    """How many of the run's marks are withheld now, by state: for its leaders alone. One query."""
    found = select(Mark.state, func.count()).join(Mark.enrolment).group_by(Mark.state)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT), Mark.withheld_at.is_not(None))
    return dict(db.session.execute(found).all())


def mark_led(who: Principal, public_id: str) -> Mark | None:
    """A mark of a run that `who` leads, with all that its page shows."""
    found = select(Mark).join(Mark.enrolment).where(Mark.public_id == public_id)
    found = found.where(Enrolment.run_id.in_(who.held_on("leader")))
    student = contains_eager(Mark.enrolment)
    return db.session.scalar(
        found.options(
            student.joinedload(Enrolment.person),
            student.joinedload(Enrolment.run),
            joinedload(Mark.component).selectinload(Component.criteria),
            joinedload(Mark.submission),
            joinedload(Mark.marker),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
        )
    )


def staged_of(who: Principal, public_id: str) -> StagedRelease | None:
    """A release that waits, or waited, of a run that `who` leads."""
    found = select(StagedRelease).where(StagedRelease.public_id == public_id)
    found = found.where(StagedRelease.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(joinedload(StagedRelease.run)))


def staged_in(run: ModuleRun) -> Sequence[StagedRelease]:
    """The run's releases that wait for their moment, and those that were stopped, the latest moment first."""
    shown = (StagedState.STAGED, StagedState.STOPPED)
    found = select(StagedRelease).where(StagedRelease.run_id == run.id, StagedRelease.state.in_(shown))
    found = found.options(joinedload(StagedRelease.component), joinedload(StagedRelease.staged_by))
    return db.session.scalars(found.order_by(StagedRelease.release_at.desc(), StagedRelease.id.desc())).all()


def withholding_keys(mark: Mark) -> Sequence[int]:
    """Which reasons there are to be read of the mark, without reading one."""
    return db.session.scalars(select(Withholding.id).where(Withholding.mark_id == mark.id)).all()


def withholdings_of(mark: Mark) -> Sequence[Withholding]:
    """When the mark was withheld and why, the latest first. To show it is a read that is written down."""
    found = select(Withholding).where(Withholding.mark_id == mark.id).order_by(Withholding.id.desc())
    words = (undefer(Withholding.reason), undefer(Withholding.end_reason))
    return db.session.scalars(found.options(*words, joinedload(Withholding.by), joinedload(Withholding.ended_by))).all()


def withholding_of(mark: Mark) -> Withholding | None:
    """What withholds the mark now."""
    return db.session.scalar(select(Withholding).where(Withholding.mark_id == mark.id, Withholding.ended_at.is_(None)))


def meetings_of(run: ModuleRun) -> Sequence[tuple[BoardMeeting, int]]:
    """The run's boards, the latest first, each with how many marks it confirmed. One query."""
    found = select(BoardMeeting, func.count(BoardDecision.id)).outerjoin(BoardMeeting.decisions)
    found = found.where(BoardMeeting.run_id == run.id).group_by(BoardMeeting.id)
    return db.session.execute(found.order_by(BoardMeeting.met_on.desc(), BoardMeeting.id.desc())).all()


def corrections() -> Select[Correction]:
    """Corrections with all that their pages show, the latest first."""
    enrolment = joinedload(Correction.mark).joinedload(Mark.enrolment)
    found = select(Correction).join(Correction.mark).join(Mark.enrolment).order_by(Correction.id.desc())
    return found.options(
        enrolment.joinedload(Enrolment.person),
        enrolment.joinedload(Enrolment.run),
        joinedload(Correction.mark).joinedload(Mark.component),
        joinedload(Correction.asked_by),
        joinedload(Correction.decided_by),
    )


def who_may_agree(run_id: int, asker_id: int | None) -> Sequence[Person]:
    """Who can be the second person for a correction: the run's other leaders who can sign in, by name. One query."""
    found = select(Person).join(Account, Account.person_id == Person.id).where(Account.active)
    found = found.where(Person.id.in_(leaders_of(run_id)), Person.id != asker_id)
    return db.session.scalars(found.order_by(Person.family_name, Person.given_name, Person.id)).all()


def corrections_for(who: Principal) -> Sequence[Correction]:
    """The corrections that wait for `who` as the second person, the latest first. One query."""
    led = Enrolment.run_id.in_(who.held_on("leader"))
    waiting = (Correction.state == CorrectionState.ASKED, Correction.asked_by_id != who.person_id)
    return db.session.scalars(corrections().where(led, *waiting)).all()


def corrections_asked(run: ModuleRun) -> Sequence[Correction]:
    """Those of the run that wait for a second person."""
    waiting = (Enrolment.run_id == run.id, Correction.state == CorrectionState.ASKED)
    return db.session.scalars(corrections().where(*waiting)).all()


def corrections_of(mark: Mark) -> Sequence[Correction]:
    """All that were asked for of one mark."""
    return db.session.scalars(corrections().where(Correction.mark_id == mark.id)).all()


def correction_of(who: Principal, public_id: str) -> Correction | None:
    """A correction on a run that `who` leads."""
    led = Enrolment.run_id.in_(who.held_on("leader"))
    return db.session.scalar(corrections().where(Correction.public_id == public_id, led))
