"""Opening a round, and what it is run on: who is in it, which choices and places, which locks."""

import json
from datetime import timedelta
from typing import Any

import pytest

from placements.allocation import actions
from placements.applications.workflow import ApplicationState
from placements.challenges.workflow import ChallengeState
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.db import db
from placements.partners.boroughs import Distance
from placements.rounds import entrants, inputs
from placements.rounds.actions import discard, open_round
from placements.solver.instance import Instance
from tests import factories as make
from tests.allocation.scene import Scene
from tests.applications.scene import needs
from tests.client import counting_queries
from tests.factories import DAY, NOW


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def test_opening_draws_a_seed_once(scene: Scene) -> None:
    opened = scene.open()
    assert len(opened.seed) == 16
    assert scene.open() is opened  # the same form sent twice


def test_a_round_waits_for_the_end_of_choosing(scene: Scene) -> None:
    scene.run.ranking_closes_at = NOW + timedelta(minutes=1)
    with pytest.raises(Refused, match="Students of WL6W50 2026/27 choose until Tue 20 Oct 2026, 9:01am"):
        scene.open()


def test_a_round_is_of_one_year_and_a_run_is_in_one_round_at_a_time(scene: Scene) -> None:
    with pytest.raises(Refused, match="one academic year"):
        old = make.run(academic_year="2025/26", ranking_closes_at=NOW - DAY)
        open_round("k", "Both", [scene.run, old], actor=scene.leader, now=NOW)
    first = scene.open()
    with pytest.raises(Refused, match="“Main round” is not over yet"):
        open_round("another", "Again", [scene.run], actor=scene.leader, now=NOW)
    discard(first, "Too early.", actor=scene.leader, now=NOW)
    assert open_round("another", "Again", [scene.run], actor=scene.leader, now=NOW).id != first.id


def test_who_is_not_in_a_round_and_why(scene: Scene) -> None:
    for name, state in (
        ("Dee", EnrolmentState.PLACED),
        ("Eli", EnrolmentState.WITHDRAWN),
        ("Fay", EnrolmentState.DEFERRED),
        ("Gus", EnrolmentState.NOT_PLACED),
        ("Hal", EnrolmentState.COMPLETED),
    ):
        scene.student(name, scene.park).state = state
    make.offer(scene.student("Ida", scene.park))
    scene.student("Jo")
    make.application(scene.student("Kit"), [scene.park], state=ApplicationState.DRAFT)
    make.lock(scene.student("Liv"), scene.food)
    field = entrants.field_of(scene.open(), NOW)
    assert [each.enrolment.person.given_name for each in field.entrants] == ["Ada", "Ben", "Cyd", "Liv"]
    assert {each.enrolment.person.given_name: each.why for each in field.outsiders} == {
        "Dee": "Has a place",
        "Eli": "Has left the module",
        "Fay": "Has deferred",
        "Gus": "Has an agreed alternative",
        "Hal": "Has finished",
        "Ida": "Has an offer already",
        "Jo": "Has submitted no choices",
        "Kit": "Has submitted no choices",
    }


def test_only_eligible_choices_and_free_places_are_frozen(scene: Scene) -> None:
    shared = make.organisation(ceiling=3)
    wide = make.challenge(shared, title="Wide", places_max=5)
    make.offer(to=wide)
    make.offer(to=make.challenge(shared))
    other_level = scene.challenge("Other level", suits_level_6=False)
    paused = scene.challenge("Paused", state=ChallengeState.PAUSED)
    scene.student("Mia", other_level, wide, paused, scene.food)
    opened = scene.open()
    instance = inputs.instance_of(opened, entrants.field_of(opened, NOW))
    mia = next(each for each in instance.students if len(each.options) == 2 and each.options[0].rank == 2)
    assert [(each.challenge, each.rank) for each in mia.options] == [(wide.public_id, 2), (scene.food.public_id, 4)]
    places = {each.id: each.maximum for each in instance.challenges}
    assert (places[wide.public_id], places[scene.park.public_id]) == (4, 1)
    assert paused.public_id not in places
    ceilings = {each.id: each.ceiling for each in instance.organisations}
    assert ceilings[shared.public_id] == 1
    assert ceilings[scene.park.organisation.public_id] is None


def test_a_choice_that_does_not_fit_what_its_student_needs_is_not_eligible(scene: Scene) -> None:
    scene.park.days = 0b1
    needs(scene.ada, days=0b100, access="~need~")
    needs(scene.ben, days=0b101, borough="Islington", journey=Distance.NEAR)
    needs(scene.cyd, days=0b100)
    make.lock(scene.cyd, scene.park)
    opened = scene.open()
    text = inputs.instance_of(opened, entrants.field_of(opened, NOW)).to_json()
    options = {each.key: [option.challenge for option in each.options] for each in Instance.from_json(text).students}
    assert options == {
        inputs.round_key(opened, scene.ada): [scene.food.public_id],
        inputs.round_key(opened, scene.ben): [scene.park.public_id],
        inputs.round_key(opened, scene.cyd): [scene.park.public_id],  # a lock was agreed with them
    }
    assert sorted(json.loads(text)["students"][0]) == ["key", "level", "options"]
    for said in ("~need~", "Islington", "Wednesday"):
        assert said not in text


def test_the_field_asks_as_many_questions_however_many_students_need_something(scene: Scene) -> None:
    opened = scene.open()
    for enrolment in (scene.ada, scene.ben, scene.cyd):
        needs(enrolment, days=0b100, borough="Islington", journey=Distance.NEAR)
    db.session.flush()
    db.session.expire_all()
    assert [run.id for run in opened.runs] == [scene.run.id]  # read before anything is counted
    with counting_queries() as queries:
        inputs.instance_of(opened, entrants.field_of(opened, NOW))
    assert queries.count == 10


def test_frozen_inputs_name_nobody(scene: Scene) -> None:
    opened = scene.open()
    text = inputs.instance_of(opened, entrants.field_of(opened, NOW)).to_json()
    for enrolment in (scene.ada, scene.ben, scene.cyd):
        assert enrolment.public_id not in text
        assert enrolment.person.given_name not in text
    assert sorted(json.loads(text)["students"][0]) == ["key", "level", "options"]


def test_keys_are_the_same_in_every_attempt_and_others_in_another_round(scene: Scene) -> None:
    opened = scene.open()
    other = make.allocation_round(scene.run)
    assert inputs.round_key(opened, scene.ada) == inputs.round_key(opened, scene.ada)
    assert inputs.round_key(opened, scene.ada) != inputs.round_key(other, scene.ada)


def test_a_lock_that_no_longer_fits_is_named(scene: Scene) -> None:
    make.lock(scene.ada, scene.park)
    make.lock(scene.ben, scene.park)
    with pytest.raises(
        Refused,
        match=r"Ben Student is locked to The park\. Every place in this challenge is taken\. Undo that lock first",
    ):
        actions.run(scene.open(), actor=scene.leader, now=NOW)
    scene.park.places_max = 2
    scene.park.suits_level_6 = False
    with pytest.raises(Refused, match=r"Ada Student is locked to The park\. This challenge is for the other level"):
        actions.run(scene.open(), actor=scene.leader, now=NOW)
