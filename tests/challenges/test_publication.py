"""What is published is seen by those it is for, and stops being seen when it should."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from placements.challenges.models import ChallengeSite, WorkMode
from placements.challenges.queries import Search, live_now, published, published_page, search_published
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.db import db
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.challenges.stage import Stage, only_challenge, organisation
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.databases import seeding

TODAY = date(2026, 10, 20)


@pytest.fixture
def url(database: Flask, stage: Stage) -> str:
    """The address of a published challenge."""
    with database.app_context():
        supervisor = make.person(given_name="Canary", family_name="Supervisor")
        made = make.challenge(organisation(), title="Cook what comes in", supervisor=supervisor)
        db.session.commit()
        return f"/challenges/{made.public_id}"


def _titles(rows: Any) -> list[str]:
    return [each.title for each in published_page(rows, 50, 1)[0]]


def test_a_student_of_the_year_reads_it_without_the_people_in_it(client: PageClient, stage: Stage, url: str) -> None:
    client.sign_in_as(stage.student)
    client.forbidden = {"Canary", "1 Example Road", "8DB"}
    page = client.page(url)
    assert page.h1 == "Cook what comes in"
    assert "The hall, N7, Islington" in page.text
    assert [client.get(f"{url}/{path}").status_code for path in ("preview", "edit", "comment", "pause")] == [403] * 4
    assert client.get("/challenges").status_code == 403


def test_a_student_of_another_year_does_not(database: Flask, client: PageClient, url: str) -> None:
    with seeding(database):
        older = make.account()
        make.enrolment(make.group(make.run(academic_year="2025/26")), older.person)
    client.sign_in_as(older)
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("state", [state for state in ChallengeState if state is not ChallengeState.PUBLISHED])
def test_in_any_other_state_students_and_the_public_do_not_see_it(
    database: Flask, client: PageClient, stage: Stage, url: str, state: ChallengeState
) -> None:
    with database.app_context():
        only_challenge().state = state
        db.session.commit()
    assert client.get(f"/open-challenges/{url.rpartition('/')[2]}").status_code == 404
    client.sign_in_as(stage.student)
    assert client.get(url).status_code == 404
    client.sign_in_as(stage.contact)
    assert client.page(url).h1 == "Cook what comes in"


def test_it_goes_out_of_sight_with_its_organisation_s_approval_and_comes_back(
    database: Flask, client: PageClient, stage: Stage, url: str, clock: Clock
) -> None:
    public = f"/open-challenges/{url.rpartition('/')[2]}"
    with database.app_context():
        organisation().approved_until = TODAY
        db.session.commit()
    client.sign_in_as(stage.student)
    assert (client.get(url).status_code, client.get(public).status_code) == (200, 200)
    clock.now += timedelta(days=1)
    assert (client.get(url).status_code, client.get(public).status_code) == (404, 404)
    client.sign_in_as(stage.contact)
    assert "out of sight until Holloway Larder is approved again" in client.page(url).text
    with database.app_context():
        organisation().approved_until = TODAY + timedelta(days=30)
        db.session.commit()
    client.sign_in_as(stage.student)
    assert (client.get(url).status_code, client.get(public).status_code) == (200, 200)


def test_its_contact_and_nobody_else_is_led_to_those_who_applied(client: PageClient, stage: Stage, url: str) -> None:
    client.sign_in_as(stage.contact)
    page = client.page(url)
    assert client.page(page.link("See who has applied")).url == f"{url}/applicants"
    client.sign_in_as(stage.officer)
    assert "See who has applied" not in {link.text for link in client.page(url).links}


def test_what_students_may_choose(session: Any) -> None:
    make.challenge(title="Both levels")
    make.challenge(title="Only six", suits_level_5=False)
    make.challenge(title="Another year", academic_year="2025/26")
    make.challenge(title="Not out", state=ChallengeState.APPROVED)
    make.challenge(make.organisation(approved_until=date(2026, 10, 19)), title="Run out")
    make.challenge(make.organisation(state=OrganisationState.PAUSED), title="Paused")
    make.challenge(make.organisation(approved_until=None), title="No end")
    assert sorted(_titles(published("2026/27", TODAY))) == ["Both levels", "No end", "Only six"]
    assert sorted(_titles(published("2026/27", TODAY, level=5))) == ["Both levels", "No end"]
    assert sorted(_titles(live_now(TODAY))) == ["Both levels", "No end", "Only six"]
    assert sorted(_titles(live_now(date(2026, 7, 31)))) == [
        "Another year",
        "Both levels",
        "No end",
        "Only six",
        "Run out",
    ]


YESTERDAY = TODAY - timedelta(days=1)
PLACES = [  # the last day of each place's checks, the first place's first; None: never passed
    ([TODAY], True),
    ([YESTERDAY], False),
    ([TODAY, TODAY, TODAY], True),
    ([TODAY, YESTERDAY], False),
    ([TODAY, TODAY, None], False),
    ([None, TODAY], False),
]


@pytest.mark.parametrize(("days", "is_out"), PLACES)
def test_it_is_in_sight_while_each_of_its_places_is_cleared(
    session: Any, days: list[date | None], is_out: bool
) -> None:
    there = make.organisation()
    first, *further = (make.site(there, cleared_until=day) for day in days)
    made = make.challenge(there, site=first)
    made.further_sites = [ChallengeSite(site_id=each.id, supervisor_id=made.supervisor_id) for each in further]
    make.site(there, cleared_until=None)  # a place of nobody's brief hides nothing
    session.flush()
    assert made.is_live(TODAY) is is_out
    assert _titles(live_now(TODAY)) == ([made.title] if is_out else [])


def test_its_people_read_why_what_is_published_is_out_of_sight(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    client.sign_in_as(stage.contact)
    assert "Students can see this challenge and choose it." in client.page(url).text
    with database.app_context():
        hall = only_challenge().all_sites[0]
        hall.cleared_until = YESTERDAY
        db.session.commit()
    text = client.page(url).text
    assert "It is published, and out of sight until the checks of The hall hold again." in text
    assert "Students can see this challenge" not in text


SEARCHES = [
    (Search(text="RECIPES"), {"Recipes", "By name"}),
    (Search(text="100%"), {"Half or 100%"}),
    (Search(text="_"), set()),
    (Search(theme=Theme.CRIME), {"Recipes"}),
    (Search(theme=Theme.HEALTH), {"By name"}),
    (Search(borough="Hackney"), {"Recipes"}),
    (Search(borough="Camden"), {"By name"}),
    (Search(mode=WorkMode.REMOTE), {"By name"}),
    (Search(day=0), {"Recipes", "By name"}),
    (Search(day=2), {"By name", "Half or 100%"}),
    (Search(text="a", theme=Theme.POVERTY, mode=WorkMode.ON_SITE), {"Half or 100%"}),
]


@pytest.mark.parametrize(("search", "titles"), SEARCHES)
def test_a_search_narrows(session: Any, search: Search, titles: set[str]) -> None:
    kept = make.organisation(borough="Hackney")
    make.challenge(kept, title="Recipes", theme=Theme.CRIME, days=0b1, site=make.site(kept, borough="Hackney"))
    remote = make.organisation(name="Recipes for all", borough="Camden")
    named = make.challenge(remote, title="By name", mode=WorkMode.REMOTE, site=None)
    named.other_areas = {Theme.HEALTH, Theme.ENVIRONMENT}
    make.challenge(title="Half or 100%", days=0b100)
    assert set(_titles(search_published(published("2026/27", TODAY), search))) == titles


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_list_of_challenges_asks_the_same_number_of_queries_however_long_it_is(
    database: Flask, client: PageClient, stage: Stage, rows: int
) -> None:
    with database.app_context():
        for _ in range(rows):
            make.challenge(make.organisation(), theme=Theme.POVERTY)
        db.session.commit()
    client.sign_in_as(stage.officer)
    client.page("/me")
    with counting_queries() as asked:
        page = client.page("/challenges")
    assert len(page.rows) == min(rows, 25)
    assert asked.count == 3  # the account, its roles, the rows with their count


def test_the_list_puts_what_waits_first_and_is_filtered_by_organisation(
    database: Flask, client: PageClient, stage: Stage
) -> None:
    with database.app_context():
        make.challenge(organisation(), title="Out", published_at=None)
        make.challenge(organisation(), title="Waiting", state=ChallengeState.SUBMITTED)
        make.challenge(title="Elsewhere")
        db.session.commit()
    client.sign_in_as(stage.officer)
    assert [row[0] for row in client.page("/challenges").rows] == ["Waiting", "Elsewhere", "Out"]
    page = client.page(f"/challenges?organisation={stage.organisation}")
    assert [row[0] for row in page.rows] == ["Waiting", "Out"]
    assert [row[0] for row in client.page("/challenges?state=published&text=ELSE").rows] == ["Elsewhere"]


def test_its_page_says_that_its_year_is_over_and_leads_to_what_came_of_it(
    database: Flask, client: PageClient, stage: Stage, url: str
) -> None:
    client.sign_in_as(stage.officer)
    assert client.page(client.page(url).link("See what has come of it")).h1 == "What came of it"
    with database.app_context():
        only_challenge().academic_year = "2025/26"
        db.session.commit()
    assert "Its year is over." in client.page(url).text
