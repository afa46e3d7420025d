"""The rows that pages are measured with: a believable university of any size, written straight into the tables.

Every table has as many rows as asked for, but the people who look at them are few: one officer of the engagement
team, one champion, one student. What a list may hide (unapproved organisations, drafts, closed enquiries) is there too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import Any

from flask_security.utils import hash_password
from sqlalchemy import insert, text

from placements.accounts.models import Account, GlobalRole, Role
from placements.challenges.models import Challenge, WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, RunRole, Theme, TimeslotGroup
from placements.cohorts.workflow import RunState
from placements.db import Model, db, refresh_statistics
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import Organisation, OrganisationType, Site
from placements.partners.rules import BOROUGHS
from placements.partners.workflow import OrganisationState
from placements.people.models import Person

NOW = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)
YEAR = "2026/27"
PASSWORD = "correct horse battery staple"
OFFICER, CHAMPION, STUDENT = "officer@example.org", "champion@example.org", "student@example.org"
RARE = "lantern"  # the word that a search looks for
HELD_BY = 30  # how many rows hold it, whatever their number: more than a page
COMMON = "food"  # every eighth row holds it
AT_ONCE = 5000

PLACES = (
    "Bankside",
    "Camden",
    "Dalston",
    "Eltham",
    "Finsbury",
    "Hackney",
    "Islington",
    "Kilburn",
    "Lewisham",
    "Peckham",
)
KINDS = ("Carers", "Food Bank", "Youth Club", "Tenants", "Library Friends", "Garden", "Advice Centre", "Choir")
NEEDS = ("Count who comes to", "Plan a year of", "Write the story of", "Find more people for", "Draw the map of")
NEED = (
    "We open our doors four days a week and would like to know who comes, who does not, and what would bring them. "
    "A student would talk with visitors and volunteers, look at what we have written down so far, and tell us in plain "
    "words what to try next year. Somebody is always there to ask. "
)


@dataclass(frozen=True)
class Sizes:
    """How many rows there are of what is listed."""

    organisations: int
    challenges: int
    enquiries: int


def fill(sizes: Sizes) -> None:
    """Write the rows into the current application's empty database, and let it count them (ANALYZE)."""
    people = _people()
    _write(Person, ({"id": 100 + n, **_person(f"p{n}@example.org", n)} for n in range(50)))
    _write(Organisation, islice(_organisations(sizes.organisations), sizes.organisations))
    _write(Site, islice(_sites(sizes.organisations), sizes.organisations))
    _write(Challenge, islice(_challenges(sizes), sizes.challenges))
    _write(Enquiry, islice(_enquiries(sizes.enquiries, people[OFFICER]), sizes.enquiries))
    db.session.commit()
    refresh_statistics()
    db.session.commit()
    db.session.remove()
    if db.engine.dialect.name == "postgresql":  # what it does by itself, only later
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _write(model: type[Model], rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, AT_ONCE)):
        db.session.execute(insert(model.__table__), some)


def _person(email: str, n: int) -> dict[str, Any]:
    return {
        "public_id": f"p{n:011}",
        "given_name": f"Given{n}",
        "family_name": f"Family{n}",
        "email": email,
        "email_key": email,
        "created_at": NOW,
    }


def _people() -> dict[str, int]:
    """Those who look: the keys of their people by address."""
    role = Role(name=GlobalRole.ENGAGEMENT)
    run = ModuleRun(
        code="WL6W50",
        level=6,
        academic_year=YEAR,
        period="Year",
        state=RunState.OPEN,
        teaching_starts_on=date(2026, 9, 28),
        ranking_opens_at=NOW - timedelta(days=8),
        ranking_closes_at=NOW + timedelta(days=10),
        placements_start_on=date(2026, 11, 16),
        placements_end_on=date(2027, 4, 30),
        created_at=NOW,
    )
    group = TimeslotGroup(run=run, occurrence="G1", name="Wednesday afternoon")
    keys = {}
    for email, roles in ((OFFICER, [role]), (CHAMPION, []), (STUDENT, [])):
        person = Person(given_name=email.partition("@")[0].capitalize(), family_name="X", email=email, created_at=NOW)
        db.session.add(Account(person=person, global_roles=roles, password=hash_password(PASSWORD), created_at=NOW))
        if email == CHAMPION:
            db.session.add(RoleOnRun(role=RunRole.CHAMPION, person=person, run=run, theme=Theme.POVERTY))
        if email == STUDENT:
            course = {"course_code": "BSCPSY", "course_title": "Psychology BSc", "mode": "Full time"}
            db.session.add(Enrolment(person=person, run=run, group=group, created_at=NOW, **course))
        db.session.flush()
        keys[email] = person.id
    return keys


