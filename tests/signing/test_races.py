"""The last two sign at the same moment: it is in force, once. Without the lock, it would wait for ever."""

from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Select, func, select
from sqlalchemy.orm.attributes import set_committed_value

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.workflow import AgreementState
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.signing import actions as signing
from tests.agreements.scene import NAMES, proposed, sign
from tests.databases import Copy
from tests.factories import NOW
from tests.placing.scene import Scene
from tests.races import at_once, let_go_until

SIGNATURES = select(func.count()).select_from(Signature)
LAST = (Party.SUPERVISOR, Party.TUTOR)


def one_signature(copy: Copy) -> tuple[int, dict[Party, int]]:
    """A version that the student has signed: its key, and who else is to."""
    with copy.app.app_context():
        scene = Scene()
        agreement = proposed(scene)
        sign(scene, agreement, Party.STUDENT)
        db.session.commit()
        return agreement.id, {party: getattr(scene, party.value).person_id for party in LAST}


def sign_together(copy: Copy, key: int, people: dict[Party, int], times: int = 1) -> Agreement:
    """Both sign, each `times` times, all at once; the version afterwards."""

    def press(party: Party) -> None:
        agreement = db.session.get_one(Agreement, key)
        said = {"seen": agreement.sha256 or "", "actor": Principal(people[party]), "now": NOW}
        signing.sign(agreement, NAMES[party], "192.0.2.1", **said)  # type: ignore[arg-type]

    pressed = [partial(press, party) for party in LAST] * times
    assert at_once(copy, *pressed) == [None] * len(pressed)
    with copy.app.app_context():
        agreement = db.session.get_one(Agreement, key)
        db.session.expunge_all()
        return agreement


def count(copy: Copy, rows: Select[int]) -> int:
    with copy.app.app_context():
        return db.session.scalar(rows) or 0


def test_the_last_two_bring_it_into_force_once(fresh_database: Copy) -> None:
    assert sign_together(fresh_database, *one_signature(fresh_database), times=4).state is AgreementState.IN_FORCE
    assert count(fresh_database, SIGNATURES) == 3
    once = select(func.count()).select_from(History).where(History.verb == "came into force")
    assert count(fresh_database, once) == 1


def test_signatures_counted_before_the_row_is_held_leave_it_waiting(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each has read, in a transaction that ended, that the other has not signed."""
    both_have_read = Barrier(len(LAST))

    def read_and_let_go(agreement: Agreement) -> None:
        seen = list(agreement.signatures)
        let_go_until(both_have_read)
        set_committed_value(agreement, "signatures", seen)

    going_round = one_signature(fresh_database)
    monkeypatch.setattr(signing, "hold", read_and_let_go)
    assert sign_together(fresh_database, *going_round).state is AgreementState.SIGNING
    assert count(fresh_database, SIGNATURES) == 3
