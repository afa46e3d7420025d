"""A challenge is paused, shown again, closed or withdrawn: by whom, and who reads why."""

import pytest
from flask import Flask

from placements.accounts.models import Account, GlobalRole
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole
from placements.db import db
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient
from tests.databases import seeding

WHY = "A canary of a reason."


@pytest.fixture
def url(database: Flask, stage: Stage) -> str:
    """The address of a published challenge."""
    with database.app_context():
        supervisor = db.session.get_one(Account, stage.contact.id).person
        made = make.challenge(organisation(), title="Cook what comes in", supervisor=supervisor)
        db.session.commit()
        return f"/challenges/{made.public_id}"


def _stop(client: PageClient, who: Account, url: str, verb: str) -> str:
    """They do it, with a reason; the text of the page that they are led to."""
    client.sign_in_as(who)
    form = client.page(f"{url}/{verb}").form(f"{url}/{verb}")
    return client.submit(form, reason=WHY).text


def _resume(client: PageClient, url: str) -> int:
    """They press the button, whether they are shown it or not; the answer's status."""
    token = client.page("/me").form("/sign-out").values["csrf_token"]
    return client.post(f"{url}/resume", data={"csrf_token": token}).status_code


def _leader(app: Flask) -> Account:
    with seeding(app):
        leader = make.account()
        make.run_role(RunRole.LEADER, leader.person, make.run())
        return leader


def test_its_contact_pauses_resumes_and_closes_it_with_a_reason(client: PageClient, stage: Stage, url: str) -> None:
    client.sign_in_as(stage.contact)
    page = client.page(client.page(url).link("Pause it"))
    assert client.submit(page.form(f"{url}/pause")).errors == ["Enter a reason"]
    assert "It is paused: students do not see it." in _stop(client, stage.contact, url, "pause")
    page = client.submit(client.page(url).form(f"{url}/resume"))
    assert "Students can see this challenge and choose it." in page.text
    assert "It is closed: nothing more needs to be done." in _stop(client, stage.contact, url, "close")
    assert [client.get(f"{url}/{verb}").status_code for verb in ("pause", "close", "withdraw")] == [409, 409, 409]
    client.sign_in_as(stage.officer)
    page = client.submit(client.page(url).form(f"{url}/archive"))
    assert "It is archived" in page.text


