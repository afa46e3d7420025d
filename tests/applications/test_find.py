"""The list of challenges and the brief of one: whom it shows what, and what its buttons do."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from placements.challenges.models import Dbs, WorkMode
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Theme
from placements.partners.boroughs import Distance
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.applications.scene import needs, student
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.page import Page, elements, text_of

FIND_QUERIES = 5  # account, roles, enrolment with draft and needs, challenges; is it a demo


def titles(page: Page) -> list[str]:
    """The challenges shown, in order."""
    return [text_of(heading) for heading in elements(page.main, "h2")]


def test_only_challenges_that_students_of_the_level_can_have_now_are_shown(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
        make.challenge(title="Open")
        make.challenge(title="For level 5", suits_level_6=False)
        make.challenge(title="Last year's", academic_year="2025/26")
        make.challenge(title="Paused", state=ChallengeState.PAUSED)
        make.challenge(title="In review", state=ChallengeState.SUBMITTED)
        make.challenge(make.organisation(state=OrganisationState.PAUSED), title="Paused organisation")
        make.challenge(make.organisation(approved_until=date(2026, 10, 19)), title="Approval ended yesterday")
        make.challenge(make.organisation(approved_until=date(2026, 10, 20)), title="Approved until today")
    client.sign_in_as(account)
    assert titles(client.page("/find")) == ["Approved until today", "Open"]


@pytest.mark.parametrize(
    ("asked", "found", "said"),
    [
        ("q=warm", ["Warm spaces"], "Search: warm"),
        ("q=HOLLOWAY", ["Repair café"], "Search: HOLLOWAY"),
        ("q=zz%25", [], "Search: zz%"),
        ("area=crime", ["Repair café"], "Challenge area: Crime"),
        ("borough=Hackney", ["Repair café"], "Borough: Hackney"),
        ("mode=remote", ["Repair café"], "Where you work: Remote"),
        ("day=1", ["Repair café"], "Day: Monday"),
        ("day=3", ["Repair café", "Warm spaces"], "Day: Wednesday"),
        ("skills=spreadsheet", ["Warm spaces"], "Skills: spreadsheet"),
        ("skills=listen", ["Repair café"], "Skills: listen"),
        ("skills=warm", [], "Skills: warm"),  # it looks in no title
        ("expenses=y", ["Warm spaces"], "Pays expenses"),
        ("dbs=none", ["Repair café"], "DBS check: No check"),
        ("dbs=basic", ["Repair café", "Warm spaces"], "DBS check: At most basic, about 2 weeks"),
    ],
)
def test_each_filter_narrows_and_can_be_taken_away(
    database: Flask, client: PageClient, asked: str, found: list[str], said: str
) -> None:
    with seeding(database):
        account, _ = student()
        first = {"title": "Warm spaces", "days": 4, "pays_expenses": True, "dbs": Dbs.BASIC, "theme": Theme.HEALTH}
        make.challenge(**first, skills="Spreadsheets and maps")
        second = {
            "title": "Repair café",
            "mode": WorkMode.REMOTE,
            "theme": Theme.CRIME,
            "site": None,
            "skills_learnt": "Listening",
        }
        make.challenge(make.organisation(name="Holloway Fixers", borough="Hackney"), **second)
    client.sign_in_as(account)
    page = client.page(f"/find?{asked}")
    assert titles(page) == found
    if not found:
        assert "No challenge fits all of that" in page.text
    assert page.link(f"Remove {said}") == "/find"
    assert page.link("Clear all") == "/find"


@pytest.mark.parametrize(
    ("asked", "found", "said"),
    [
        ("journey=near", ["Remote", "Near"], "Journey: Near, or remote"),
        ("journey=across", ["Remote", "Across", "Near"], "Journey: Across town, or remote"),
        ("journey=near&borough=Hackney", ["Near"], "Borough: Hackney"),
        ("fitting=y", ["Across", "Near"], "Only what fits me"),
    ],
)
def test_what_one_needs_makes_more_filters(
    database: Flask, client: PageClient, asked: str, found: list[str], said: str
) -> None:
    with seeding(database):
        account, enrolment = student()
        organisation = make.organisation(borough="Croydon")
        for title, borough in (("Near", "Hackney"), ("Across", "Tower Hamlets"), ("Far", "Bexley")):
            make.challenge(organisation, title=title, site=make.site(organisation, borough=borough))
        make.challenge(organisation, title="Remote", mode=WorkMode.REMOTE, site=None, days=0b1)
        needs(enrolment, borough="Islington", journey=Distance.ACROSS, days=0b100)
    client.sign_in_as(account)
    page = client.page(f"/find?{asked}")
    assert titles(page) == found
    assert page.link(f"Remove {said}").startswith("/find")


def test_without_needs_there_is_nothing_to_filter_by(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, enrolment = student()
        make.challenge(title="Far", site=make.site(borough="Bexley"), days=0b1)
    client.sign_in_as(account)
    page = client.page("/find?journey=near&fitting=y")
    assert titles(page) == ["Far"]
    assert "Only what fits me" not in page.text
    with seeding(database):
        needs(enrolment, borough="Islington")
    page = client.page("/find?journey=near&fitting=y")
    assert titles(page) == []
    assert "Only what fits me" not in page.text


def test_several_filters_are_taken_away_one_by_one(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
    client.sign_in_as(account)
    page = client.page("/find?q=walk&expenses=y&page=3&area=nonsense")
    assert page.link("Remove Search: walk") == "/find?expenses=y&area=nonsense"
    assert "Challenge area: nonsense" not in page.text


@pytest.mark.parametrize("asked", ["q=" + "x" * 101, "day=9", "day=x", "page=0", "page=99999999999999999999", "page=²"])
def test_what_cannot_be_asked_narrows_nothing(database: Flask, client: PageClient, asked: str) -> None:
    with seeding(database):
        account, _ = student()
        make.challenge(title="Open")
    client.sign_in_as(account)
    assert titles(client.page(f"/find?{asked}")) == ["Open"]


def test_a_card_says_what_a_student_decides_by(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
        organisation = make.organisation(name="Bromley Neighbours")
        make.challenge(
            organisation,
            theme=Theme.HEALTH,
            places_max=4,
            site=make.site(organisation, borough="Tower Hamlets"),
            days=0b0010100,
            pays_expenses=True,
            dbs=Dbs.ENHANCED,
        )
    client.sign_in_as(account)
    text = client.page("/find").text
    for said in (
        "1 challenge found.",
        "Health improvement",
        "Bromley Neighbours · Tower Hamlets",
        "1 to 4 places",
        "In person",
        "Wednesday, Friday",
        "Pays expenses",
        "Enhanced DBS check, about 8 weeks",
        "Fewer than 5 have ranked it.",
    ):
        assert said in text


def test_how_many_ranked_it_is_said_from_five_on_and_counts_only_what_stands(
    database: Flask, client: PageClient
) -> None:
    with seeding(database):
        account, _ = student()
        many, few = make.challenge(title="Many"), make.challenge(title="Few")
        for _ in range(5):
            make.application(ranked=[few, many])
        make.application(ranked=[many], state="draft")
        placed = make.application(ranked=[many]).enrolment
        placed.state = "placed"
        for application in (make.application(ranked=[few]), make.application(ranked=[few])):
            application.state = "withdrawn"
    client.sign_in_as(account)
    text = client.page("/find").text
    assert text.count("5 have ranked it.") == 2
    assert "Fewer than 5" not in text


def test_adding_bookmarking_and_back_to_the_same_list(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
        challenge = make.challenge(title="Warm spaces")
        make.challenge(title="Repair café")
    client.sign_in_as(account)
    page = client.page("/find?q=warm")
    answer = client.submit(page.form("Add to my choices Warm spaces"), follow=False)
    assert answer.location == f"/find?q=warm#challenge-{challenge.public_id}"
    page = client.page("/find?q=warm")
    assert "“Warm spaces” is your 1st choice. Nothing is submitted yet." in page.text
    assert page.link("Your 1st choice") == f"/choices#choice-{challenge.public_id}"
    page = client.submit(page.form("Bookmark Warm spaces"))
    assert titles(client.page("/find?bookmarked=y")) == ["Warm spaces"]
    client.submit(page.form("Remove bookmark Warm spaces"))
    assert titles(client.page("/find?bookmarked=y")) == []


def test_a_button_sends_nobody_to_another_address(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
        challenge = make.challenge()
    client.sign_in_as(account)
    form = client.page("/find").form(f"/find/{challenge.public_id}/bookmark")
    answer = client.submit(form, {"back": "_external=1&_scheme=https&q=a%00&//evil.example=x"}, follow=False)
    assert answer.location == f"/find?q=a%00#challenge-{challenge.public_id}"


def test_with_six_choices_there_is_no_button_and_a_press_is_refused_in_words(
    database: Flask, client: PageClient
) -> None:
    with seeding(database):
        account, enrolment = student()
        seventh = make.challenge(title="Seventh")
        six = [make.challenge() for _ in range(6)]
        make.application(enrolment, six, state="draft")
    client.sign_in_as(account)
    page = client.page("/find")
    assert "Add to my choices" not in page.text
    token = page.forms[-1].values["csrf_token"]
    answer = client.post(f"/find/{seventh.public_id}/choose", data={"csrf_token": token})
    assert answer.status_code == 409
    assert "You have 6 choices, which is the most." in answer.text


@pytest.mark.parametrize(("days", "said"), [(-9, "You can choose from Mon 12 Oct 2026, 9am."), (10, "Choosing closed")])
def test_outside_the_window_one_can_look_and_bookmark_but_not_choose(
    database: Flask, client: PageClient, clock: Any, days: int, said: str
) -> None:
    with seeding(database):
        account, _ = student()
        make.challenge(published_at=make.NOW - timedelta(days=20))
    clock.now += timedelta(days=days)
    client.sign_in_as(account)
    page = client.page("/find")
    assert said in page.text
    assert "Add to my choices" not in page.text
    assert client.submit(page.form(2)).status == 200


def test_the_brief_has_the_same_buttons_and_leads_back_to_itself(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account, _ = student()
        challenge = make.challenge(title="Warm spaces")
        paused = make.challenge(state=ChallengeState.PAUSED)
    client.sign_in_as(account)
    page = client.page(client.page("/find").link("Warm spaces"))
    assert page.h1 == "Warm spaces"
    assert challenge.need in page.text
    page = client.submit(page.form("Add to my choices Warm spaces"))
    assert (page.h1, page.link("Your 1st choice")) == ("Warm spaces", f"/choices#choice-{challenge.public_id}")
    client.page(f"/find/{paused.public_id}", status=404)


def test_nobody_but_students_finds_the_list(database: Flask, client: PageClient) -> None:
    with seeding(database):
        account = make.account()
    client.sign_in_as(account)
    client.page("/find", status=404)
    assert "Find challenges" not in [link.text for link in client.page("/home").links]


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_the_list_asks_as_many_questions_however_long_it_is(database: Flask, client: PageClient, rows: int) -> None:
    with seeding(database):
        account, enrolment = student()
        needs(enrolment, days=0b1, borough="Islington", journey=Distance.NEAR)
        organisation = make.organisation()
        supervisor, site = make.person(), make.site(organisation)
        made = [make.challenge(organisation, supervisor=supervisor, site=site) for _ in range(rows)]
        make.application(ranked=made[:3])
    client.sign_in_as(account)
    with counting_queries() as queries:
        page = client.page("/find")
    assert ("1 challenge found." if rows == 1 else f"{rows} challenges found.") in page.text
    assert queries.count == FIND_QUERIES
