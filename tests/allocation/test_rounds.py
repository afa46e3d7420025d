"""A round from opening to publication: what each verb does, and what it refuses."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation import actions, inputs
from placements.allocation.locking import lock_pair
from placements.allocation.models import Attempt
from placements.allocation.results import Profile, profile_of_round
from placements.allocation.workflow import AttemptState, RoundState
from placements.applications.models import Application
from placements.applications.workflow import ApplicationState
from placements.challenges.workflow import ChallengeState
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.partners.boroughs import Distance
from placements.solver.instance import Instance
from tests import factories as make
from tests.allocation.scene import Scene, match_of, placed, publish
from tests.applications.scene import needs
from tests.client import counting_queries
from tests.factories import DAY, NOW


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


# Opening


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
        actions.open_round("k", "Both", [scene.run, old], actor=scene.leader, now=NOW)
    first = scene.open()
    with pytest.raises(Refused, match="“Main round” is not over yet"):
        actions.open_round("another", "Again", [scene.run], actor=scene.leader, now=NOW)
    actions.discard(first, "Too early.", actor=scene.leader, now=NOW)
    assert actions.open_round("another", "Again", [scene.run], actor=scene.leader, now=NOW).id != first.id


# Who is in it


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
    field = inputs.field_of(scene.open(), NOW)
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
    instance = inputs.instance_of(opened, inputs.field_of(opened, NOW))
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
    text = inputs.instance_of(opened, inputs.field_of(opened, NOW)).to_json()
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
        inputs.instance_of(opened, inputs.field_of(opened, NOW))
    assert queries.count == 10


def test_frozen_inputs_name_nobody(scene: Scene) -> None:
    opened = scene.open()
    text = inputs.instance_of(opened, inputs.field_of(opened, NOW)).to_json()
    for enrolment in (scene.ada, scene.ben, scene.cyd):
        assert enrolment.public_id not in text
        assert enrolment.person.given_name not in text
    assert sorted(json.loads(text)["students"][0]) == ["key", "level", "options"]


def test_keys_are_the_same_in_every_attempt_and_others_in_another_round(scene: Scene) -> None:
    opened = scene.open()
    other = make.allocation_round(scene.run)
    assert inputs.round_key(opened, scene.ada) == inputs.round_key(opened, scene.ada)
    assert inputs.round_key(opened, scene.ada) != inputs.round_key(other, scene.ada)


# Running


def test_running_queues_an_attempt_by_each_rule_on_the_same_inputs(scene: Scene) -> None:
    opened = scene.open()
    attempt = actions.run(opened, actor=scene.leader, now=NOW)
    assert actions.run(opened, actor=scene.leader, now=NOW) is attempt
    db.session.expire(opened)
    assert [each.rule for each in opened.attempts] == ["generous-3", "greedy", "least-total-rank"]
    assert {(each.instance, each.instance_sha256) for each in opened.attempts} == {
        (attempt.instance, attempt.instance_sha256)
    }
    assert Instance.from_json(attempt.instance).sha256() == attempt.instance_sha256


def test_an_empty_round_is_not_run(scene: Scene) -> None:
    for enrolment in (scene.ada, scene.ben, scene.cyd):
        enrolment.state = EnrolmentState.PLACED
    with pytest.raises(Refused, match="Nobody in these runs waits for a place"):
        actions.run(scene.open(), actor=scene.leader, now=NOW)


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


# Staging


def test_staging_makes_the_best_placing_the_one_to_publish(scene: Scene) -> None:
    staged = scene.staged()
    assert staged.state is RoundState.STAGED
    assert placed(staged)["Ada"] == "The food bank"  # Ada alone can go elsewhere, so two are placed
    assert sorted(map(str, placed(staged).values())) == ["None", "The food bank", "The park"]
    assert profile_of_round(staged) == Profile({1: 1, 2: 1}, unranked=0, unplaced=1)
    assert db.session.scalars(select(Notification)).all() == []


@pytest.mark.parametrize(
    "change", ["a new student", "a lock", "a place taken", "a challenge paused", "changed choices"]
)
def test_a_result_of_other_inputs_is_not_staged(scene: Scene, change: str) -> None:
    attempt = scene.solved()
    if change == "a new student":
        scene.student("New", scene.park)
    elif change == "a lock":
        make.lock(scene.ben, scene.park)
    elif change == "a place taken":
        make.offer(to=scene.park)
    elif change == "a challenge paused":
        scene.food.state = ChallengeState.PAUSED
    else:
        rank = next(each for each in db.session.scalars(select(Application)).all() if len(each.preferences) == 2)
        rank.preferences.pop()
    db.session.flush()
    with pytest.raises(Refused, match="have changed since this attempt"):
        actions.stage(attempt, actor=scene.leader, now=NOW)


def test_a_tampered_result_is_not_staged(scene: Scene) -> None:
    attempt = scene.solved()
    result = json.loads(attempt.result or "")
    result["placing"] = dict.fromkeys(result["placing"])
    attempt.result = json.dumps(result)
    with pytest.raises(Refused, match="does not pass its check"):
        actions.stage(attempt, actor=scene.leader, now=NOW)


def test_staging_another_attempt_takes_the_place_of_the_first(scene: Scene) -> None:
    staged = scene.staged()
    actions.override(match_of(staged, scene.ada), None, "Asked for it.", actor=scene.leader, now=NOW)
    again = actions.run(staged, actor=scene.leader, now=NOW)
    db.session.flush()
    again.state, again.result = AttemptState.SOLVED, staged.attempts[0].result
    actions.stage(again, actor=scene.leader, now=NOW)
    db.session.expire_all()
    assert placed(staged)["Ada"] == "The food bank"
    assert [attempt.staged_at for attempt in staged.attempts] == [None, NOW, None, None]


# Overriding


def test_an_override_moves_one_student_with_a_reason(scene: Scene) -> None:
    staged = scene.staged()
    lucky = scene.ben if placed(staged)["Ben"] else scene.cyd
    actions.override(match_of(staged, lucky), None, "Asked to wait.", actor=scene.leader, now=NOW)
    actions.override(match_of(staged, scene.ada), scene.park, "Lives there.", actor=scene.leader, now=NOW)
    moved = match_of(staged, scene.ada)
    assert (moved.rank, moved.reason, moved.overridden_by_id) == (1, "Lives there.", scene.leader.person_id)
    assert profile_of_round(staged) == Profile({1: 1}, unranked=0, unplaced=2)


def test_whoever_is_placed_by_hand_is_locked_nowhere_else_before_it_is_published(scene: Scene) -> None:
    staged = scene.staged()
    actions.override(match_of(staged, scene.ada), None, "Asked for it.", actor=scene.leader, now=NOW)
    db.session.flush()
    with pytest.raises(Refused, match="Ada Student has been placed by hand in a round that is not published yet"):
        lock_pair(scene.ada, scene.park, "Lives there.", actor=scene.leader, now=NOW)


def test_an_override_may_give_what_was_not_chosen_but_not_what_is_full_or_unfit(scene: Scene) -> None:
    small = scene.challenge("Small", places_max=1)
    level_5 = scene.challenge("For level 5", suits_level_6=False)
    full = make.organisation(ceiling=1)
    make.offer(to=make.challenge(full))
    under_ceiling = make.challenge(full, title="Under a full ceiling", places_max=9)
    staged = scene.staged()
    actions.override(match_of(staged, scene.ada), small, "Asked for it.", actor=scene.leader, now=NOW)
    assert match_of(staged, scene.ada).rank is None
    for challenge, why in (
        (small, "Every place in this challenge is taken"),
        (level_5, "for the other level"),
        (under_ceiling, "as many students as it can take"),
    ):
        with pytest.raises(Refused, match=why):
            actions.override(match_of(staged, scene.ben), challenge, "Why not?", actor=scene.leader, now=NOW)


def test_nobody_overrides_towards_an_organisation_of_their_own(scene: Scene) -> None:
    staged = scene.staged()
    mine = scene.challenge("Mine")
    who = Principal(scene.leader.person_id, scene.leader.roles | {("interest", mine.organisation_id)})
    with pytest.raises(Refused, match="somebody else has to decide this"):
        actions.override(match_of(staged, scene.ada), mine, "It is mine.", actor=who, now=NOW)


def test_only_a_staged_round_is_overridden(scene: Scene) -> None:
    staged = scene.staged()
    publish(scene, staged)
    with pytest.raises(Refused, match="This round is published"):
        actions.override(match_of(staged, scene.ada), None, "Too late.", actor=scene.leader, now=NOW)


def test_a_discarded_round_cannot_be_run_and_its_attempts_stay(scene: Scene) -> None:
    attempt = scene.solved()
    actions.discard(attempt.round, "Too early.", actor=scene.leader, now=NOW)
    with pytest.raises(Refused, match="This round is discarded"):
        actions.run(attempt.round, actor=scene.leader, now=NOW)
    assert db.session.get(Attempt, attempt.id) is not None
