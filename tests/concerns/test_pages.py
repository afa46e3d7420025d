"""Telling a concern and looking after it, as people see it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.concerns.models import Concern
from placements.concerns.rules import About, Kind, Severity
from placements.concerns.workflow import ConcernState
from placements.db import db
from placements.history.models import SensitiveRead
from placements.placing.models import Placement
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.concerns.scene import WORDS, Concerned, only
from tests.page import Page
from tests.placing.scene import committed

Made = Callable[..., Concerned]
TOLD = {"kind": "hours", "severity": "soon", "about": "nobody", "words": WORDS}


@pytest.fixture
def made(database: Flask) -> Made:
    def build(*more: Callable[[Concerned], object]) -> Concerned:
        with database.app_context():
            scene = Concerned()
            for number, add in enumerate(more):
                result = add(scene)
                if isinstance(result, Concern):
                    setattr(scene, f"concern_{number}", result)
            return committed(scene)

    return build


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if form.method == "post" and "sign-out" not in form.action)


def count(database: Flask, table: Any) -> int:
    with database.app_context():
        return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_student_tells_and_follows_it(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    client.sign_in_as(scene.student)
    page = client.page(scene.url)
    assert f"{scene.url}/concern" in [link.href for link in page.links]
    page = client.page(f"{scene.url}/concern")
    assert (
        page.text.index("by Wed 21 Oct 2026, 5pm") < page.text.index("call 999") < page.text.index("Report and Support")
    )
    assert "https://reportandsupport.londonmet.ac.uk" in [link.href for link in page.links]
    page = client.submit(the_form(page), **TOLD)
    assert "We have it. A named person takes it on." in page.text
    assert WORDS in page.text
    assert "Somebody takes it on by Wed 21 Oct 2026, 5pm" in page.text
    assert "Tue 20 Oct 2026, 9am" in client.page("/concerns/mine").text


def test_sent_twice_it_is_told_once(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    client.sign_in_as(scene.student)
    form = the_form(client.page(f"{scene.url}/concern"))
    client.submit(form, **TOLD)
    page = client.submit(form, **TOLD)
    assert "We have this already. You need not send it again." in page.errors
    assert count(database, Concern) == 1


def test_a_bad_form_loses_nothing(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    client.sign_in_as(scene.student)
    sent = {"kind": "accident", "about": "supervisor", "words": WORDS}
    page = client.submit(the_form(client.page(f"{scene.url}/concern")), **sent)
    assert page.errors == [
        "Choose how serious it is",
        "Enter the date on which it happened",
        "Say where it happened",
        "Say what was done at the time, or that nothing was",
    ]
    kept = the_form(page).filled({}, None)
    assert {name: kept[name] for name in ("kind", "about", "words")} == {
        "kind": "accident",
        "about": "supervisor",
        "words": WORDS,
    }
    assert count(database, Concern) == 0
    date = {"happened_on": ["21", "10", "2026"]}
    more = {"severity": "harm", "place": "The yard", "done": "First aid"}
    page = client.submit(the_form(page), {**date, **more})
    assert page.errors == ["Enter a date that is not in the future"]
    client.submit(the_form(page), {"happened_on": ["19", "10", "2026"]})
    with database.app_context():
        told = only()
        assert (told.kind, told.severity, told.readers) == (Kind.ACCIDENT, Severity.HARM, "alone")
        assert (told.place, told.done, str(told.happened_on)) == ("The yard", "First aid", "2026-10-19")
        assert (told.about, told.about_id) == (About.SUPERVISOR, scene.supervisor.person_id)


def test_nobody_is_offered_to_tell_of_themselves(client: PageClient, made: Made) -> None:
    scene = made()
    for name, missing in (("student", "The student"), ("supervisor", "The supervisor at"), ("tutor", "The tutor")):
        client.sign_in_as(getattr(scene, name))
        page = client.page(f"{scene.url}/concern")
        assert missing not in page.text
        assert "Lea Leader, the module leader" in page.text
        assert "Sage Guard, the safeguarding lead" in page.text


def test_the_tutor_takes_it_to_its_outcome_and_the_student_reads_it(
    database: Flask, client: PageClient, made: Made
) -> None:
    scene = made(lambda each: each.tell())
    url = f"/concerns/{scene.concern_0.public_id}"
    client.sign_in_as(scene.tutor)
    home = client.page("/home")
    assert "1 concern waits for an owner" in home.text
    assert "Restricted" not in client.page("/concerns").text
    assert WORDS in client.page(url).text
    page = client.submit(the_form(client.page(f"{url}/own")))
    assert "It is yours. Whoever told it knows that somebody owns it." in page.text
    assert "1 concern is yours to bring to an outcome" in client.page("/home").text
    client.submit(the_form(client.page(f"{url}/note")), text="I rang ~note~ Sue.")
    page = client.submit(the_form(client.page(f"{url}/resolve")), outcome="")
    assert page.errors == ["Say what came of it: nothing is closed without"]
    page = client.submit(the_form(page), outcome="She has work now.")
    assert "She has work now." in page.text
    assert "She has work now." not in client.page("/concerns/closed").text
    assert count(database, SensitiveRead) == 0
    client.sign_in_as(scene.student)
    client.forbidden = {"~note~"}
    page = client.page(f"/concerns/mine/{scene.concern_0.public_id}")
    assert "Tom Tutor closed it on Tue 20 Oct 2026, 9am." in page.text
    assert "She has work now." in page.text


def test_of_a_restricted_one_its_reporter_reads_that_it_is_owned_and_no_more(
    database: Flask, client: PageClient, made: Made
) -> None:
    scene = made(lambda each: each.owned("safeguarding", kind=Kind.SAFETY))
    url = f"/concerns/{scene.concern_0.public_id}"
    client.sign_in_as(scene.safeguarding)
    client.submit(the_form(client.page(f"{url}/resolve")), outcome="~outcome~ of it")
    client.sign_in_as(scene.student)
    client.forbidden = {"~outcome~", "Sage", "closed"}
    page = client.page(f"/concerns/mine/{scene.concern_0.public_id}")
    assert "Somebody owns it and looks into it." in page.text


def test_a_supervisor_reads_neither_owner_nor_outcome(client: PageClient, made: Made) -> None:
    scene = made(_owned_by_supervisor)
    client.sign_in_as(scene.supervisor)
    client.forbidden = {"owns it and has", "Tom Tutor owns"}
    page = client.page(f"/concerns/mine/{scene.concern_0.public_id}")
    assert "Somebody owns it and looks into it." in page.text


def _owned_by_supervisor(scene: Concerned) -> Concern:
    told = scene.tell(by="supervisor")
    told.owner, told.state = scene.tutor.person, ConcernState.OWNED
    return told


@pytest.mark.parametrize("method", ["get", "head"])
def test_each_reading_of_a_restricted_one_is_written_down(
    database: Flask, client: PageClient, made: Made, method: str
) -> None:
    scene = made(lambda each: each.tell(kind=Kind.PERSON))
    client.sign_in_as(scene.safeguarding)
    for _ in range(2):
        assert getattr(client, method)(f"/concerns/{scene.concern_0.public_id}").status_code == 200
    assert client.get("/concerns").status_code == 200  # a list says nothing to write down
    with database.app_context():
        reads = db.session.scalars(select(SensitiveRead)).all()
        assert [(row.reader_id, row.about_kind, row.about_id, row.field) for row in reads] == [
            (scene.safeguarding.person_id, "concern", scene.concern_0.id, "words")
        ] * 2


def test_a_leader_reads_a_restricted_one_while_they_own_it(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(lambda each: each.owned("safeguarding", kind=Kind.SAFETY))
    url = f"/concerns/{scene.concern_0.public_id}"
    client.sign_in_as(scene.leader)
    assert client.get(url).status_code == 404
    client.sign_in_as(scene.safeguarding)
    page = client.page(f"{url}/pass-on")
    client.submit(the_form(page), {"to": scene.leader.person.public_id, "reason": "You know the site."})
    client.sign_in_as(scene.leader)
    assert WORDS in client.page(url).text
    page = client.page(f"{url}/pass-on")
    client.submit(the_form(page), {"to": scene.safeguarding.person.public_id, "reason": "I am away."})
    assert client.get(url).status_code == 404


def test_a_tutor_does_not_see_what_is_about_them_nor_does_any_other(client: PageClient, made: Made) -> None:
    scene = made(lambda each: each.tell(about=About.TUTOR, about_id=each.tutor.person_id))
    url = f"/concerns/{scene.concern_0.public_id}"
    for name, status in (("tutor", 404), ("other_tutor", 404), ("leader", 200), ("safeguarding", 200)):
        client.sign_in_as(getattr(scene, name))
        assert client.get(url).status_code == status, name


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_at_any_length(client: PageClient, made: Made, rows: int) -> None:
    scene = made(*[lambda each: each.owned("tutor")] * rows)
    client.sign_in_as(scene.tutor)
    client.page("/concerns")
    with counting_queries() as queries:
        assert len(client.page("/concerns").links) > rows
    assert queries.count == LIST
    client.sign_in_as(scene.student)
    with counting_queries() as queries:
        client.page("/concerns/mine")
    assert queries.count == LIST


LIST = 3


def test_the_placement_is_stopped_from_its_page(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(lambda each: each.owned("safeguarding", kind=Kind.SAFETY), lambda each: each.tell())
    client.sign_in_as(scene.tutor)
    page = client.page(f"/concerns/{scene.concern_1.public_id}")
    assert f"{scene.url}/pause" in [link.href for link in page.links]
    client.sign_in_as(scene.safeguarding)
    url = f"/concerns/{scene.concern_0.public_id}"
    page = client.submit(the_form(client.page(f"{url}/stop")))
    assert "The placement is paused." in page.text
    with database.app_context():
        assert db.session.get_one(Placement, scene.placement.id).state == "paused"
    client.sign_in_as(scene.tutor)
    assert f"{scene.url}/resume" not in [link.href for link in client.page(scene.url).links]
    assert client.get(f"{scene.url}/resume").status_code == 409
    client.sign_in_as(scene.safeguarding)
    page = client.submit(the_form(client.page(f"{url}/let-go-on")))
    assert "The placement goes on." in page.text
    with database.app_context():
        assert db.session.get_one(Placement, scene.placement.id).state == "active"


def test_it_is_told_of_the_placement_that_the_page_is_about(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(lambda each: make.placement())
    client.sign_in_as(scene.tutor)
    client.submit(the_form(client.page(f"{scene.url}/concern")), **{**TOLD, "about": "student"})
    with database.app_context():
        told = only()
        assert (told.placement_id, told.reporter_id) == (scene.placement.id, scene.tutor.person_id)
        assert told.about_id == scene.student.person_id
