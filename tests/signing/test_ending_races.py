"""The last signature and the end of the placement at the same moment: it stays ended, whoever comes first."""

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy.orm.attributes import set_committed_value

from placements.agreements import actions
from placements.agreements.models import Agreement, Party
from placements.core.policy import NOBODY, Principal
from placements.db import begin_to_write, db
from placements.offers.workflow import OfferState
from placements.placing import endings
from placements.placing.models import EndedBy, Placement
from placements.placing.workflow import PlacementState
from placements.signing import actions as signing
from tests.agreements.scene import NAMES, proposed, sign
from tests.databases import Copy
from tests.factories import NOW
from tests.placing.scene import Scene
from tests.races import PATIENCE, at_once

Press = Callable[[int, int], None]


def going_round(copy: Copy) -> tuple[int, int]:
    """A version that only the tutor has not signed, and the tutor: their keys."""
    with copy.app.app_context():
        scene = Scene()
        agreement = proposed(scene)
        for party in (Party.STUDENT, Party.SUPERVISOR):
            sign(scene, agreement, party)
        db.session.commit()
        return agreement.id, scene.tutor.person_id


def sign_last(key: int, tutor: int) -> None:
    agreement = db.session.get_one(Agreement, key)
    said = {"seen": agreement.sha256 or "", "actor": Principal(tutor), "now": NOW}
    signing.sign(agreement, NAMES[Party.TUTOR], "192.0.2.1", **said)  # type: ignore[arg-type]


def call_off(key: int, tutor: int) -> None:
    placement = db.session.get_one(Agreement, key).placement
    endings.call_off(placement, EndedBy.ORGANISATION, "No room.", actor=NOBODY, now=NOW)


def together(copy: Copy, keys: tuple[int, int], *presses: Press) -> Placement:
    """All of these at once; the placement afterwards."""
    at_once(copy, *[partial(press, *keys) for press in presses])
    with copy.app.app_context():
        placement = db.session.get_one(Agreement, keys[0]).placement
        assert placement.offer.state is OfferState.WITHDRAWN
        db.session.expunge_all()
        return placement


def test_what_is_called_off_while_it_is_signed_stays_called_off(fresh_database: Copy) -> None:
    placement = together(fresh_database, going_round(fresh_database), *[sign_last, call_off] * 4)
    assert placement.state is PlacementState.NOT_STARTED


def test_read_before_it_is_held_what_was_called_off_goes_on(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the placement is read in a transaction that ends before the one that calls it off."""
    is_read, is_called_off = Barrier(2), Barrier(2)
    stale = []  # or the session would forget what it has read

    def read_and_let_go(placement: Placement) -> None:
        was = placement.state
        db.session.rollback()
        is_read.wait(PATIENCE)
        is_called_off.wait(PATIENCE)
        begin_to_write()
        db.session.refresh(placement)
        set_committed_value(placement, "state", was)
        stale.append(placement)

    def call_off_in_between(key: int, tutor: int) -> None:
        db.session.rollback()  # what held the reader off
        is_read.wait(PATIENCE)
        begin_to_write()
        call_off(key, tutor)
        db.session.commit()
        is_called_off.wait(PATIENCE)

    keys = going_round(fresh_database)
    monkeypatch.setattr(actions, "hold_placement", read_and_let_go)
    assert together(fresh_database, keys, sign_last, call_off_in_between).state is PlacementState.CLEARED
