"""What is offered against what is wanted: for those who may know all of it, and for those who may not."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import Account, GlobalRole
from placements.challenges.models import WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import ModuleRun, RunRole, Theme
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.db import db
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.reports.conftest import Show


def officer() -> Account:
    return make.account(None, GlobalRole.ENGAGEMENT)


def leader_of(run: ModuleRun) -> Account:
    leads = make.account()
    make.run_role(RunRole.LEADER, leads.person, run)
    return leads


def students(run: ModuleRun, number: int, first: Any = None) -> None:
    group = make.group(run)
    for _ in range(number):
        enrolled = make.enrolment(group)
        if first is not None:
            make.application(enrolled, [first])


def world() -> tuple[Account, Account, Account]:
    """Six students of Level 6 and four of Level 5, one place for crime, three for health; who reads about it."""
    six, five = make.run(), make.run(code="WL5W50", level=5)
    crime = make.challenge(theme=Theme.CRIME, places_max=1, suits_level_5=False, title="Walks")
    health = make.challenge(
        make.organisation(borough="Hackney"), theme=Theme.HEALTH, places_max=3, mode=WorkMode.REMOTE, site=None
    )
    make.challenge(theme=Theme.POVERTY, state=ChallengeState.SUBMITTED, published_at=None)
    make.challenge(make.organisation(approved_until=date(2026, 10, 19)), theme=Theme.ENVIRONMENT)  # ran out yesterday
    students(six, 6, crime)
    students(five, 4, health)
    make.application(make.enrolment(make.group(six), state=EnrolmentState.WITHDRAWN), [crime])
    students(make.run(state=RunState.CLOSED), 3)
    readers = officer(), leader_of(six), leader_of(five)
    db.session.commit()
    for account in readers:
        db.session.refresh(account)
    db.session.expunge_all()
    return readers


def seen_by(database: Flask, client: PageClient, which: int) -> Any:
    with database.app_context():
        readers = world()
    client.sign_in_as(readers[which])
    return client.page("/coverage")


def rows_of(page: Any) -> dict[str, list[str]]:
    return {row[0]: row[1:] for row in page.rows}


def test_engagement_reads_all_runs_without_small_numbers(database: Flask, client: PageClient) -> None:
    page = seen_by(database, client, 0)
    rows = rows_of(page)
    assert rows["Level 5"] == ["1", "3", "1", "fewer than 5"]
    assert rows["Level 6"] == ["2", "4", "1", "6"]
    assert rows["Crime"] == ["1", "1", "0", "6"]
    assert rows["Health improvement"] == ["1", "3", "0", "fewer than 5"]
    assert rows["Poverty and deprivation"] == ["0", "0", "1", "fewer than 5"]
    assert rows["The environment"] == ["0", "0", "0", "fewer than 5"]
    assert (rows["In person"], rows["Remote"]) == (["1", "1", "1"], ["1", "3", "0"])
    assert (rows["Hackney"], rows["Islington"]) == (["1", "3", "0"], ["1", "1", "1"])
    assert "Level 5 has" not in page.text  # three places, and fewer than five students: it would say that they are four
    assert "Level 6 has 4 places for 6 students." in page.text
    assert "Poverty and deprivation has no open challenge; 1 is being prepared." in page.text
    assert "The environment has no open challenge." in page.text
    assert "Crime has 1 place, and 6 students put it first." in page.text


@pytest.mark.parametrize(
    ("which", "level", "firsts"), [(1, ("Level 6", "6"), ("6", "0")), (2, ("Level 5", "4"), ("0", "4"))]
)
def test_a_leader_reads_every_number_of_the_runs_that_they_lead_and_of_no_other(
    database: Flask, client: PageClient, which: int, level: tuple[str, str], firsts: tuple[str, str]
) -> None:
    page = seen_by(database, client, which)
    rows = rows_of(page)
    assert ("Level 5 has 3 places for 4 students." in page.text) == (level[0] == "Level 5")
    assert rows[level[0]][-1] == level[1]
    assert {rows[name][-1] for name in rows if name.startswith("Level") and name != level[0]} == {"0"}
    assert (rows["Crime"][-1], rows["Health improvement"][-1]) == firsts


def not_chosen_yet() -> None:
    students(make.run(), 6)
    make.challenge(places_max=9)


def test_before_anybody_has_chosen_nothing_is_said_of_it(show: Show) -> None:
    page = show("/coverage", not_chosen_yet)
    assert "Put it first" not in page.text
    assert rows_of(page)["Poverty and deprivation"] == ["1", "9", "0"]


def last_year() -> None:
    make.challenge(academic_year="2025/26", state=ChallengeState.DRAFT)
    make.run()


def test_a_year_with_nothing_says_so_and_another_can_be_chosen(show: Show, client: PageClient) -> None:
    assert "Nothing is open or being prepared for 2026/27 yet." in show("/coverage", last_year).text
    page = client.page("/coverage?year=2025%2F26")
    assert rows_of(page)["Poverty and deprivation"] == ["0", "0", "1"]
    assert "Remove Academic year: 2025/26" in page.text
    assert client.page("/coverage?year=1999").text.count("Remove") == 0


def one_of_each() -> None:
    for theme in Theme:
        make.challenge(theme=theme)


def test_where_nothing_is_thin_it_says_so(show: Show) -> None:
    assert "Nothing is thin: each area has an open challenge." in show("/coverage", one_of_each).text


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_six_queries_however_much_there_is(show: Show, client: PageClient, rows: int) -> None:
    show("/privacy", *[lambda: students(make.run(), rows, make.challenge())] * rows)
    with counting_queries() as asked:
        client.page("/coverage")
    assert asked.count == 6  # who asks and their roles; the years; what is offered, the students, what they put first
