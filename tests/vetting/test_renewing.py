"""The link of a renewal mail: shown by GET, used by POST, once; used, old or no longer theirs it explains itself."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.db import db
from placements.links.actions import add_link, token
from placements.links.models import Link
from placements.mail.models import Notification
from placements.partners.models import Contact
from placements.partners.workflow import OrganisationState
from placements.vetting import renewing
from placements.vetting.renewals import RENEW_BY_LINK
from placements.vetting.rules import Answer, CheckKind
from tests import factories as make
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.vetting.scene import PDF, Scene, build, check, organisation

LAST = date(2026, 11, 5)


@pytest.fixture
def renewal(database: Flask) -> tuple[Scene, str]:
    """An approved organisation whose checks end in a fortnight, its certificate among them; its contact's link."""
    made: dict[str, Any] = {}

    def add(scene: Scene) -> None:
        for each in make.five_checks(scene.organisation, valid_until=LAST):
            if each.kind is CheckKind.INSURANCE:
                each.answer, each.paper_until = Answer.PAPER, LAST
                make.evidence(each, PDF)
        holder = scene.accounts["contact"].person
        link = add_link(RENEW_BY_LINK, scene.organisation.id, holder.id, now=NOW, lasts=timedelta(days=40))
        made["url"] = f"/still-true/{token(link)}"

    with database.app_context():
        return build(add, state="approved", approved_until=LAST), made["url"]


def test_it_renews_what_a_word_renews_and_says_which_paper_is_needed(
    database: Flask, client: PageClient, renewal: tuple[Scene, str]
) -> None:
    scene, url = renewal
    page = client.page(url)
    assert page.h1 == "Is this still true?"
    assert "For Amina Yusuf" in page.text
    assert "one button renews 4 checks" in page.text
    assert "Certificate.pdf" not in page.text
    link = page.link("Send the new certificate : Employers’ liability insurance")
    assert link == scene.question("insurance")
    button = page.form("It is all still true")
    for _ in range(2):  # the second press finds the link used
        page = client.submit(button)
    assert page.h1 == "Checks of Holloway Larder"
    assert "You used this link now." in page.text
    assert "2 checks below need a new answer; sign in for that." in page.text
    with database.app_context():
        assert check(CheckKind.SAFEGUARDING).valid_until == date(2027, 11, 5)
        assert check(CheckKind.INSURANCE).valid_until == LAST
        assert organisation().approved_until == LAST  # the certificate decides it now


def test_an_old_link_explains_itself_and_sends_a_new_one_to_the_same_address_once_a_day(
    database: Flask, client: PageClient, clock: Clock, renewal: tuple[Scene, str]
) -> None:
    scene, url = renewal
    clock.now += 41 * DAY
    page = client.page(url)
    assert "This link ran out 1 day ago. We can send a new one to" in page.text
    assert "We look after it together" not in page.text
    for _ in range(2):
        page = client.submit(client.page(page.link("Get a new link")).form())
        assert "A new link is on its way to" in page.text
    with database.app_context():
        assert db.session.scalar(select(func.count(Link.id))) == 2
        told = db.session.scalars(select(Notification)).all()
        assert [(each.notice, each.recipient_id) for each in told] == [
            ("vetting.renewal_link", scene.accounts["contact"].person_id)
        ]


def test_who_has_left_can_neither_read_nor_renew_nor_get_another(
    database: Flask, client: PageClient, renewal: tuple[Scene, str]
) -> None:
    scene, url = renewal
    form = client.page(url).form("It is all still true")
    with database.app_context():
        here = Contact.organisation_id == scene.organisation.id
        db.session.scalars(select(Contact).where(here)).one().left_on = NOW.date()
        db.session.commit()
    page = client.submit(form)
    assert "You are no longer a contact of Holloway Larder" in page.text
    assert "We look after it together" not in page.text
    page = client.page(f"{url}/new-link")
    assert client.submit(page.form()).errors == [
        "You cannot answer for Holloway Larder any more, so there is no new link for you."
    ]
    with database.app_context():
        assert check(CheckKind.SAFEGUARDING).valid_until == LAST


def test_of_an_organisation_that_is_put_away_nothing_is_asked_or_renewed(
    database: Flask, client: PageClient, renewal: tuple[Scene, str]
) -> None:
    _, url = renewal
    form = client.page(url).form("It is all still true")
    with database.app_context():
        organisation().state = OrganisationState.ARCHIVED
        db.session.commit()
    page = client.submit(form)
    assert "We do not work with Holloway Larder now, so nothing is asked of it." in page.text
    assert "Get a new link" not in page.text
    with database.app_context():
        assert check(CheckKind.SAFEGUARDING).valid_until == LAST


def test_a_token_of_another_purpose_or_changed_is_no_page(client: PageClient, renewal: tuple[Scene, str]) -> None:
    _, url = renewal
    assert client.get(f"{url[:-2]}xx").status_code == 404
    assert client.get(re.sub("still-true", "confirm", url)).status_code == 404


def test_links_are_made_once_for_main_contacts_of_what_runs_out(session: Any) -> None:
    soon, later = (make.organisation(approved_until=NOW.date() + days * DAY) for days in (30, 31))
    by_place = make.organisation()
    make.site(by_place, cleared_until=NOW.date() - DAY)
    for kept in (soon, later, by_place):
        make.contact(kept)
        make.contact(kept, left_on=NOW.date())
    make.contact(soon, role="supervisor")  # type: ignore[arg-type]
    assert renewing.make_links(now=NOW) == 2
    assert renewing.make_links(now=NOW + DAY / 24) == 0
    assert sorted(session.scalars(select(Link.about_id))) == sorted([soon.id, by_place.id])
