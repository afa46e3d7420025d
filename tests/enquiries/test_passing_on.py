"""An enquiry goes to a named person elsewhere in the university, who says by link that they have it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import referrals
from placements.enquiries.models import Referral, Route
from placements.enquiries.queries import open_routes
from placements.enquiries.rules import ACKNOWLEDGE
from placements.history.models import History
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import Copy
from tests.enquiries.scene import link_to, only_enquiry, signed_in, token_to, told
from tests.factories import NOW
from tests.races import at_once


@pytest.fixture
def officer(database: Flask) -> Account:
    return signed_in(database)


@pytest.fixture
def url(database: Flask) -> str:
    """Where Amina's enquiry is."""
    with database.app_context():
        writer = make.person(given_name="Amina", family_name="Yusuf", email="amina@larder.example")
        words = {"challenges_faced": "We have more food than we can sort.", "thoughts": "Some afternoons?"}
        made = make.enquiry(writer, organisation_name="Holloway Larder", **words)
        db.session.commit()
        return f"/enquiries/{made.public_id}"


def only_referral() -> Referral:
    return db.session.scalars(select(Referral)).one()


def passed_on(app: Flask, client: PageClient, officer: Account, url: str) -> str:
    """The officer routes it to Bo, who receives for the clinic. Returns where Bo's link leads."""
    with app.app_context():
        bo = make.person(given_name="Bo", family_name="Tran", email="bo@clinic.example")
        make.route().receiver = bo
        db.session.commit()
    client.sign_in_as(officer)
    page = client.page(f"{url}/route")
    assert "Business Clinic: Bo Tran, bo@clinic.example" in page.text
    client.submit(page.form(f"{url}/route"), to="at-business1", note="Ask about August")
    client.sign_out()
    with app.app_context():
        referral = only_referral()
        return f"/passed-on/{token_to(ACKNOWLEDGE, referral, referral.receiver_id)}"


def test_the_receiver_reads_it_and_says_that_they_have_it(
    database: Flask, client: PageClient, clock: Clock, officer: Account, url: str
) -> None:
    address = passed_on(database, client, officer, url)
    with database.app_context():
        assert told() == [
            ("enquiries.passed_on", "bo@clinic.example"),
            ("enquiries.routed", "amina@larder.example"),
        ]
    page = client.page(address)
    assert page.h1 == "Passed on to you: Holloway Larder"
    for words in ("We have more food than we can sort.", "Some afternoons?", "Ask about August", "Amina Yusuf"):
        assert words in page.text
    assert page.link(officer.person.email) == f"mailto:{officer.person.email}"  # whom to tell that it is not for them
    form = page.form(address)
    for _ in range(2):
        assert client.submit(form).h1 == "Thank you for taking this on"
    assert "amina@larder.example" in client.page(address).text  # to come back to, until the link runs out
    assert client.get(address).headers["Cache-Control"] == "no-store"  # not for whoever sits at the same screen next
    clock.now += timedelta(days=30)
    assert "amina@larder.example" not in client.page(address).text
    client.sign_in_as(officer)
    page = client.page(url)
    assert "Acknowledged Tue 20 Oct 2026, 9am." in page.text
    assert "Has it Bo Tran · Tue 20 Oct 2026, 9am" in page.text
    assert "Pass it on to somebody else" not in page.text


def test_a_link_that_ran_out_says_nothing_and_sends_a_new_one(
    database: Flask, client: PageClient, clock: Clock, officer: Account, url: str
) -> None:
    address = passed_on(database, client, officer, url)
    form = client.page(address).form(address)
    clock.now += timedelta(days=30)
    page = client.page(address)
    assert page.h1 == "This link cannot be used any more"
    assert "We have more food" not in page.text
    assert client.submit(form).h1 == "This link cannot be used any more"
    for _ in range(2):
        page = client.submit(client.page(address).form("Email me a new link"))
    assert "We have sent an email with a new link to bo@clinic.example." in page.text
    with database.app_context():
        assert [notice for notice, _ in told()].count("enquiries.passed_on") == 2
        referral = only_referral()
        new = f"/passed-on/{token_to(ACKNOWLEDGE, referral, referral.receiver_id)}"
    assert client.submit(client.page(new).form(new)).h1 == "Thank you for taking this on"


