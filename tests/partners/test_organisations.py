"""An organisation's page: kept by its own people, approved by the engagement team, unseen by everybody else's."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import Account, GlobalRole
from placements.cohorts.models import RunRole, Theme
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.partners import actions
from placements.partners.models import (
    Contact,
    ContactRole,
    Organisation,
    OrganisationBorough,
    OrganisationType,
    Site,
    Size,
)
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import NOW

OFFICER = Principal(None, frozenset({("engagement", None)}))


@dataclass
class Larder:
    """An organisation that is not approved yet, its main contact, an officer, and somebody from elsewhere."""

    url: str
    contact: Account
    officer: Account
    stranger: Account


@pytest.fixture
def larder(database: Flask) -> Larder:
    with seeding(database):
        kept = make.organisation(name="Holloway Larder", state=OrganisationState.PROSPECTIVE, approved_until=None)
        contact = make.account(make.person(given_name="Amina", family_name="Yusuf"))
        make.contact(kept, contact.person)
        stranger = make.account()
        make.contact(make.organisation(name="Elsewhere"), stranger.person)
        return Larder(f"/organisations/{kept.public_id}", contact, make.account(None, GlobalRole.ENGAGEMENT), stranger)


def kept() -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name.startswith("Holloway"))).one()


def test_a_contact_completes_the_record_the_place_and_the_supervisor(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    client.sign_in_as(larder.contact)
    page = client.page(client.get("/your-organisation").location or "")
    assert page.h1 == "Holloway Larder"
    assert "Tell us where students would work, then post a challenge." in page.text
    page = client.submit(
        client.page(page.link("Edit the record")).form(f"{larder.url}/edit"),
        type="community_group",
        about="We share food.",
        charity_number="123 4567",
        company_number="301234",
        other_identifier=" URN 100041 ",
        website="www.larder.example/about",
        size="few",
        also_in=["Hackney", "Islington", "Camden"],
        ceiling="4",
    )
    assert "Camden, Hackney" in page.text
    assert page.link("https://www.larder.example/about") == "https://www.larder.example/about"
    assert "The record is saved." in page.text
    add = client.page(page.link("Add a place")).form(f"{larder.url}/sites/add")
    assert add.values["borough"] == ["Islington"]
    for _ in range(2):  # a double click
        page = client.submit(
            add, name="St Mary’s hall", address="14 Hercules Street", postcode="n76at", directions="The green door"
        )
    assert "St Mary’s hall, 14 Hercules Street, N7 6AT, Islington" in page.text
    assert "The green door" in page.text
    add = client.page(page.link("Add a colleague")).form(f"{larder.url}/contacts/add")
    page = client.submit(add, name="Dev Patel", email="dev@larder.example", role="supervisor", job_title="Coordinator")
    assert "Dev Patel is added, and an invitation is on its way." in page.text
    assert page.rows[1] == ["Dev Patel", "Supervisor of students, Coordinator", "dev@larder.example", "Edit Dev Patel"]
    with database.app_context():
        organisation = kept()
        assert (organisation.type, organisation.charity_number, organisation.company_number, organisation.ceiling) == (
            OrganisationType.COMMUNITY_GROUP,
            "1234567",
            "00301234",
            4,
        )
        assert (organisation.other_identifier, organisation.website, organisation.size) == (
            "URN 100041",
            "https://www.larder.example/about",
            Size.FEW,
        )
        assert [each.borough for each in organisation.also_in] == ["Camden", "Hackney"]  # the main one is not another
        assert db.session.scalar(select(func.count(Site.id))) == 1
        told = db.session.scalars(select(Notification.notice).order_by(Notification.id)).all()
        assert told == ["accounts.invitation", "partners.contact_added"]


def test_numbers_and_postcodes_that_cannot_be_are_said_at_their_fields(client: PageClient, larder: Larder) -> None:
    client.sign_in_as(larder.contact)
    form = client.page(f"{larder.url}/edit").form(f"{larder.url}/edit")
    assert client.submit(form, charity_number="12", company_number="many", ceiling="0").errors == [
        "Enter a charity number like 1234567, SC012345 or NIC123456",
        "Enter a company number of eight characters, like 01234567 or OC301234",
        "Enter a whole number from 1 to 500",
    ]
    form = client.page(f"{larder.url}/sites/add").form(f"{larder.url}/sites/add")
    assert client.submit(form, address="Somewhere", postcode="N7").errors == ["Enter a full UK postcode, like N7 8DB"]


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "ftp://larder.example", "larder", "https://a:b@larder.example"],
)
def test_a_website_is_a_web_address_or_refused(client: PageClient, larder: Larder, address: str) -> None:
    client.sign_in_as(larder.contact)
    form = client.page(f"{larder.url}/edit").form(f"{larder.url}/edit")
    assert client.submit(form, website=address).errors == ["Enter a web address like www.example.org"]


def test_a_script_that_came_in_otherwise_is_no_link(database: Flask, client: PageClient, larder: Larder) -> None:
    with database.app_context():
        kept().website = "javascript:alert(1)"
        db.session.commit()
    client.sign_in_as(larder.contact)
    assert "javascript" not in client.get(larder.url).text


def test_boroughs_are_taken_away_again(session: Any) -> None:
    organisation = make.organisation()
    for names in (["Camden", "Hackney"], ["Hackney"]):
        actions.edit_organisation(organisation, {"also_in": names}, actor=OFFICER, now=NOW)
    session.flush()
    assert session.scalars(select(OrganisationBorough.borough)).all() == ["Hackney"]
    assert actions.edit_organisation(organisation, {"also_in": ["Hackney"]}, actor=OFFICER, now=NOW) == []


def test_two_who_edit_the_record_lose_nothing(client: PageClient, larder: Larder) -> None:
    client.sign_in_as(larder.contact)
    first, second = (client.page(f"{larder.url}/edit").form(f"{larder.url}/edit") for _ in range(2))
    for _ in range(2):  # pressed twice
        client.submit(first, about="We share food.")
    page = client.submit(second, ceiling="4")
    assert page.errors == [
        "Somebody saved this record since you opened it. Open it in another tab to see what it says now, then save."
    ]
    assert page.form(f"{larder.url}/edit").values["ceiling"] == ["4"]
    assert "We share food." in client.page(larder.url).text
    page = client.submit(page.form(f"{larder.url}/edit"), about="We share food.")
    assert "We share food." in page.text
    assert "Most students at one time 4" in page.text


def test_who_looks_after_it_is_for_the_engagement_team_to_say(client: PageClient, larder: Larder) -> None:
    client.sign_in_as(larder.contact)
    assert "owner" not in client.page(f"{larder.url}/edit").form(f"{larder.url}/edit").values
    client.sign_in_as(larder.officer)
    form = client.page(f"{larder.url}/edit").form(f"{larder.url}/edit")
    page = client.submit(form, owner=larder.officer.person.public_id)
    assert f"Looked after by {larder.officer.person.name}" in page.text


def test_an_officer_adds_an_organisation_and_nobody_is_written_to_unless_invited(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    client.sign_in_as(larder.officer)
    form = client.page("/organisations/new").form("/organisations/new")
    alone = client.submit(form, name="Bow Walkers", type="charity", borough="Hackney", invites="y")
    assert alone.errors == ["Enter whom to invite"]
    given: dict[str, Any] = {
        "type": "charity",
        "borough": "Hackney",
        "contact_name": "Ben Cole",
        "contact_email": "ben@walkers.example",
    }
    for _ in range(2):  # a double click
        page = client.submit(form, name="Bow Walkers", **given)
    assert page.h1 == "Bow Walkers"
    assert page.rows == [["Ben Cole", "Main contact", "ben@walkers.example What was sent to Ben Cole", "Edit Ben Cole"]]
    with database.app_context():
        assert db.session.scalar(select(func.count(Organisation.id)).where(Organisation.name == "Bow Walkers")) == 1
        assert db.session.scalars(select(Notification.notice)).all() == []
    form = client.page("/organisations/new").form("/organisations/new")
    client.submit(form, name="Hoxton Hub", **{**given, "contact_email": "cy@hub.example", "invites": "y"})
    with database.app_context():
        told = db.session.scalars(select(Notification.notice).order_by(Notification.id)).all()
        assert told == ["accounts.invitation", "partners.contact_added"]


def test_another_organisation_s_contact_finds_nothing(database: Flask, client: PageClient, larder: Larder) -> None:
    with database.app_context():
        site = make.site(kept()).public_id
        contact = db.session.scalars(select(Contact.public_id).where(Contact.organisation_id == kept().id)).one()
        db.session.commit()
    client.sign_in_as(larder.stranger)
    paths = ("", "/edit", "/approve", "/decline", "/pause", "/archive", "/sites/add", "/contacts/add")
    assert {client.get(f"{larder.url}{path}").status_code for path in paths} == {404}
    others = (f"sites/{site}", f"contacts/{contact}", f"contacts/{contact}/left")
    assert {client.get(f"/organisations/{path}").status_code for path in others} == {404}
    assert client.get("/organisations").status_code == 403


def test_an_officer_approves_pauses_and_archives(database: Flask, client: PageClient, larder: Larder) -> None:
    with database.app_context():
        make.five_checks(kept())
        db.session.commit()
    client.sign_in_as(larder.officer)
    page = client.page(larder.url)
    page = client.submit(client.page(page.link("Approve it")).form(f"{larder.url}/approve"))
    assert "Approved until Tue 31 Aug 2027 (in 315 days)" in page.text
    page = client.submit(client.page(page.link("Pause it")).form(f"{larder.url}/pause"), reason="Canary reason")
    assert client.get(f"{larder.url}/pause").status_code == 409
    assert [item for item in page.text.split(" Ngozi") if "Canary reason" in item] != []
    client.sign_in_as(larder.contact)
    client.forbidden = {"Canary reason"}
    assert "Paused" in client.page(larder.url).text
    client.forbidden = set()
    client.sign_in_as(larder.officer)
    client.submit(client.page(f"{larder.url}/archive").form(f"{larder.url}/archive"), reason="They have closed.")
    for path in ("edit", "approve", "sites/add", "contacts/add"):
        assert client.get(f"{larder.url}/{path}").status_code == 409
    with database.app_context():
        assert kept().state is OrganisationState.ARCHIVED


@pytest.mark.parametrize("state", [OrganisationState.DECLINED, OrganisationState.ARCHIVED])
def test_its_people_are_led_to_nothing_that_they_cannot_do_any_more(
    database: Flask, client: PageClient, larder: Larder, state: OrganisationState
) -> None:
    client.sign_in_as(larder.contact)
    said = {"Post a challenge", "Add a place"}
    assert said <= {link.text for link in client.page(larder.url).links}
    assert "Post a challenge" in {link.text for link in client.page("/challenges").links}
    with database.app_context():
        kept().state = state
        db.session.commit()
    for url in (larder.url, "/challenges"):
        assert said & {link.text for link in client.page(url).links} == set()


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (OrganisationState.PROSPECTIVE, "We check every organisation before students see its challenges."),
        (OrganisationState.APPROVED, "Students do not see its challenges: a check does not hold any more."),
        (OrganisationState.PAUSED, "Holloway Larder is paused for now, so students do not see its challenges."),
    ],
)
def test_its_people_read_why_students_do_not_see_its_challenges(
    database: Flask, client: PageClient, larder: Larder, state: OrganisationState, told: str
) -> None:
    with database.app_context():
        kept().state, kept().approved_until = state, date(2026, 10, 19)
        db.session.commit()
    client.sign_in_as(larder.contact)
    page = client.page(larder.url)
    assert told in page.text
    assert page.text.count("students see its challenges") == (state is OrganisationState.PROSPECTIVE)


def test_a_place_s_form_that_was_sent_for_another_organisation_is_refused(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    client.sign_in_as(larder.contact)
    form = client.page(f"{larder.url}/sites/add").form(f"{larder.url}/sites/add")
    with database.app_context():
        make.site(form_key=form.values["form_key"][0])
        db.session.commit()
    page = client.submit(form, name="The hall", address="1 Example Road", postcode="N7 8DB")
    assert page.errors == ["This place is added already."]


def test_an_interest_keeps_an_officer_from_deciding_but_not_from_helping(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    client.sign_in_as(larder.officer)
    page = client.page(client.page(larder.url).link("Declare an interest in it"))
    page = client.submit(page.form("Declare this interest"), kind="relative")
    assert page.rows[0][:2] == ["Holloway Larder", "Close to somebody who works there or runs it"]
    assert [client.get(f"{larder.url}/{verb}").status_code for verb in ("approve", "decline", "archive", "edit")] == [
        403,
        403,
        403,
        200,
    ]
    page = client.submit(page.form("End your interest in Holloway Larder"))
    assert "You have declared none" in page.text
    assert client.get(f"{larder.url}/approve").status_code == 200


def test_a_colleague_who_left_sees_nothing_at_the_next_request(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    with seeding(database):
        leaver = make.account()
        make.contact(kept(), leaver.person, ContactRole.SUPERVISOR)
        name = leaver.person.name
    elsewhere = PageClient(database)
    elsewhere.sign_in_as(leaver)
    assert elsewhere.page(larder.url).h1 == "Holloway Larder"
    client.sign_in_as(larder.contact)
    page = client.page(client.page(larder.url).link(f"Edit {name}"))
    page = client.page(page.link("They have left"))
    client.submit(page.form(page.url), successor="nobody")
    assert elsewhere.get(larder.url).status_code == 404
    assert elsewhere.get("/your-organisation").status_code == 403


def test_the_only_main_contact_can_neither_leave_nor_step_down(client: PageClient, larder: Larder) -> None:
    client.sign_in_as(larder.contact)
    page = client.page(client.page(larder.url).link("Edit Amina Yusuf"))
    sentence = "Amina Yusuf is the only main contact. Make somebody else a main contact first."
    assert client.submit(page.form(page.url), role="signatory").errors == [sentence]
    page = client.page(page.link("They have left"))
    sentence = "Amina Yusuf is the only main contact. Choose who takes over"
    assert client.submit(page.form(page.url), successor="nobody").errors == [sentence]


def test_somebody_who_is_a_contact_already_is_not_added_again(client: PageClient, larder: Larder) -> None:
    client.sign_in_as(larder.contact)
    form = client.page(f"{larder.url}/contacts/add").form(f"{larder.url}/contacts/add")
    page = client.submit(form, name="A", email=larder.contact.email.upper(), role="signatory")
    assert page.errors == ["Amina Yusuf is a contact of Holloway Larder already"]


def test_who_works_at_two_organisations_chooses_between_them(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    with database.app_context():
        make.contact(make.organisation(name="Bow Walkers"), db.session.get_one(Account, larder.contact.id).person)
        db.session.commit()
    client.sign_in_as(larder.contact)
    page = client.page("/your-organisation")
    assert page.h1 == "Your organisations"
    assert page.link("Holloway Larder") == larder.url


def test_a_champion_sees_organisations_with_a_brief_in_their_area_alone(
    database: Flask, client: PageClient, larder: Larder
) -> None:
    with seeding(database):
        champion = make.account()
        make.run_role(RunRole.CHAMPION, champion.person, make.run(), Theme.CRIME)
        make.challenge(kept(), theme=Theme.CRIME)
        make.challenge(theme=Theme.HEALTH)
        make.challenge(theme=Theme.CRIME, academic_year="2025/26")
    client.sign_in_as(champion)
    assert [row[0] for row in client.page("/organisations").rows] == ["Holloway Larder"]
    assert client.get(f"{larder.url}/edit").status_code == 403


def test_an_approval_ends_with_its_last_day(session: Any) -> None:
    organisation = make.organisation(approved_until=date(2026, 10, 20))
    assert organisation.is_approved(date(2026, 10, 20))
    assert not organisation.is_approved(date(2026, 10, 21))
