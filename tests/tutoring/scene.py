"""Placements to share: Tom and Tia have a group each, Uma has none; Ada, Ben and Cyd are Tom's, Dan is Tia's."""

from datetime import date
from typing import Any

from placements.accounts.models import Account
from placements.allocation.workflow import AttemptState
from placements.cohorts.models import ModuleRun, RoleOnRun, RunRole, Theme, TimeslotGroup, TutorCover
from placements.core.policy import Principal
from placements.db import db, new_public_id
from placements.people.models import Person
from placements.placing.models import Placement
from placements.solver.objective import GREEDY
from placements.solver.solve import solve
from placements.tutoring.models import TutorFix, TutorLoad, TutorPlan
from placements.tutoring.queries import field_of, question_of
from tests import factories as make
from tests.factories import NOW


def load(of: RoleOnRun, most: int, *themes: Theme) -> TutorLoad:
    """What the tutor with that role takes on."""
    said = TutorLoad(run_id=of.run_id, person_id=of.person_id, load=most, themes=[theme.value for theme in themes])
    db.session.add(said)
    db.session.flush()
    return said


def plan(run: Any, **said: Any) -> TutorPlan:
    """A plan of the run as it is now; solved, unless `state` says otherwise."""
    field = field_of(run)
    asked = question_of(run, field)
    said = {"state": AttemptState.SOLVED, "before": field.before, "created_at": NOW, "rule": GREEDY, **said}
    if said["state"] is AttemptState.SOLVED:
        said = {"result": solve(asked, GREEDY).to_json(), "finished_at": NOW, **said}
    made = TutorPlan(run=run, instance=asked.to_json(), instance_sha256=asked.sha256(), **said)
    db.session.add(made)
    db.session.flush()
    return made


def fix(placement: Placement, tutor: Person, by: Person, **said: Any) -> TutorFix:
    """The placement, fixed to a tutor."""
    said = {"reason": "They know each other’s work.", "fixed_at": NOW, **said}
    made = TutorFix(placement=placement, tutor=tutor, fixed_by_id=by.id, **said)
    db.session.add(made)
    db.session.flush()
    return made


def cover(run: ModuleRun, tutor: Person, cover: Person, by: Person, **said: Any) -> TutorCover:
    """Somebody covers for the tutor in a week that is still to come."""
    days = {"from_on": date(2026, 10, 26), "to_on": date(2026, 10, 30)}
    said = {**days, "form_key": new_public_id(), "made_at": NOW, "made_by_id": by.id, **said}
    made = TutorCover(run=run, tutor=tutor, cover=cover, **said)
    db.session.add(made)
    db.session.flush()
    return made


class Scene:
    """Everybody is active and with their group's tutor, but Cyd, who has none."""

    def __init__(self) -> None:
        self.run = make.run()
        self.lea = self._somebody("Lea", RunRole.LEADER)
        self.tom, self.tia, self.uma = (self._somebody(name, RunRole.TUTOR) for name in ("Tom", "Tia", "Uma"))
        self.leader = Principal(self.lea.person_id, frozenset({("leader", self.run.id)}))
        self.group = make.group(self.run, self.tom.person)
        self.other_group = make.group(self.run, self.tia.person, name="Friday morning")
        self.ada = self.place("Ada", self.group, Theme.CRIME)
        self.ben = self.place("Ben", self.group, Theme.HEALTH)
        self.cyd = self.place("Cyd", self.group, Theme.POVERTY, tutor=None)
        self.dan = self.place("Dan", self.other_group, Theme.CRIME)
        self.plan = ""  # for tests of pages: the address of one
        self.keys: dict[str, str] = {}  # and each person's public id, by name

    def _somebody(self, name: str, role: RunRole) -> Account:
        person = make.person(given_name=name, family_name=role.value.title(), email=f"{name}@example.org".lower())
        held = make.run_role(role, person, self.run)
        setattr(self, f"{name.lower()}_role", held)
        return make.account(person)

    def role(self, name: str) -> RoleOnRun:
        """The role by which somebody tutors."""
        held: RoleOnRun = getattr(self, f"{name}_role")
        return held

    def place(self, name: str, group: TimeslotGroup, theme: Theme, **said: Any) -> Placement:
        """A placement of that student, with an organisation of its own."""
        student = make.person(given_name=name, family_name="Student", email=f"{name}@example.org".lower())
        organisation = make.organisation(name=f"Friends of {name}")
        challenge = make.challenge(organisation, title=f"{name}’s challenge", theme=theme)
        return make.placement(make.enrolment(group, student), challenge, **said)


def tutors_now(*placements: Placement) -> dict[str, str | None]:
    """Who looks after whom, by given names."""
    for each in placements:
        db.session.refresh(each)
    return {each.enrolment.person.given_name: each.tutor.given_name if each.tutor else None for each in placements}
