"""One accepted place with everybody whom a placement concerns, each able to sign in, and a stranger of each kind."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.accounts.queries import principal_of
from placements.cohorts.models import RunRole
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.partners.models import ContactRole
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import NOW


class Scene:
    """Ada's place at the food bank, in Tom's group; Sue supervises. It is to start on Monday 16 November 2026."""

    def __init__(self, **said: Any) -> None:
        self.run = make.run()
        self.leader = self._somebody("Lea", "Leader")
        self.tutor = self._somebody("Tom", "Tutor")
        make.run_role(RunRole.LEADER, self.leader.person, self.run)
        self.group = make.group(self.run, self.tutor.person)
        self.student = self._somebody("Ada", "Okoro")
        self.enrolment = make.enrolment(self.group, self.student.person)
        self.organisation = make.organisation(name="The food bank")
        self.supervisor, self.contact = self._somebody("Sue", "Supervisor"), self._somebody("Con", "Contact")
        make.contact(self.organisation, self.supervisor.person, ContactRole.SUPERVISOR, job_title="Manager")
        make.contact(self.organisation, self.contact.person)
        self.challenge = make.challenge(
            self.organisation, supervisor=self.supervisor.person, title="Count the stock", times="1pm to 4pm", days=4
        )
        self.engagement = self._somebody("Eno", "Engagement", GlobalRole.ENGAGEMENT)
        self.other_student, self.other_tutor = self._somebody("Ben", "Else"), self._somebody("Tia", "Else")
        make.enrolment(make.group(self.run, self.other_tutor.person), self.other_student.person)
        self.placement = self.place(**said)

    def _somebody(self, given: str, family: str, *roles: GlobalRole) -> Account:
        who = make.person(given_name=given, family_name=family, email=f"{given}@example.org".lower())
        return make.account(who, *roles)

    def place(self, **said: Any) -> Placement:
        """The placement, as it is when the offer has just been accepted."""
        said = {"starts_on": date(2026, 11, 16), "created_at": NOW, "state": PlacementState.PREPARING, **said}
        return make.placement(self.enrolment, self.challenge, **said)

    @property
    def url(self) -> str:
        """The placement's address."""
        return f"/placements/{self.placement.public_id}"

    def who(self, app: Flask, name: str) -> Principal:
        """The principal of somebody of the scene, roles and all."""
        return principal_of(getattr(self, name), app.extensions["placements.roles_of"], today(NOW))

    def told(self, notice: str) -> set[str]:
        """Whom a notice has been queued for: what the scene calls them; newcomers by their given name."""
        people = {each.person_id: name for name, each in vars(self).items() if isinstance(each, Account)}
        told = select(Person).join(Notification, Notification.recipient_id == Person.id)
        rows = db.session.scalars(told.where(Notification.notice == notice))
        return {people.get(person.id, person.given_name) for person in rows}


def committed(scene: Any) -> Any:
    """The scene, committed and detached, for tests that make requests."""
    db.session.commit()
    for thing in vars(scene).values():
        db.session.refresh(thing)
        if isinstance(thing, Account):
            db.session.refresh(thing.person)
    db.session.expunge_all()
    return scene


def a_person(given: str) -> Person:
    """Somebody else."""
    return make.person(given_name=given, family_name="Newcomer", email=f"{given}@example.org".lower())


def scene_in(database: Flask, *more: Callable[[Scene], object], **said: Any) -> Scene:
    """A scene with more in it, committed and detached. `said` is about its placement."""
    with database.app_context():
        made = Scene(**said)
        for add in more:
            add(made)
        return committed(made)
