"""A placement on Wednesdays with everybody who has to do with it; the supervisor has an account, or has none."""

from dataclasses import dataclass
from datetime import date

from placements.accounts.models import Account
from placements.attendance.models import PlannedDay
from placements.core.policy import Principal
from placements.db import db
from placements.people.models import Person
from placements.placing.models import Placement
from tests import factories as make

WEDNESDAYS = 0b100
SOON, LATER = date(2026, 10, 28), date(2026, 11, 4)


@dataclass
class Scene:
    """`soon` and `later` are planned; NOW is Tuesday 20 October 2026."""

    student: Account
    tutor: Account
    supervisor: Person
    host: Account | None
    placement: Placement
    soon: PlannedDay
    later: PlannedDay

    def who(self, name: str) -> Principal:
        """A principal without roles, for tests of actions."""
        person = {"student": self.student.person, "tutor": self.tutor.person, "supervisor": self.supervisor}[name]
        return Principal(person.id)


def scene(*, has_account: bool = True) -> Scene:
    """Make them in the current session."""
    student = make.account(make.person(given_name="Amina", family_name="Rahman", email="amina@example.org"))
    tutor = make.account(make.person(given_name="Tessa", family_name="Tutor", email="tessa@example.org"))
    supervisor = make.person(given_name="Sam", family_name="Super", email="sam@example.org")
    host = make.account(supervisor) if has_account else None
    at = make.challenge(supervisor=supervisor, title="Count the stock", days=WEDNESDAYS)
    at.organisation.name = "The food bank"
    make.contact(at.organisation, supervisor)
    enrolled = make.enrolment(make.group(None, tutor.person), student.person)
    placement = make.placement(enrolled, at, public_id="placementpub")
    soon, later = make.planned_day(placement, SOON), make.planned_day(placement, LATER)
    soon.public_id = "day-soon-pub"
    return Scene(student, tutor, supervisor, host, placement, soon, later)


def committed(made: Scene) -> Scene:
    """The same, committed and detached, for tests that make requests."""
    db.session.commit()
    for each in (made.student, made.tutor, made.supervisor, made.host, made.placement, made.soon, made.later):
        if each is not None:
            db.session.refresh(each)
    db.session.expunge_all()
    return made
