"""The tutors of a run with their loads, the placements that they share, and what a plan comes to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload, undefer

from placements.allocation.workflow import AttemptState
from placements.challenges.models import Challenge
from placements.cohorts.models import THEMES, Enrolment, ModuleRun, RoleOnRun, RunRole, Theme, TimeslotGroup
from placements.cohorts.queries import TUTORING
from placements.core.policy import Principal
from placements.db import db
from placements.partners.models import Contact, Interest
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON
from placements.solver.instance import Instance
from placements.solver.result import Result
from placements.tutoring import rules
from placements.tutoring.models import TutorFix, TutorLoad, TutorPlan
from placements.tutoring.rules import USUAL_LOAD


@dataclass(frozen=True)
class Tutor:
    """Somebody who tutors on a run. `role` is where their page is found; `now` how many they look after."""

    role: RoleOnRun
    person: Person
    load: int
    themes: frozenset[Theme]
    groups: tuple[str, ...]
    now: int

    @property
    def knows(self) -> str:
        """The areas that they know, by name, in their usual order."""
        return ", ".join(name for theme, name in THEMES.items() if theme in self.themes)


def tutors_of(run: ModuleRun) -> list[Tutor]:
    """Who has the role of tutor, a group, or a placement of the run that goes on, by name. Three queries.

    Of whom nothing has been said takes on the usual number; whoever has only stepped in, no more than they have.
    """
    counted = db.session.execute(
        select(Placement.tutor_id, func.count())
        .join(Placement.enrolment)
        .where(Enrolment.run_id == run.id, Placement.state.in_(GOING_ON))
        .group_by(Placement.tutor_id)
    )
    now: dict[int | None, int] = {row[0]: row[1] for row in counted}
    groups: defaultdict[int | None, list[str]] = defaultdict(list)
    for group in db.session.scalars(select(TimeslotGroup).where(TimeslotGroup.run_id == run.id).order_by("occurrence")):
        groups[group.tutor_id].append(group.name)
    found: dict[int, Tutor] = {}
    for role, load in db.session.execute(_roles_and_loads(run)):
        person = role.person
        is_tutor, held = role.role is RunRole.TUTOR or person.id in groups, now.get(person.id, 0)
        if is_tutor or held:
            themes = frozenset(Theme(theme) for theme in load.themes) if load else frozenset()
            most = load.load if load else USUAL_LOAD if is_tutor else held
            found.setdefault(person.id, Tutor(role, person, most, themes, tuple(groups[person.id]), held))
    return list(found.values())


def _roles_and_loads(run: ModuleRun) -> Select[RoleOnRun, TutorLoad]:
    its_load = and_(TutorLoad.run_id == RoleOnRun.run_id, TutorLoad.person_id == RoleOnRun.person_id)
    return (
        select(RoleOnRun, TutorLoad)
        .join(RoleOnRun.person)
        .outerjoin(TutorLoad, its_load)
        .where(RoleOnRun.run_id == run.id, RoleOnRun.role.in_(TUTORING))
        .options(contains_eager(RoleOnRun.person))
        .order_by(Person.family_name, Person.given_name, RoleOnRun.role != RunRole.TUTOR, RoleOnRun.id)
    )


def seen_tutor(who: Principal, public_id: str) -> RoleOnRun | None:
    """The role, with run and person, by which somebody tutors on a run that `who` leads."""
    led = RoleOnRun.run_id.in_(who.held_on("leader"))
    found = select(RoleOnRun).where(RoleOnRun.public_id == public_id, RoleOnRun.role.in_(TUTORING), led)
    role = db.session.scalar(found.options(joinedload(RoleOnRun.run), joinedload(RoleOnRun.person)))
    return role if role and any(each.person is role.person for each in tutors_of(role.run)) else None


def tutor_of(role: RoleOnRun) -> Tutor:
    """What the person with that role, which `seen_tutor` has found, takes on. Three queries."""
    return next(each for each in tutors_of(role.run) if each.person is role.person)


def load_of(role: RoleOnRun) -> TutorLoad | None:
    """What has been said of the tutor's load on that run."""
    return db.session.scalar(select(TutorLoad).filter_by(run_id=role.run_id, person_id=role.person_id))


def seen_plan(who: Principal, public_id: str) -> TutorPlan | None:
    """The plan at that address, of a run that `who` leads, with its inputs and result."""
    found = select(TutorPlan).where(TutorPlan.public_id == public_id, TutorPlan.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(joinedload(TutorPlan.run), *WHOLE))


