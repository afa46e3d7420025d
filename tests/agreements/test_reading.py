"""A supervisor without an account reads a draft by a link, and says what they think of it, until it runs out."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.agreements import actions, notices, showing
from placements.agreements.models import Agreement, AgreementComment, Party
from placements.agreements.reading import READ_BY_LINK, asked_to_read
from placements.core.errors import Refused
from placements.db import db
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.mail.models import Notification
from placements.signing import actions as signing
from tests.agreements.mails import compare, said
from tests.agreements.scene import drafted, principal, proposed
from tests.client import PageClient
from tests.conftest import Clock
from tests.factories import DAY, NOW
from tests.page import Page
from tests.placing.scene import Scene, committed

WORD = {"text": "Thursdays are better."}


def shown(scene: Scene) -> Agreement:
    """A draft that the student has asked the supervisor to read."""
    agreement = drafted(scene)
    showing.ask_to_read(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    return agreement


def address_of(scene: Scene) -> str:
    link = latest_link(READ_BY_LINK, scene.placement.id, scene.placement.supervisor_id)
    assert link is not None
    return f"/read-agreement/{token(link)}"


class Shown(Scene):
    """A draft that was shown."""

    def __init__(self) -> None:
        super().__init__(public_id="placement-pu")
        self.agreement = shown(self)


@pytest.fixture
def scene(session: Any) -> Scene:
    return Shown()


@pytest.fixture
def sent(database: Flask) -> Callable[..., tuple[Shown, str]]:
    def build(*more: Callable[[Shown], object]) -> tuple[Shown, str]:
        with database.app_context():
            made = Shown()
            address = address_of(made)
            for add in more:
                add(made)
            return committed(made), address

    return build


def comments(database: Flask) -> list[str]:
    with database.app_context():
        return list(db.session.scalars(select(AgreementComment.text)))


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if "/read-agreement/" in form.action)


def test_the_student_asks_and_the_supervisor_reads_and_comments_by_link(
    sent: Callable[..., tuple[Shown, str]], client: PageClient
) -> None:
    made, address = sent()
    page = client.page(address)
    assert page.h1 == "Read the draft Challenge Agreement"
    assert "Our words about confidentiality." in page.text
    assert "You can come back with the same link until Tue 10 Nov 2026, 8am" in page.text
    page = client.submit(the_form(page), WORD)
    assert "Thank you. Ada is told of your comment." in page.text
    assert "Sue Supervisor, Tue 20 Oct 2026, 9am" in page.text
    client.sign_in_as(made.student)
    page = client.page(f"/agreements/{made.agreement.public_id}")
    assert "Thursdays are better." in page.text
    assert "Sue Supervisor was asked to read it on Tue 20 Oct 2026, 9am" in page.text


def test_the_button_asks_by_mail(database: Flask, client: PageClient) -> None:
    with database.app_context():
        made = Scene()
        made.agreement = drafted(made)  # type: ignore[attr-defined]
        committed(made)
    client.sign_in_as(made.student)
    page = client.page(f"/agreements/{made.agreement.public_id}")  # type: ignore[attr-defined]
    form = next(form for form in page.forms if form.action.endswith("/ask-to-read"))
    for _ in range(2):
        assert "Sue Supervisor has a link by email to read your draft" in client.submit(form).text
    with database.app_context():
        asked = select(Notification.recipient_id).where(Notification.notice == notices.PLEASE_READ.name)
        assert db.session.scalars(asked).all() == [made.supervisor.person_id]


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_whatever_a_scanner_does_nothing_happens(
    database: Flask, sent: Callable[..., tuple[Shown, str]], client: PageClient, method: str
) -> None:
    _, address = sent()
    for path in ("", "/new-link"):
        for _ in range(2):
            assert getattr(client, method)(f"{address}{path}").status_code == 200
    assert comments(database) == []


def test_a_comment_sent_twice_is_one_and_another_is_another(
    database: Flask, sent: Callable[..., tuple[Shown, str]], client: PageClient
) -> None:
    _, address = sent()
    form = the_form(client.page(address))
    client.submit(form, WORD)
    client.submit(form, WORD)
    assert comments(database) == ["Thursdays are better."]
    client.submit(the_form(client.page(address)), {"text": "And shorter."})
    assert comments(database) == ["Thursdays are better.", "And shorter."]


def test_a_link_that_ran_out_reads_nothing_and_a_new_one_is_sent(
    database: Flask, sent: Callable[..., tuple[Shown, str]], client: PageClient, clock: Clock
) -> None:
    _, address = sent()
    form = the_form(client.page(address))
    clock.now = NOW + 21 * DAY
    page = client.page(address)
    assert "This link has run out. Ada Okoro still writes the Agreement" in page.text
    assert "Our words about" not in page.text
    page = client.submit(form, WORD)
    assert "It was not sent. Copy it, if you want to say it another way. Thursdays are better." in page.text
    assert comments(database) == []
    page = client.submit(the_form(client.page(f"{address}/new-link")))
    assert "A new link is on its way to sue@example.org." in page.text
    with database.app_context():
        link = db.session.scalars(select(Link).order_by(Link.id.desc()).limit(1)).one()
        new = f"/read-agreement/{token(link)}"
    client.submit(the_form(client.page(new)), WORD)
    assert comments(database) == ["Thursdays are better."]


def test_once_it_goes_round_the_link_says_so_and_words_still_reach_the_student(
    database: Flask, sent: Callable[..., tuple[Shown, str]], client: PageClient
) -> None:
    _, address = sent(proposed)
    page = client.page(address)
    assert "The link to sign it is in another email of ours." in page.text
    assert "nothing for you to read by a new link" in client.page(f"{address}/new-link").text
    client.submit(the_form(page), WORD)
    assert comments(database) == ["Thursdays are better."]


def test_whoever_supervises_no_longer_reads_nothing(sent: Callable[..., tuple[Shown, str]], client: PageClient) -> None:
    def replace(made: Shown) -> None:
        made.placement.supervisor = made.contact.person

    _, address = sent(replace)
    client.forbidden = {"Our words about"}
    assert "Somebody else supervises this placement now" in client.page(address).text
    assert "nothing for you to read" in client.page(f"{address}/new-link").text


@pytest.mark.parametrize("token", ["x", "MQ.x", "1"])
def test_a_token_of_nobodys_is_a_page_that_is_not_there(database: Flask, client: PageClient, token: str) -> None:
    for path in ("", "/new-link"):
        assert client.get(f"/read-agreement/{token}{path}").status_code == 404


def test_asked_again_for_other_words_the_supervisor_is_told_again(scene: Shown, session: Any) -> None:
    student = principal(scene, Party.STUDENT)
    first = asked_to_read(scene.placement)
    showing.ask_to_read(scene.agreement, actor=student, now=NOW + DAY)
    assert asked_to_read(scene.placement) == first
    words = {**scene.agreement.words, "output": "A guide."}
    seen = scene.agreement.edit_version
    actions.save_draft(scene.agreement, words, ["One.", "Two."], seen=seen, actor=student, now=NOW + DAY)
    showing.ask_to_read(scene.agreement, actor=student, now=NOW + DAY)
    assert asked_to_read(scene.placement) != first
    assert scene.told("agreements.please_read") == {"supervisor"}


def test_what_is_no_draft_is_shown_to_nobody(scene: Shown) -> None:
    agreement = proposed(scene)
    with pytest.raises(Refused):
        showing.ask_to_read(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    assert said(scene, notices.PLEASE_READ, agreement, "supervisor") is None


def test_taken_back_and_written_again_it_is_read_by_the_same_link(
    sent: Callable[..., tuple[Shown, str]], client: PageClient
) -> None:
    def again(made: Shown) -> None:
        signing.take_back(proposed(made), actor=principal(made, Party.STUDENT), now=NOW)

    _, address = sent(again)
    page = client.page(address)
    assert page.h1 == "Read the draft Challenge Agreement"
    assert "version 2" in page.text


def test_the_students_answer_is_told_to_whoever_reads_by_a_link(scene: Shown) -> None:
    actions.comment(scene.agreement, "Fridays then.", "key", actor=principal(scene, Party.STUDENT), now=NOW)
    assert scene.told("agreements.commented") == {"supervisor", "tutor"}
    mail = said(scene, notices.COMMENTED, scene.agreement, "supervisor") or ""
    assert "/read-agreement/" in mail
    later = said(scene, notices.COMMENTED, scene.agreement, "supervisor", NOW + 21 * DAY) or ""
    assert "/read-agreement/" not in later


def test_what_the_supervisor_reads_in_the_mail(scene: Shown) -> None:
    compare(scene, notices.PLEASE_READ, scene.agreement, ("supervisor",))
    assert "Our words" not in (said(scene, notices.PLEASE_READ, scene.agreement, "supervisor") or "")
    assert said(scene, notices.PLEASE_READ, scene.agreement, "supervisor", NOW + 21 * DAY) is None
