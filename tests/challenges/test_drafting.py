"""An organisation writes a brief: started with three answers, saved at any time, sent when it is whole."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from placements.challenges import actions
from placements.challenges.models import Challenge, WorkMode
from placements.challenges.workflow import ChallengeState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from tests import factories as make
from tests.challenges.stage import NEED, Stage, only_challenge, organisation, set_stage
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import NOW


@pytest.fixture
def stage(database: Flask, client: PageClient) -> Stage:
    found = set_stage(database)
    client.sign_in_as(found.contact)
    return found


def _start(client: PageClient, stage: Stage) -> str:
    """Begin a draft; returns the address of its page."""
    url = f"/challenges/new/{stage.organisation}"
    page = client.submit(
        client.page(url).form(url), title="Cook what comes in", theme="poverty", mode="on_site", follow=False
    )
    return page.location.removesuffix("/edit")


def test_from_start_to_review(database: Flask, client: PageClient, stage: Stage) -> None:
    page = client.page(client.page("/challenges").link("Post a challenge"))
    form = page.form(page.url)
    for _ in range(2):  # a double click
        page = client.submit(form, title="Cook what comes in", theme="poverty", mode="on_site")
    assert page.h1 == "Tell students about it"
    answers: dict[str, Any] = {"need": NEED, "output": "Twenty recipes", "days": ["0", "2"], "places_max": "3"}
    page = client.submit(page.form(page.url), answers, button="Save and check your answers")
    assert page.h1 == "Check your answers"
    assert "A champion for poverty and deprivation looks at it first, and answers you by Tue 27 Oct 2026" in page.text
    assert "Monday, Wednesday" in page.text
    page = client.submit(page.form(page.url))
    assert "It is being reviewed. You hear by email, by Tue 27 Oct 2026 (in 7 days)." in page.text
    with database.app_context():
        sent = only_challenge()
        assert (sent.state, sent.submitted_by_id) == (ChallengeState.SUBMITTED, stage.contact.person_id)
        assert (sent.supervisor.name, sent.site is not None, sent.days) == ("Amina Yusuf", True, 0b101)
        told = db.session.execute(select(Notification.notice, Notification.recipient_id)).all()
        assert [tuple(row) for row in told] == [("challenges.submitted", stage.champion.person_id)]


def test_an_unfinished_draft_is_kept_and_says_what_it_lacks(database: Flask, client: PageClient, stage: Stage) -> None:
    url = _start(client, stage)
    form = client.page(f"{url}/edit").form(f"{url}/edit")
    page = client.submit(form, button="Save draft", need="Too short", levels=[], site="")
    assert page.url == url
    assert "1 of 9 parts are done" in page.text
    assert page.link("Say what you need in two or three sentences") == f"{url}/edit#need"
    page = client.page(f"{url}/submit")
    assert "Before you can send it:" in page.text
    assert [form.action for form in page.forms] == ["/sign-out"]
    token = page.form("/sign-out").values["csrf_token"]
    assert client.post(f"{url}/submit", data={"csrf_token": token}).status_code == 422
    with database.app_context():
        assert only_challenge().state is ChallengeState.DRAFT


def test_saving_leads_where_its_button_says(client: PageClient, stage: Stage) -> None:
    url = _start(client, stage)
    page = client.page(f"{url}/edit")
    led = {}
    for button in (
        "Save draft",
        "Save and check your answers",
        "Save and add a place to this list",
        "Save and add a colleague",
    ):
        form = client.page(f"{url}/edit").form(page.url)
        led[button] = client.submit(form, button=button, need=f"{NEED} {button}").h1
    assert led == {
        "Save draft": "Cook what comes in",
        "Save and check your answers": "Check your answers",
        "Save and add a place to this list": "Add a place where students work",
        "Save and add a colleague": "Add a colleague",
    }
    assert client.page(f"{url}/edit").form(page.url).values["need"] == [f"{NEED} Save and add a colleague"]


def test_two_people_who_edit_at_once_lose_nothing(database: Flask, client: PageClient, stage: Stage) -> None:
    url = _start(client, stage)
    first, second = (client.page(f"{url}/edit").form(f"{url}/edit") for _ in range(2))
    client.submit(first, need="What the first one wrote, which is quite a bit longer than the other.")
    page = client.submit(second, need="What the second one wrote.")
    assert page.errors == ["Somebody saved this challenge while you were writing. Compare the two, then save again."]
    assert "What the first one wrote" in page.text
    assert page.form(f"{url}/edit").values["need"] == ["What the second one wrote."]
    client.submit(page.form(f"{url}/edit"), button="Save draft")
    with database.app_context():
        assert only_challenge().need == "What the second one wrote."


def test_more_at_least_than_at_most_is_an_error(client: PageClient, stage: Stage) -> None:
    url = _start(client, stage)
    form = client.page(f"{url}/edit").form(f"{url}/edit")
    assert client.submit(form, places_min="3", places_max="2").errors == [
        "Enter at least as many as the fewest students"
    ]
    assert client.submit(form, places_min="0", places_max="31", title="").errors == [
        "Enter a title",
        "Enter a whole number from 1 to 30",
        "Enter a whole number from 1 to 30",
    ]


def test_a_year_is_asked_for_only_where_there_is_a_choice(database: Flask, client: PageClient, stage: Stage) -> None:
    url = f"/challenges/new/{stage.organisation}"
    assert "academic_year" not in client.page(url).form(url).names
    with database.app_context():
        make.run(academic_year="2027/28")
        db.session.commit()
    form = client.page(url).form(url)
    assert form.offers("academic_year") == ["2026/27", "2027/28"]
    client.submit(form, title="Later", theme="crime", mode="remote", academic_year="2027/28")
    with database.app_context():
        begun = only_challenge()
        assert (begun.academic_year, begun.mode, begun.site_id) == ("2027/28", WorkMode.REMOTE, None)


def test_a_brief_takes_only_sites_and_people_of_its_own_organisation(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    url = _start(client, stage)
    with database.app_context():
        foreign = make.site().public_id
        own = make.site(organisation()).public_id
        db.session.commit()
    form = client.page(f"{url}/edit").form(f"{url}/edit")
    offered = form.offers("site") or []
    assert own in offered
    assert foreign not in offered
    sent = form.filled({"need": NEED})
    sent.setlist("site", [foreign])
    assert client.post(f"{url}/edit", data=sent).status_code == 422


def test_only_contacts_write_and_nobody_once_it_is_sent(database: Flask, client: PageClient, stage: Stage) -> None:
    url = _start(client, stage)
    with seeding(database):
        other = make.account()
        make.contact(make.organisation(), other.person)
    paths = ("", "/edit", "/submit", "/preview", "/withdraw")
    client.sign_in_as(other)
    assert {client.get(f"{url}{path}").status_code for path in paths} == {404}
    assert client.get(f"/challenges/new/{stage.organisation}").status_code == 404
    client.sign_in_as(stage.champion)  # a draft is the organisation's own
    assert {client.get(f"{url}{path}").status_code for path in paths} == {404}
    client.sign_in_as(stage.officer)
    assert client.get(f"{url}/edit").status_code == 403
    with database.app_context():
        only_challenge().state = ChallengeState.SUBMITTED
        db.session.commit()
    client.sign_in_as(stage.contact)
    assert [client.get(f"{url}{path}").status_code for path in paths] == [200, 409, 409, 200, 200]


def test_an_archived_organisation_posts_nothing(database: Flask, client: PageClient, stage: Stage) -> None:
    with database.app_context():
        organisation().state = type(organisation().state).ARCHIVED
        db.session.commit()
    assert client.get(f"/challenges/new/{stage.organisation}").status_code == 409
    with database.app_context():
        assert db.session.scalar(select(func.count(Challenge.id))) == 0


def test_what_a_colleague_saved_meanwhile_counts_when_it_is_sent(session: Any) -> None:
    there = make.organisation()
    sender = make.contact(there).person
    draft = make.challenge(there, supervisor=sender, state=ChallengeState.DRAFT, published_at=None)
    session.execute(update(Challenge).values(output=""), execution_options={"synchronize_session": False})
    with pytest.raises(Refused, match="say what is left behind at the end"):
        actions.submit(draft, actor=Principal(sender.id), now=NOW)


def test_the_pages_before_a_brief_say_what_fits_into_45_hours(client: PageClient, stage: Stage) -> None:
    page = client.page(f"/challenges/new/{stage.organisation}")
    assert page.link("See what fits into them") == "/what-45-hours-can-do"
    page = client.page(f"{_start(client, stage)}/edit")
    assert page.link("See what a student can do in 45 hours") == "/what-45-hours-can-do"