WHOLE = (undefer(TutorPlan.instance), undefer(TutorPlan.result), undefer(TutorPlan.before))


def latest_plans(run: ModuleRun, most: int = 5) -> Sequence[TutorPlan]:
    """The plans that were asked for last, the newest first. One query."""
    newest = select(TutorPlan).where(TutorPlan.run_id == run.id).order_by(TutorPlan.id.desc()).limit(most)
    return db.session.scalars(newest).all()


_PLACEMENT = (
    joinedload(Placement.enrolment).joinedload(Enrolment.person),
    joinedload(Placement.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
    joinedload(Placement.challenge).joinedload(Challenge.organisation),
    joinedload(Placement.tutor),
)


def shared_by(run: ModuleRun) -> Select[Placement]:
    """The run's placements that go on or are about to begin, by student."""
    of_run = select(Placement).join(Placement.enrolment).join(Enrolment.person)
    of_run = of_run.where(Enrolment.run_id == run.id, Placement.state.in_(GOING_ON))
    return of_run.order_by(Person.family_name, Person.given_name, Placement.id)


def _fixes_of(run: ModuleRun) -> Sequence[TutorFix]:
    going_on = shared_by(run).order_by(None).with_only_columns(Placement.id)
    return db.session.scalars(
        select(TutorFix)
        .where(TutorFix.placement_id.in_(going_on))
        .options(joinedload(TutorFix.tutor))
        .order_by(TutorFix.id)
    ).all()


def seen_fix(who: Principal, public_id: str) -> TutorFix | None:
    """What is fixed at that address, in a run that `who` leads."""
    led = select(Enrolment.id).where(Enrolment.run_id.in_(who.held_on("leader")))
    found = select(TutorFix).join(TutorFix.placement)
    found = found.where(TutorFix.public_id == public_id, Placement.enrolment_id.in_(led))
    whole = contains_eager(TutorFix.placement).options(*_PLACEMENT).joinedload(Placement.enrolment)
    return db.session.scalar(found.options(whole.joinedload(Enrolment.run), joinedload(TutorFix.tutor)))


def fix_of(placement: Placement) -> TutorFix | None:
    """Whom the placement is fixed to by hand."""
    return db.session.scalar(select(TutorFix).filter_by(placement_id=placement.id))


@dataclass(frozen=True)
class Field:
    """What is shared among whom, as it is now."""

    tutors: list[Tutor]
    placements: Sequence[Placement]
    fixes: Mapping[int, TutorFix]  # by placement
    sides: set[tuple[int, int]]  # (person, organisation)

    def may_tutor(self, person: Person, placement: Placement) -> bool:
        """Neither the student themselves, nor with a side in the organisation."""
        is_student = person.id == placement.enrolment.person_id
        return not is_student and (person.id, placement.challenge.organisation_id) not in self.sides

    @property
    def asked(self) -> list[rules.Asked]:
        """The placements, as the question puts them."""
        return [
            rules.Asked(
                key=each.public_id,
                theme=each.challenge.theme.value,
                own=_key(each.enrolment.group.tutor),
                now=_key(each.tutor),
                barred=frozenset(
                    tutor.person.public_id for tutor in self.tutors if not self.may_tutor(tutor.person, each)
                ),
                fixed=self.fixes[each.id].tutor.public_id if each.id in self.fixes else None,
            )
            for each in self.placements
        ]

    @property
    def pure_tutors(self) -> list[rules.Tutor]:
        """The tutors, as the question puts them."""
        return [
            rules.Tutor(each.person.public_id, each.load, frozenset(theme.value for theme in each.themes))
            for each in self.tutors
        ]

    @property
    def before(self) -> dict[str, str | None]:
        """Who looks after each placement, by public id."""
        return {each.public_id: _key(each.tutor) for each in self.placements}


def _key(person: Person | None) -> str | None:
    return person.public_id if person else None


def field_of(run: ModuleRun) -> Field:
    """Who and what the run shares out. Six queries, however many there are."""
    tutors = tutors_of(run)
    placements = db.session.scalars(shared_by(run).options(*_PLACEMENT)).all()
    fixes = {each.placement_id: each for each in _fixes_of(run)}
    return Field(tutors, placements, fixes, _sides([tutor.person.id for tutor in tutors]))


def _sides(person_ids: Sequence[int]) -> set[tuple[int, int]]:
    interests = select(Interest.person_id, Interest.organisation_id).where(
        Interest.person_id.in_(person_ids), Interest.ended_at.is_(None)
    )
    contacts = select(Contact.person_id, Contact.organisation_id).where(
        Contact.person_id.in_(person_ids), Contact.left_on.is_(None)
    )
    return {(row[0], row[1]) for row in db.session.execute(interests.union(contacts))}


def problems(field: Field) -> list[str]:
    """Why nothing can be proposed as things are, a sentence each."""
    names = {each.public_id: each.enrolment.person.name for each in field.placements}
    people = [*(tutor.person for tutor in field.tutors), *(each.tutor for each in field.fixes.values())]
    return rules.problems(field.asked, field.pure_tutors, names | {each.public_id: each.name for each in people})


def question_of(run: ModuleRun, field: Field) -> Instance:
    """The frozen inputs. `field` has no problems."""
    return rules.question(run.public_id, run.level, field.asked, field.pure_tutors)


def asked_already(run: ModuleRun, instance: Instance, field: Field) -> TutorPlan | None:
    """The plan that was asked for when all was as it is now, has not failed and is not applied. One query."""
    asked = select(TutorPlan).filter_by(run_id=run.id, instance_sha256=instance.sha256(), applied_at=None)
    asked = asked.where(TutorPlan.state != AttemptState.FAILED).order_by(TutorPlan.id.desc()).limit(1)
    known = db.session.scalar(asked.options(undefer(TutorPlan.before)))
    return known if known is not None and known.before == field.before else None


def is_still_so(plan: TutorPlan, field: Field) -> bool:
    """Whether everything that the plan was made from is as it was."""
    if problems(field) or field.before != plan.before:
        return False
    return question_of(plan.run, field).sha256() == plan.instance_sha256


@dataclass(frozen=True)
class Move:
    """What a plan has for one placement. `after` None: nobody whom it may have has room."""

    placement: Placement
    before: Person | None
    after: Person | None

    @property
    def changes(self) -> bool:
        """Somebody else than now looks after it."""
        return self.after is not None and self.after is not self.before

    @property
    def is_own(self) -> bool:
        """Its group's own tutor looks after it."""
        return self.after is not None and self.after.id == self.placement.enrolment.group.tutor_id


def moves_of(plan: TutorPlan) -> list[Move]:
    """What a solved plan has for each placement: those left out first, then what changes, by student. Two queries."""
    placing = Result.from_json(plan.result or "").placing
    of_plan = select(Placement).where(Placement.public_id.in_(placing)).join(Placement.enrolment)
    of_plan = of_plan.join(Enrolment.person).order_by(Person.family_name, Person.given_name, Placement.id)
    keys = {key for key in (*placing.values(), *plan.before.values()) if key}
    named = select(Person).where(Person.public_id.in_(keys))
    people = {person.public_id: person for person in db.session.scalars(named)}
    moves = [
        Move(each, people.get(plan.before[each.public_id] or ""), people.get(placing[each.public_id] or ""))
        for each in db.session.scalars(of_plan.options(*_PLACEMENT))
    ]
    return sorted(moves, key=lambda move: (move.after is not None, not move.changes))


def lacking(plan: TutorPlan, moves: Iterable[Move]) -> list[Placement]:
    """The placements for which somebody could be tutor and nobody has room."""
    could = {student.key for student in Instance.from_json(plan.instance).students if student.options}
    return [move.placement for move in moves if move.after is None and move.placement.public_id in could]


@dataclass(frozen=True)
class Share:
    """One tutor's part in a plan. `own`: how many of theirs then are of their own groups."""

    person: Person
    load: int
    before: int
    after: int
    own: int


@dataclass(frozen=True)
class Summary:
    """What a plan comes to: `without` find nobody with room; `own` are with their group's tutor, `own_before` were."""

    shares: list[Share]
    changes: int
    without: int
    own: int
    own_before: int
    without_before: int


def summary_of(moves: Sequence[Move], tutors: Sequence[Tutor]) -> Summary:
    """Before and after, for each tutor and together."""
    before = Counter(move.before.id for move in moves if move.before)
    after = Counter(move.after.id for move in moves if move.after)
    own = Counter(move.after.id for move in moves if move.after and move.is_own)
    shares = [
        Share(each.person, each.load, before[each.person.id], after[each.person.id], own[each.person.id])
        for each in tutors
    ]
    return Summary(
        shares=shares,
        changes=sum(move.changes for move in moves),
        without=sum(move.after is None for move in moves),
        own=own.total(),
        own_before=sum(replace(move, after=move.before).is_own for move in moves),
        without_before=sum(move.before is None for move in moves),
    )