def test_it_is_given_to_somebody_else_while_nobody_has_it(
    database: Flask, client: PageClient, clock: Clock, officer: Account, url: str
) -> None:
    address = passed_on(database, client, officer, url)
    clock.now += timedelta(hours=1)
    client.sign_in_as(officer)
    form = client.page(address).form(address)
    page = client.page(client.page(url).link("Pass it on to somebody else"))
    page = client.submit(page.form(page.url), name="Cy Young", email="cy@clinic.example")
    assert "Cy Young is asked by email to take it on." in page.text
    assert page.rows == [
        [
            "Holloway Larder",
            "Business Clinic",
            "Cy Young",
            "Tue 20 Oct 2026 (now)",
            "No answer yet Pass it on to somebody else: Holloway Larder",
        ]
    ]
    assert client.page(address).h1 == "Somebody else has this now"
    assert "We have more food" not in client.page(address).text
    assert client.post(address, data=form.filled({})).status_code == 409
    with database.app_context():
        assert told()[2:] == [
            ("enquiries.passed_on", "cy@clinic.example"),
            ("enquiries.routed", "amina@larder.example"),  # of the new name
        ]
        referral = only_referral()
        new = f"/passed-on/{token_to(ACKNOWLEDGE, referral, referral.receiver_id)}"
    client.submit(client.page(new).form(new))
    with database.app_context():
        pass_on = f"/enquiries/passed-on/{only_referral().public_id}"
    assert client.get(pass_on).status_code == 409


def test_a_place_without_a_person_needs_one_named_and_half_a_person_is_nobody(
    database: Flask, client: PageClient, officer: Account, url: str
) -> None:
    client.sign_in_as(officer)
    form = client.page(f"{url}/route").form(f"{url}/route")
    page = client.submit(form, to="at-research1")
    assert page.errors == ["Nobody receives for Research yet. Enter a name and an email address."]
    assert client.submit(form, to="at-research1", name="Bo").errors == [
        "Enter their email address too, or leave both empty"
    ]
    assert client.submit(form, to="at-research1", email="bo@x.example").errors == [
        "Enter their name too, or leave both empty"
    ]
    page = client.submit(form, to="at-research1", name="Amina", email="amina@larder.example")
    assert page.errors == ["Amina Yusuf is who asks. Choose somebody else to receive it."]
    assert client.submit(form).errors == ["Choose where it goes"]
    with database.app_context():
        assert told() == []


def test_a_new_database_knows_the_places_that_the_university_names(session: Any) -> None:
    assert [route.name for route in open_routes()] == [
        "Another clinic of the university",
        "Business Clinic",
        "CARES research centre",
        "Charities and Social Enterprise Clinic",
        "Consultancy",
        "Research",
        "Student volunteering",
    ]


def test_places_are_added_changed_and_closed(database: Flask, client: PageClient, officer: Account, url: str) -> None:
    client.sign_in_as(officer)
    page = client.page("/enquiries/routes")
    assert page.rows[1] == ["Business Clinic", "Nobody is named yet", "Open"]
    page = client.page(page.link("Add a place"))
    page = client.submit(page.form(page.url), place="Law Clinic", name="Bo Tran", email="bo@clinic.example")
    assert ["Law Clinic", "Bo Tran, bo@clinic.example", "Open"] in page.rows
    form = client.page("/enquiries/routes/new").form("/enquiries/routes/new")
    assert client.submit(form, place="Law Clinic").errors == ["There is one of this name already"]
    page = client.page(page.link("Law Clinic"))
    page = client.submit(page.form(page.url), place="Legal Advice Clinic", is_open=False)
    assert page.rows[-1] == ["Legal Advice Clinic", "Bo Tran, bo@clinic.example", "Closed"]
    assert "Legal Advice Clinic" not in client.page(f"{url}/route").text


