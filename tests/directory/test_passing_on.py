"""An organisation that students cannot help is passed to a named receiver, who is asked to say that they have it."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import Account, GlobalRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.directory.merging import merge
from placements.directory.passing_on import pass_on
from placements.enquiries.models import Referral
from placements.enquiries.rules import ACKNOWLEDGE
from placements.links.models import Link
from placements.mail.models import Notification
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import NOW


@dataclass
class Scene:
    url: str
    officer: Account


@pytest.fixture
def scene(database: Flask) -> Scene:
    with seeding(database):
        kept = make.organisation(name="Holloway Larder", state=OrganisationState.DECLINED)
        make.contact(kept, make.person(given_name="Amina", family_name="Yusuf"))
        return Scene(f"/organisations/{kept.public_id}", make.account(None, GlobalRole.ENGAGEMENT))


def test_both_are_told_and_the_receiver_has_a_link(database: Flask, client: PageClient, scene: Scene) -> None:
    client.sign_in_as(scene.officer)
    page = client.page(client.page(scene.url).link("Pass it on to somebody else in the university"))
    form = page.form("Pass it on")
    assert client.submit(form).errors == [
        "Choose who can help them",
        "Choose whom they should talk to",
        "Enter what they need",
    ]
    choice = {name: (form.offers(name) or [])[0] for name in ("route", "asker")}
    given: dict[str, Any] = {
        **choice,
        "words": "Help with a lease.",
        "name": "Lena Okafor",
        "email": "lena@example.ac.uk",
    }
    for _ in range(2):  # a double click
        page = client.submit(form, **given)
    assert "Lena Okafor is asked to say that they have it. Amina Yusuf is told." in page.text
    assert "Passed on" in page.text
    with database.app_context():
        referral = db.session.scalars(select(Referral)).one()
        assert (referral.subject, referral.words) == ("Holloway Larder", "Help with a lease.")
        assert referral.organisation is not None
        assert db.session.scalar(select(func.count(Link.id)).where(Link.purpose == ACKNOWLEDGE)) == 1
        told = db.session.execute(select(Notification.notice, Notification.recipient_id)).all()
        assert {person for _, person in told} == {referral.receiver_id, referral.asker_id}


def test_where_nobody_receives_somebody_is_named(session: Any) -> None:
    contact = make.contact()
    route = make.route()
    route.receiver = None
    with pytest.raises(Refused, match="Nobody receives for"):
        pass_on(contact.organisation, route, contact, "Help", actor=Principal(make.person().id), now=NOW)


def test_one_that_became_part_of_another_a_moment_ago_is_passed_to_nobody(session: Any) -> None:
    double, officer = make.organisation(), Principal(make.person().id)
    contact = make.contact(double)
    merge(make.organisation(), double, actor=officer, now=NOW)
    with pytest.raises(Refused, match="is put away"):
        pass_on(double, make.route(), contact, "Help", actor=officer, now=NOW)


def test_one_that_is_put_away_is_passed_to_nobody(database: Flask, client: PageClient, scene: Scene) -> None:
    with database.app_context():
        nobody = make.organisation()
        away = make.organisation(state=OrganisationState.ARCHIVED)
        urls = [f"/organisations/{each.public_id}/pass-on" for each in (nobody, away)]
        db.session.commit()
    client.sign_in_as(scene.officer)
    assert "Nobody to talk to yet" in client.page(urls[0]).text
    assert client.get(urls[1]).status_code == 409


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"name": "Lena"}, "Enter their email address too, or leave both empty"),
        ({"email": "lena@example.ac.uk"}, "Enter their name too, or leave both empty"),
        (
            {"name": "L" * 101, "email": "lena@example.ac.uk"},
            "Somebody else to receive it: use at most 100 characters",
        ),
    ],
)
def test_half_a_receiver_is_nobody_and_a_name_is_kept_whole(
    client: PageClient, scene: Scene, given: dict[str, str], sentence: str
) -> None:
    client.sign_in_as(scene.officer)
    form = client.page(f"{scene.url}/pass-on").form("Pass it on")
    choice = {name: (form.offers(name) or [])[0] for name in ("route", "asker")}
    assert client.submit(form, **choice, words="Help with a lease.", **given).errors == [sentence]
