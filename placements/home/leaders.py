"""The homes of those who run the module: its leader, its external examiner and moderators, the administrator."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, distinct, func, select

from placements.applications.answers import undecided
from placements.applications.models import Application, HostAnswer
from placements.applications.workflow import ApplicationState
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import HANDED_IN
from placements.assessment.workflow import MarkState
from placements.challenges.models import Challenge
from placements.challenges.queries import has_side
from placements.cohorts.models import (
    Enrolment,
    ModuleRun,
    RoleOnRun,
    TimeslotGroup,
)
from placements.cohorts.workflow import LEFT, RunState
from placements.confirming.quiet import overdue
from placements.confirming.rules import LEADER_TOLD_AFTER, QUIET_AFTER
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.rules import Occasion
from placements.feedback.workflow import FeedbackState
from placements.groups.queries import left_at, waiting_of
from placements.home.marking_steps import waiting_in
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.mailing.queries import failed_by_reason
from placements.offers.models import Clearing, HostRefusal, Offer
from placements.offers.workflow import OfferState, RefusalState
from placements.placing.models import Placement
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN
from placements.proposals.models import Proposal
from placements.proposals.workflow import ProposalState
from placements.rounds.models import Round, round_run
from placements.rounds.workflow import RoundState

NUDGED = timedelta(days=7)  # before ranking closes, whoever has not chosen is worth a reminder
ALLOCATED_WITHIN = timedelta(days=5)  # of the closing of choices; ours
DECIDED_WITHIN = timedelta(days=5)  # of a student's leaving, what becomes of the group; ours
CURRENT = (RunState.PLANNED, RunState.OPEN)
Rows = Sequence[Row[*tuple[Any, ...]]]


def leader_look(who: Principal, now: datetime) -> Look:
    """What one's runs wait for, from opening to the board, and how their students stand. Nine queries."""
    rows = db.session.execute(_runs(who)).all()
    of_marks = waiting_in(who, [row.ModuleRun for row in rows if row.ModuleRun.state is RunState.OPEN], now)
    steps = [step for row in rows for step in _of_run(row, now)] + of_marks + [*_telephone(rows, now)]
    return Look("Your module", "The runs that you lead, from their dates to the board.", steps, list(_figures(rows)))


def _telephone(rows: Rows, now: datetime) -> Iterator[Step]:
    """Supervisors whom nobody has talked to in a week, though their tutors were asked to. One query."""
    runs = [row.ModuleRun.id for row in rows]
    late = db.session.execute(overdue(now).where(Enrolment.run_id.in_(runs))).all()
    if late:
        what = many(len({row[1] for row in late}), "supervisor is", "supervisors are")
        by = min(row.since for row in late) + QUIET_AFTER + LEADER_TOLD_AFTER
        yield Step(f"{what} still to telephone about hours", "See whom", "confirming.to_telephone", by=by)


@lru_cache(maxsize=64)  # slower to put together than to answer
def _runs(who: Principal) -> Select[*tuple[Any, ...]]:
    """A row for each run of theirs that is planned or open, with what is counted of it."""
    studying = (Enrolment.run_id == ModuleRun.id, Enrolment.state.not_in(LEFT))
    its_round = select(func.count(Round.id)).join(round_run, round_run.c.round_id == Round.id)
    its_rounds = its_round.where(round_run.c.run_id == ModuleRun.id)
    marks = select(func.count(Mark.id)).join(Mark.enrolment).where(*studying)
    counted: dict[str, Select[Any]] = {
        "rounds": its_rounds.where(Round.state != RoundState.DISCARDED),
        "staged": its_rounds.where(Round.state == RoundState.STAGED),
        "enrolled": select(func.count(Enrolment.id)).where(*studying),
        "chosen": (
            select(func.count(Application.id))
            .join(Application.enrolment)
            .where(*studying, Application.state == ApplicationState.SUBMITTED)
        ),
        "placed": (
            select(func.count(Placement.id)).join(Placement.enrolment).where(*studying, Placement.state.in_(GOING_ON))
        ),
        "clearing": (
            select(func.count(Clearing.id)).join(Clearing.enrolment).where(*studying, Clearing.closed_at.is_(None))
        ),
        "clearing_by": (
            select(func.min(Clearing.by_on)).join(Clearing.enrolment).where(*studying, Clearing.closed_at.is_(None))
        ),
        "undecided": (
            undecided()
            .with_only_columns(func.count(HostAnswer.id))
            .where(Enrolment.run_id == ModuleRun.id, ~has_side(who))
        ),
        "proposed": _to_decide(func.count(Proposal.id)).where(*studying),
        "proposed_by": _to_decide(func.min(Proposal.due_at)).where(*studying),
        "refused": _cannot_take(who, func.count(distinct(HostRefusal.id))),
        "refused_by": _cannot_take(who, func.min(Offer.deadline_at)).where(Offer.state == OfferState.MADE),
        "shrunk": _shrunk(func.count(Challenge.id)),
        "first_shrunk": _shrunk(func.min(Challenge.public_id)),
        "shrunk_since": _shrunk(func.min(left_at())),
        "untutored": (
            select(func.count(TimeslotGroup.id)).where(
                TimeslotGroup.run_id == ModuleRun.id, TimeslotGroup.tutor_id.is_(None)
            )
        ),
        "unaccompanied": _without_a_tutor(func.count(Placement.id)),
        "first_unaccompanied": _without_a_tutor(func.min(Placement.public_id)),
        "to_waive": _to_waive(func.count(Feedback.id)),
        "first_to_waive": _to_waive(func.min(Feedback.public_id)),
        "provisional": marks.where(Mark.state == MarkState.PROVISIONAL),
    }
    numbers = [found.correlate(ModuleRun).scalar_subquery().label(name) for name, found in counted.items()]
    rows = select(ModuleRun, *numbers).where(ModuleRun.id.in_(who.held_on("leader")), ModuleRun.state.in_(CURRENT))
    return rows.order_by(ModuleRun.academic_year, ModuleRun.code, ModuleRun.id)