def test_what_the_university_paused_its_contact_does_not_show_again(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    client.sign_in_as(stage.contact)
    _stop(client, stage.contact, url, "pause")
    assert _resume(client, url) == 302
    _stop(client, stage.officer, url, "pause")
    client.sign_in_as(stage.contact)
    page = client.page(url)
    assert "The university paused it, and can show it again." in page.text
    assert "Show it again" not in {button.text for form in page.forms for button in form.buttons}
    assert _resume(client, url) == 409
    client.sign_in_as(stage.officer)
    assert _resume(client, url) == 302
    _stop(client, stage.contact, url, "pause")
    assert _resume(client, url) == 302
    with database.app_context():
        assert only_challenge().state is ChallengeState.PUBLISHED


def test_an_officer_with_a_side_does_not_show_again_what_another_paused(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with seeding(database):
        both = make.account(None, GlobalRole.ENGAGEMENT)
        make.contact(organisation(), both.person)
        tied = make.account(None, GlobalRole.ENGAGEMENT)
        make.interest(organisation(), tied.person)
    client.sign_in_as(stage.officer)
    _stop(client, stage.officer, url, "pause")
    for each, status in ((both, 409), (tied, 403)):
        client.sign_in_as(each)
        assert _resume(client, url) == status


def test_the_university_keeps_paused_what_its_contact_paused(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    _stop(client, stage.contact, url, "pause")
    client.sign_in_as(stage.officer)
    page = client.page(client.page(url).link("Keep it paused"))
    assert client.submit(page.form(f"{url}/hold")).errors == ["Enter a reason"]
    form = page.form(f"{url}/hold")
    for _ in range(2):  # a double click
        page = client.submit(form, reason=WHY)
    assert page.text.count("Kept paused by the university") == 1
    assert client.get(f"{url}/hold").status_code == 409
    client.forbidden = {WHY}
    client.sign_in_as(stage.contact)
    assert "The university paused it, and can show it again." in client.page(url).text
    assert _resume(client, url) == 409
    client.forbidden = set()
    client.sign_in_as(stage.officer)
    assert _resume(client, url) == 302


def test_an_officer_with_an_interest_neither_stops_it_nor_puts_it_away(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with database.app_context():
        make.interest(organisation(), db.session.get_one(Account, stage.officer.id).person)
        db.session.commit()
    client.sign_in_as(stage.officer)
    verbs = ("pause", "close", "withdraw", "hold")
    assert {client.get(f"{url}/{verb}").status_code for verb in verbs} == {403}
    with database.app_context():
        only_challenge().state = ChallengeState.CLOSED
        db.session.commit()
    token = client.page("/me").form("/sign-out").values["csrf_token"]
    assert client.post(f"{url}/archive", data={"csrf_token": token}).status_code == 403


@pytest.mark.parametrize(
    ("verb", "suggested"),
    [
        ("close", "The organisation has found all the students that it can work with."),
        ("withdraw", "The organisation cannot offer this work any more."),
    ],
)
def test_what_students_are_told_is_asked_for_beside_the_reason(
    client: PageClient, stage: Stage, url: str, verb: str, suggested: str
) -> None:
    client.sign_in_as(stage.contact)
    form = client.page(f"{url}/{verb}").form(f"{url}/{verb}")
    assert form.values["told"] == [suggested]
    assert client.submit(form, reason=WHY, told="").errors == ["Enter what we shall tell the students"]
    client.submit(form, reason=WHY, told="We have moved to Hackney.")
    with client.application.app_context():
        stopped = only_challenge()
        assert (stopped.stop_reason, stopped.stopped_at) == ("We have moved to Hackney.", make.NOW)


def test_of_a_draft_nobody_is_told(database: Flask, client: PageClient, stage: Stage, url: str) -> None:
    with database.app_context():
        only_challenge().state, only_challenge().published_at = ChallengeState.DRAFT, None
        db.session.commit()
    client.sign_in_as(stage.contact)
    assert "told" not in client.page(f"{url}/withdraw").form(f"{url}/withdraw").names
    _stop(client, stage.contact, url, "withdraw")
    with database.app_context():
        assert only_challenge().stopped_at is None


@pytest.mark.parametrize("who", ["contact", "officer"])
def test_why_it_is_paused_is_read_by_the_engagement_team_and_leaders_alone(
    database: Flask, client: PageClient, stage: Stage, url: str, who: str
) -> None:
    pauses = getattr(stage, who)
    client.sign_in_as(pauses)
    assert "Only the engagement team and module leaders can read it." in client.page(f"{url}/pause").text
    _stop(client, pauses, url, "pause")
    for reader in (stage.officer, _leader(database)):
        client.sign_in_as(reader)
        assert WHY in client.page(url).text
    client.forbidden = {WHY}
    for reader in (stage.contact, stage.champion):
        client.sign_in_as(reader)
        assert "Paused" in client.page(url).text


@pytest.mark.parametrize("verb", ["close", "withdraw"])
def test_why_it_is_over_is_read_on_both_sides_and_by_no_student(
    client: PageClient, stage: Stage, url: str, verb: str
) -> None:
    client.sign_in_as(stage.officer)
    said = "The organisation and the university’s staff for the module read this. Students do not."
    assert said in client.page(f"{url}/{verb}").text
    _stop(client, stage.officer, url, verb)
    client.sign_in_as(stage.contact)
    assert WHY in client.page(url).text
    client.sign_in_as(stage.student)
    client.page(url, status=404)


def test_who_has_left_sees_none_of_its_challenges_even_those_that_they_supervise(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    client.sign_in_as(stage.contact)
    assert client.page(url).h1 == "Cook what comes in"
    with database.app_context():
        organisation().contacts[0].left_on = make.NOW.date()
        db.session.commit()
    client.page(url, status=404)
    assert client.get("/challenges").status_code == 403
