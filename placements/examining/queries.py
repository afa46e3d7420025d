"""What an external examiner reads of a run: every mark by student number, work that is open to them. No names."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.assessment.models import Mark, Submission
from placements.assessment.queries import submissions, with_mark
from placements.assessment.rules import BANDS, band
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun, RoleOnRun, RunRole, TimeslotGroup
from placements.cohorts.rules import academic_year_starting
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.examining.models import ExaminerReport, ScriptRequest
from placements.examining.policy import OPENS, sampled
from placements.examining.rules import LEAST
from placements.examining.workflow import ReportState
from placements.logbook.models import Entry, EntryEvidence
from placements.logbook.queries import UNSENT
from placements.moderation.models import ModeratedMark, Moderation
from placements.moderation.workflow import ModerationState
from placements.people.models import Person
from placements.placing.models import Placement


def scripts(run: ModuleRun, size: int, number: int) -> tuple[Sequence[Submission], int]:
    """One page of all there is, the moderators' sample first: by student number and component, with marks. No names."""
    found = submissions().join(Enrolment.person).where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    found = found.order_by(Submission.id.in_(sampled()).desc(), Person.student_number, Submission.component_id)
    return slice_of(found, size, number, joinedload(Submission.mark))


def sampled_of(rows: Sequence[Submission]) -> set[int]:
    """Which of these are in a sample. One query."""
    return set(db.session.scalars(sampled().where(Submission.id.in_([each.id for each in rows]))))


def mark_shown(submission: Submission) -> Mark | None:
    """The mark as an examiner knows it: none before it is submitted, and none while it is withheld."""
    mark = submission.mark
    return mark if mark and mark.state is not MarkState.DRAFTED and mark.withheld_at is None else None


def standing_shown(submission: Submission) -> str:
    """How far an examiner knows it to be: a key of STANDINGS. What is withheld is as what is to be marked."""
    mark = mark_shown(submission)
    if mark:
        return mark.state.value
    return MarkState.DRAFTED.value if submission.mark else "nothing"


def evidence_behind(submission: Submission) -> Sequence[EntryEvidence]:
    """The photos and files that show the visits of the student's logbook, the first visit first. One query."""
    if submission.component.kind is not ComponentKind.PORTFOLIO:
        return ()
    found = select(EntryEvidence).join(EntryEvidence.entry).join(Entry.placement)
    found = found.where(Placement.enrolment_id == submission.enrolment_id, Entry.state.not_in(UNSENT))
    found = found.where(EntryEvidence.removed_at.is_(None)).order_by(Entry.on, EntryEvidence.id)
    return db.session.scalars(found.options(contains_eager(EntryEvidence.entry))).all()


def records_of(mark: Mark) -> Sequence[ModeratedMark]:
    """What moderators wrote down of the script. One query."""
    found = select(ModeratedMark).join(ModeratedMark.moderation).where(ModeratedMark.mark_id == mark.id)
    found = found.where(ModeratedMark.noted_at.is_not(None), Moderation.state != ModerationState.DISCARDED)
    return db.session.scalars(found.order_by(ModeratedMark.id)).all()


def script_of(who: Principal, public_id: str) -> Submission | None:
    """One script of a run that `who` examines."""
    found = submissions().where(and_(Submission.public_id == public_id, Enrolment.run_id.in_(who.held_on("external"))))
    return db.session.scalar(found.options(with_mark()))


def is_open_to(who: Principal, submission: Submission) -> bool:
    """Whether `who` reads the work itself, and what stands beside it."""
    return who.has(OPENS, submission.id)


def requests_in(run: ModuleRun) -> Sequence[ScriptRequest]:
    """Which scripts were asked for, the newest first. One query."""
    found = select(ScriptRequest).join(ScriptRequest.submission).join(Submission.enrolment)
    submission = contains_eager(ScriptRequest.submission)
    return db.session.scalars(
        found.where(Enrolment.run_id == run.id)
        .order_by(ScriptRequest.id.desc())
        .options(
            joinedload(ScriptRequest.by),
            submission.joinedload(Submission.component),
            submission.contains_eager(Submission.enrolment).joinedload(Enrolment.person),
        )
    ).all()