def _rare(n: int, of: int) -> str:
    return f" {RARE.capitalize()}" if n % max(of // HELD_BY, 1) == 0 and n // max(of // HELD_BY, 1) < HELD_BY else ""


def _name(n: int, of: int) -> str:
    return f"{PLACES[n * 7 % 10]}{_rare(n, of)} {KINDS[n % 8]} {n * 7919 % 100003}"


def _organisations(of: int) -> Iterator[dict[str, Any]]:
    kinds, boroughs = list(OrganisationType), sorted(BOROUGHS)
    for n in count():
        is_approved = n % 10 != 0
        yield {
            "id": n + 1,
            "public_id": f"o{n:011}",
            "name": _name(n, of),
            "type": kinds[n % len(kinds)],
            "borough": boroughs[n % len(boroughs)],
            "state": OrganisationState.APPROVED if is_approved else OrganisationState.PROSPECTIVE,
            "approved_until": date(2026, 10, 25) + timedelta(days=n % 300) if is_approved else None,
            "charity_number": str(1000000 + n),
            "owner_id": 100 + n % 50,
            "created_at": NOW,
        }


def _sites(of: int) -> Iterator[dict[str, Any]]:
    boroughs = sorted(BOROUGHS)
    for n in count():
        yield {
            "public_id": f"s{n:011}",
            "form_key": f"s{n}",
            "organisation_id": n % of + 1,
            "name": "Main hall",
            "address": f"{n} High Street",
            "postcode": "N7 8DB",
            "borough": boroughs[n % len(boroughs)],
            "id": n + 1,
            "cleared_until": date(2027, 7, 1),
        }


def _challenges(sizes: Sizes) -> Iterator[dict[str, Any]]:
    themes, modes = list(Theme), list(WorkMode)
    rarer = {1: ChallengeState.SUBMITTED, 2: ChallengeState.DRAFT, 51: ChallengeState.APPROVED}
    for n in count():
        place = n % sizes.organisations
        state = rarer.get(n % 100, ChallengeState.PUBLISHED)
        yield {
            "public_id": f"c{n:011}",
            "form_key": f"c{n}",
            "organisation_id": place + 1,
            "site_id": place + 1,
            "academic_year": YEAR,
            "state": state,
            "title": f"{NEEDS[n % 5]} the {KINDS[n % 8].lower()}{_rare(n, sizes.challenges)}",
            "need": NEED,
            "theme": themes[n % len(themes)],
            "mode": modes[n % len(modes)],
            "places_max": 1 + n % 4,
            "supervisor_id": 100 + n % 50,
            "created_at": NOW - timedelta(minutes=n),
            "submitted_at": None if state is ChallengeState.DRAFT else NOW - timedelta(minutes=n),
            "published_at": NOW - timedelta(minutes=n) if state is ChallengeState.PUBLISHED else None,
        }


def _enquiries(of: int, officer_id: int) -> Iterator[dict[str, Any]]:
    answered = (EnquiryState.ACCEPTED, EnquiryState.ROUTED, EnquiryState.CLOSED)
    for n in count():
        is_open, is_taken = n % 20 < 2, n % 20 == 1
        state = EnquiryState.IN_CONVERSATION if is_taken else EnquiryState.RECEIVED
        yield {
            "public_id": f"e{n:011}",
            "form_key": f"e{n}",
            "organisation_name": _name(n, of),
            "challenges_faced": NEED,
            "writer_id": 100 + n % 50,
            "state": state if is_open else answered[n % 3],
            "received_at": NOW - timedelta(minutes=n),
            "confirmed_at": NOW - timedelta(minutes=n),
            "touched_at": NOW - timedelta(minutes=n),
            "owner_id": officer_id if is_taken else None if is_open else 100 + n % 50,
            "next_step": "Call them" if is_taken else None,
            "next_step_on": date(2026, 10, 23) if is_taken else None,
            "outcome": None if is_open else "We have posted a challenge together",
        }
