"""Saying what one needs: kept, shown beside each challenge, deleted by emptying it, and never shown to anybody else."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.applications.models import Needs
from placements.challenges.models import ChallengeSite, WorkMode
from placements.cohorts.models import RunRole
from placements.db import db
from placements.partners.boroughs import Distance
from tests import factories as make
from tests.applications.scene import needs as needs_of
from tests.applications.scene import student
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.page import Page, elements, text_of

NEEDS_QUERIES = 4  # account, roles, enrolment with draft and needs; is it a demo
CHECK_QUERIES = 9  # account, roles, enrolment, application, preferences, its needs, challenges, person; is it a demo
SAID = {
    "days": ["2", "4"],
    "borough": "Islington",
    "journey": "near",
    "mode": "on_site",
    "access": "Step-free from street to room",
    "times": "After 3pm",
}
EMPTY = {"days": [], "borough": "", "journey": "far", "mode": "on_site", "access": "", "times": ""}


def kept(app: Flask) -> list[tuple[Any, ...]]:
    """What the database holds of what anybody needs."""
    columns = (Needs.days, Needs.borough, Needs.journey, Needs.mode, Needs.access, Needs.times)
    with app.app_context():
        return [tuple(row) for row in db.session.execute(select(*columns))]


def titles(page: Page) -> list[str]:
    return [text_of(heading) for heading in elements(page.main, "h2")]


def test_what_one_needs_is_kept_changed_and_deleted_by_emptying_it(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
    client.sign_in_as(account)
    page = client.page(client.page("/find").link("Say what you need"))
    assert page.h1 == "What you need"
    page = client.submit(page.form("/needs"), SAID)
    assert (page.h1, page.link("What you need")) == ("Find challenges", "/needs")
    assert "What you need is kept. Only you see it." in page.text
    assert "What you need: Wednesday, Friday; near Islington." in page.text
    row = (0b10100, "Islington", Distance.NEAR, WorkMode.ON_SITE)
    assert kept(database) == [(*row, "Step-free from street to room", "After 3pm")]
    form = client.page("/needs").form("/needs")
    assert form.values["days"] == ["2", "4"]
    assert [form.values[name] for name in ("borough", "journey", "mode")] == [["Islington"], ["near"], ["on_site"]]
    client.submit(form, {"access": ""})
    assert kept(database) == [(*row, "", "After 3pm")]
    page = client.submit(client.page("/needs").form("/needs"), EMPTY)
    assert "What you need is deleted." in page.text
    assert kept(database) == []
    assert page.link("Say what you need") == "/needs"


def test_a_journey_starts_somewhere(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
    client.sign_in_as(account)
    page = client.submit(client.page("/needs").form("/needs"), {**SAID, "borough": ""})
    assert page.status == 422
    assert "Choose the borough where you live in term time" in page.text
    assert page.form("/needs").values["access"] == ["Step-free from street to room"]
    assert kept(database) == []


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ({"days": 0b1}, "It asks for Wednesday, and you can come on Monday."),
        ({"days": 0b100}, "Fits what you need"),
        (
            {"borough": "Islington", "journey": Distance.NEAR},
            "It is in Greenwich, which is further than you can travel.",
        ),
        ({"borough": "Newham", "journey": Distance.NEAR}, "Fits what you need"),
        ({"mode": WorkMode.REMOTE}, "The work is partly remote, and you need it remote."),
        ({"mode": WorkMode.HYBRID}, "Fits what you need"),
        ({"access": "Step-free"}, None),
        (None, None),
    ],
)
def test_card_brief_and_choice_say_whether_it_fits_and_why_not(
    database: Flask, client: PageClient, needs: dict[str, Any] | None, said: str | None
) -> None:
    with seeding(database):
        account, enrolment = student()
        organisation = make.organisation()
        place = make.site(organisation, borough="Greenwich")
        challenge = make.challenge(organisation, site=place, days=0b100, mode=WorkMode.HYBRID)
        make.application(enrolment, [challenge], state="draft")
        if needs:
            needs_of(enrolment, **needs)
    client.sign_in_as(account)
    for url in ("/find", f"/find/{challenge.public_id}", "/choices"):
        text = client.page(url).text
        assert ("Fits what you need" in text) is (said == "Fits what you need")
        assert ("Does not fit you" in text) is (said is not None and said != "Fits what you need")
        assert said is None or said in text
    assert ("does not fit what you need" in client.page("/choices/check").text) is (
        said not in (None, "Fits what you need")
    )


def test_a_further_place_that_is_near_is_enough(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, enrolment = student()
        organisation = make.organisation()
        challenge = make.challenge(organisation, site=make.site(organisation, borough="Sutton"))
        near = make.site(organisation, borough="Hackney")
        challenge.further_sites.append(ChallengeSite(site=near, supervisor=challenge.supervisor))
        needs_of(enrolment, borough="Islington", journey=Distance.NEAR)
    client.sign_in_as(account)
    text = client.page("/find").text
    assert "Hackney, Sutton (near)" in text
    assert "Fits what you need" in text
    assert len(titles(client.page("/find?fitting=y"))) == 1


def test_a_card_says_how_far_it_is_from_home_unless_it_is_remote(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, enrolment = student()
        organisation = make.organisation(borough="Camden")
        for borough in ("Hackney", "Tower Hamlets", "Outside London"):
            make.challenge(organisation, site=make.site(organisation, borough=borough))
        make.challenge(organisation, site=None, mode=WorkMode.REMOTE)
        needs = needs_of(enrolment, borough="Islington")
    client.sign_in_as(account)
    text = client.page("/find").text
    for said in ("Hackney (near)", "Tower Hamlets (across town)", "Outside London (far)"):
        assert said in text
    assert "Camden (" not in text
    with seeding(database):
        db.session.merge(needs).borough = ""
    assert "(near)" not in client.page("/find").text


def test_the_brief_sets_ones_notes_beside_what_it_says(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, enrolment = student()
        challenge = make.challenge(access_notes="One step at the door.", times="10am to 4pm")
        needs_of(enrolment, access="I use a wheelchair", times="After 3pm")
    client.sign_in_as(account)
    text = client.page(f"/find/{challenge.public_id}").text
    for said in ("One step at the door.", "10am to 4pm", "I use a wheelchair", "After 3pm"):
        assert said in text


def test_before_submitting_one_reads_which_choices_cannot_give_a_place(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, enrolment = student()
        wrong, right = make.challenge(title="On Mondays", days=0b1), make.challenge(title="On Fridays", days=0b10000)
        make.application(enrolment, [wrong, right], state="draft")
        needs = needs_of(enrolment, days=0b10000)
    client.sign_in_as(account)
    page = client.page("/choices/check")
    assert "This choice does not fit what you need" in page.text
    assert "On Mondays: It asks for Monday, and you can come on Friday." in page.text
    assert "you are not matched with it unless you change what you need." in page.text
    assert "none of your choices" not in page.text
    with seeding(database):
        db.session.merge(needs).days = 0b100
    page = client.page("/choices/check")
    assert "These choices do not fit what you need" in page.text
    assert "As it is, none of your choices can give you a place." in page.text
    assert client.submit(page.form("/choices/check")).h1 == "Your choices are in"


def test_no_other_page_and_no_history_tells_what_a_student_needs(database: Flask, client: PageClient) -> None:
    with seeding(database):
        leader, tutor = make.account(), make.account()
        group = make.group(tutor=tutor.person)
        make.run_role(RunRole.LEADER, leader.person, group.run)
        account, enrolment = student(group)
        organisation = make.organisation()
        contact = make.account(make.contact(organisation).person)
        challenge = make.challenge(organisation, days=0b1)
        application = make.application(enrolment, [challenge])
        needs_of(enrolment, days=0b100, access="CANARY access", times="CANARY times")
        overview = f"/runs/{group.run.public_id}/applications"
    told = {
        leader: [overview, f"/applications/{application.public_id}"],
        tutor: [f"/applications/{application.public_id}"],
        contact: [f"/challenges/{challenge.public_id}/applicants"],
    }
    client.forbidden = {"CANARY", "not fit you", "what you need", "you can come on"}
    for reader, urls in told.items():
        client.sign_in_as(reader)
        client.page("/needs", status=404)
        for url in urls:
            client.page(url)
    client.forbidden = set()
    client.sign_in_as(account)
    client.submit(client.page("/needs").form("/needs"), SAID)
    with database.app_context():
        history = db.metadata.tables["history"]
        assert db.session.scalar(select(func.count()).select_from(history).where(history.c.verb.contains("need"))) == 0


def test_the_pages_ask_as_many_questions_as_they_need(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, enrolment = student()
        make.application(enrolment, [make.challenge() for _ in range(3)], state="draft")
        needs_of(enrolment, days=0b1)
    client.sign_in_as(account)
    for url, count in (("/needs", NEEDS_QUERIES), ("/choices/check", CHECK_QUERIES)):
        with counting_queries() as queries:
            client.page(url)
        assert queries.count == count, url
