"""No page that a student can open, and no mail that reaches one, holds another student's name, words, need or rank.

Others have ranked, been offered, placed and locked to the same challenges; each of their words is a canary. Students of
every standing go wherever a link leads, and to every address that access.csv shows to any student.
"""

from datetime import timedelta
from urllib.parse import urldefrag

import pytest
from flask import Flask
from sqlalchemy import select

from placements.applications.models import HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.cohorts.models import Enrolment
from placements.db import db
from placements.mail.models import KeptMail
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.applications.scene import needs
from tests.client import BadAnswer, PageClient, holds, is_page, read
from tests.databases import Copy
from tests.journeys.people import Town
from tests.site.canaries import READERS
from tests.site.every_page import stand_still
from tests.site.routes import BY_TOKEN, endpoints, rows, url_of
from tests.site.world import World, committed

pytestmark = pytest.mark.pure  # what a page shows is the same on either database; test_access asks both who may read

SIXTH = "6th"  # a rank that only the other student gives
OTHERS = {
    *("~rival-given~", "~rival-name~", "~rival-mail~", "~rival-number~", "~rival-statement~", "~rival-addition~"),
    *("~rival-need~", "~rival-times~", "~rival-answer~", "~rival-lock~", "~rival-why~", "~rival-declined~", SIXTH),
}
VIEWERS = ("student", "other_student", "chooser", "offered", "in_clearing")
MOST_PAGES = 400


@pytest.fixture
def world(fresh_database: Copy) -> World:
    stand_still(fresh_database.app, make.NOW)
    with fresh_database.app.app_context():
        return committed(_others, _viewers)


def _rival(world: World, n: int) -> Enrolment:
    said = {"email": f"~rival-mail~{n}@example.org", "student_number": f"~rival-number~{n}"}
    return make.enrolment(
        world.things["group"], make.person(given_name="~rival-given~", family_name="~rival-name~", **said)
    )


def _others(world: World) -> None:
    """One has ranked the same challenge sixth, one has an offer of it, one declined it, one is placed in it."""
    things = world.things
    challenge = things["challenge"]
    chooser = _rival(world, 1)
    world.accounts["rival"] = make.account(chooser.person)
    five = [make.challenge(title=f"Number {n}") for n in range(1, 6)]
    ranked = things["ranked"] = make.application(chooser, [*five, challenge], statement="~rival-statement~")
    ranked.preferences[5].addition = "~rival-addition~"
    asked = select(HostAnswer).where(HostAnswer.application_id == ranked.id, HostAnswer.challenge_id == challenge.id)
    answer = db.session.scalars(asked).one()
    answer.state, answer.reason, answer.sentence = AnswerState.NOT_SUITABLE, Unsuitable.DAYS, "~rival-answer~"
    answer.answered_at = answer.undecided_since = make.NOW
    needs(chooser, borough="Sutton", access="~rival-need~", times="~rival-times~")
    make.lock(chooser, challenge, world.person("leader"), reason="~rival-lock~")
    make.offer(_rival(world, 2), challenge, why_made="~rival-why~")
    make.offer(_rival(world, 3), challenge, state=OfferState.DECLINED, reason="~rival-declined~")
    make.placement(_rival(world, 4), challenge)


def _viewers(world: World) -> None:
    """Students of every standing that the world has none of."""
    things = world.things
    for name in VIEWERS[2:]:
        who = make.person(given_name=name.title(), family_name="Viewer", email=f"{name}@example.org")
        enrolment = make.enrolment(things["group"], who)
        make.application(enrolment, [things["challenge"]], statement="My own words")
        if name == "offered":
            make.offer(enrolment, things["challenge"])
        if name == "in_clearing":
            make.clearing(enrolment, world.person("tutor"))
        world.accounts[name] = make.account(who)


def client_of(app: Flask, world: World, viewer: str) -> PageClient:
    client = PageClient(app)
    client.forbidden = set(OTHERS)
    if viewer in VIEWERS[:2]:
        client.forbidden |= {canary for canary, readers in READERS.items() if viewer not in readers}
    client.sign_in_as(world.accounts[viewer])
    return client


def walk(client: PageClient, waiting: list[str]) -> set[str]:
    """Every address that a link leads to from these, and from those; each was shown without a canary."""
    seen: set[str] = set()
    while waiting:
        url = urldefrag(waiting.pop()).url
        if url in seen or not url.startswith("/"):
            continue
        seen.add(url)
        answer = client.get(url)
        if answer.location:
            waiting.append(answer.location)
        elif is_page(answer) and answer.status_code == 200:
            waiting += [link.href for link in read(answer).links if not link.href.startswith("/static/")]
        assert len(seen) <= MOST_PAGES, sorted(seen)
    return seen


def addresses(app: Flask, world: World) -> list[str]:
    """Of every row of access.csv that some student is shown, and not everybody."""
    private = [row for row in rows() if row["anonymous"] != "200" and row["object"] != BY_TOKEN]
    shown = [row for row in private if "200" in row["student"] + row["other_student"]]
    return [url_of(endpoints(app)[row["endpoint"]], row, world) for row in shown]


def test_wherever_students_go_they_meet_nothing_of_each_other(fresh_database: Copy, world: World) -> None:
    app = fresh_database.app
    everywhere = addresses(app, world)
    assert len(everywhere) >= 40
    met: dict[str, set[str]] = {}
    for viewer in VIEWERS:
        met[viewer] = walk(client_of(app, world, viewer), ["/home", *everywhere])
        assert len(met[viewer]) >= len(everywhere)
    brief = f"/find/{world.things['challenge'].public_id}"
    for viewer in ("chooser", "offered", "in_clearing"):
        assert {"/home", "/find", "/choices", "/choices/receipt", "/offers", brief} <= met[viewer], sorted(met[viewer])


def test_no_mail_to_a_student_holds_anything_of_another(fresh_database: Copy, world: World) -> None:
    town = Town(fresh_database, "http://localhost", None, make.NOW, has_script=False)  # type: ignore[arg-type]
    for days in (0, 4, 9, 12, 21, 35):
        town.now = make.NOW + timedelta(days=days)
        town.works()
    viewers = {world.accounts[viewer].person.email for viewer in VIEWERS}
    with fresh_database.app.app_context():
        found = list(db.session.scalars(select(KeptMail).where(KeptMail.to.in_(viewers))))
        assert {mail.to.partition("@")[0] for mail in found} >= {"~mail~", "~other-mail~", "offered"}
        met = [(mail.to, mail.subject, word) for mail in found for word in OTHERS if word in mail.subject + mail.text]
    assert met == []


def test_the_others_are_there_to_be_met(fresh_database: Copy, world: World) -> None:
    app, application = fresh_database.app, world.things["ranked"]
    leader = PageClient(app)
    leader.sign_in_as(world.accounts["leader"])
    shown = leader.get(f"/applications/{application.public_id}")
    for word in ("~rival-name~", "~rival-statement~", "~rival-addition~"):
        assert holds(shown, word), word
    themselves = PageClient(app)
    themselves.sign_in_as(world.accounts["rival"])
    for path, words in {"/choices": ["~rival-statement~", SIXTH], "/needs": ["~rival-need~", "~rival-times~"]}.items():
        assert [word for word in words if not holds(themselves.get(path), word)] == []
    curious = client_of(app, world, "chooser")
    curious.forbidden.add("My own words")
    with pytest.raises(BadAnswer, match="holds the canary 'My own words'"):
        walk(curious, ["/home"])
