"""What may be seen of runs and enrolments, written once, and the rows that pages show."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from placements.cohorts.dates import KeyDates
from placements.cohorts.models import (
    ClosedDay,
    ComponentKind,
    Enrolment,
    ModuleRun,
    RoleOnRun,
    RunRole,
    TimeslotGroup,
    TutorCover,
)
from placements.cohorts.policy import TEAM
from placements.cohorts.workflow import LEFT, EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.people.models import Person

Counts = dict[int, dict[EnrolmentState, int]]
TUTORING = (RunRole.LEADER, RunRole.TUTOR, RunRole.MODERATOR)  # roles that let somebody have a group


def visible_runs(who: Principal) -> Select[ModuleRun]:
    """The runs that `who` has a role on; for the administrator, all."""
    seen = true() if who.has("administrator") else ModuleRun.id.in_(who.held_on(*TEAM))
    return select(ModuleRun).where(seen)


def visible_enrolments(who: Principal) -> Select[Enrolment]:
    """A module leader's own runs', a tutor's own groups', and one's own."""
    return select(Enrolment).where(
        or_(
            Enrolment.run_id.in_(who.held_on("leader")),
            Enrolment.group_id.in_(who.held_on("group_tutor")),
            Enrolment.person_id == who.person_id,
        )
    )


def run_of(who: Principal, public_id: str) -> ModuleRun | None:
    """A run that `who` may see, its groups, tutors and components with it."""
    whole = visible_runs(who).where(ModuleRun.public_id == public_id)
    return db.session.scalar(
        whole.options(
            selectinload(ModuleRun.groups).joinedload(TimeslotGroup.tutor), selectinload(ModuleRun.components)
        )
    )


def bare_run_of(who: Principal, public_id: str) -> ModuleRun | None:
    """The same run by itself."""
    return db.session.scalar(visible_runs(who).where(ModuleRun.public_id == public_id))


def group_of(who: Principal, public_id: str) -> TimeslotGroup | None:
    """A group of a run that `who` may see."""
    seen = visible_runs(who).with_only_columns(ModuleRun.id)
    found = select(TimeslotGroup).where(TimeslotGroup.public_id == public_id, TimeslotGroup.run_id.in_(seen))
    return db.session.scalar(found.options(joinedload(TimeslotGroup.run), joinedload(TimeslotGroup.tutor)))


def role_of(who: Principal, public_id: str) -> RoleOnRun | None:
    """A role on a run that `who` may see."""
    seen = visible_runs(who).with_only_columns(ModuleRun.id)
    found = select(RoleOnRun).where(RoleOnRun.public_id == public_id, RoleOnRun.run_id.in_(seen))
    return db.session.scalar(found.options(joinedload(RoleOnRun.run), joinedload(RoleOnRun.person)))


def runs_seen_by(who: Principal) -> Sequence[ModuleRun]:
    """Every run that `who` may see, the newest year first."""
    newest = visible_runs(who).order_by(ModuleRun.academic_year.desc(), ModuleRun.code, ModuleRun.period)
    return db.session.scalars(newest.options(selectinload(ModuleRun.components))).all()


def counts_by_group(who: Principal, run: ModuleRun) -> Counts:
    """How many enrolments stand in each state, by group, for the groups whose students `who` may see. One query."""
    leads, own = who.has("leader", run.id), who.held_on("group_tutor")
    counts: Counts = {group.id: {} for group in run.groups if leads or group.id in own}
    rows = db.session.execute(
        visible_enrolments(who)
        .where(Enrolment.run_id == run.id, Enrolment.group_id.in_(counts))
        .with_only_columns(Enrolment.group_id, Enrolment.state, func.count())
        .group_by(Enrolment.group_id, Enrolment.state)
    )
    for group_id, state, count in rows:
        counts[group_id][state] = count
    return counts


def team_of(run: ModuleRun) -> list[RoleOnRun]:
    """Who does what in the run, by role and then by name."""
    found = select(RoleOnRun).where(RoleOnRun.run_id == run.id).options(joinedload(RoleOnRun.person))
    order = list(RunRole)
    return sorted(
        db.session.scalars(found),
        key=lambda held: (order.index(held.role), held.person.family_name, held.person.given_name, held.theme or ""),
    )


def acting_group_tutor(on: date) -> ColumnElement[int | None]:
    """Who sees to a group that day: whoever covers for its tutor, otherwise the tutor. A column beside it."""
    found = select(TutorCover.cover_id).where(
        TutorCover.run_id == TimeslotGroup.run_id, TutorCover.tutor_id == TimeslotGroup.tutor_id, TutorCover.lasts(on)
    )
    return func.coalesce(found.correlate(TimeslotGroup).limit(1).scalar_subquery(), TimeslotGroup.tutor_id)


def acting_group_tutor_id(group: TimeslotGroup, on: date) -> int | None:
    """The key of whoever sees to it that day. One query."""
    return db.session.scalar(select(acting_group_tutor(on)).where(TimeslotGroup.id == group.id))


def possible_tutors(run_id: int) -> Sequence[Person]:
    """Who can be given a group: everybody who leads, tutors or moderates the run."""
    on_run = select(RoleOnRun.person_id).where(RoleOnRun.run_id == run_id, RoleOnRun.role.in_(TUTORING))
    found = select(Person).where(Person.id.in_(on_run)).order_by(Person.family_name, Person.given_name)
    return db.session.scalars(found).all()


def is_student_on(person_id: int, run_id: int) -> bool:
    """Whether the person studies on the run and has not left it."""
    found = select(Enrolment.id).where(
        Enrolment.run_id == run_id, Enrolment.person_id == person_id, Enrolment.state.not_in(LEFT)
    )
    return db.session.scalar(found) is not None


def my_enrolments(who: Principal) -> Sequence[Enrolment]:
    """One's own enrolments, the newest year first, with run, dates, group and tutor. Two queries."""
    found = select(Enrolment).where(Enrolment.person_id == who.person_id).join(Enrolment.run)
    return db.session.scalars(
        found.options(
            joinedload(Enrolment.run).selectinload(ModuleRun.components),
            joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
        ).order_by(ModuleRun.academic_year.desc(), ModuleRun.code)
    ).all()


def key_dates(run: ModuleRun) -> KeyDates:
    """The run's dates, the portfolio's deadline among them. Load the run with its components."""
    portfolio = next((each for each in run.components if each.kind is ComponentKind.PORTFOLIO), None)
    return KeyDates(
        teaching_starts_on=run.teaching_starts_on,
        ranking_opens_at=run.ranking_opens_at,
        ranking_closes_at=run.ranking_closes_at,
        offers_due_at=run.offers_due_at,
        placements_start_on=run.placements_start_on,
        placed_by_on=run.placed_by_on,
        placements_end_on=run.placements_end_on,
        portfolio_due_at=portfolio.due_at if portfolio else None,
        board_on=run.board_on,
        reassessment_due_at=run.reassessment_due_at,
    )


def closed_days() -> frozenset[date]:
    """Every weekday known that is no working day, for `clock.add_working_days`. One query."""
    return frozenset(db.session.scalars(select(ClosedDay.day)))


def closures() -> Sequence[ClosedDay]:
    """The same with their names, the first day first. One query."""
    return db.session.scalars(select(ClosedDay).order_by(ClosedDay.day)).all()


def leaders_of(run_id: int) -> Select[int]:
    """The keys of those who lead a run."""
    return select(RoleOnRun.person_id).where(RoleOnRun.leads(run_id))
