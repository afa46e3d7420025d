"""Spring to October: organisations enquire, are taken on, write briefs, and champions review and publish them."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from placements.challenges import actions as challenges
from placements.challenges.models import Challenge, Dbs, WorkMode
from placements.challenges.queries import reviewers
from placements.cohorts.models import Theme
from placements.db import db
from placements.demo.cast import STAFF
from placements.demo.stage import SYSTEM, Beat, Season, person_at, principal
from placements.partners import actions as partners
from placements.partners import enquiries
from placements.partners.enquiries import NewOrganisation
from placements.partners.models import Contact, ContactRole, Enquiry, Organisation, OrganisationType, Site
from placements.people.models import Person

HERE = Path(__file__).parent
ENGAGEMENT = next(part.email for part in STAFF if part.short == "engagement")
DAY = timedelta(days=1)
STREETS = ("Mill Row", "Chapel Street", "Canal Wharf", "Market Road", "Orchard Lane", "Station Parade", "Albion Yard")
LATE = {86: "draft", 87: "submitted", 88: "changes", 89: "approved"}  # briefs that are not published in the end
COMING = (
    ("Cally Canal Club", "Our boat is empty on weekdays and the towpath is full of young people.", 1, 25, "take_up"),
    ("Tollington Tenants", "The lift breaks and nobody writes it down.", 2, 2, None),
    ("Southwark Sewing Bee", "We mend for free and run out of thread and hands.", 2, 9, None),
    ("Haggerston Hens", "Six hens and a garden that wants visitors.", 2, 15, None),
    ("Dockside Debating", "Shy speakers come once. We want them to come twice.", 1, 11, "route"),
    ("Northbank Nightline", "Volunteers answer telephones and burn out.", 12, 7, "close"),
)


def _table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def chapter(season: Season) -> Iterator[Beat]:
    """Each organisation's way in, each brief's way to publication, and this winter's enquiries."""
    names = _table("organisations.csv")
    for index in season.organisations:
        began = season.around(season.before(6, 8), season.on(8, 14))
        yield from _taken_on(season, names[index], began)
    briefs = _table("briefs.csv")
    hosts = [*range(season.organisations.start), *season.organisations]
    for index in season.briefs:
        # Neighbours in the file share a theme; a stride that shares no factor with their number mixes themes and hosts.
        brief, host = briefs[index * 37 % len(briefs)], names[hosts[index % len(hosts)]]
        yield from _brief(season, index, brief, host)
    if season.starts == 2026:
        for coming in COMING:
            yield from _comes(season, coming)


def _taken_on(season: Season, row: dict[str, str], began: datetime) -> Iterator[Beat]:
    given, family = next(season.names)
    address = f"{given}.{family}@{_domain(row['name'])}".lower()
    key = f"demo-{row['name']}"[:40]

    def enquire(now: datetime) -> None:
        enquiries.receive(
            form_key=key,
            organisation_name=row["name"],
            name=f"{given} {family}",
            email=address,
            challenges_faced="We have more to do than hands, and one thing that we would love to think through.",
            actor=SYSTEM,
            now=now,
        )

    def accept(now: datetime) -> None:
        officer = principal(person_at(ENGAGEMENT).id)
        enquiry = db.session.scalars(select(Enquiry).where(Enquiry.form_key == key)).one()
        enquiries.take_up(enquiry, actor=officer, now=now)
        new = NewOrganisation(row["name"], OrganisationType(row["type"]), row["borough"])
        organisation = enquiries.accept(enquiry, new, actor=officer, now=now)
        db.session.flush()
        partners.edit_organisation(organisation, {"ceiling": int(row["size"])}, actor=officer, now=now)
        until = date(2028, 3, 12) if season.chance.random() < 0.9 else date(2027, 3, 5)  # a few run out soon
        partners.approve(organisation, until, actor=officer, now=now)

    def settle(now: datetime) -> None:
        contact = person_at(address)
        organisation = _organisation(row["name"])
        street = f"{season.chance.randint(2, 180)} {season.chance.choice(STREETS)}"
        place = {"name": row["name"], "address": street, "postcode": "E1 6AA", "borough": row["borough"]}
        me = principal(contact.id)
        partners.add_site(organisation, place, form_key=f"site-{row['name']}"[:40], actor=me, now=now)
        helper, name = next(season.names)
        partners.add_contact(
            organisation,
            name=f"{helper} {name}",
            email=f"{helper}.{name}@{_domain(row['name'])}".lower(),
            role=ContactRole.SUPERVISOR,
            job_title="Volunteer coordinator",
            actor=me,
            now=now,
        )

    yield Beat(began, enquire)
    yield Beat(began + 2 * DAY, accept)
    yield Beat(began + 4 * DAY, settle)


def _domain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum()) + ".example"