def briefs(run: ModuleRun) -> Sequence[Challenge]:
    """The published briefs that students of the run are or were placed on, by title. One query."""
    placed = select(Placement.challenge_id).join(Placement.enrolment).where(Enrolment.run_id == run.id)
    shown = Challenge.state.in_((ChallengeState.PUBLISHED, ChallengeState.CLOSED))
    found = select(Challenge).where(Challenge.id.in_(placed), shown, Challenge.published_at.is_not(None))
    return db.session.scalars(found.order_by(Challenge.title, Challenge.id)).all()


@dataclass(frozen=True)
class Line:
    """Marks of one component, in all groups or in one: how many in each band, and their mean unless too few."""

    title: str
    count: int
    bands: dict[int, int]
    mean: int | None


def statistics(run: ModuleRun) -> list[tuple[Component, list[Line]]]:
    """How first attempts are spread, as far as an examiner knows the marks: all, then by group. One query."""
    found = select(Mark.component_id, TimeslotGroup.name, Mark.mark).join(Mark.enrolment).join(Enrolment.group)
    found = found.where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT), Mark.attempt == 1)
    found = found.where(Mark.state != MarkState.DRAFTED, Mark.withheld_at.is_(None), Mark.mark.is_not(None))
    marks: defaultdict[int, list[int]] = defaultdict(list)
    groups: defaultdict[int, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for component_id, group, mark in db.session.execute(found):
        assert mark is not None
        marks[component_id].append(mark)
        groups[component_id][group].append(mark)
    return [
        (
            part,
            [
                _line("All groups", marks[part.id]),
                *(_line(name, of) for name, of in sorted(groups[part.id].items())),
            ],
        )
        for part in run.components
        if part.kind is not ComponentKind.FEEDBACK
    ]


def _line(title: str, marks: Sequence[int]) -> Line:
    counts = {lowest: sum(band(each) == lowest for each in marks) for lowest in sorted(BANDS)}
    return Line(title, len(marks), counts, round(mean(marks)) if len(marks) >= LEAST else None)


def report_of(who: Principal, public_id: str) -> ExaminerReport | None:
    """A report of one's own, or one that was submitted of a run that one leads."""
    own = and_(ExaminerReport.by_id == who.person_id, ExaminerReport.run_id.in_(who.held_on("external")))
    led = and_(ExaminerReport.run_id.in_(who.held_on("leader")), ExaminerReport.state != ReportState.DRAFTED)
    found = select(ExaminerReport).where(ExaminerReport.public_id == public_id, or_(own, led))
    return db.session.scalar(found.options(joinedload(ExaminerReport.run), joinedload(ExaminerReport.by)))


def reports_of(run: ModuleRun, who: Principal) -> Sequence[ExaminerReport]:
    """The reports on the run: one's own, and where one leads it those that were submitted. One query."""
    is_seen = ExaminerReport.by_id == who.person_id
    if who.has("leader", run.id):
        is_seen = ExaminerReport.state != ReportState.DRAFTED
    found = select(ExaminerReport).where(ExaminerReport.run_id == run.id, is_seen).order_by(ExaminerReport.id)
    return db.session.scalars(found.options(joinedload(ExaminerReport.by), joinedload(ExaminerReport.run))).all()


def last_years(run: ModuleRun) -> Sequence[ExaminerReport]:
    """The reports on the same module a year before that were answered. One query."""
    before = academic_year_starting(int(run.academic_year[:4]) - 1)
    found = select(ExaminerReport).join(ExaminerReport.run)
    found = found.where(ModuleRun.code == run.code, ModuleRun.academic_year == before)
    found = found.where(ExaminerReport.state == ReportState.ANSWERED).order_by(ExaminerReport.id)
    return db.session.scalars(found.options(contains_eager(ExaminerReport.run), joinedload(ExaminerReport.by))).all()


def unreported(now: datetime) -> Select[RoleOnRun]:
    """The examiners' roles whose view lasts, on runs whose board has met or has no day, and whose report is not in."""
    in_already = select(ExaminerReport.id).where(
        ExaminerReport.run_id == RoleOnRun.run_id,
        ExaminerReport.by_id == RoleOnRun.person_id,
        ExaminerReport.state != ReportState.DRAFTED,
    )
    on = today(now)
    has_met = or_(ModuleRun.board_on.is_(None), ModuleRun.board_on < on)
    found = select(RoleOnRun).join(RoleOnRun.run).options(contains_eager(RoleOnRun.run)).order_by(RoleOnRun.id)
    found = found.where(RoleOnRun.role == RunRole.EXTERNAL, RoleOnRun.lasts(on), ~in_already.exists())
    return found.where(ModuleRun.state != RunState.PLANNED, has_met)