def _to_decide(asked: Any) -> Select[Any]:
    """Of the places that students found, those whose organisation is checked."""
    checked = Proposal.state == ProposalState.ORGANISATION_CHECKED
    return select(asked).join(Proposal.enrolment).where(checked)


def _cannot_take(who: Principal, asked: Any) -> Select[Any]:
    """Of the challenges that the run's students were offered, those whose organisation cannot take them."""
    waits = select(asked).select_from(HostRefusal).join(HostRefusal.challenge).join(HostRefusal.offers)
    of_run = waits.join(Offer.enrolment).where(Enrolment.run_id == ModuleRun.id)
    return of_run.where(HostRefusal.state == RefusalState.OPEN, ~has_side(who))


def _shrunk(asked: Any) -> Select[Any]:
    """Of the challenges with too few students of the run left, about which nobody has decided."""
    return waiting_of(ModuleRun.id).with_only_columns(asked)


def _without_a_tutor(asked: Any) -> Select[Any]:
    """Of the run's placements that have not begun and wait for a tutor who can sign."""
    lacks = select(asked).join(Placement.enrolment).where(Enrolment.run_id == ModuleRun.id)
    return lacks.where(Placement.state.in_(NOT_BEGUN), Placement.tutor_id.is_(None))


def _to_waive(asked: Any) -> Select[Any]:
    """Of the run's required feedback, what the tutor has found not to be had."""
    found = select(asked).select_from(Feedback).join(Feedback.placement).join(Placement.enrolment)
    found = found.where(Enrolment.run_id == ModuleRun.id, Feedback.occasion == Occasion.FINAL)
    return found.where(Feedback.state == FeedbackState.NOT_OBTAINABLE)


def _unaccompanied(row: Row[*tuple[Any, ...]], run: ModuleRun) -> Step:
    what = many(row.unaccompanied, "placement has no tutor who can sign", "placements have no tutor who can sign")
    by = told_at(run.placements_start_on)
    if row.unaccompanied > 1:
        return Step(f"{run.title}: {what}", "Share them out", "tutoring.show", {"public_id": run.public_id}, by=by)
    first = {"public_id": row.first_unaccompanied}
    return Step(f"{run.title}: {what}", "Name one", "placing.change_tutor", first, by=by)


def _decisions(row: Row[*tuple[Any, ...]], run: ModuleRun, now: datetime) -> Iterator[Step]:
    """What waits for the leader's word."""
    if row.undecided:
        what = f"{many(row.undecided, 'answer', 'answers')} of “not suitable” to decide"
        by = run.ranking_closes_at + ALLOCATED_WITHIN
        yield Step(f"{run.title}: {what}", "Read and decide", "applications.not_suitable", by=by)
    if row.proposed:
        what = f"{many(row.proposed, 'place that a student found', 'places that students found')} to decide"
        state = {"state": ProposalState.ORGANISATION_CHECKED.value}
        yield Step(f"{run.title}: {what}", "Decide", "proposals.overview", state, by=row.proposed_by)
    if row.refused:
        what = many(row.refused, "organisation cannot take its students", "organisations cannot take their students")
        yield Step(f"{run.title}: {what}", "Read and decide", "offers.refusals", by=row.refused_by)
    if row.to_waive:
        what = many(row.to_waive, "student’s final feedback", "students’ final feedback")
        step = ("See it", "feedback.show", {"public_id": row.first_to_waive})
        if row.to_waive > 1:
            step = ("See whose", "feedback.requests", {"state": FeedbackState.NOT_OBTAINABLE.value})
        yield Step(f"{run.title}: {what} cannot be had: waive it, or ask again", *step)
    if row.shrunk:
        what = many(row.shrunk, "group has too few students left", "groups have too few students left")
        by = row.shrunk_since + DECIDED_WITHIN
        yield Step(f"{run.title}: {what}", "Decide", "groups.decide", {"public_id": row.first_shrunk}, by=by)
    if row.clearing_by and row.clearing_by < today(now):
        what = f"{run.title}: students on the clearing list are past their date"
        yield Step(what, "See whose", "clearing.students", by=end_of(row.clearing_by))