def _organisation(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


def _people(organisation: Organisation, role: ContactRole) -> Person:
    found = select(Person).join(Contact, Contact.person_id == Person.id)
    return db.session.scalars(
        found.where(Contact.organisation_id == organisation.id, Contact.role == role).limit(1)
    ).one()


def _brief(season: Season, index: int, brief: dict[str, str], host: dict[str, str]) -> Iterator[Beat]:
    key = f"brief-{season.starts}-{index}"
    end = LATE.get(index) if season.starts == 2026 else None
    began = season.around(season.on(8, 24), season.on(9, 25)) + timedelta(minutes=index)

    def write(now: datetime) -> None:
        organisation = _organisation(host["name"])
        contact = principal(_people(organisation, ContactRole.PRIMARY).id)
        theme, mode = Theme(brief["theme"]), season.chance.choice([*WorkMode, WorkMode.ON_SITE])
        challenge = challenges.start(
            organisation,
            form_key=key,
            title=brief["title"],
            theme=theme,
            mode=mode,
            academic_year=season.year,
            actor=contact,
            now=now,
        )
        db.session.flush()
        facts = _facts(season, organisation, brief, mode, index)
        challenges.edit(challenge, facts, version=challenge.version, actor=contact, now=now)
        if end != "draft":
            challenges.submit(challenge, actor=contact, now=now)

    def review(now: datetime) -> None:
        challenge = _challenge(key)
        champion = principal(reviewers(challenge)[0])
        if end == "changes" or index % 9 == 4:
            challenges.ask_for_changes(
                challenge,
                "Please say on which days a student could come.",
                form_key=f"ask-{key}",
                actor=champion,
                now=now,
            )
        else:
            challenges.approve(challenge, actor=champion, now=now)

    def answer(now: datetime) -> None:
        challenge = _challenge(key)
        contact = principal(_people(challenge.organisation, ContactRole.PRIMARY).id)
        facts = {"times": "Tuesdays and Thursdays, 10 to 4"}
        challenges.edit(challenge, facts, version=challenge.version, actor=contact, now=now)
        challenges.submit(challenge, actor=contact, now=now)
        champion = principal(reviewers(challenge)[0])
        challenges.approve(challenge, actor=champion, now=now + timedelta(hours=3))

    def publish(now: datetime) -> None:
        challenge = _challenge(key)
        challenges.publish(challenge, actor=principal(reviewers(challenge)[0]), now=now)

    yield Beat(began, write)
    if end not in ("draft", "submitted"):
        yield Beat(began + 3 * DAY, review)
    if index % 9 == 4 and end is None:
        yield Beat(began + 5 * DAY, answer)
    if end is None:
        yield Beat(began + 7 * DAY, publish)


def _facts(
    season: Season, organisation: Organisation, brief: dict[str, str], mode: WorkMode, index: int
) -> dict[str, Any]:
    chance = season.chance
    site = db.session.scalars(select(Site).where(Site.organisation_id == organisation.id)).first()
    places = chance.choice((1, 1, 2, 2, 2, 3, 4))
    return {
        "need": f"{brief['need']} We would like to work it out together with a student.",
        "output": brief["output"] + ".",
        "suits_level_5": index % 5 != 0,
        "suits_level_6": index % 5 == 0 or index % 4 != 1,
        "places_min": 1,
        "places_max": places,
        "site_id": None if mode is WorkMode.REMOTE or site is None else site.id,
        "supervisor_id": _people(organisation, ContactRole.SUPERVISOR).id,
        "days": chance.choice((0, 0b0000010, 0b0001010, 0b0010101, 0b1100000)),
        "times": chance.choice(("", "10 to 4", "Afternoons", "Evenings from 6")),
        "skills": chance.choice(
            ("", "Patience; spreadsheets help", "Listening and writing", "A second language is welcome")
        ),
        "client_group": chance.choice(("", "Adults", "Older people", "Families with children, never alone")),
        "dbs": chance.choice((Dbs.NONE, Dbs.NONE, Dbs.NONE, Dbs.BASIC, Dbs.ENHANCED)),
        "pays_expenses": chance.random() < 0.6,
        "access_notes": chance.choice(("Step-free, accessible toilet", "Two steps at the door; a ramp on request", "")),
    }


def _challenge(key: str) -> Challenge:
    return db.session.scalars(select(Challenge).where(Challenge.form_key == key)).one()


def _comes(season: Season, coming: tuple[str, str, int, int, str | None]) -> Iterator[Beat]:
    name, need, month, day, then = coming
    given, family = next(season.names)

    def enquire(now: datetime) -> None:
        enquiries.receive(
            form_key=f"demo-{name}"[:40],
            organisation_name=name,
            name=f"{given} {family}",
            email=f"{given}.{family}@{_domain(name)}".lower(),
            challenges_faced=need,
            actor=SYSTEM,
            now=now,
        )

    def answer(now: datetime) -> None:
        officer = principal(person_at(ENGAGEMENT).id)
        enquiry = db.session.scalars(select(Enquiry).where(Enquiry.organisation_name == name)).one()
        if then == "take_up":
            enquiries.take_up(enquiry, actor=officer, now=now)
            owner = person_at(ENGAGEMENT)
            step_on = season.on(2, 19)
            enquiries.plan(enquiry, owner=owner, step="Visit them", step_on=step_on, actor=officer, now=now)
        elif then == "route":
            enquiries.route(enquiry, to="Volunteering", note="They want weekly help.", actor=officer, now=now)
        else:
            enquiries.close(enquiry, reason="They need trained counsellors.", actor=officer, now=now)

    came = season.at(month, day, 14, 10)
    yield Beat(came, enquire)
    if then:
        yield Beat(came + 2 * DAY, answer)
