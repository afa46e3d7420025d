"""How risky a brief is: who says so, who reads what of it, and what it holds up."""

import pytest
from flask import Flask

from placements.accounts.models import Account, GlobalRole
from placements.challenges.models import Dbs
from placements.challenges.rules import people_risk
from placements.challenges.workflow import ChallengeState
from placements.db import db
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient
from tests.databases import seeding

SAID = {"work": "medium", "people": "medium", "actions": "Never alone in the kitchen.", "residual": "low"}


@pytest.fixture
def url(database: Flask, stage: Stage) -> str:
    """The address of an approved challenge with children."""
    with database.app_context():
        there = organisation()
        about = {"dbs": Dbs.ENHANCED, "supervisor": there.contacts[0].person, "site": there.sites[0]}
        made = make.challenge(there, state=ChallengeState.APPROVED, published_at=None, **about)
        db.session.commit()
        return f"/challenges/{made.public_id}"


def _assess(client: PageClient, who: Account, url: str, **said: str) -> str:
    client.sign_in_as(who)
    form = client.page(f"{url}/assess").form(f"{url}/assess")
    return client.submit(form, {**SAID, **said}).text


def _publish(client: PageClient, url: str) -> int:
    token = client.page("/me").form("/sign-out").values["csrf_token"]
    return client.post(f"{url}/publish", data={"csrf_token": token}).status_code


@pytest.mark.pure
@pytest.mark.parametrize(
    ("needs_checks", "client_group", "risk"),
    [
        (False, "Staff and volunteers", "low"),
        (True, "Staff", "medium"),
        (False, "Older people in a lunch club", "medium"),
        (False, "CHILDREN, never alone", "medium"),
        (True, "Young people who have offended", "high"),
    ],
)
def test_what_the_brief_s_own_answers_suggest(needs_checks: bool, client_group: str, risk: str) -> None:
    assert people_risk(needs_checks, client_group)[0] == risk


def test_a_champion_assesses_it_and_each_side_reads_its_part(client: PageClient, stage: Stage, url: str) -> None:
    client.sign_in_as(stage.champion)
    page = client.page(client.page(url).link("Assess the risk"))
    assert "The brief suggests medium" in page.text
    assert page.form(page.url).values["people"] == ["medium"]
    assert client.submit(page.form(page.url), {**SAID, "actions": "", "residual": "medium"}).errors == [
        "Say what is done about the risk, or choose low"
    ]
    assert client.submit(page.form(page.url), {**SAID, "residual": "high"}).errors == [
        "What is left cannot be worse than the work and the people"
    ]
    text = _assess(client, stage.champion, url)
    assert (
        "The work Medium The people Medium What is done about it Never alone in the kitchen. What is left Low" in text
    )
    assert "Weighed by Samir Okafor" in text
    client.sign_in_as(stage.contact)
    text = client.page(url).text
    assert "What is done about it Never alone in the kitchen. What is left Low" in text
    assert "The people Medium" not in text
    assert "Samir Okafor" not in text
    assert client.get(f"{url}/assess").status_code == 403


def test_a_safety_officer_finds_and_assesses_it_and_reads_no_conversation(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.SAFETY_OFFICER)
    client.sign_in_as(officer)
    assert [row[1] for row in client.page("/challenges").rows] == ["Approved"]
    assert "Not weighed yet." in client.page(url).text
    assert "What is left Low" in _assess(client, officer, url)
    assert "What happened" not in client.page(url).text
    assert client.get(f"{url}/versions").status_code == 403


def test_a_high_risk_holds_publication_up_until_something_is_done(client: PageClient, stage: Stage, url: str) -> None:
    text = _assess(client, stage.officer, url, work="high", residual="high")
    assert "It cannot be published while what is left of its risk is high." in text
    assert _publish(client, url) == 409
    _assess(client, stage.officer, url, residual="medium")
    assert _publish(client, url) == 302


def test_students_read_nothing_of_it(database: Flask, client: PageClient, stage: Stage, url: str) -> None:
    _assess(client, stage.officer, url)
    with database.app_context():
        only_challenge().state = ChallengeState.PUBLISHED
        db.session.commit()
    client.sign_in_as(stage.student)
    text = client.page(url).text
    assert "Never alone" not in text
    assert "Risk" not in text
