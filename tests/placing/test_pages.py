"""The forms of a placement's verbs and its first day, as each person meets them."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from flask import Flask

from placements.db import db
from placements.offers.workflow import OfferState
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.placing.scene import Scene, scene_in

P = PlacementState
ACTIVE = {"state": P.ACTIVE, "starts_on": date(2026, 10, 5), "agreed_at": NOW - 15 * DAY}


@pytest.fixture
def scene(database: Flask) -> Callable[..., Scene]:
    return partial(scene_in, database)


def state(database: Flask, scene: Scene) -> Placement:
    with database.app_context():
        found = db.session.get_one(Placement, scene.placement.id)
        db.session.expunge_all()
        return found


@pytest.mark.parametrize("name", ["other_student", "other_tutor"])
@pytest.mark.parametrize("there", ["", "/first-day", "/pause"])
def test_to_everybody_else_it_does_not_exist(
    scene: Callable[..., Scene], client: PageClient, name: str, there: str
) -> None:
    made = scene()
    client.sign_in_as(getattr(made, name))
    assert client.get(f"{made.url}{there}").status_code == 404


def test_the_first_day_says_what_to_take_care_of_and_which_numbers_to_call(
    scene: Callable[..., Scene], client: PageClient
) -> None:
    def assessed(made: Scene) -> None:
        make.site_risk(made.placement.site, made.leader.person, actions="Sign in at the desk.")
        make.brief_risk(made.placement.challenge, made.leader.person, actions="Never lift a crate alone.")

    made = scene(assessed)
    client.application.jinja_env.globals["emergency_phone"] = "020 7000 0000"
    client.sign_in_as(made.student)
    page = client.page(f"{made.url}/first-day")
    assert "What to take care of Sign in at the desk. Never lift a crate alone." in page.text
    assert "Then call the university’s emergency number, 020 7000 0000." in page.text
    assert not {"medium", "Medium", "residual"} & set(page.text.split())
    client.application.jinja_env.globals["emergency_phone"] = ""
    assert "emergency number" not in client.page(f"{made.url}/first-day").text


def test_the_first_day_says_where_when_and_whom_to_ask(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    for name in ("student", "supervisor"):
        client.sign_in_as(getattr(made, name))
        page = client.page(f"{made.url}/first-day")
        assert page.h1 == "First day at The food bank"
        for said in (
            "Come to The hall and ask for Sue Supervisor.",
            "Wed 18 Nov 2026",  # the first Wednesday
            "1pm to 4pm",
            "1 Example Road",
            "call 999 first",
            "The Challenge Agreement is not in force yet.",
        ):
            assert said in page.text


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ({"starts_on": date(2026, 10, 5)}, "Wed 21 Oct 2026"),  # not begun: from today on
        ({**ACTIVE, "agreed_at": NOW - 5 * DAY}, "Wed 21 Oct 2026"),  # begun late, on Thursday the 15th
        (ACTIVE, "Wed 7 Oct 2026"),
    ],
)
def test_the_first_day_is_none_before_it_could_start(
    scene: Callable[..., Scene], client: PageClient, said: dict[str, Any], day: str
) -> None:
    made = scene(**said)
    client.sign_in_as(made.student)
    assert day in client.page(f"{made.url}/first-day").text


@pytest.mark.parametrize(
    ("name", "follows_the_mate", "reads"),
    [
        ("student", False, True),
        ("tutor", False, False),
        ("tutor", True, True),
        ("supervisor", False, False),
        ("supervisor", True, True),
        ("leader", False, True),
    ],
)
def test_group_mates_are_named_to_whom_they_concern(
    scene: Callable[..., Scene], client: PageClient, name: str, follows_the_mate: bool, reads: bool
) -> None:
    def a_mate(made: Scene) -> None:
        cem = make.person(given_name="Cem", family_name="Mate", email="cem@example.org")
        group = made.group if follows_the_mate else make.group(made.run, made.other_tutor.person)
        supervisor = made.supervisor.person if follows_the_mate else made.contact.person
        mate = make.placement(make.enrolment(group, cem), made.challenge, supervisor=supervisor)
        mate.tutor = group.tutor

    made = scene(a_mate)
    client.sign_in_as(getattr(made, name))
    for page in (client.page(made.url), client.page(f"{made.url}/first-day")):
        assert ("Cem Mate" in page.text, "cem@example.org" in page.text) == (reads, reads)


def test_a_remote_placement_has_no_address(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene(site=None)
    client.sign_in_as(made.student)
    page = client.page(f"{made.url}/first-day")
    assert "This placement is remote. Sue Supervisor says how you meet on the first day." in page.text


def test_the_tutor_changes_the_dates(database: Flask, scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    client.sign_in_as(made.tutor)
    page = client.page(f"{made.url}/dates")
    sent = {"starts_on": ["23", "11", "2026"], "ends_on": ["7", "5", "2027"], "reason": "The hall is closed."}
    page = client.submit(page.form(f"{made.url}/dates"), sent)
    assert page.h1 == "Ada Okoro at The food bank"
    assert "Mon 23 Nov 2026 to Fri 7 May 2027" in page.text
    assert "Given other dates: The hall is closed." in page.text


def test_a_day_in_the_past_is_refused_in_place(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    client.sign_in_as(made.tutor)
    form = client.page(f"{made.url}/dates").form(f"{made.url}/dates")
    page = client.submit(form, {"starts_on": ["19", "10", "2026"], "reason": "Sooner."})
    assert page.status == 422
    assert "Choose a first day that is today or later: the placement has not begun." in page.text
    assert page.form(f"{made.url}/dates").values["reason"] == ["Sooner."]


VERBS = {
    "pause": ({"reason": "Wait."}, P.PAUSED),
    "end-early": ({"by": "student", "reason": "Ill.", "then": "none"}, P.ENDED_EARLY),
}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_from_its_page(database: Flask, scene: Callable[..., Scene], client: PageClient, verb: str) -> None:
    made = scene(**ACTIVE)
    sent, after = VERBS[verb]
    client.sign_in_as(made.leader)
    page = client.submit(client.page(f"{made.url}/{verb}").form(f"{made.url}/{verb}"), sent)
    assert page.url == made.url
    assert state(database, made).state is after


def test_whoever_needs_no_other_place_is_done_and_nobody_looks_for_one(
    scene: Callable[..., Scene], client: PageClient
) -> None:
    made = scene(**ACTIVE)
    client.sign_in_as(made.leader)
    assert "1 on a placement or about to start" in client.page("/home").text
    client.submit(client.page(f"{made.url}/end-early").form(f"{made.url}/end-early"), VERBS["end-early"][0])
    home = client.page("/home").text
    assert "0 on a placement or about to start" in home
    assert "0 on the clearing list" in home
    client.sign_in_as(made.student)
    client.forbidden = {"your offer shows here", "is finding a place"}
    assert "You are up to date" in client.page("/home").text


def test_a_pause_is_lifted_from_its_page(database: Flask, scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene(**{**ACTIVE, "state": P.PAUSED})
    client.sign_in_as(made.tutor)
    page = client.submit(client.page(f"{made.url}/resume").form(f"{made.url}/resume"))
    assert "The placement goes on" in page.text
    assert state(database, made).state is P.ACTIVE


def test_calling_off_names_who_and_asks_why(database: Flask, scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    client.sign_in_as(made.tutor)
    form = client.page(f"{made.url}/call-off").form(f"{made.url}/call-off")
    assert client.submit(form).status == 422
    page = client.submit(form, {"by": "organisation", "reason": "No room."})
    assert "The placement was called off on Tue 20 Oct 2026, before it began." in page.text
    assert "The organisation ended it: No room." in page.text
    found = state(database, made)
    assert found.state is P.NOT_STARTED
    client.sign_in_as(made.student)
    assert "No room." not in client.page(made.url).text


def test_a_chosen_supervisor_and_tutor_stand_on_the_page(scene: Callable[..., Scene], client: PageClient) -> None:
    def another_tutor(made: Scene) -> None:
        make.run_role("tutor", made.other_tutor.person, made.run)  # type: ignore[arg-type]

    made = scene(another_tutor)
    client.sign_in_as(made.leader)
    for what, to in (("supervisor", made.contact), ("tutor", made.other_tutor)):
        form = client.page(f"{made.url}/{what}").form(f"{made.url}/{what}")
        page = client.submit(form, {what: to.person.public_id, "reason": "Away."})
        assert to.person.name in page.text
        assert f"Given another {what}: Away." in page.text


def test_a_tutor_with_an_interest_reads_but_decides_nothing(scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene(lambda made: make.interest(made.organisation, made.tutor.person), **ACTIVE)
    client.sign_in_as(made.tutor)
    assert "Change this placement" not in client.page(made.url).text
    assert client.get(f"{made.url}/pause").status_code == 403


def test_the_place_is_seen_as_given_back(database: Flask, scene: Callable[..., Scene], client: PageClient) -> None:
    made = scene()
    client.sign_in_as(made.leader)
    form = client.page(f"{made.url}/call-off").form(f"{made.url}/call-off")
    client.submit(form, {"by": "student", "reason": "Moved away."})
    with database.app_context():
        assert db.session.get_one(Placement, made.placement.id).offer.state is OfferState.WITHDRAWN
