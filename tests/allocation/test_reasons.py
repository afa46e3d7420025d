"""However a student comes to be without a place, they stand on the clearing list with an owner and a date."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation.actions import publish
from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.offers import actions as offers
from placements.offers.models import Clearing, ClearingReason
from placements.offers.workflow import OfferState
from placements.rounds.workflow import RoundState
from tests import factories as make
from tests.allocation.scene import BY_ON, DEADLINE, Scene, placed
from tests.factories import DAY, NOW

USUAL = date(2026, 11, 3)  # ten working days on


def unplaced(made: Scene) -> Enrolment:
    round = made.staged()
    publish(round, DEADLINE, BY_ON, actor=made.leader, now=NOW)
    return made.ben if placed(round)["Ben"] is None else made.cyd  # the lottery decides


def did_not_apply(made: Scene) -> Enrolment:
    silent = made.student("Dee")
    publish(made.staged(), DEADLINE, BY_ON, actor=made.leader, now=NOW)
    return silent


def came_late(made: Scene) -> Enrolment:
    make.allocation_round(made.run, state=RoundState.PUBLISHED, published_at=NOW - DAY)
    made.ada.state = EnrolmentState.DEFERRED
    move_enrolment(made.ada, "return", actor=made.leader, now=NOW)
    return made.ada


def declined(made: Scene) -> Enrolment:
    offers.decline(make.offer(made.ada), "Too far.", actor=Principal(made.ada.person_id), now=NOW)
    return made.ada


def expired(made: Scene) -> Enrolment:
    make.offer(made.ada, deadline_at=NOW)
    assert offers.lapse_due(NOW) == 1
    return made.ada


def withdrawn(made: Scene) -> Enrolment:
    offers.withdraw(make.offer(made.ada), "They closed.", actor=made.leader, now=NOW)
    return made.ada


def placement_ended(made: Scene) -> Enrolment:
    made.ada.state = EnrolmentState.PLACED
    offer = make.offer(made.ada, state=OfferState.ACCEPTED, answered_at=NOW - DAY)
    offers.give_back(offer, "The shop closed.", actor=made.leader, now=NOW)
    return made.ada


WAYS: dict[ClearingReason, Callable[[Scene], Enrolment]] = {
    ClearingReason.UNPLACED: unplaced,
    ClearingReason.DID_NOT_APPLY: did_not_apply,
    ClearingReason.CAME_LATE: came_late,
    ClearingReason.DECLINED: declined,
    ClearingReason.EXPIRED: expired,
    ClearingReason.WITHDRAWN: withdrawn,
    ClearingReason.PLACEMENT_ENDED: placement_ended,
}


def open_rows(enrolment: Enrolment) -> list[Any]:
    db.session.flush()
    rows = select(Clearing).where(Clearing.enrolment_id == enrolment.id, Clearing.closed_at.is_(None))
    return [(row.why, row.owner_id, row.by_on) for row in db.session.scalars(rows)]


@pytest.mark.parametrize("why", WAYS)
def test_whoever_is_without_a_place_has_an_owner_and_a_date(session: Any, why: ClearingReason) -> None:
    made = Scene()
    assert open_rows(WAYS[why](made)) == [(why, made.tom.id, USUAL)]


@pytest.mark.parametrize("why", WAYS)
def test_the_date_is_never_later_than_the_runs(session: Any, why: ClearingReason) -> None:
    made = Scene()
    made.run.placed_by_on = date(2026, 10, 28)
    assert open_rows(WAYS[why](made)) == [(why, made.tom.id, date(2026, 10, 28))]


def test_every_reason_is_tried() -> None:
    assert set(WAYS) == set(ClearingReason)
