"""A supervisor leaves: whoever takes over supervises, or somebody is named."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.challenges import actions, notices
from placements.challenges.models import Challenge, ChallengeSite, ChallengeVersion
from placements.challenges.workflow import ChallengeState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.partners.actions import say_left
from placements.partners.models import Contact, ContactRole
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient
from tests.factories import NOW
from tests.golden import check_golden, said

DEV = {"given_name": "Dev", "family_name": "Patel"}


@pytest.fixture
def main(session: Any) -> Contact:
    """Amina, the main contact."""
    return make.contact(make.organisation(name="Holloway Larder"), make.person(given_name="Amina", family_name="Yusuf"))


@pytest.fixture
def dev(main: Contact) -> Contact:
    return make.contact(main.organisation, make.person(**DEV), ContactRole.SUPERVISOR)


def _brief(main: Contact, dev: Contact, state: ChallengeState, **said: Any) -> Challenge:
    """Dev supervises at its first place and at a further one, Amina at another."""
    made = make.challenge(main.organisation, supervisor=dev.person, state=state, title="Cook what comes in", **said)
    for supervisor in (dev.person, main.person):
        place = make.site(main.organisation)
        made.further_sites.append(ChallengeSite(site_id=place.id, supervisor_id=supervisor.id))
    db.session.flush()
    return made


def _told() -> list[tuple[str, int]]:
    rows = db.session.execute(select(Notification.notice, Notification.recipient_id))
    return [(notice, person) for notice, person in rows if notice.startswith("challenges.")]


def _publish(client: PageClient, url: str) -> int:
    token = client.page("/me").form("/sign-out").values["csrf_token"]
    return client.post(f"{url}/publish", data={"csrf_token": token}).status_code


def test_whoever_takes_over_supervises_what_is_not_over(main: Contact, dev: Contact) -> None:
    draft, closed = (_brief(main, dev, state) for state in (ChallengeState.DRAFT, ChallengeState.CLOSED))
    elsewhere = make.challenge(supervisor=dev.person)
    say_left(dev, main, actor=Principal(main.person_id), now=NOW)
    assert draft.all_supervisors == {main.person_id}
    assert draft.version == 2
    assert db.session.scalars(select(ChallengeVersion.challenge_id)).all() == [draft.id]
    assert dev.person_id in closed.all_supervisors
    assert elsewhere.supervisor_id == dev.person_id
    assert _told() == []


def test_where_nobody_takes_over_the_organisation_is_told(main: Contact, dev: Contact) -> None:
    brief = _brief(main, dev, ChallengeState.PUBLISHED, public_id="challenge-12")
    _brief(main, dev, ChallengeState.WITHDRAWN)
    say_left(dev, actor=Principal(make.person().id), now=NOW)
    assert _told() == [("challenges.supervisor_left", main.person_id)]
    check_golden("challenges/supervisor_left", said(notices.SUPERVISOR_LEFT, brief.id, main.person) or "")
    actions.name_supervisor(brief, main.person, actor=Principal(main.person_id), now=NOW)
    assert brief.all_supervisors == {main.person_id}
    assert said(notices.SUPERVISOR_LEFT, brief.id, main.person) is None


def test_a_draft_cannot_be_sent_while_one_of_its_supervisors_is_gone(main: Contact, dev: Contact) -> None:
    brief = _brief(main, dev, ChallengeState.DRAFT, published_at=None)
    brief.supervisor_id = main.person_id
    say_left(dev, actor=Principal(main.person_id), now=NOW)
    with pytest.raises(Refused, match="choose a supervisor who works there now"):
        actions.submit(brief, actor=Principal(main.person_id), now=NOW)


def test_an_approved_brief_waits_for_another_supervisor(database: Flask, client: PageClient, stage: Stage) -> None:
    with database.app_context():
        there = organisation()
        dev = make.contact(there, make.person(**DEV), ContactRole.SUPERVISOR)
        about = {"state": ChallengeState.APPROVED, "published_at": None, "site": there.sites[0]}
        made = make.challenge(there, supervisor=dev.person, **about)
        say_left(dev, actor=Principal(there.contacts[0].person_id), now=NOW)
        db.session.commit()
        url = f"/challenges/{made.public_id}"
    client.sign_in_as(stage.champion)
    assert "Its supervisor has left Holloway Larder." in client.page(url).text
    assert _publish(client, url) == 409
    client.sign_in_as(stage.contact)
    assert "Say who supervises the students: " in client.page("/home").text
    page = client.page(client.page("/home").link("Name a supervisor"))
    assert client.submit(page.form(page.url)).errors == ["Choose who will supervise"]
    (amina,) = (page.form(page.url).offers("supervisor") or [])[1:]
    page = client.submit(page.form(page.url), supervisor=amina)
    assert "Amina Yusuf supervises the students" in page.text
    assert "Say who supervises the students: " not in client.page("/home").text
    with database.app_context():
        assert only_challenge().supervisor.name == "Amina Yusuf"
    client.sign_in_as(stage.champion)
    assert _publish(client, url) == 302
