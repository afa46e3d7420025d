"""Spring to October: organisations enquire, are taken on, write briefs, and champions review and publish them."""

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from placements.challenges import actions as challenges
from placements.challenges import reviewing
from placements.challenges.models import Challenge, Dbs, Working, WorkMode
from placements.challenges.queries import reviewers
from placements.challenges.rules import people_risk
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.db import db
from placements.demo.cast import STAFF
from placements.demo.checks import vetted
from placements.demo.stage import LATEST, SYSTEM, Beat, Season, person_at, principal, working_days_later
from placements.enquiries import actions as enquiries
from placements.enquiries import receiving
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry
from placements.partners import actions as partners
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType, Site
from placements.people.models import Person
from placements.vetting.models import Risk

HERE = Path(__file__).parent
ENGAGEMENT = next(part.email for part in STAFF if part.short == "engagement")
TUESDAY, THURSDAY = 0b0000010, 0b0001000
STREETS = ("Mill Row", "Chapel Street", "Canal Wharf", "Market Road", "Orchard Lane", "Station Parade", "Albion Yard")
LATE = {86: "draft", 87: "submitted", 88: "changes", 89: "approved"}  # briefs that are not published in the end


def _table(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def chapter(season: Season) -> Iterator[Beat]:
    """Each organisation's way in, and each brief's way to publication."""
    names = _table("organisations.csv")
    for index in season.organisations:
        began = season.around(season.before(6, 8), season.on(8, 14))
        yield from _taken_on(season, index, names[index], began)
    for index, brief in zip(season.briefs, _briefs(season), strict=False):
        yield from _brief(season, index, brief)
    if season.starts == LATEST:
        yield Beat(season.at(9, 14), lambda now: _offer_again(season, now))


def _briefs(season: Season) -> list[dict[str, str]]:
    """The briefs of the organisations that are there by then, their themes mixed."""
    briefs = _table("briefs.csv")
    known = {row["name"] for row in _table("organisations.csv")[: season.organisations.stop]}
    # Neighbours in the file share a theme; a stride that shares no factor with their number mixes them.
    mixed = [briefs[index * 37 % len(briefs)] for index in range(len(briefs))]
    return [brief for brief in mixed if brief["host"] in known]


def _taken_on(season: Season, index: int, row: dict[str, str], began: datetime) -> Iterator[Beat]:
    given, family = next(season.names)
    address = f"{given}.{family}@{domain_of(row['name'])}".lower()
    key = f"demo-{row['name']}"[:40]
    fate: dict[str, bool] = {}  # what chance has decided by the time that it is needed

    def enquire(now: datetime) -> None:
        enquiry = receiving.receive(
            form_key=key,
            organisation_name=row["name"],
            name=f"{given} {family}",
            email=address,
            challenges_faced="We have more to do than hands, and one thing that we would love to think through.",
            actor=SYSTEM,
            now=now,
        )
        receiving.confirm(enquiry, actor=principal(enquiry.writer_id), now=now + timedelta(minutes=20))

    def accept(now: datetime) -> None:
        officer = principal(person_at(ENGAGEMENT).id)
        enquiry = db.session.scalars(select(Enquiry).where(Enquiry.form_key == key)).one()
        enquiries.take_up(enquiry, actor=officer, now=now)
        new = NewOrganisation(row["name"], OrganisationType(row["type"]), row["borough"])
        organisation = enquiries.accept(enquiry, new, actor=officer, now=now)
        db.session.flush()
        partners.edit_organisation(organisation, {"ceiling": int(row["size"])}, actor=officer, now=now)
        fate["ends_soon"] = season.chance.random() >= 0.9

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
            email=f"{helper}.{name}@{domain_of(row['name'])}".lower(),
            role=ContactRole.SUPERVISOR,
            job_title="Volunteer coordinator",
            actor=me,
            now=now,
        )

    yield Beat(began, enquire)
    yield Beat(working_days_later(began, 2), accept)
    yield Beat(working_days_later(began, 4), settle)
    yield from vetted(row["name"], index, began, fate)


def domain_of(name: str) -> str:
    """Where an organisation of that name gets its mail."""
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum()) + ".example"


