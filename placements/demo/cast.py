"""The people of the demonstration whom one can be. All of them, and their addresses, are made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from placements.accounts.actions import give_roles, open_account
from placements.accounts.models import GlobalRole
from placements.cohorts.models import RunRole, Theme
from placements.db import db
from placements.demo.stage import SYSTEM
from placements.people.actions import find_or_add_person
from placements.people.models import Person

STAFF_DOMAIN = "staff.example"


@dataclass(frozen=True)
class Part:
    """One member of staff: what they do, in words, and their roles, everywhere or on each run."""

    short: str
    given_name: str
    family_name: str
    does: str
    roles: tuple[GlobalRole, ...] = ()
    on_runs: tuple[tuple[RunRole, Theme | None], ...] = ()

    @property
    def email(self) -> str:
        """Their address; nothing is ever sent to it."""
        return f"{self.given_name}.{self.family_name}@{STAFF_DOMAIN}".lower()


def _champion(short: str, given_name: str, family_name: str, theme: Theme, area: str) -> Part:
    return Part(short, given_name, family_name, f"Challenge Champion for {area}", (), ((RunRole.CHAMPION, theme),))


TUTORS = (
    Part("tutor", "Maryam", "Siddiqui", "Tutor of a Wednesday group"),
    Part("tutor-friday", "Gareth", "Pritchard", "Tutor of a Friday group"),
    Part("tutor-level-5", "Adaeze", "Nwankwo", "Tutor at Level 5, Wednesdays"),
    Part("tutor-level-5-friday", "Piotr", "Zielinski", "Tutor at Level 5, Fridays"),
)
STAFF = (
    Part("leader", "Helen", "Okonkwo", "Module leader of both levels", on_runs=((RunRole.LEADER, None),)),
    *TUTORS,
    Part("engagement", "Ngozi", "Adeyemi", "Engagement officer: enquiries and organisations", (GlobalRole.ENGAGEMENT,)),
    _champion("champion", "Sunita", "Rao", Theme.POVERTY, "poverty and deprivation"),
    _champion("champion-crime", "Marcus", "Whitfield", Theme.CRIME, "crime"),
    _champion("champion-environment", "Freya", "Lindqvist", Theme.ENVIRONMENT, "the environment"),
    _champion("champion-social-wealth", "Kwabena", "Ofori", Theme.SOCIAL_WEALTH, "social wealth"),
    Part(
        "champion-discrimination",
        "Rosalind",
        "Achebe",
        "Challenge Champion for discrimination, and deputy module leader",
        on_runs=((RunRole.CHAMPION, Theme.DISCRIMINATION), (RunRole.LEADER, None)),
    ),
    _champion("champion-health", "Imran", "Qureshi", Theme.HEALTH, "health improvement"),
    Part("moderator", "Eleanor", "Vance", "Moderator", on_runs=((RunRole.MODERATOR, None),)),
    Part("external", "Douglas", "Menzies", "External examiner", on_runs=((RunRole.EXTERNAL, None),)),
    Part("safeguarding", "Ruth", "Castellanos", "Safeguarding lead", (GlobalRole.SAFEGUARDING,)),
    Part("safety-officer", "Leonard", "Marsh", "Placement officer for safety", (GlobalRole.SAFETY_OFFICER,)),
    Part("visa-officer", "Beatriz", "Carvalho", "Placement officer for visas", (GlobalRole.VISA_OFFICER,)),
    Part("disability-adviser", "Joyce", "Tetteh", "Disability adviser", (GlobalRole.DISABILITY_ADVISER,)),
    Part("administrator", "Tom", "Brannigan", "Administrator: runs the system", (GlobalRole.ADMINISTRATOR,)),
)


@dataclass(frozen=True)
class Someone:
    """A person one can be, and why one would."""

    short: str
    does: str
    person: Person


def hire(now: datetime) -> None:
    """Give each member of staff an account and the roles that they hold everywhere."""
    for part in STAFF:
        person = find_or_add_person(part.given_name, part.family_name, part.email, now)
        give_roles(open_account(person, actor=SYSTEM, now=now), part.roles, actor=SYSTEM, now=now)


def staff_to_be() -> Sequence[Someone]:
    """Each member of staff, in the cast's order. One query."""
    found = db.session.scalars(select(Person).where(Person.email_key.in_([part.email for part in STAFF])))
    by_address = {person.email_key: person for person in found}
    return [Someone(part.short, part.does, by_address[part.email]) for part in STAFF if part.email in by_address]
