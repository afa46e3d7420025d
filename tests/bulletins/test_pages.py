"""Writing to many, as its sender sees it: begin, narrow, write, check, send; hold, stop; what became of each."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.bulletins.models import Bulletin
from placements.bulletins.rules import Audience
from placements.bulletins.workflow import BulletinState
from placements.cohorts.models import RunRole
from placements.db import db
from tests import factories as make
from tests.bulletins.factories import bulletin_recipient
from tests.bulletins.scene import Post, Scene, again, somebody, work
from tests.client import PageClient, counting_queries
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.page import Page

Made = Callable[..., Scene]
B = BulletinState
WORDS = {"subject": "Room 4 on Wednesday", "words": "{given_name}, we meet in room 4.\n\nBring:\n- a pen"}


@pytest.fixture
def made(database: Flask) -> Made:
    def build(*more: Callable[[Scene], object]) -> Scene:
        with database.app_context():
            scene = Scene()
            for add in more:
                add(scene)
            db.session.commit()
            for each in (scene.leader, scene.engagement, scene.other_leader, *scene.students.values()):
                db.session.refresh(each)
            db.session.refresh(scene.run)
            db.session.expunge_all()
            return scene

    return build


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if form.method == "post" and "sign-out" not in form.action)


def only(database: Flask) -> Bulletin:
    with database.app_context():
        return db.session.scalars(select(Bulletin)).one()


def written(client: PageClient, scene: Scene, **chosen: str) -> Page:
    """A message of Lea's to her students, written; its check page."""
    client.sign_in_as(scene.leader)
    begun = client.submit(the_form(client.page("/messages/begin")), to="students", run=scene.run.public_id)
    page = client.submit(the_form(begun), **chosen)
    assert page.h1 == "What it says"
    return client.submit(the_form(page), **WORDS)


