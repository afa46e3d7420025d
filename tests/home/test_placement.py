"""The page of a placement: what is next for each who opens it, and where it stands, as far as they may know."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any

import pytest
from flask import Flask

from placements.agreements.models import Party
from placements.agreements.workflow import AgreementState
from placements.cohorts.models import ComponentKind
from placements.db import db
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.page import Page, elements, text_of
from tests.placing.scene import Scene, scene_in

P, E = PlacementState, EntryState
ACTIVE = {"state": P.ACTIVE, "starts_on": date(2026, 10, 5)}
CANARY = "I had not thought how much knowledge sits in one person's head."
Build = Callable[..., Scene]


@pytest.fixture
def scene(database: Flask) -> Build:
    return partial(scene_in, database)


def seen_by(client: PageClient, made: Scene, name: str) -> Page:
    client.sign_in_as(getattr(made, name))
    return client.page(made.url)


def agreed(made: Scene) -> None:
    make.agreement(made.placement)


def going_round(*signed: Party) -> Callable[[Scene], object]:
    return lambda made: make.agreement(made.placement, *signed, state=AgreementState.SIGNING)


def visits(*states: EntryState) -> Callable[[Scene], object]:
    """A visit of 3 h 30 min in each of those states, a day apart, the last one on Wednesday 14 October."""

    def add(made: Scene) -> None:
        for back, state in enumerate(reversed(states)):
            make.entry(made.placement, state=state, on=date(2026, 10, 14 - back))

    return add


def enough(minutes: int) -> Callable[[Scene], object]:
    """Confirmed visits of ten hours up to that many minutes."""

    def add(made: Scene) -> None:
        for back in range(minutes // 600):
            make.entry(
                made.placement,
                state=E.CONFIRMED,
                on=date(2026, 10, 19 - back),
                starts=time(8),
                ends=time(18),
                break_minutes=0,
            )

    return add


NEXT = [
    ("student", {}, (), "Write your Challenge Agreement by Mon 16 Nov 2026, 9am (in 27 days) Open it"),
    ("student", {}, (going_round(),), "Sign the Challenge Agreement by Mon 16 Nov 2026, 9am (in 27 days)"),
    ("supervisor", {}, (going_round(Party.STUDENT),), "Sign the Challenge Agreement by Mon 16 Nov 2026"),
    ("tutor", {}, (going_round(),), "Sign the Challenge Agreement by Mon 16 Nov 2026"),
    ("student", ACTIVE, (agreed,), "Log your latest visit, so that it is confirmed next by Mon 26 Oct 2026, 9am"),
    (
        "student",
        ACTIVE,
        (agreed, visits(E.QUERIED)),
        "Answer a question about your visit on Wed 14 Oct 2026 Sue Supervisor by Mon 26 Oct 2026, 9am",
    ),
    (
        "supervisor",
        ACTIVE,
        (agreed, visits(E.SUBMITTED, E.SUBMITTED)),
        "Confirm 7 hours of Ada Okoro by Mon 26 Oct 2026, 9am (in 6 days)",
    ),
    ("tutor", ACTIVE, (agreed,), "Ask Ada Okoro how it goes: the log is silent by Wed 21 Oct 2026, 5pm"),
    (
        "tutor",
        ACTIVE,
        (agreed, enough(50 * 60)),
        "50 hours are confirmed: complete the placement by Fri 30 Apr 2027, 5pm",
    ),
    (
        "tutor",
        {**ACTIVE, "ends_on": date(2026, 10, 16)},
        (agreed, visits(E.CONFIRMED)),
        "The last day has passed with 3 hours 30 minutes confirmed: decide how it ends by Fri 16 Oct 2026, 5pm",
    ),
    ("leader", {"tutor": None}, (), "Name a tutor by Mon 16 Nov 2026, 9am"),
]


@pytest.mark.parametrize("case", NEXT, ids=lambda case: f"{case[0]}: {case[3]}")
def test_the_page_begins_with_what_is_next_and_by_when(
    scene: Build, client: PageClient, case: tuple[str, dict[str, Any], tuple[Any, ...], str]
) -> None:
    name, said, more, expected = case
    page = seen_by(client, scene(*more, **said), name)
    assert expected in page.text
    assert page.text.index("Next for you") < page.text.index(expected) < page.text.index("How far it has come")
    [steps] = [each for each in elements(page.main, "ol") if each.get("class") == "next"]
    for link in elements(steps, "a"):
        assert client.get(link.get("href")).status_code in (200, 302)


@pytest.mark.parametrize("name", ["supervisor", "tutor", "leader"])
def test_whoever_has_done_their_part_is_told_so_and_who_acts(scene: Build, client: PageClient, name: str) -> None:
    page = seen_by(client, scene(), name)
    assert "Next for you" not in page.text
    assert "You have done your part for now. Before it can start, one thing is still needed" in page.text
    assert "The Challenge Agreement is in force: waits for Ada Okoro" in page.text


def test_engagement_is_asked_to_approve_the_organisation(scene: Build, client: PageClient) -> None:
    def runs_out(made: Scene) -> None:
        made.organisation.approved_until = date(2026, 11, 1)

    made = scene(runs_out)
    assert "Approve The food bank for the first day by Mon 16 Nov 2026, 9am" in seen_by(client, made, "engagement").text
    assert "The organisation is approved on the first day: waits for the engagement team" in (
        seen_by(client, made, "tutor").text
    )


PARTS = [
    "How far it has come",
    "Hours",
    "Challenge Agreement",
    "Latest visits",
    "What was arranged",
    "Who to ask",
    "What happened",
]


def test_the_parts_stand_in_the_order_that_people_ask_for_them(scene: Build, client: PageClient) -> None:
    def happened(made: Scene) -> None:
        from_history = db.text(
            "INSERT INTO history (at, verb, about_kind, about_id, fields) VALUES (:at, 'prepared', 'placement', :id, '[]')"
        )
        db.session.execute(from_history, {"at": NOW.replace(tzinfo=None).isoformat(" "), "id": made.placement.id})

    made = scene(agreed, visits(E.CONFIRMED, E.SUBMITTED), happened, **ACTIVE)
    page = seen_by(client, made, "student")
    assert [text for text in map(text_of, elements(page.main, "h2")) if text in PARTS] == PARTS


@pytest.mark.parametrize("name", ["student", "supervisor", "tutor", "leader"])
def test_hours_papers_and_visits_are_told_to_the_four(scene: Build, client: PageClient, name: str) -> None:
    made = scene(agreed, visits(E.CONFIRMED, E.SUBMITTED, E.QUERIED, E.DRAFT), **ACTIVE)
    client.forbidden = {CANARY}
    page = seen_by(client, made, name)
    for said in (
        "Confirmed 3 h 30 min",
        "Waiting 3 h 30 min",
        "Still to go 38 h",
        "In force since Sun 4 Oct 2026, 9am",
        "Tue 13 Oct 2026, 1pm to 5pm 3 h 30 min Queried",
        "Counted the stock with two volunteers.",
    ):
        assert said in page.text, said
    assert "Draft" not in page.text


LOGS = {"student": "/log", "tutor": "/log/read", "leader": "/log/read"}


@pytest.mark.parametrize("name", LOGS)
def test_the_log_opens_where_its_reader_may_read_it(scene: Build, client: PageClient, name: str) -> None:
    made = scene(agreed, **ACTIVE)
    page = seen_by(client, made, name)
    assert f"{made.url}{LOGS[name]}" in [link.href for link in page.links]
    assert client.get(f"{made.url}{LOGS[name]}").status_code == 200


@pytest.mark.parametrize("name", ["contact", "engagement"])
def test_organisation_and_engagement_see_name_course_and_dates_only(
    scene: Build, client: PageClient, name: str
) -> None:
    made = scene(agreed, visits(E.CONFIRMED, E.SUBMITTED), **ACTIVE)
    client.forbidden = {"ada@example.org", "tom@example.org", "What happened", "Counted the stock", "Confirmed", CANARY}
    page = seen_by(client, made, name)
    for said in ("Ada Okoro, Psychology BSc", "Mon 5 Oct 2026 to Fri 30 Apr 2027"):
        assert said in page.text


def test_group_mates_are_named_once_all_have_answered(database: Flask, scene: Build, client: PageClient) -> None:
    def two_more(made: Scene) -> None:
        cem = make.person(given_name="Cem", family_name="Mate", email="cem@example.org")
        make.placement(make.enrolment(made.group, cem), made.challenge)
        make.offer(make.enrolment(made.group), made.challenge)

    made = scene(two_more)
    assert "Cem Mate" not in seen_by(client, made, "student").text
    with database.app_context():
        db.session.execute(db.text("UPDATE offer SET state = 'declined' WHERE state = 'made'"))
        db.session.commit()
    page = seen_by(client, made, "student")
    assert "Group mate" in page.text
    assert "cem@example.org" in page.text


def test_an_agreement_that_was_overtaken_is_to_be_sent_again(scene: Build, client: PageClient) -> None:
    def later(made: Scene) -> None:
        make.agreement(made.placement)
        made.placement.ends_on = date(2027, 5, 7)

    page = seen_by(client, scene(later, **ACTIVE), "student")
    assert "Send your Challenge Agreement round again: dates or people have changed" in page.text


def test_a_student_who_is_done_is_led_to_the_portfolio(scene: Build, client: PageClient) -> None:
    def due(made: Scene) -> None:
        make.component(ComponentKind.PORTFOLIO, made.run, due_at=datetime(2026, 11, 4, 15, 0, tzinfo=UTC))

    over = {**ACTIVE, "state": P.COMPLETED, "ended_on": date(2026, 10, 19)}
    page = seen_by(client, scene(agreed, due, **over), "student")
    assert "Hand in your Final Project Portfolio by Wed 4 Nov 2026, 3pm (in 15 days)" in page.text
    assert "The placement was completed on Mon 19 Oct 2026. Thank you to everybody." in page.text


QUERIES = {"student": 17, "supervisor": 16, "tutor": 21, "leader": 21, "engagement": 4}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("many", [1, 3, 12])
def test_the_page_asks_as_few_queries_for_one_visit_and_mate_as_for_many(
    scene: Build, client: PageClient, name: str, many: int
) -> None:
    def more(made: Scene) -> None:
        for _ in range(many):
            make.placement(make.enrolment(made.group), made.challenge)

    made = scene(agreed, visits(*[E.CONFIRMED] * many), more, **ACTIVE)
    client.sign_in_as(getattr(made, name))
    with counting_queries() as queries:
        client.page(made.url)
    assert queries.count == QUERIES[name]
