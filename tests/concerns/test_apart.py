"""Nobody learns of a concern by the way: pages, mails, lists, search and history are the same with and without it."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.concerns import actions
from placements.concerns.rules import About, Kind, Severity
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.mail.notices import notices
from placements.people.models import Person
from placements.placing.models import Placement
from tests.client import PageClient
from tests.concerns.scene import WORDS, Concerned
from tests.factories import NOW
from tests.golden import said
from tests.placing.scene import committed

CHANGES = re.compile(
    r'nonce="[^"]*"|name="csrf_token" value="[^"]*"|name="form_key"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="form_key"'
)
PAGES = ("/home", "/organisations/{org}", "/placements/{place}", "/placements/{place}/first-day", "/challenges/{brief}",
         "/challenges/{brief}/outcome", "/logbooks", "/reading", "/concerns", "/concerns/closed", "/concerns/mine",
         "/organisations", "/history", "/search?q=told", "/organisations?text=told", "/placements/{place}/log/read",
         "/placements/{place}/agreement")  # fmt: skip
WATCHERS = ("supervisor", "contact", "leader", "engagement", "other_student", "other_tutor", "tutor", "administrator")
KINDS = [
    {"kind": Kind.HOST, "about": About.ORGANISATION},
    {"kind": Kind.PERSON, "about": About.SUPERVISOR, "severity": Severity.HARM},
    {"kind": Kind.SAFETY, "about": About.TUTOR},
]


def seen(client: PageClient, scene: Concerned) -> dict[tuple[str, str], tuple[int, str]]:
    """What each of the watchers is answered everywhere, but for what changes at each request."""
    names = {
        "org": scene.organisation.public_id,
        "place": scene.placement.public_id,
        "brief": scene.challenge.public_id,
    }
    found = {}
    for watcher in WATCHERS:
        client.sign_in_as(getattr(scene, watcher))
        for page in PAGES:
            answer = client.get(page.format(**names))
            found[watcher, page] = (answer.status_code, CHANGES.sub("", answer.text))
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["kind"])
def test_everybody_elses_pages_are_equal_with_and_without(
    database: Flask, client: PageClient, kind: dict[str, Any]
) -> None:
    with database.app_context():
        scene = committed(Concerned())
    client.forbidden = {"~told~"}
    before = seen(client, scene)
    assert {status for status, _ in before.values()} >= {200, 404}
    assert sum(status == 200 for status, _ in before.values()) > 30
    with database.app_context():
        scene.placement = db.session.get_one(Placement, scene.placement.id)
        scene.tell(**kind)
        concern = scene.owned("safeguarding", **kind)
        actions.note(concern, "A ~told~ note", "key", actor=scene.as_("safeguarding"), now=NOW)
        actions.resolve(concern, "A ~told~ outcome", actor=scene.as_("safeguarding"), now=NOW)
        db.session.commit()
        db.session.refresh(scene.placement)
        db.session.expunge(scene.placement)
    after = seen(client, scene)
    assert [case for case in before if before[case] != after[case]] == []


def test_the_same_pages_do_change_for_whom_they_are(database: Flask, client: PageClient) -> None:
    """The control: safeguarding's do, and for what the team may know the leader's."""
    with database.app_context():
        scene = committed(Concerned())
    before = {}
    for name in ("safeguarding", "leader"):
        client.sign_in_as(getattr(scene, name))
        before[name] = client.get("/home").text
    with database.app_context():
        scene.placement = db.session.get_one(Placement, scene.placement.id)
        scene.tell()
        db.session.commit()
    for name, was in before.items():
        client.sign_in_as(getattr(scene, name))
        assert CHANGES.sub("", was) != CHANGES.sub("", client.get("/home").text)


def test_no_mail_and_no_history_holds_a_word_of_it(session: Any) -> None:
    scene = Concerned()
    for kind in KINDS:
        concern = scene.owned("safeguarding", words=WORDS, **kind)
        actions.note(concern, "A ~told~ note", f"note-{concern.id}", actor=scene.as_("safeguarding"), now=NOW)
        actions.refer(concern, "~told~", "A ~told~ outcome", actor=scene.as_("safeguarding"), now=NOW)
    scene.tell()
    rows = session.scalars(select(History).where(History.about_kind == "concern")).all()
    assert len(rows) == 13
    assert {(row.reason, row.ability, row.person_id) for row in rows} == {(None, "concerns.concern", None)}
    queued = session.scalars(select(Notification).where(Notification.notice.startswith("concerns."))).all()
    mails = [
        said(notices()[row.notice], row.about_id, session.get_one(Person, row.recipient_id)) or "" for row in queued
    ]
    assert any(mails)
    names = ("told~", "Ada", "Sue", "Tom", "food bank", "safety", "person", "hours", "concern ")
    bodies = [re.sub(r"Hello \w+|http\S+", "", mail) for mail in mails]
    assert [word for word in names for body in bodies if word in body] == []