def _organisation(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


def _people(organisation: Organisation, role: ContactRole) -> Person:
    found = select(Person).join(Contact, Contact.person_id == Person.id)
    return db.session.scalars(
        found.where(Contact.organisation_id == organisation.id, Contact.role == role).limit(1)
    ).one()


def _brief(season: Season, index: int, brief: dict[str, str]) -> Iterator[Beat]:
    key = f"brief-{season.starts}-{index}"
    end = LATE.get(index) if season.starts == 2026 else None
    began = season.around(season.on(8, 24), season.on(9, 25)) + timedelta(minutes=index)

    def write(now: datetime) -> None:
        organisation = _organisation(brief["host"])
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
        _judge(season, _challenge(key), index, end, now)

    def answer(now: datetime) -> None:
        challenge = _challenge(key)
        contact = principal(_people(challenge.organisation, ContactRole.PRIMARY).id)
        facts = {"days": TUESDAY | THURSDAY, "times": "10 to 4"}
        challenges.edit(challenge, facts, version=challenge.version, actor=contact, now=now)
        challenges.submit(challenge, actor=contact, now=now)
        champion = principal(reviewers(challenge)[0])
        reviewing.approve(challenge, actor=champion, now=now + timedelta(hours=3))

    def publish(now: datetime) -> None:
        challenge = _challenge(key)
        reviewing.publish(challenge, actor=principal(reviewers(challenge)[0]), now=now)

    yield Beat(began, write)
    if end not in ("draft", "submitted"):
        yield Beat(working_days_later(began, 3), review)
    if index % 9 == 4 and end is None:
        yield Beat(working_days_later(began, 5), answer)
    if end is None:
        yield Beat(working_days_later(began, 7), publish)


def _judge(season: Season, challenge: Challenge, index: int, end: str | None, now: datetime) -> None:
    """What a champion says of the brief: its risk too, for most."""
    champion = principal(reviewers(challenge)[0])
    if end == "changes" or index % 9 == 4:
        said = "Please say on which days a student could come."
        key = f"ask-{challenge.form_key}"
        reviewing.ask_for_changes(challenge, said, form_key=key, field="days", actor=champion, now=now)
    else:
        reviewing.approve(challenge, actor=champion, now=now)
    if index % 7 != 3:
        reviewing.assess(challenge, _risk_of(challenge), actor=champion, now=now)
    if end == "approved":
        reviewing.publish_later(challenge, season.on(12, 7), actor=champion, now=now)


def _offer_again(season: Season, now: datetime) -> None:
    """One of last year's, as a draft of this year."""
    published = Challenge.state.in_((ChallengeState.PUBLISHED, ChallengeState.CLOSED))
    last = select(Challenge).where(Challenge.academic_year < season.year, published).order_by(Challenge.id)
    before = db.session.scalars(last.limit(1)).one()
    contact = principal(_people(before.organisation, ContactRole.PRIMARY).id)
    challenges.reoffer(before, actor=contact, now=now)


def _risk_of(challenge: Challenge) -> dict[str, Any]:
    found = people_risk(challenge.dbs is Dbs.ENHANCED, challenge.client_group)[0]
    done = "A member of staff is always in the room." if found != "low" else ""
    return {"work": Risk.LOW, "people": Risk(found), "actions": done, "residual": Risk.LOW}


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
        "other_areas": {theme for theme in Theme if (index + len(theme)) % 11 == 0 and theme != brief["theme"]},
        "working": (Working.EITHER, Working.ALONE, Working.TOGETHER, Working.EITHER)[index % 4],
        "places_min": 1,
        "places_max": places,
        "site_id": None if mode is WorkMode.REMOTE or site is None else site.id,
        "supervisor_id": _people(organisation, ContactRole.SUPERVISOR).id,
        "days": chance.choice((0, TUESDAY, TUESDAY | THURSDAY, 0b0010101, 0b1100000)) if index % 9 != 4 else 0,
        "times": chance.choice(("", "10 to 4", "Afternoons", "Evenings from 6")),
        "skills": chance.choice(
            ("", "Patience; spreadsheets help", "Listening and writing", "A second language is welcome")
        ),
        "skills_learnt": ("How we plan a week", "", "Talking with people whom one has just met")[index % 3],
        "client_group": chance.choice(("", "Adults", "Older people", "Families with children, never alone")),
        "dbs": chance.choice((Dbs.NONE, Dbs.NONE, Dbs.NONE, Dbs.BASIC, Dbs.ENHANCED)),
        "pays_expenses": chance.random() < 0.6,
        "access_notes": chance.choice(("Step-free, accessible toilet", "Two steps at the door; a ramp on request", "")),
    }


def _challenge(key: str) -> Challenge:
    return db.session.scalars(select(Challenge).where(Challenge.form_key == key)).one()
