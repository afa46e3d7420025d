"""What anybody may know of the module: its hours, its dates, its areas and their champions."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from placements.challenges.workflow import ChallengeState
from placements.cohorts.dates import MILESTONES
from placements.cohorts.models import ComponentKind, RunRole, Theme
from placements.cohorts.workflow import RunState
from placements.db import db
from placements.impact.workflow import ResultState
from placements.public.calendar import MEANS
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.factories import NOW
from tests.impact.results import result


def test_the_hours_are_those_of_the_open_runs(database: Flask, client: PageClient) -> None:
    with database.app_context():
        for _ in range(2):  # autumn and spring
            make.run(minutes_target=46 * 60, minutes_minimum=41 * 60, minutes_ceiling=69 * 60)
        make.run(code="WL5W50", level=5, academic_year="2025/26")
        make.run(code="WL5W50", level=5, state=RunState.PLANNED)
        db.session.commit()
    page = client.page("/module")
    assert page.rows == [["WL6W50", "6", "46 hours", "41 hours", "69 hours"]]
    assert page.link("Social wealth") == "/areas/social-wealth"


def test_without_an_open_run_the_module_is_still_explained(client: PageClient) -> None:
    page = client.page("/module")
    assert page.rows == []
    assert "45 are spent with the organisation" in page.text
    assert "never moves a mark" in page.text


def test_a_brief_can_lead_to_what_fits_into_the_hours(client: PageClient) -> None:
    page = client.page("/what-45-hours-can-do")
    assert "replace a member of staff, or run a service" in page.text
    assert client.page("/").link("More about what fits into 45 hours") == "/what-45-hours-can-do"


def two_runs() -> None:
    portfolio = datetime(2027, 5, 12, 14, 0, tzinfo=UTC)
    for code, level in (("WL6W50", 6), ("WL5W50", 5)):
        run = make.run(
            code=code,
            level=level,
            offers_due_at=datetime(2026, 11, 2, 15, 0, tzinfo=UTC),
            placements_end_on=date(2027, 4, 30) if level == 6 else date(2027, 5, 7),
        )
        make.group(run, make.person(given_name="Canary"), name="Canary afternoon")
        make.component(ComponentKind.PORTFOLIO, run, due_at=portfolio)
    make.run(code="WL7W50", state=RunState.PLANNED)


def test_the_calendar_says_what_comes_when_and_for_whom(database: Flask, client: PageClient) -> None:
    with database.app_context():
        two_runs()
        db.session.commit()
    client.forbidden = {"Canary", "WL7W50"}
    page = client.page("/calendar")
    said = [(row[0], row[1].partition(")")[0] + ")", row[2]) for row in page.rows]
    both = "WL5W50 and WL6W50"
    assert said == [
        ("Closing of choices", "Fri 30 Oct 2026, 8am (in 10 days)", both),
        ("Deadline for answering offers", "Mon 2 Nov 2026, 3pm (in 13 days)", both),
        ("First day of placements", "Mon 16 Nov 2026 (in 27 days)", both),
        ("Last day of placements", "Fri 30 Apr 2027 (in 192 days)", "WL6W50"),
        ("Last day of placements", "Fri 7 May 2027 (in 199 days)", "WL5W50"),
        ("Portfolio deadline", "Wed 12 May 2027, 3pm (in 7 months)", both),
        ("First day of teaching", "Mon 28 Sep 2026 (22 days ago)", both),
        ("Opening of choices", "Mon 12 Oct 2026, 9am (8 days ago)", both),
    ]
    assert "Next: closing of choices, Fri 30 Oct 2026, 8am (in 10 days). All times are London’s." in page.text


def test_a_day_is_to_come_until_it_is_over(database: Flask, client: PageClient, clock: Clock) -> None:
    with database.app_context():
        two_runs()
        db.session.commit()
    clock.now = datetime(2026, 11, 16, 23, 0, tzinfo=UTC)
    assert client.page("/calendar").rows[0][0] == "First day of placements"
    clock.now = datetime(2026, 11, 17, 0, 0, tzinfo=UTC)
    assert client.page("/calendar").rows[0][0] == "Last day of placements"
    clock.now = datetime(2028, 1, 1, tzinfo=UTC)
    assert "All dates of this year have passed." in client.page("/calendar").text


@pytest.mark.pure
def test_every_date_that_can_be_is_explained() -> None:
    assert list(MEANS) == [milestone.field for milestone in MILESTONES]


def test_a_calendar_without_dates_says_what_will_be_there(client: PageClient) -> None:
    assert "No dates yet" in client.page("/calendar").text


def test_an_area_has_its_champions_its_challenges_and_what_came_of_them(database: Flask, client: PageClient) -> None:
    with database.app_context():
        run = make.run()
        for given in ("Zoe", "Ada"):
            who = make.person(given_name=given, family_name=f"Of{given}", email=f"canary-{given}@example.org".lower())
            make.run_role(RunRole.CHAMPION, who, run, Theme.SOCIAL_WEALTH)
        make.run_role(RunRole.CHAMPION, make.person(given_name="Canary-other"), run, Theme.CRIME)
        over = make.run(state=RunState.CLOSED)
        make.run_role(RunRole.CHAMPION, make.person(given_name="Canary-earlier"), over, Theme.SOCIAL_WEALTH)
        lively = make.challenge(title="Bench by bench", theme=Theme.SOCIAL_WEALTH)
        make.challenge(title="Canary crime", theme=Theme.CRIME)
        make.challenge(title="Canary draft", theme=Theme.SOCIAL_WEALTH, state=ChallengeState.DRAFT)
        result(lively, headline="Nine benches", state=ResultState.PUBLISHED)
        result(lively, headline="Canary unread", state=ResultState.VERIFIED)
        db.session.commit()
    client.forbidden = {"Canary", "canary"}
    page = client.page("/areas/social-wealth")
    assert page.h1 == "Social wealth"
    assert "Its Challenge Champions are Ada OfAda and Zoe OfZoe. Champions are university staff" in page.text
    assert page.link("Bench by bench").startswith("/open-challenges/")
    assert page.link("Nine benches").startswith("/results/")


@pytest.mark.parametrize("theme", ["social_wealth", "nothing", "CRIME"])
def test_an_area_that_is_none_is_not_found(database: Flask, client: PageClient, theme: str) -> None:
    client.page(f"/areas/{theme}", 404)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("url", "queries"), [("/areas/poverty", 3), ("/calendar", 2), ("/module", 2)])
def test_what_it_asks_is_the_same_however_much_there_is(
    database: Flask, client: PageClient, url: str, queries: int, rows: int
) -> None:
    with database.app_context():
        for _ in range(rows):
            run = make.run()
            make.component(ComponentKind.PORTFOLIO, run)
            make.run_role(RunRole.CHAMPION, make.person(), run, Theme.POVERTY)
            result(make.challenge(make.organisation()), state=ResultState.PUBLISHED, published_at=NOW)
        db.session.commit()
    client.page("/privacy")
    with counting_queries() as asked:
        client.page(url)
    assert asked.count == queries