def test_from_nothing_to_sent(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    page = written(client, scene, situation="no_choices")
    assert page.h1 == "Check what you send"
    assert "It goes to this person now, to each alone." in page.text
    assert "What they have still to do: Has no place and has submitted no choices" in page.text
    assert "Ben Bell ben@example.org" in page.text
    assert "Ben, we meet in room 4." in page.text
    assert "Hello Ben," in page.text
    page = client.submit(the_form(page), how="now")
    assert "It is being sent." in page.text
    post = Post()
    with database.app_context():
        work(post, NOW)
    assert post.to == ["Ben"]
    page = client.page(page.url)
    assert "It was sent on Tue 20 Oct 2026, 9am." in page.text
    assert "1 Sent" in page.text
    sheet = client.get(f"{page.url}/recipients.csv").get_data(as_text=True)
    assert sheet.splitlines()[1] == 'Bell,Ben,ben@example.org,,Sent,"Tue 20 Oct 2026, 9am"'
    client.sign_in_as(scene.students["Ben"])
    assert "Sent a message: “Room 4 on Wednesday”, from Lea Bell" in client.page("/home").text


def test_everybody_is_shown_by_name_and_the_mail_as_each_reads_it(client: PageClient, made: Made) -> None:
    scene = made()
    page = written(client, scene)
    assert "It goes to these 4 people now, to each alone." in page.text
    assert [row[0] for row in page.rows] == ["Ada Bell", "Ben Bell", "Cy Bell", "Dee Bell"]
    assert "How Ada Bell reads it" in page.text
    page = client.page(page.link("Read it as Dee").partition("#")[0])
    assert "How Dee Bell reads it" in page.text
    assert "Dee, we meet in room 4." in page.text


def test_who_is_not_in_the_audience_cannot_be_looked_at(client: PageClient, made: Made) -> None:
    scene = made()
    page = written(client, scene)
    with client.application.app_context():
        stranger = again(scene.stranger).person.public_id
    assert "How Ada Bell reads it" in client.page(f"{page.url}?as={stranger}").text


def test_words_are_never_markup(client: PageClient, made: Made) -> None:
    scene = made()
    page = written(client, scene)
    page = client.submit(
        the_form(client.page(page.url.replace("/send", "/words"))), subject="<b>1", words="<script>x</script> {name}"
    )
    assert "&lt;script&gt;x&lt;/script&gt; Ada Bell" in page.html


@pytest.mark.parametrize(
    ("field", "words", "error"),
    [
        (
            "words",
            "Dear {first_name},",
            "{first_name} means nothing here. You can use {given_name}, {name}, {sender}, {run}",
        ),
        ("subject", "For {}", "{} means nothing here. You can use {given_name}, {name}, {sender}, {run}"),
        ("words", "", "Write what you want to say"),
        ("subject", "", "Enter a subject"),
    ],
)
def test_what_cannot_be_sent_is_said_at_its_field(
    client: PageClient, made: Made, field: str, words: str, error: str
) -> None:
    scene = made()
    page = client.page(written(client, scene).url.replace("/send", "/words"))
    page = client.submit(the_form(page), **{field: words})
    assert page.errors == [error]


def test_to_organisations_there_is_no_run_to_name(client: PageClient, made: Made) -> None:
    scene = made()
    client.sign_in_as(scene.engagement)
    page = client.page("/messages/begin")
    assert "Which run?" not in page.text
    page = client.submit(the_form(client.submit(the_form(page), to="partners")), borough="Camden")
    page = client.submit(the_form(page), subject="{run}", words="For {organisation}")
    assert page.errors == ["{run} means nothing here. You can use {given_name}, {name}, {sender}, {organisation}"]
    page = client.submit(the_form(page), subject="Next year")
    assert [row[:3] for row in page.rows] == [["Lib Bell", "lib@example.org", "The library"]]
    assert "For The library" in page.text


def test_a_leader_is_offered_only_their_own_runs_and_people(client: PageClient, made: Made) -> None:
    scene = made()
    client.sign_in_as(scene.other_leader)
    form = the_form(client.page("/messages/begin"))
    assert form.offers("to") == ["students", "supervisors", "contacts", "tutors"]
    assert scene.run.public_id not in (form.offers("run") or [])
    foreign = {"to": "students", "run": scene.run.public_id, "form_key": "x", "csrf_token": client.token()}
    assert client.post("/messages/begin", data=foreign).status_code == 422
    page = client.submit(the_form(client.page("/messages/begin")), to="students", run="")
    assert page.errors == ["Choose a run"], page.text


def test_begun_twice_is_begun_once(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    client.sign_in_as(scene.leader)
    form = the_form(client.page("/messages/begin"))
    client.submit(form, to="tutors", run=scene.run.public_id)
    page = client.submit(form, to="tutors", run=scene.run.public_id)
    assert page.errors == ["This message is begun already: find it in the list."]
    assert only(database).audience is Audience.TUTORS


def test_two_windows_do_not_overwrite_each_other(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    check = written(client, scene)
    first = the_form(client.page(check.url.replace("/send", "/words")))
    second = the_form(client.page(check.url.replace("/send", "/words")))
    client.submit(first, words="The first.")
    page = client.submit(second, words="The second.")
    assert page.errors == ["It was changed in another window. Open it again, so that nothing is lost."]
    assert the_form(page).filled({}, None)["words"] == "The second."
    assert only(database).words == "The first."


def test_whoever_joins_between_looking_and_sending_is_looked_at_first(
    database: Flask, client: PageClient, made: Made
) -> None:
    scene = made()
    page = written(client, scene)
    with database.app_context():
        make.enrolment(again(scene.group), somebody("Fay").person)
        db.session.commit()
    page = client.submit(the_form(page), how="now")
    changed = "Who it goes to, or what it says, has changed since you looked. Look again, then send it."
    assert page.errors == [changed]
    assert "It goes to these 5 people now" in page.text
    client.submit(the_form(page), how="now")
    assert only(database).state is B.SCHEDULED


def test_nobody_to_write_to_is_said(client: PageClient, made: Made) -> None:
    scene = made()
    page = written(client, scene, placement="active")
    assert "Nobody is in this audience now." in page.text
    page = client.submit(the_form(page), how="now")
    assert page.errors == ["Nobody is in this audience, so there is nobody to send it to."]


LATER = {"how": "later", "on": ["26", "10", "2026"], "at": "9:30"}


def test_at_a_time_to_come_and_changed_before(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    page = client.submit(the_form(written(client, scene)), **LATER)
    assert "It is sent on Mon 26 Oct 2026, 9:30am (in 6 days), to whoever is in the audience then." in page.text
    page = client.submit(the_form(client.page(page.link("Change it"))))
    assert "It is a draft again." in page.text
    assert (only(database).state, only(database).send_at) == (B.DRAFT, None)
    page = client.submit(the_form(client.page(page.link("Discard it"))))
    assert "Room 4 on Wednesday" not in page.text


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"how": "later", "at": ""}, ["Enter the day to send it", "Enter the time on that day"]),
        ({**LATER, "on": ["19", "10", "2026"]}, ["Enter a day and time that are still to come."]),
        (
            {**LATER, "on": ["24", "10", "2026"]},
            ["That is a Saturday: many will read it only on Monday. Choose another time, or tick the box"],
        ),
        (
            {**LATER, "at": "9pm"},
            [
                "That is between 9pm and 7am, when no email leaves: it waits for the morning. Choose another time, or tick the box"
            ],
        ),
        ({**LATER, "on": ["28", "3", "2027"], "at": "1:30"}, ["The clocks go forward that night. Enter another time"]),
        ({}, ["Choose when to send it"]),
    ],
    ids=["no time", "past", "weekend", "night", "an hour that is missing", "nothing chosen"],
)
def test_a_time_that_cannot_be_or_is_unwanted(
    client: PageClient, made: Made, typed: dict[str, Any], errors: list[str]
) -> None:
    scene = made()
    page = client.submit(the_form(written(client, scene)), **typed)
    assert page.errors == errors