def _of_run(row: Row[*tuple[Any, ...]], now: datetime) -> Iterator[Step]:
    run: ModuleRun = row.ModuleRun
    values = {"public_id": run.public_id}
    teaching = told_at(run.teaching_starts_on)
    if row.untutored:
        what = many(row.untutored, "group has no tutor", "groups have no tutor")
        yield Step(f"{run.title}: {what}", "Name one", "cohorts.run", values, by=teaching)
    if run.state is RunState.PLANNED:
        yield Step(f"Check {run.title} and open it", "See the run", "cohorts.run", values, by=teaching)
        return
    if row.unaccompanied:
        yield _unaccompanied(row, run)
    missing, closes_at = row.enrolled - row.chosen, run.ranking_closes_at
    if missing > 0 and closes_at - NUDGED <= now < closes_at:
        what = many(missing, "student has not chosen yet", "students have not chosen yet")
        yield Step(f"{run.title}: {what}", "See who", "applications.overview", values, by=closes_at)
    yield from _decisions(row, run, now)
    is_time = closes_at <= now and today(now) < run.placements_end_on
    by = closes_at + ALLOCATED_WITHIN
    if is_time and not row.rounds:
        yield Step(f"Choosing has closed for {run.title}: allocate", "Make a round", "rounds.overview", by=by)
    if row.staged:
        yield Step(f"A round of {run.title} is staged and not published", "Look at it", "rounds.overview", by=by)
    yield from _marks(row, now)


def _marks(row: Row[*tuple[Any, ...]], now: datetime) -> Iterator[Step]:
    run: ModuleRun = row.ModuleRun
    values = {"public_id": run.public_id}
    if row.provisional and run.board_on and today(now) >= run.board_on:
        what = many(row.provisional, "provisional mark waits", "provisional marks wait")
        due = end_of(run.board_on)
        yield Step(f"{run.title}: {what} for the board", "Confirm them", "board.run_marks", values, by=due)


def _figures(rows: Rows) -> Iterator[Figure]:
    """Over all runs; where there is one run its own page opens, otherwise the list of runs."""
    only = rows[0].ModuleRun if len(rows) == 1 else None

    def figure(name: str, label: str, endpoint: str) -> Figure:
        number = sum(getattr(row, name) for row in rows)
        if only is None:
            return Figure(number, label, "cohorts.runs")
        return Figure(number, label, endpoint, {"public_id": only.public_id})

    yield figure("enrolled", "students enrolled", "cohorts.students")
    yield figure("chosen", "have sent their choices", "applications.overview")
    yield figure("placed", "on a placement or about to start", "cohorts.students")
    yield Figure(sum(row.clearing for row in rows), "on the clearing list", "clearing.students")


def external_look(who: Principal, now: datetime) -> Look:
    """Scripts to read before the board. One query."""
    handed_in = (
        select(func.count(Submission.id))
        .join(Submission.enrolment)
        .where(Enrolment.run_id == ModuleRun.id, Enrolment.state.not_in(LEFT), Submission.state.in_(HANDED_IN))
        .scalar_subquery()
    )
    examined = ModuleRun.id.in_(who.held_on("external")), ModuleRun.state.in_(CURRENT)
    rows = db.session.execute(select(ModuleRun, handed_in.label("scripts")).where(*examined).order_by(ModuleRun.id))
    steps, figures = [], []
    for run, scripts in rows:
        values = {"public_id": run.public_id}
        figures.append(Figure(scripts, f"scripts of {run.title}", "examining.scripts", values))
        if scripts and (run.board_on is None or today(now) <= run.board_on):
            what = f"Read scripts of {run.title}, as many as you like"
            steps.append(Step(what, "See the scripts", "examining.scripts", values, by=end_of(run.board_on)))
    return Look(
        "Your examining",
        "You read the work and the marks of these runs by student number, and change nothing.",
        steps,
        figures,
    )


def administrator_look(who: Principal, now: datetime) -> Look:
    """Runs that nobody leads yet, and mail that failed. Two queries."""
    leads = select(RoleOnRun.id).where(RoleOnRun.leads(ModuleRun.id))
    rows = db.session.execute(
        select(ModuleRun, leads.exists()).where(ModuleRun.state.in_(CURRENT)).order_by(ModuleRun.id)
    ).all()
    steps = [
        Step(
            f"Name a module leader for {run.title}",
            "Give the role",
            "cohorts.give_role",
            {"public_id": run.public_id},
            by=told_at(run.teaching_starts_on),
        )
        for run, is_led in rows
        if not is_led
    ]
    if not rows:
        steps.append(Step("Plan the first module run", "Plan a run", "cohorts.plan_run"))
    failed = sum(failed_by_reason().values())
    if failed:
        steps.append(Step(f"{many(failed, 'message', 'messages')} failed", "See why", "mailing.overview"))
    return Look(
        "The system",
        "Module runs, who does what on them, and mail. Students’ work, marks and needs are not for you to read.",
        steps,
        [
            Figure(len(rows), "module runs planned or open", "cohorts.runs"),
            Figure(failed, "messages that failed", "mailing.overview"),
        ],
    )
