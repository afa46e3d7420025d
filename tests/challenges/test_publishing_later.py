"""What was approved is published by itself on the day that was set, if it can be."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.challenges import notices, reviewing
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.partners.models import Site
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.golden import check_golden, said

THURSDAY = date(2026, 10, 22)
HOUR = timedelta(hours=1)
AT_EIGHT = NOW + 2 * DAY - HOUR  # NOW is 9am in London


@pytest.fixture
def challenge(session: Any) -> Challenge:
    """Approved, and to be published on Thursday; Dev supervises."""
    erin = make.account(make.person(given_name="Erin", family_name="Okafor"), GlobalRole.ENGAGEMENT).person
    kept = make.organisation(name="Holloway Larder", owner=erin)
    return make.challenge(
        kept,
        public_id="challenge-12",
        title="Cook what comes in",
        supervisor=make.contact(kept).person,
        state=ChallengeState.APPROVED,
        publish_on=THURSDAY,
        published_at=None,
    )


def told() -> list[tuple[str, int]]:
    rows = db.session.execute(select(Notification.notice, Notification.recipient_id))
    return [(notice, person) for notice, person in rows]


def test_it_is_published_at_eight_on_its_day_and_not_before(challenge: Challenge) -> None:
    reviewing.publish_due(AT_EIGHT - timedelta(seconds=1))
    assert challenge.state is ChallengeState.APPROVED
    reviewing.publish_due(AT_EIGHT)
    assert (challenge.state, challenge.published_at) == (ChallengeState.PUBLISHED, AT_EIGHT)
    assert told() == [("challenges.published", challenge.supervisor_id)]


def test_what_cannot_be_published_is_told_once_and_published_as_soon_as_it_can(challenge: Challenge) -> None:
    place: Site = challenge.all_sites[0]
    place.cleared_until = THURSDAY - DAY
    for later in range(3):
        reviewing.publish_due(AT_EIGHT + later * HOUR)
    assert challenge.state is ChallengeState.APPROVED
    owner = challenge.organisation.owner
    assert owner is not None
    assert told() == [("challenges.could_not_publish", owner.id)]
    mail = said(notices.COULD_NOT_PUBLISH, challenge.id, owner, AT_EIGHT) or ""
    check_golden("challenges/could_not_publish", mail)
    place.cleared_until = THURSDAY
    assert said(notices.COULD_NOT_PUBLISH, challenge.id, owner, AT_EIGHT) is None
    reviewing.publish_due(AT_EIGHT + 3 * HOUR)
    assert challenge.state is ChallengeState.PUBLISHED


def test_an_organisation_that_is_not_approved_holds_it_up(challenge: Challenge) -> None:
    challenge.organisation.state = OrganisationState.PAUSED
    officer, challenge.organisation.owner = challenge.organisation.owner, None
    reviewing.publish_due(AT_EIGHT)
    assert challenge.state is ChallengeState.APPROVED
    assert officer is not None
    assert told() == [("challenges.could_not_publish", officer.id)]


def test_by_hand_nothing_is_published_of_a_place_that_is_not_cleared(challenge: Challenge) -> None:
    challenge.all_sites[0].cleared_until = None
    with pytest.raises(Refused, match=r"once the checks of The hall are passed\."):
        reviewing.publish(challenge, actor=Principal(1), now=NOW)


def test_a_champion_sets_changes_and_takes_away_the_day(database: Flask, client: PageClient, stage: Stage) -> None:
    with database.app_context():
        there = organisation()
        supervisor = there.contacts[0].person
        made = make.challenge(there, state=ChallengeState.APPROVED, supervisor=supervisor, published_at=None)
        db.session.commit()
        url = f"/challenges/{made.public_id}"
    client.sign_in_as(stage.champion)
    page = client.page(client.page(url).link("Publish on a day"))
    refused = client.submit(page.form(page.url), day=["19", "10", "2026"])
    assert refused.errors == ["Choose a day that has not passed"]
    page = client.submit(page.form(page.url), day=["22", "10", "2026"])
    assert "is published on Thu 22 Oct 2026 (in 2 days), at 8am" in page.text
    client.sign_in_as(stage.contact)
    assert "is published on Thu 22 Oct 2026" in client.page(url).text
    assert client.get(f"{url}/publish-later").status_code == 403
    client.sign_in_as(stage.champion)
    page = client.page(client.page(url).link("Change the day"))
    assert "You publish it by hand." in client.submit(page.form(page.url), day=["", "", ""]).text
    with database.app_context():
        assert only_challenge().publish_on is None