def test_an_unwanted_time_can_be_meant(database: Flask, client: PageClient, made: Made) -> None:
    scene = made()
    page = client.submit(the_form(written(client, scene)), **{**LATER, "at": "9pm"})
    client.submit(the_form(page), anyway="y")
    assert only(database).send_at == datetime.fromisoformat("2026-10-26T21:00:00+00:00")


def test_now_in_the_evening_is_asked_about_too(client: PageClient, made: Made, clock: Clock) -> None:
    scene = made()
    clock.now = NOW + timedelta(hours=13)
    page = written(client, scene)
    assert "It is now Tue 20 Oct 2026, 10pm. That is between 9pm and 7am" in page.text
    assert client.submit(the_form(page), how="now").errors != []
    assert "It is being sent." in client.submit(the_form(page), how="now", anyway="y").text


def test_held_let_go_on_and_stopped_by_a_colleague(database: Flask, client: PageClient, made: Made) -> None:
    def more(scene: Scene) -> None:
        scene.colleague = somebody("Lou")  # type: ignore[attr-defined]
        make.run_role(RunRole.LEADER, scene.colleague.person, scene.run)  # type: ignore[attr-defined]
        scene.message = scene.bulletin(send_at=NOW + DAY)  # type: ignore[attr-defined]
        db.session.flush()

    scene: Any = made(more)
    with database.app_context():
        colleague, url = again(scene.colleague), f"/messages/{again(scene.message).public_id}"
    client.sign_in_as(colleague)
    page = client.page(url)
    assert [verb for verb in ("Change it", "Hold it", "Stop it") if verb in page.text] == ["Hold it", "Stop it"]
    for verb, state in (("Hold it", B.HELD), ("Let it go on", B.SCHEDULED), ("Stop it", B.STOPPED)):
        form = the_form(client.page(page.link(verb)))
        for _ in range(2):  # pressed twice it is done already
            page = client.submit(form)
        assert only(database).state is state
    assert "Stopped a message" in page.text
    assert "Lou Bell" in page.text


@pytest.mark.parametrize("many", [1, 3])
def test_pages_cost_the_same_however_many_there_are(client: PageClient, made: Made, many: int) -> None:
    def more(scene: Scene) -> None:
        for number in range(many):
            scene.message = scene.bulletin(Audience.PARTNERS, begun_at=NOW, state=B.SENDING)  # type: ignore[attr-defined]
            bulletin_recipient(scene.message, (scene.con, scene.sue, scene.leader)[number].person)  # type: ignore[attr-defined]
        for name in (scene.con, scene.sue)[: many - 1]:
            bulletin_recipient(scene.message, name.person)  # type: ignore[attr-defined]

    scene: Any = made(more)
    with client.application.app_context():
        url = f"/messages/{again(scene.message).public_id}"
    client.sign_in_as(scene.engagement)
    for address, expected in (("/messages", 3), (url, 7)):
        client.page(address)
        with counting_queries() as queries:
            client.page(address)
        assert (address == url, queries.count) == (address == url, expected)


@pytest.mark.parametrize(("group", "shown"), [("other_group", 1), ("group", 3)])
def test_the_check_page_costs_the_same_for_one_and_for_three(
    client: PageClient, made: Made, group: str, shown: int
) -> None:
    scene = made()
    with client.application.app_context():
        chosen = again(getattr(scene, group)).public_id
    page = written(client, scene, group=chosen)
    assert len(page.rows) == shown
    with counting_queries() as queries:
        client.page(page.url)
    assert queries.count == 7


def test_what_is_gone_on_with_in_vain_says_why(database: Flask, client: PageClient, made: Made) -> None:
    scene: Any = made(
        lambda scene: setattr(scene, "message", scene.bulletin(state=B.HELD, sender=somebody("Nat").person))
    )
    with database.app_context():
        url = f"/messages/{again(scene.message).public_id}"
    client.sign_in_as(scene.leader)
    page = client.submit(the_form(client.page(f"{url}/go-on")))
    assert page.errors == ["Whoever wrote it may not write to these people any more. Stop it."]
    assert only(database).state is B.HELD
