"""A round to test with: a run whose choices have closed, its leader, and students with choices."""

from datetime import date
from typing import Any

from sqlalchemy import delete, select

from placements.allocation import actions
from placements.allocation.actions import run, stage
from placements.allocation.models import Attempt, Match
from placements.allocation.solving import solve_next
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun, RunRole, TimeslotGroup
from placements.core.policy import Principal
from placements.db import db
from placements.people.models import Person
from placements.rounds.actions import open_round
from placements.rounds.models import Round
from placements.solver.objective import USUAL
from tests import factories as make
from tests.factories import DAY, NOW

DEADLINE = NOW + 7 * DAY
BY_ON = date(2026, 11, 3)


class Scene:
    """Lea leads the run, Tom is the tutor of its one group; `ada`, `ben` and `cyd` all want the one place of `park`."""

    def __init__(self) -> None:
        self.lea: Person = make.person(given_name="Lea", family_name="Leader")
        self.tom: Person = make.person(given_name="Tom", family_name="Tutor")
        self.run: ModuleRun = make.run(code="WL6W50", ranking_closes_at=NOW - DAY)
        make.run_role(RunRole.LEADER, self.lea, self.run)
        self.group: TimeslotGroup = make.group(self.run, self.tom)
        self.leader = Principal(self.lea.id, frozenset({("leader", self.run.id)}))
        self.park = self.challenge("The park", places_max=1)
        self.food = self.challenge("The food bank", places_max=1)
        self.ada = self.student("Ada", self.park, self.food)
        self.ben = self.student("Ben", self.park)
        self.cyd = self.student("Cyd", self.park)

    def challenge(self, title: str, **said: object) -> Challenge:
        return make.challenge(make.organisation(name=f"Friends of {title.lower()}"), title=title, **said)

    def student(self, name: str, *ranked: Challenge) -> Enrolment:
        person = make.person(given_name=name, family_name="Student")
        enrolment = make.enrolment(self.group, person)
        if ranked:
            make.application(enrolment, list(ranked))
        return enrolment

    def open(self) -> Round:
        return open_round("key", "Main round", [self.run], actor=self.leader, now=NOW)

    def solved(self) -> Attempt:
        """A round of everybody, run and solved by the usual rule alone, to be quick; commits, as the worker does."""
        attempt = run(self.open(), actor=self.leader, now=NOW)
        db.session.execute(delete(Attempt).where(Attempt.rule != USUAL))
        db.session.commit()
        assert solve_next(NOW, NOW)
        return attempt

    def staged(self) -> Round:
        attempt = self.solved()
        stage(attempt, actor=self.leader, now=NOW)
        db.session.flush()
        return attempt.round


def placed(round: Round) -> dict[str, str | None]:
    """Who is matched with what."""
    rows = db.session.scalars(select(Match).where(Match.round_id == round.id))
    return {row.enrolment.person.given_name: row.challenge.title if row.challenge else None for row in rows}


def match_of(round: Round, enrolment: Enrolment) -> Match:
    """What the round has for the student."""
    return db.session.scalars(select(Match).where(Match.round_id == round.id, Match.enrolment_id == enrolment.id)).one()


def publish(scene: Scene, round: Round, **said: Any) -> None:
    """The leader publishes it."""
    given = {"deadline_at": DEADLINE, "clearing_by_on": BY_ON, "actor": scene.leader, "now": NOW, **said}
    actions.publish(round, given.pop("deadline_at"), given.pop("clearing_by_on"), **given)
