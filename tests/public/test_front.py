"""The public site: what it is, two ways in, and what students can work on now."""

from datetime import timedelta

import pytest
from flask import Flask

from placements.challenges.models import WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.db import db
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW


def test_the_front_page_has_the_six_areas_and_two_ways_in(client: PageClient) -> None:
    page = client.page("/")
    assert page.link("Tell us about a challenge") == "/enquire"
    assert page.link("Students and staff: sign in") == "/sign-in"
    areas = [link for link in page.links if link.href.startswith("/areas/")]
    assert [(link.text, link.href.rpartition("/")[2]) for link in areas] == [
        ("Crime", "crime"),
        ("Poverty and deprivation", "poverty"),
        ("The environment", "environment"),
        ("Social wealth", "social-wealth"),
        ("Discrimination", "discrimination"),
        ("Health improvement", "health"),
    ]
    assert "Open now" not in page.text


def test_whoever_needs_help_finds_an_address(client: PageClient) -> None:
    page = client.page("/help")
    assert page.link("placements@localhost") == "mailto:placements@localhost"


def test_the_front_page_shows_the_three_newest_challenges(database: Flask, client: PageClient) -> None:
    with database.app_context():
        for number in range(4):
            make.challenge(title=f"Number {number}", published_at=NOW - timedelta(days=number))
        make.challenge(title="Waiting", state=ChallengeState.APPROVED)
        db.session.commit()
    page = client.page("/")
    assert [link.text for link in page.links if link.text.startswith("Number")] == ["Number 0", "Number 1", "Number 2"]
    assert "Waiting" not in page.text


def test_open_challenges_are_listed_and_filtered(database: Flask, client: PageClient) -> None:
    with database.app_context():
        make.challenge(title="Rides", theme=Theme.HEALTH, mode=WorkMode.REMOTE, site=None)
        make.challenge(make.organisation(name="Bow Walkers"), title="Walks", theme=Theme.CRIME)
        db.session.commit()

    def titles(query: str) -> list[str]:
        return [link.text for link in client.page(f"/open-challenges{query}").links if link.text in ("Rides", "Walks")]

    assert titles("") == ["Walks", "Rides"]
    assert titles("?theme=crime") == ["Walks"]
    assert titles("?mode=remote&borough=Islington") == ["Rides"]
    assert titles("?text=bow") == ["Walks"]
    assert titles("?theme=nonsense") == ["Walks", "Rides"]
    page = client.page("/open-challenges?theme=environment")
    assert "No challenge is found" in page.text
    assert page.link("Remove Area: The environment") == "/open-challenges"


def test_with_none_open_the_page_asks_for_one(client: PageClient) -> None:
    page = client.page("/open-challenges")
    assert "No challenges are published just now" in page.text
    assert page.link("Tell us about a challenge") == "/enquire"


def test_a_challenge_is_shown_without_people_or_street(database: Flask, client: PageClient) -> None:
    with database.app_context():
        supervisor = make.person(given_name="Canary", family_name="Supervisor")
        made = make.challenge(title="Rides", supervisor=supervisor)
        db.session.commit()
        url = f"/open-challenges/{made.public_id}"
    client.forbidden = {"Canary", "1 Example Road", "N7", "The hall"}
    page = client.page(url)
    assert page.h1 == "Rides"
    assert "Where Islington" in page.text
    assert page.link("Sign in") == "/sign-in"


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_open_challenges_ask_one_query_however_many_there_are(database: Flask, client: PageClient, rows: int) -> None:
    with database.app_context():
        for _ in range(rows):
            make.challenge(make.organisation())
        db.session.commit()
    client.page("/privacy")
    with counting_queries() as asked:
        client.page("/open-challenges")
    assert asked.count == 1
