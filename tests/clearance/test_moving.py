"""A sponsored student changes organisation once the visa officer has approved it: asked, answered, used, told."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.clearance import actions, notices
from placements.clearance.queries import move_asked_of
from placements.core.errors import Refused
from placements.db import db
from placements.history.models import History, SensitiveRead
from placements.mail.models import Notification
from placements.placing.gates import ask_what_is_needed
from placements.placing.models import EndedBy, Placement, PlacementGate
from placements.placing.moving import move
from placements.placing.policy import may_move
from placements.placing.queries import own_gates
from placements.placing.rules import Exit, GateKind
from placements.placing.workflow import GateState, PlacementState
from tests import factories as make
from tests.clearance.scene import Cleared
from tests.clearance.test_mail import mail
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.placing.scene import committed

G = GateState
LATER = NOW + DAY


def made(**more: Any) -> Cleared:
    scene = Cleared(**more)
    scene.enrolment.is_visa_sponsored = True
    db.session.flush()
    return scene


def ask(scene: Cleared, words: str = "The hall has closed.", now: Any = NOW) -> PlacementGate:
    actions.ask_to_move(scene.placement, words, actor=scene.as_("leader"), now=now)
    return scene.gate(GateKind.MOVE)


def answer(scene: Cleared, approves: bool, words: str = "", now: Any = NOW) -> None:
    actions.answer_move(scene.gate(GateKind.MOVE), approves, words, actor=scene.as_("visa"), now=now)


def is_free(scene: Cleared) -> bool:
    return bool(may_move(scene.as_("leader"), scene.placement, NOW))


def test_asked_approved_and_used(app: Flask, session: Any) -> None:
    scene = made()
    there = make.challenge(make.organisation(name="The library"), title="Read aloud", places_max=1)
    gate = ask(scene)
    assert (gate.state, is_free(scene)) == (G.OPEN, False)
    assert scene.told("clearance.waits") == {"visa"}
    assert scene.told("clearance.yours") == set()
    answer(scene, True)
    assert (gate.state, gate.settled_by_id, is_free(scene)) == (G.HELD, scene.visa.person_id, True)
    assert scene.told("clearance.move_answered") == {"leader"}
    leader = scene.who(app, "leader")
    new = move(scene.placement, there, EndedBy.ORGANISATION, "It closed.", NOW.date(), actor=leader, now=NOW)
    assert new is not None
    assert scene.placement.state is PlacementState.TRANSFERRED
    assert not may_move(leader, new, NOW)


def test_refused_and_asked_again(session: Any) -> None:
    scene = made()
    gate = ask(scene)
    answer(scene, False, "Not before the new term.")
    assert (gate.state, gate.exit, is_free(scene)) == (G.EXITED, Exit.REFUSED, False)
    ask(scene, "From the new term.", LATER)
    found = move_asked_of(gate)
    assert found is not None
    assert (gate.state, gate.exit, found.words, found.answer) == (G.OPEN, None, "From the new term.", "")
    answer(scene, True, now=LATER)
    assert is_free(scene)
    answer(scene, False, "It was a mistake.", now=LATER)
    assert not is_free(scene)


def test_twice_is_once_and_what_need_not_be_asked_is_refused(session: Any) -> None:
    scene = made()
    gate = ask(scene)
    ask(scene, now=LATER)
    with pytest.raises(Refused, match="asked already"):
        ask(scene, "Something else.", LATER)
    for now in (NOW, LATER):
        answer(scene, True, now=now)
    assert gate.settled_at == NOW
    rows = session.scalars(select(History.verb).where(History.about_kind == "placement_gate").order_by(History.id))
    assert rows.all() == ["asked for", "settled"]
    assert len(session.scalars(select(Notification.id)).all()) == 2
    with pytest.raises(Refused, match="Nobody has to approve"):
        ask(scene, "Something else.", LATER)
    scene.enrolment.is_visa_sponsored = False
    with pytest.raises(Refused, match="Nobody has to approve"):
        ask(scene)


@pytest.mark.parametrize("approves", [None, False, True], ids=["open", "refused", "approved"])
def test_no_start_waits_for_it_and_the_worker_leaves_it(session: Any, approves: bool | None) -> None:
    scene = made()
    gate = ask(scene)
    if approves is not None:
        answer(scene, approves, "Not now.")
    was = gate.state
    scene.placement.ends_on += DAY
    for _ in range(2):
        ask_what_is_needed(NOW)
        session.flush()
        session.expire_all()
    assert (gate.state, gate.ends_on) == (was, scene.placement.ends_on)
    assert [each.who for each in own_gates(scene.placement)] == ["the visa officer"]
    assert not scene.placement.is_unsafe
    assert ask_what_is_needed(NOW) == []


def test_who_asked_hears_that_there_is_an_answer_and_nothing_of_it(session: Any) -> None:
    scene = made()
    gate = ask(scene)
    assert said(notices.MOVE_ANSWERED, gate.id, scene.leader.person) is None
    answer(scene, False, "Not before the new term.")
    told = mail(said(notices.MOVE_ANSWERED, gate.id, scene.leader.person))
    assert not [word for word in ("visa", "Ada", "term") if word in told]
    check_golden("clearance/move_answered", told)
    assert said(notices.MOVE_ANSWERED, gate.id, scene.tutor.person) is None


def test_the_leader_asks_from_the_move_page_and_the_officer_answers(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = committed(made(state=PlacementState.ACTIVE))
    client.sign_in_as(scene.leader)
    page = client.page(client.page(f"{scene.url}/move").link("Ask the visa officer"))
    page = client.submit(page.form("Ask the visa officer"), words="The hall has closed.")
    assert "The visa officer has been asked, and answers by" in page.text
    assert "They were asked on" in client.page(f"{scene.url}/move").text
    client.sign_in_as(scene.visa)
    page = client.page(client.page("/clearance").link("Ada Okoro, Change of organisation"))
    assert "The hall has closed. Lea Leader" in page.text
    form = client.page(page.link("Answer")).form("Send the answer")
    assert client.submit(form, decision="no").errors == ["Say why you do not approve it"]
    assert "Not approved." in client.submit(form, decision="no", words="Not before the new term.").text
    client.sign_in_as(scene.leader)
    page = client.page(client.page(f"{scene.url}/move").link("Read the answer"))
    assert "Not before the new term." in page.text
    client.submit(page.form("Ask the visa officer"), words="From the new term.")
    client.sign_in_as(scene.visa)
    page = client.page(client.page("/clearance").link("Ada Okoro, Change of organisation"))
    client.submit(client.page(page.link("Answer")).form("Send the answer"), decision="yes")
    client.sign_in_as(scene.leader)
    page = client.page(f"{scene.url}/move/approval")
    assert "The visa officer has approved" in page.text
    assert "has to approve another organisation" not in client.page(page.link("Move Ada")).text
    with database.app_context():
        read = select(SensitiveRead.about_id).where(SensitiveRead.reader_id == scene.leader.person_id)
        assert set(db.session.scalars(read)) == {scene.enrolment.id}
        assert db.session.get_one(Placement, scene.placement.id).state is PlacementState.ACTIVE


def test_of_a_student_who_is_not_sponsored_nothing_is_asked(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = committed(Cleared())
    client.sign_in_as(scene.leader)
    assert client.get(f"{scene.url}/move/approval").location == f"{scene.url}/move"
