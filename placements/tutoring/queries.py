"""The tutors of a run with their loads, and the placements that they share."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

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
from placements.tutoring import rules
from placements.tutoring.models import TutorFix, TutorLoad
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


PLACEMENT = (
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
    whole = contains_eager(TutorFix.placement).options(*PLACEMENT).joinedload(Placement.enrolment)
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
    placements = db.session.scalars(shared_by(run).options(*PLACEMENT)).all()
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
