"""Pauses, and every way in which a placement ends: who is told, what becomes free, and that reasons stay inside."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts.actions import move_enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.history.queries import timeline
from placements.offers.models import Clearing, ClearingReason
from placements.offers.queries import taken
from placements.offers.workflow import OfferState
from placements.placing import endings, notices
from placements.placing.models import EndedBy, Pause
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.placing.scene import Scene

P = PlacementState
SECRET = "The supervisor has been accused of something."


def scene_in(state: PlacementState) -> Scene:
    return Scene(state=state, starts_on=date(2026, 10, 5), agreed_at=NOW - 15 * DAY)


def tutor_of(scene: Scene) -> Principal:
    return Principal(scene.tutor.person_id)


@pytest.fixture
def active(session: Any) -> Scene:
    return scene_in(P.ACTIVE)


def test_a_pause_begins_and_ends_and_is_told_each_time(active: Scene, session: Any) -> None:
    endings.pause(active.placement, SECRET, actor=tutor_of(active), now=NOW)
    assert active.placement.state is P.PAUSED
    assert active.told("placing.paused") == {"student", "supervisor"}
    endings.resume(active.placement, actor=tutor_of(active), now=NOW + 3 * DAY)
    assert active.placement.state is P.ACTIVE
    assert active.told("placing.resumed") == {"student", "supervisor"}
    pause = session.scalars(select(Pause)).one()
    assert [pause.covers(NOW + days * DAY) for days in (-1, 0, 2, 3)] == [False, True, True, False]


def test_a_pause_with_a_planned_end_is_told_with_it_and_ends_by_itself(active: Scene, session: Any) -> None:
    days = {"until_on": date(2026, 10, 23), "actor": tutor_of(active), "now": NOW}
    endings.pause(active.placement, SECRET, **days)
    check_golden("placing/paused-until", said(notices.PAUSED, active.placement.id, active.student.person) or "")
    for day, state in ((0, P.PAUSED), (2, P.PAUSED), (3, P.ACTIVE), (4, P.ACTIVE)):
        endings.resume_due(NOW + day * DAY)
        assert active.placement.state is state
    assert active.told("placing.resumed") == {"student", "supervisor", "tutor"}


def test_a_pause_without_one_ends_when_somebody_lets_it(active: Scene) -> None:
    endings.pause(active.placement, SECRET, actor=tutor_of(active), now=NOW)
    endings.resume_due(NOW + 40 * DAY)
    assert active.placement.state is P.PAUSED


@pytest.mark.parametrize(("until_on", "sentence"), [(date(2026, 10, 20), "to come"), (date(2028, 1, 1), "ends on")])
def test_a_planned_end_that_cannot_be_is_refused(active: Scene, until_on: date, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        endings.pause(active.placement, SECRET, until_on=until_on, actor=tutor_of(active), now=NOW)
    assert active.placement.state is P.ACTIVE


def test_pausing_twice_is_one_pause(active: Scene, session: Any) -> None:
    for _ in range(2):
        endings.pause(active.placement, SECRET, actor=tutor_of(active), now=NOW)
    assert len(session.scalars(select(Pause)).all()) == 1


def test_why_it_is_paused_or_ended_is_read_by_the_module_team_alone(database: Flask, active: Scene) -> None:
    endings.pause(active.placement, SECRET, actor=tutor_of(active), now=NOW)
    endings.end_early(
        active.placement, EndedBy.UNIVERSITY, SECRET, date(2026, 10, 19), needs_another=False, actor=NOBODY, now=NOW
    )
    abilities = database.extensions["placements.site"].abilities
    reads = {
        name: SECRET in str(timeline(active.placement, active.who(database, name), NOW, abilities))
        for name in ("student", "supervisor", "tutor", "leader")
    }
    assert reads == {"student": False, "supervisor": False, "tutor": True, "leader": True}


def test_completing_completes_the_enrolment_too(active: Scene) -> None:
    endings.complete(active.placement, actor=tutor_of(active), now=NOW)
    assert (active.placement.state, active.placement.ended_on) == (P.COMPLETED, date(2026, 10, 20))
    assert active.enrolment.state is EnrolmentState.COMPLETED
    assert active.told("placing.completed") == {"student", "supervisor"}


def test_completed_by_the_system_after_the_end_it_ended_on_its_last_day(session: Any) -> None:
    scene = Scene(state=P.ACTIVE, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 16))
    endings.complete(scene.placement, actor=NOBODY, now=NOW)
    assert scene.placement.ended_on == date(2026, 10, 16)
    assert scene.told("placing.completed") == {"student", "supervisor", "tutor"}


@pytest.mark.parametrize("state", [P.PREPARING, P.CLEARED])
def test_called_off_the_place_is_free_and_the_student_on_the_clearing_list(session: Any, state: PlacementState) -> None:
    scene = scene_in(state)
    endings.call_off(scene.placement, EndedBy.ORGANISATION, SECRET, actor=tutor_of(scene), now=NOW)
    assert (scene.placement.state, scene.placement.ended_by) == (P.NOT_STARTED, EndedBy.ORGANISATION)
    assert scene.placement.offer.state is OfferState.WITHDRAWN
    assert scene.enrolment.state is EnrolmentState.SEEKING
    row = session.scalars(select(Clearing)).one()
    assert (row.enrolment, row.why) == (scene.enrolment, ClearingReason.PLACEMENT_ENDED)
    assert scene.told("placing.called_off") == {"student", "supervisor"}


def test_called_off_twice_is_one_row_of_the_clearing_list(session: Any) -> None:
    scene = scene_in(P.PREPARING)
    for _ in range(2):
        endings.call_off(scene.placement, EndedBy.STUDENT, SECRET, actor=tutor_of(scene), now=NOW)
    assert len(session.scalars(select(Clearing)).all()) == 1


@pytest.mark.parametrize(
    ("needs_another", "after"),
    [
        (True, (P.TRANSFERRED, OfferState.WITHDRAWN, EnrolmentState.SEEKING, 1)),
        (False, (P.ENDED_EARLY, OfferState.WITHDRAWN, EnrolmentState.COMPLETED, 0)),
    ],
)
@pytest.mark.parametrize("was", [P.ACTIVE, P.PAUSED])
def test_ended_early_the_place_is_free_and_the_student_seeks_another_or_is_done(
    session: Any, was: PlacementState, needs_another: bool, after: tuple[Any, ...]
) -> None:
    scene = scene_in(P.ACTIVE)
    if was is P.PAUSED:
        endings.pause(scene.placement, SECRET, actor=NOBODY, now=NOW - DAY)
    last = date(2026, 10, 16)
    endings.end_early(
        scene.placement, EndedBy.STUDENT, "Ill.", last, needs_another=needs_another, actor=tutor_of(scene), now=NOW
    )
    placement = scene.placement
    rows = len(session.scalars(select(Clearing)).all())
    assert (placement.state, placement.offer.state, scene.enrolment.state, rows) == after
    assert taken(scene.run.academic_year).room(scene.challenge).taken == 0
    assert (placement.ended_on, placement.ended_reason) == (last, "Ill.")
    assert session.scalars(select(Pause).where(Pause.until_at.is_(None))).all() == []
    assert scene.told("placing.ended") == {"student", "supervisor"}


def test_after_a_move_the_student_can_be_placed_again(session: Any) -> None:
    scene = scene_in(P.ACTIVE)
    endings.end_early(
        scene.placement, EndedBy.ORGANISATION, "Moved.", date(2026, 10, 16), needs_another=True, actor=NOBODY, now=NOW
    )
    again = make.placement(scene.enrolment, make.challenge())
    assert again.goes_on


def test_a_last_day_that_cannot_be_is_refused(active: Scene) -> None:
    for last in (date(2026, 10, 21), date(2026, 10, 4)):
        with pytest.raises(Refused) as refusal:
            endings.end_early(
                active.placement, EndedBy.STUDENT, "Ill.", last, needs_another=False, actor=NOBODY, now=NOW
            )
        assert refusal.value.field == "last_on"
    assert active.placement.state is P.ACTIVE


@pytest.mark.parametrize("verb", ["defer", "withdraw"])
@pytest.mark.parametrize(
    ("was", "ended", "notice"),
    [
        (P.PREPARING, P.NOT_STARTED, "placing.called_off"),
        (P.CLEARED, P.NOT_STARTED, "placing.called_off"),
        (P.ACTIVE, P.ENDED_EARLY, "placing.ended"),
        (P.PAUSED, P.ENDED_EARLY, "placing.ended"),
    ],
)
def test_whoever_leaves_the_module_leaves_the_placement_and_the_host_is_told(
    session: Any, verb: str, was: PlacementState, ended: PlacementState, notice: str
) -> None:
    scene = scene_in(was)
    move_enrolment(scene.enrolment, verb, actor=Principal(scene.leader.person_id), now=NOW)
    assert (scene.placement.state, scene.placement.ended_by) == (ended, EndedBy.STUDENT)
    assert scene.placement.offer.state is OfferState.WITHDRAWN
    assert scene.told(notice) == {"supervisor", "tutor"}
    assert session.scalars(select(Clearing).where(Clearing.closed_at.is_(None))).all() == []


@pytest.mark.parametrize("state", [P.COMPLETED, P.NOT_STARTED, P.TRANSFERRED, P.ENDED_EARLY])
def test_what_has_ended_stays_as_it_ended_when_its_student_leaves(session: Any, state: PlacementState) -> None:
    scene = scene_in(state)
    move_enrolment(scene.enrolment, "withdraw", actor=NOBODY, now=NOW)
    assert scene.placement.state is state
