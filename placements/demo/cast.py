"""The people of the demonstration who have a role from the first day. All of them, and their addresses, are made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from placements.accounts.actions import give_roles, open_account
from placements.accounts.models import GlobalRole
from placements.core.policy import Principal
from placements.db import db
from placements.people.actions import find_or_add_person
from placements.people.models import Person

SYSTEM = Principal()
DOMAIN = "demo.example"


@dataclass(frozen=True)
class Part:
    """One member of staff: what they do, in words, and the roles that they hold everywhere."""

    given_name: str
    family_name: str
    does: str
    roles: tuple[GlobalRole, ...] = ()

    @property
    def email(self) -> str:
        """Their address; nothing is ever sent to it."""
        return f"{self.given_name}.{self.family_name}@{DOMAIN}".lower().replace(" ", "-").replace("’", "")


STAFF = (
    Part("Ngozi", "Adeyemi", "Engagement officer: enquiries and organisations", (GlobalRole.ENGAGEMENT,)),
    Part("Ruth", "Castellanos", "Safeguarding lead", (GlobalRole.SAFEGUARDING,)),
    Part("Tom", "Brannigan", "Administrator: runs the system", (GlobalRole.ADMINISTRATOR,)),
)


def hire(now: datetime) -> None:
    """Give each member of staff an account and their roles."""
    for part in STAFF:
        person = find_or_add_person(part.given_name, part.family_name, part.email, now)
        give_roles(open_account(person, actor=SYSTEM, now=now), part.roles, actor=SYSTEM, now=now)


def people_to_be() -> Sequence[tuple[Part, Person]]:
    """Each part with its person, in the cast's order. One query."""
    found = db.session.scalars(select(Person).where(Person.email_key.in_([part.email for part in STAFF])))
    by_address = {person.email_key: person for person in found}
    return [(part, by_address[part.email]) for part in STAFF if part.email in by_address]
