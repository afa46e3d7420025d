"""What came of it, for anybody: only what was verified and may be shown; and numbers that tell of nobody."""

from functools import partial

import pytest
from flask import Flask

from placements.cohorts.models import Theme
from placements.db import db
from placements.impact.workflow import ResultState
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from placements.public.numbers import said
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import DAY, NOW
from tests.impact.results import result


def test_only_what_is_published_is_shown_the_newest_first(database: Flask, client: PageClient) -> None:
    with database.app_context():
        crime = make.challenge(make.organisation(name="Bow Walkers"), theme=Theme.CRIME)
        result(crime, headline="Safer walks", state=ResultState.PUBLISHED, published_at=NOW - 2 * DAY)
        result(headline="One list", state=ResultState.PUBLISHED, published_at=NOW - DAY)
        for state in set(ResultState) - {ResultState.PUBLISHED}:
            result(headline=f"Canary {state}", state=state, may_publish=True)
        db.session.commit()
    client.forbidden = {"Canary"}
    page = client.page("/results")
    shown = ("Safer walks", "One list")
    assert [link.text for link in page.links if link.text in shown] == ["One list", "Safer walks"]
    crime_alone = client.page("/results?theme=crime")
    assert [link.text for link in crime_alone.links if link.text in shown] == ["Safer walks"]
    page = client.page(crime_alone.link("Safer walks"))
    assert page.h1 == "Safer walks"
    assert "340 people used it or took part, as Bow Walkers counts them." in page.text
    assert "We stopped guessing." in page.text
    assert page.link("Crime") == "/areas/crime"


@pytest.mark.parametrize("state", sorted(set(ResultState) - {ResultState.PUBLISHED}))
def test_what_is_not_published_has_no_page(database: Flask, client: PageClient, state: ResultState) -> None:
    with database.app_context():
        made = result(state=state, may_publish=True)
        db.session.commit()
        url = f"/results/{made.public_id}"
    client.page(url, 404)


def test_before_the_first_it_says_what_will_be_there(client: PageClient) -> None:
    assert "Nothing is told yet" in client.page("/results").text
    assert "Nothing is told of this area yet" in client.page("/results?theme=crime").text


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_list_asks_one_query_however_many_there_are(database: Flask, client: PageClient, rows: int) -> None:
    with database.app_context():
        for _ in range(rows):
            result(state=ResultState.PUBLISHED)
        db.session.commit()
    client.page("/privacy")
    with counting_queries() as asked:
        client.page("/results")
    assert asked.count == 1


def five_at_two() -> None:
    """Five students at one organisation and one at another, who worked 21 hours; others who never began."""
    here = make.challenge(make.organisation())
    placements = [make.placement(at=here, state=PlacementState.COMPLETED) for _ in range(5)]
    placements.append(make.placement(at=make.challenge(make.organisation()), state=PlacementState.ENDED_EARLY))
    for placement in placements:
        make.entry(placement, state=EntryState.CONFIRMED)  # three and a half hours
        make.entry(placement, state=EntryState.SUBMITTED)
    for state in (PlacementState.PREPARING, PlacementState.CLEARED, PlacementState.NOT_STARTED):
        make.placement(state=state)
    add = partial(result, here, people_reached=1200)
    add(state=ResultState.PUBLISHED)
    add(state=ResultState.PUBLISHED, people_reached=None)
    add(state=ResultState.VERIFIED)
    add(state=ResultState.WITHDRAWN)


def test_the_numbers_count_what_they_say(database: Flask, client: PageClient) -> None:
    with database.app_context():
        five_at_two()
        db.session.commit()
    client.page("/privacy")
    with counting_queries() as asked:
        page = client.page("/numbers")
    assert asked.count == 1
    assert [row[:2] for row in page.rows] == [
        ["Organisations", "fewer than 5"],
        ["Students placed", "6"],
        ["Hours confirmed", "21"],
        ["Challenges finished", "fewer than 5"],
        ["People reached", "1,200"],
    ]


def test_the_hours_of_a_few_are_not_told_however_many_they_are(database: Flask, client: PageClient) -> None:
    with database.app_context():
        placement = make.placement()
        for _ in range(9):
            make.entry(placement, state=EntryState.CONFIRMED)
        db.session.commit()
    assert [row[1] for row in client.page("/numbers").rows] == ["fewer than 5"] * 5


def test_nor_where_many_are_placed_and_a_few_have_hours(database: Flask, client: PageClient) -> None:
    with database.app_context():
        placements = [make.placement() for _ in range(6)]
        for placement in placements[:4]:
            make.entry(placement, state=EntryState.CONFIRMED)
        db.session.commit()
    assert client.page("/numbers").rows[2][:2] == ["Hours confirmed", "fewer than 5"]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("number", "behind", "words"),
    [
        (0, None, "fewer than 5"),
        (4, None, "fewer than 5"),
        (5, None, "5"),
        (1234, 5, "1,234"),
        (1234, 4, "fewer than 5"),
    ],
)
def test_what_is_small_is_not_said(number: int, behind: int | None, words: str) -> None:
    assert said(number, behind) == words


@pytest.mark.parametrize("url", ["/", "/module", "/privacy", "/enquire"])
def test_every_page_leads_to_the_public_ones(database: Flask, client: PageClient, url: str) -> None:
    page = client.page(url)
    addresses = {link.href for link in page.links}
    assert {"/module", "/calendar", "/results", "/help", "/accessibility", "/privacy"} <= addresses