@pytest.mark.parametrize("many", [1, 3])
def test_lists_ask_as_few_queries_for_one_as_for_three(
    database: Flask, client: PageClient, officer: Account, many: int
) -> None:
    with database.app_context():
        for number in range(many):
            make.referral(enquiry=make.enquiry(), organisation=make.organisation())
            db.session.add(Route(name=f"Place {number}", receiver=make.person()))
        db.session.commit()
    client.sign_in_as(officer)
    client.page("/me")
    for url, rows in (("/enquiries/passed-on", many), ("/enquiries/routes", 7 + many)):
        with counting_queries() as asked:
            assert len(client.page(url).rows) == rows
        assert asked.count == 3, url  # the account, its roles, the rows


def test_what_is_passed_on_of_an_organisation_stands_on_its_own(session: Any) -> None:
    organisation, asker, bo = make.organisation(name="Bow Walkers"), make.person(), make.person()
    sender = Principal(make.person().id)
    said = {"subject": "Bow Walkers", "words": "Maps", "asker": asker, "note": "", "organisation": organisation}
    made = referrals.refer(make.route(), bo, **said, actor=sender, now=NOW)
    assert (made.enquiry, made.organisation, made.receiver) == (None, organisation, bo)
    assert told() == [("enquiries.passed_on", bo.email), ("enquiries.routed", asker.email)]
    with pytest.raises(Refused, match="is who asks"):
        referrals.refer(make.route(), asker, **said, actor=sender, now=NOW)
    with pytest.raises(Refused, match="is who asks"):
        referrals.pass_on(made, ("Asker", asker.email), actor=sender, now=NOW)


def test_it_is_acknowledged_and_passed_on_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        sender = Principal(make.person().id)
        said = {"subject": "Bow", "words": "Maps", "asker": make.person(), "note": ""}
        referrals.refer(make.route(), make.person(), **said, actor=sender, now=NOW)
        db.session.commit()

    def pass_on() -> None:
        referrals.pass_on(only_referral(), ("Cy Young", "cy@clinic.example"), actor=sender, now=NOW)

    def acknowledge() -> None:
        referral = only_referral()
        referrals.acknowledge(referral, link_to(ACKNOWLEDGE, referral, referral.receiver_id), now=NOW)

    assert at_once(fresh_database, *[pass_on] * 4) == [None] * 4
    assert at_once(fresh_database, *[acknowledge] * 4) == [None] * 4
    with fresh_database.app.app_context():
        verbs = select(History.verb).where(History.about_kind == "referral").order_by(History.id)
        assert list(db.session.scalars(verbs)) == ["passed on", "passed on again", "acknowledged"]


def test_an_officer_whose_own_enquiry_it_was_does_not_move_it(database: Flask, client: PageClient) -> None:
    with database.app_context():
        own = make.person()
        made = make.referral(asker=own)
        db.session.commit()
        db.session.refresh(own)
        pass_on = f"/enquiries/passed-on/{made.public_id}"
        db.session.expunge_all()
    client.sign_in_as(signed_in(database, own))
    assert client.get(pass_on).status_code == 403
    assert "Pass it on" not in client.page("/enquiries/passed-on").text


def test_only_enquiry_is_routed_once(database: Flask, client: PageClient, officer: Account, url: str) -> None:
    client.sign_in_as(officer)
    form = client.page(f"{url}/route").form(f"{url}/route")
    for _ in range(2):
        client.submit(form, to="at-business1", name="Bo Tran", email="bo@clinic.example")
    with database.app_context():
        assert only_enquiry().outcome == "Business Clinic"
        assert only_referral().receiver.name == "Bo Tran"
