"""A checked place that is moved to another postcode is a place that nobody has checked."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.core.policy import Principal
from placements.history.models import History
from placements.mail.models import Notification
from placements.partners.actions import edit_site
from placements.partners.models import ContactRole, Site
from placements.vetting import notices, queries
from placements.vetting.models import Check
from placements.vetting.rules import CheckKind, Standing
from placements.vetting.workflow import CheckState
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.golden import said
from tests.vetting.scene import Scene, build

DAY = NOW.date()
FINDING = (
    "It is now at 2 New Road, N1 1AA, and was checked at 1 Example Road, N7 8DB. Answer again for where it is now."
)


@pytest.fixture
def place(session: Any) -> Site:
    """The hall of an organisation with a main contact, passed until the end of August."""
    larder = make.organisation(name="Holloway Larder")
    make.contact(larder, make.person(given_name="Amina"))
    make.contact(larder, role=ContactRole.SUPERVISOR)
    make.five_checks(larder)
    hall = make.site(larder)
    make.check(larder, CheckKind.HEALTH_AND_SAFETY, hall)
    return hall


def move(place: Site, **facts: str) -> Principal:
    officer = Principal(make.person().id, frozenset({("engagement", None)}))
    edit_site(place, facts, actor=officer, now=NOW)
    return officer


def check_of(session: Any, place: Site) -> Check:
    found: Check = session.scalars(select(Check).where(Check.site_id == place.id)).one()
    return found


def test_what_was_found_there_ends_and_its_people_answer_anew(session: Any, place: Site) -> None:
    officer = move(place, address="2 New Road", postcode="N1 1AA")
    check = check_of(session, place)
    assert (check.state, check.valid_until, check.finding) == (CheckState.FAILED, None, FINDING)
    assert not place.is_cleared(DAY)
    question = queries.question_asked_by(check)
    assert (question.standing(DAY), question.needs_an_answer(DAY), question.renewal(DAY)) == (
        Standing.FAILED,
        True,
        None,
    )
    rows = session.scalars(select(History).where(History.verb == "check not passed")).all()
    assert [(row.reason, row.actor_id) for row in rows] == [
        ("Health and safety of this place (The hall)", officer.person_id)
    ]
    assert place.organisation.approved_until == date(2027, 8, 31)  # the five of the whole hold


def test_its_main_contacts_read_why_and_nobody_else_does(session: Any, place: Site) -> None:
    move(place, address="2 New Road", postcode="N1 1AA")
    main = place.organisation.contacts[0].person
    told = session.execute(select(Notification.notice, Notification.recipient_id)).all()
    assert told == [("vetting.findings", main.id)]
    mail = said(notices.FINDINGS, place.organisation_id, main) or ""
    assert f"Not passed: Health and safety of this place (The hall). {FINDING}" in mail


def test_in_the_same_postcode_it_is_the_same_place(session: Any, place: Site) -> None:
    move(place, address="1a Example Road", postcode="N7 8DB")
    assert (check_of(session, place).state, place.cleared_until) == (CheckState.PASSED, date(2027, 8, 31))


def test_a_check_that_has_run_out_cannot_be_said_to_be_still_true_elsewhere(session: Any, place: Site) -> None:
    check = check_of(session, place)
    check.valid_until = place.cleared_until = date(2026, 10, 19)
    move(place, postcode="N1 1AA")
    assert (check.state, check.valid_until, place.cleared_until) == (CheckState.FAILED, None, date(2026, 10, 19))


def test_an_answer_that_waits_is_looked_at_for_where_the_place_is(session: Any, place: Site) -> None:
    check = check_of(session, place)
    check.state, check.valid_until, place.cleared_until = CheckState.ANSWERED, None, None
    move(place, postcode="N1 1AA")
    assert (check.state, place.cleared_until) == (CheckState.ANSWERED, None)


def test_an_officer_moves_it_and_its_people_are_asked_again(database: Flask, client: PageClient) -> None:
    def passed(scene: Scene) -> None:
        scene.site.cleared_until = date(2027, 8, 31)
        make.check(scene.organisation, CheckKind.HEALTH_AND_SAFETY, scene.site)

    with database.app_context():
        scene = build(passed)
    url = f"/organisations/sites/{scene.site.public_id}"
    client.sign_in_as(scene.accounts["officer"])
    client.submit(client.page(url).form(url), postcode="N1 1AA")
    client.sign_in_as(scene.accounts["contact"])
    page = client.page(scene.question("place"))
    assert "Answer again for where it is now." in page.text
