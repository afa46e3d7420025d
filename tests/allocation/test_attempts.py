"""Running a round, staging what comes out, and changing it by hand: what each does, and what it refuses."""

import json
from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation import actions
from placements.allocation.models import Attempt
from placements.allocation.queries import attempts_of
from placements.allocation.results import Profile, profile_of_round
from placements.allocation.workflow import AttemptState
from placements.applications.models import Application
from placements.challenges.workflow import ChallengeState
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.rounds.actions import discard
from placements.rounds.workflow import RoundState
from placements.solver.instance import Instance
from tests import factories as make
from tests.allocation.scene import Scene, match_of, placed, publish
from tests.factories import NOW


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def test_running_queues_an_attempt_by_each_rule_on_the_same_inputs(scene: Scene) -> None:
    opened = scene.open()
    attempt = actions.run(opened, actor=scene.leader, now=NOW)
    assert actions.run(opened, actor=scene.leader, now=NOW) is attempt
    db.session.expire(opened)
    assert [each.rule for each in attempts_of(opened)] == ["generous-3", "greedy", "least-total-rank"]
    assert {(each.instance, each.instance_sha256) for each in attempts_of(opened)} == {
        (attempt.instance, attempt.instance_sha256)
    }
    assert Instance.from_json(attempt.instance).sha256() == attempt.instance_sha256


def test_an_empty_round_is_not_run(scene: Scene) -> None:
    for enrolment in (scene.ada, scene.ben, scene.cyd):
        enrolment.state = EnrolmentState.PLACED
    with pytest.raises(Refused, match="Nobody in these runs waits for a place"):
        actions.run(scene.open(), actor=scene.leader, now=NOW)


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
    again.state, again.result = AttemptState.SOLVED, attempts_of(staged)[0].result
    actions.stage(again, actor=scene.leader, now=NOW)
    db.session.expire_all()
    assert placed(staged)["Ada"] == "The food bank"
    assert [attempt.staged_at for attempt in attempts_of(staged)] == [None, NOW, None, None]


def test_an_override_moves_one_student_with_a_reason(scene: Scene) -> None:
    staged = scene.staged()
    lucky = scene.ben if placed(staged)["Ben"] else scene.cyd
    actions.override(match_of(staged, lucky), None, "Asked to wait.", actor=scene.leader, now=NOW)
    actions.override(match_of(staged, scene.ada), scene.park, "Lives there.", actor=scene.leader, now=NOW)
    moved = match_of(staged, scene.ada)
    assert (moved.rank, moved.reason, moved.overridden_by_id) == (1, "Lives there.", scene.leader.person_id)
    assert profile_of_round(staged) == Profile({1: 1}, unranked=0, unplaced=2)


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
    discard(attempt.round, "Too early.", actor=scene.leader, now=NOW)
    with pytest.raises(Refused, match="This round is discarded"):
        actions.run(attempt.round, actor=scene.leader, now=NOW)
    assert db.session.get(Attempt, attempt.id) is not None
