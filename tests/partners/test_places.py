"""Where a place is, once it was checked, is for the engagement team to change; its own people say what it is called."""

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account, GlobalRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.partners import actions
from placements.partners.models import Site
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import DAY, NOW

OWNED = "This place was checked at this address. Add the new place instead, or ask Erin Okafor to change it"
OWNERLESS = "This place was checked at this address. Add the new place instead, or ask the engagement team to change it"


@dataclass
class Hall:
    """A checked place, somebody who works there, and Erin, who looks after the organisation."""

    url: str
    new: str
    contact: Account
    officer: Account


@pytest.fixture
def hall(database: Flask) -> Hall:
    with seeding(database):
        officer = make.account(make.person(given_name="Erin", family_name="Okafor"), GlobalRole.ENGAGEMENT)
        organisation = make.organisation(name="Holloway Larder", owner=officer.person)
        contact = make.account()
        make.contact(organisation, contact.person)
        place = make.site(organisation)
        base = "/organisations"
        return Hall(f"{base}/sites/{place.public_id}", f"{base}/{organisation.public_id}/sites/add", contact, officer)


def kept() -> Site:
    return db.session.scalars(select(Site)).one()


@pytest.mark.parametrize(
    "moved", [{"address": "2 New Road"}, {"postcode": "N1 1AA"}, {"address": "2 New Road", "postcode": "N1 1AA"}]
)
def test_its_own_people_do_not_move_a_checked_place_and_read_what_to_do(
    database: Flask, client: PageClient, hall: Hall, moved: dict[str, str]
) -> None:
    client.sign_in_as(hall.contact)
    page = client.page(hall.url)
    assert "It was checked where it is, so its address stays." in page.text
    page = client.submit(page.form(hall.url), name="The big hall", **moved)
    assert page.errors == [OWNED]
    assert {name: page.form(hall.url).values[name] for name in moved} == {name: [said] for name, said in moved.items()}
    assert page.link("add the new place") == hall.new
    with database.app_context():
        assert (kept().name, kept().address, kept().postcode) == ("The hall", "1 Example Road", "N7 8DB")


def test_the_refusal_stands_beside_what_was_changed(session: object) -> None:
    site = make.site()
    actor = Principal(make.person().id, frozenset({("contact", site.organisation_id)}))
    for name, said in (("address", "2 New Road"), ("postcode", "N1 1AA")):
        with pytest.raises(Refused) as refused:
            actions.edit_site(site, {name: said}, actor=actor, now=NOW)
        assert (refused.value.field, refused.value.sentence) == (name, OWNERLESS)


def test_an_owner_who_is_no_officer_any_more_is_not_named(session: object) -> None:
    site = make.site(make.organisation(owner=make.person(given_name="Erin")))
    actor = Principal(make.person().id, frozenset({("contact", site.organisation_id)}))
    with pytest.raises(Refused, match="ask the engagement team"):
        actions.edit_site(site, {"postcode": "N1 1AA"}, actor=actor, now=NOW)


def test_checks_that_have_run_out_keep_it_where_it_is_too(session: object) -> None:
    """Otherwise it would be moved, and then said to be “still true”."""
    site = make.site(cleared_until=NOW.date() - DAY)
    actor = Principal(make.person().id, frozenset({("contact", site.organisation_id)}))
    with pytest.raises(Refused, match="was checked at this address"):
        actions.edit_site(site, {"postcode": "N1 1AA"}, actor=actor, now=NOW)


def test_whoever_works_there_and_is_of_the_team_is_one_of_its_people(session: object) -> None:
    site = make.site()
    both = Principal(make.person().id, frozenset({("contact", site.organisation_id), ("engagement", None)}))
    with pytest.raises(Refused, match="was checked at this address"):
        actions.edit_site(site, {"postcode": "N1 1AA"}, actor=both, now=NOW)


def test_its_own_people_say_what_it_is_called_and_how_to_get_there(
    database: Flask, client: PageClient, hall: Hall
) -> None:
    client.sign_in_as(hall.contact)
    said = {"name": "The big hall", "borough": "Camden", "directions": "The green door", "access_notes": "Two steps."}
    page = client.submit(client.page(hall.url).form(hall.url), postcode="n78db", **said)
    assert "The place is saved." in page.text
    with database.app_context():
        place = kept()
        assert {name: getattr(place, name) for name in said} == said
        assert place.is_cleared(NOW.date())


def test_before_it_is_checked_its_own_people_correct_the_address(
    database: Flask, client: PageClient, hall: Hall
) -> None:
    with database.app_context():
        kept().cleared_until = None
        db.session.commit()
    client.sign_in_as(hall.contact)
    page = client.page(hall.url)
    assert "so its address stays" not in page.text
    client.submit(page.form(hall.url), address="2 New Road", postcode="N1 1AA")
    with database.app_context():
        assert (kept().address, kept().postcode) == ("2 New Road", "N1 1AA")


def test_an_officer_corrects_the_address_and_the_history_says_what_it_was(
    database: Flask, client: PageClient, hall: Hall
) -> None:
    client.sign_in_as(hall.officer)
    page = client.page(hall.url)
    assert "In another postcode its checks end" in page.text
    page = client.submit(page.form(hall.url), address="1a Example Road")
    assert "Site edited: The hall, until now 1 Example Road, N7 8DB" in page.text
    with database.app_context():
        assert (kept().address, kept().is_cleared(NOW.date())) == ("1a Example Road", True)
        (row,) = db.session.scalars(select(History).where(History.verb == "site edited"))
        assert row.fields == ["address"]
