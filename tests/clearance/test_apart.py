"""Nobody but the student reads from a page whether the university checks anything of them, how much, or how far it is."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from placements.challenges.models import Dbs
from placements.db import db
from placements.history.models import History, SensitiveRead
from placements.home import placement as home
from placements.placing.actions import start_due
from placements.placing.models import Placement
from placements.placing.queries import open_gates
from placements.placing.rules import GateKind
from placements.placing.workflow import GateState, PlacementState
from tests.assessment.test_leaks import MASKED
from tests.clearance.making import adjustment, dbs_seen, gate, move_asked, own_risk, visa_detail
from tests.clearance.scene import Cleared
from tests.client import PageClient
from tests.factories import NOW
from tests.placing.scene import committed

Adds = Callable[[Placement], None]


def sponsored(placement: Placement, **said: Any) -> None:
    placement.enrolment.is_visa_sponsored = True
    found = gate(placement, GateKind.VISA, **said)
    visa_detail(found, placement.supervisor, address="~visa~")


def checked(placement: Placement, **said: Any) -> None:
    placement.challenge.dbs = Dbs.BASIC
    found = gate(placement, GateKind.DBS, **said)
    dbs_seen(found, duties="~duties~")


def adjusted(placement: Placement, **said: Any) -> None:
    adjustment(gate(placement, GateKind.ADJUSTMENT, **said), asked="~a~", agreed="~b~", to_share="~c~")


def at_risk(placement: Placement, **said: Any) -> None:
    own_risk(gate(placement, GateKind.OWN_RISK, **said), placement.supervisor, what="~risk~")


def a_move(placement: Placement, **said: Any) -> None:
    placement.enrolment.is_visa_sponsored = True
    move_asked(gate(placement, GateKind.MOVE, **said), placement.supervisor, words="~move~")


def all_of_them(placement: Placement) -> None:
    for add in (sponsored, checked, adjusted, at_risk, a_move):
        add(placement)


HELD = {"state": GateState.HELD}
CASES: dict[str, Adds] = {
    "a visa": sponsored,
    "a visa, held": partial(sponsored, **HELD),
    "a DBS check": checked,
    "an adjustment": adjusted,
    "an adjustment, held": partial(adjusted, **HELD),
    "a risk": at_risk,
    "a high risk": partial(at_risk, state=GateState.BARRED),
    "a move that is asked for": a_move,
    "a move, approved": partial(a_move, **HELD),
    "everything": all_of_them,
}
PAGES = {
    "supervisor": ("", "/first-day", "/plan"),
    "tutor": ("", "/first-day", "/plan"),
    "leader": ("",),
    "contact": ("",),
    "engagement": ("",),
}


@pytest.fixture
def scene(database: Flask) -> Cleared:
    """All that others can see holds, and nothing is asked of the student: it is ready to start."""
    with database.app_context():
        made = Cleared()
        start_due(NOW)
        assert made.placement.state is PlacementState.CLEARED
        found: Cleared = committed(made)
        return found


def add(database: Flask, scene: Cleared, case: Adds) -> None:
    """The same placement with those gates, and as it is then: not cleared, and without the row that says so."""
    with database.app_context():
        placement = db.session.get_one(Placement, scene.placement.id)
        case(placement)
        if open_gates(placement, NOW):
            placement.state = PlacementState.PREPARING
            db.session.execute(delete(History).where(History.verb == "cleared to start"))
        db.session.commit()


def pages(client: PageClient, scene: Cleared, *names: str) -> dict[str, bytes]:
    """What each of them reads at each page and at home, masked."""
    found = {}
    for name in names:
        client.sign_in_as(getattr(scene, name))
        for url in ("/home", *(f"{scene.url}{place}" for place in PAGES.get(name, ("",)))):
            found[f"{name} {url}"] = MASKED.sub(rb"\1", client.get(url, follow_redirects=True).data)
    return found


@pytest.mark.parametrize("case", CASES)
def test_pages_are_equal_whatever_the_university_checks(
    database: Flask, client: PageClient, scene: Cleared, case: str
) -> None:
    before = pages(client, scene, *PAGES)
    assert b"The university\xe2\x80\x99s own checks: the university finishes them" in before[f"supervisor {scene.url}"]
    add(database, scene, CASES[case])
    client.forbidden = {"~visa~", "~duties~", "~a~", "~b~", "~c~", "~risk~", "~move~"}
    assert pages(client, scene, *PAGES) == before


def test_the_student_reads_their_own_and_a_fault_would_be_seen(
    database: Flask, client: PageClient, scene: Cleared, monkeypatch: pytest.MonkeyPatch
) -> None:
    student, tutor = pages(client, scene, "student"), pages(client, scene, "tutor")
    add(database, scene, all_of_them)
    assert pages(client, scene, "student") != student
    client.sign_in_as(scene.student)
    said = client.page(f"{scene.url}/checks").text
    for who in ("the safeguarding lead", "the visa officer", "the disability adviser", "the safety officer"):
        assert f"waits for {who}" in said
    monkeypatch.setattr(home, "gates_told", lambda who, placement, now, awaits: open_gates(placement, now, awaits))
    assert pages(client, scene, "tutor") != tutor


def test_a_visa_is_not_told_to_the_tutor_and_what_staff_read_is_written_down(
    database: Flask, client: PageClient, scene: Cleared
) -> None:
    add(database, scene, all_of_them)
    client.sign_in_as(scene.tutor)
    said = client.page(f"{scene.url}/checks").text
    assert "~visa~" not in said
    assert "~duties~" not in said
    assert "~b~" in said
    client.sign_in_as(scene.leader)
    assert "~visa~" in client.page(f"{scene.url}/checks").text
    client.sign_in_as(scene.student)
    client.page(f"{scene.url}/checks")
    with database.app_context():
        rows = db.session.execute(select(SensitiveRead.reader_id, SensitiveRead.about_kind).order_by(SensitiveRead.id))
        found = [(row.reader_id, row.about_kind) for row in rows]
    tutor, leader = scene.tutor.person_id, scene.leader.person_id
    assert [kind for reader, kind in found if reader == tutor] == ["adjustment_agreed", "own_risk"]
    assert [kind for reader, kind in found if reader == leader] == [
        *("dbs_seen", "visa_detail", "adjustment_agreed", "own_risk"),
    ]
    assert len(found) == 6
