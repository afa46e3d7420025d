"""“What would it cost?”: a trial is a real solve, changes nothing, and can be made so."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation import actions, results
from placements.allocation.models import Attempt
from placements.allocation.queries import attempts_of
from placements.allocation.solving import solve_next
from placements.allocation.workflow import AttemptState
from placements.challenges.models import Challenge
from placements.changes import queries, trials
from placements.changes.actions import adjust
from placements.cohorts.models import Enrolment
from placements.core.errors import Refused
from placements.db import begin_to_write, db
from placements.rounds.adjustments import Wanted
from placements.rounds.inputs import round_key
from placements.rounds.locking import lock_pair
from placements.rounds.models import Adjustment, Lock
from placements.solver.changes import Change, Kind, changed
from placements.solver.solve import solve
from tests import factories as make
from tests.allocation.scene import Scene
from tests.databases import Copy
from tests.factories import NOW


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def asked(scene: Scene, base: Attempt, *changes: Change) -> Attempt:
    """The trial, solved as the worker does."""
    trial = trials.ask(base, changes, actor=scene.leader, now=NOW)
    db.session.commit()
    while solve_next(NOW, NOW):
        pass
    db.session.refresh(trial)
    return trial


def about(base: Attempt, kind: Kind, enrolment: Enrolment, challenge: Any) -> Change:
    return Change(kind, challenge.public_id, round_key(base.round, enrolment))


def moved(base: Attempt, trial: Attempt) -> dict[str, tuple[str | None, int | None, str | None, int | None]]:
    """Who would move: from which challenge and rank to which."""
    return {
        each.before.enrolment.person.given_name: (
            each.before.challenge and each.before.challenge.title,
            each.before.rank,
            each.after.challenge and each.after.challenge.title,
            each.after.rank,
        )
        for each in queries.movers(base, trial)
    }


def test_forcing_a_student_costs_another_their_place(scene: Scene) -> None:
    base = scene.solved()
    trial = asked(scene, base, about(base, Kind.LOCK, scene.ada, scene.park))
    assert trial.state is AttemptState.SOLVED
    assert (base.reasons is None, trial.reasons is None) == (False, True)  # nobody is told why of a mere question
    said = [(each.what, each.now, each.then, each.words) for each in queries.differences(base, trial)]
    assert said == [
        ("students unplaced", 1, 2, "1 more"),
        ("total rank of those at choices 1 to 3", 3, 1, "2 less"),
        ("displeasure of organisations", 2, 1, "1 less"),
    ]
    assert [each.sentence for each in queries.differences(base, trial)[:2]] == [
        "1 more student without a place",
        "total rank of those at choices 1 to 3 lower by 2",
    ]
    at_park = next(each for each in results.outcomes(base) if each.challenge and each.challenge.title == "The park")
    loser = at_park.enrolment.person.given_name
    assert moved(base, trial) == {"Ada": ("The food bank", 2, "The park", 1), loser: ("The park", 1, None, None)}


@pytest.mark.parametrize("number", range(4))
def test_a_trial_is_exactly_a_real_solve_of_the_changed_inputs(scene: Scene, number: int) -> None:
    for name in ("Dee", "Eli", "Fay"):
        scene.student(name, scene.food, scene.park)
    base = scene.solved()
    changes = [
        [about(base, Kind.LOCK, scene.ben, scene.food)],
        [about(base, Kind.FORBID, scene.ada, scene.food)],
        [Change(Kind.PLACES, scene.park.public_id, number=3)],
        [Change(Kind.PLACES, scene.food.public_id, number=0), about(base, Kind.LOCK, scene.cyd, scene.park)],
    ][number]
    trial = asked(scene, base, *changes)
    inputs = changed(results.frozen_inputs(base), changes)
    assert trial.instance_sha256 == inputs.sha256()
    assert trial.result == solve(inputs, "generous-3").to_json()
    assert trial.result != base.result


def test_a_trial_is_no_attempt_of_the_round_and_is_never_staged(scene: Scene) -> None:
    base = scene.solved()
    trial = asked(scene, base, Change(Kind.PLACES, scene.park.public_id, number=2))
    db.session.expire_all()
    assert [each.id for each in attempts_of(base.round)] == [base.id]
    assert [each.id for each, _ in results.compared(attempts_of(base.round))] == [base.id]
    with pytest.raises(Refused, match="no result to stage"):
        actions.stage(trial, actor=scene.leader, now=NOW)
    actions.stage(base, actor=scene.leader, now=NOW)  # and nothing of the round has changed
    assert scene.park.places_max == 1


def test_the_same_question_is_asked_once_and_one_at_a_time(scene: Scene) -> None:
    base = scene.solved()
    more = Change(Kind.PLACES, scene.park.public_id, number=2)
    first = trials.ask(base, [more], actor=scene.leader, now=NOW)
    assert trials.ask(base, [more], actor=scene.leader, now=NOW) is first
    with pytest.raises(Refused, match="Another question about this round is being worked out"):
        trials.ask(base, [Change(Kind.PLACES, scene.park.public_id, number=3)], actor=scene.leader, now=NOW)
    first.state = AttemptState.FAILED
    again = trials.ask(base, [more], actor=scene.leader, now=NOW)
    assert again is not first
    assert json.loads(again.changes or "") == [
        {"kind": "places", "about": scene.park.public_id, "student": "", "number": 2}
    ]


def test_nothing_is_asked_of_what_has_no_result_or_leaves_no_answer(scene: Scene) -> None:
    lock_pair(scene.ben, scene.park, "Lives there.", actor=scene.leader, now=NOW)
    base = scene.solved()
    with pytest.raises(Refused, match="That cannot be"):
        trials.ask(base, [about(base, Kind.LOCK, scene.ada, scene.park)], actor=scene.leader, now=NOW)
    trial = asked(scene, base, Change(Kind.PLACES, scene.food.public_id, number=2))
    waiting = make.attempt(base.round)
    for other in (trial, waiting):
        with pytest.raises(Refused, match="an attempt that has a result"):
            trials.ask(other, [Change(Kind.PLACES, scene.food.public_id, number=3)], actor=scene.leader, now=NOW)


def test_made_so_it_is_a_lock_and_the_round_runs_again_with_what_was_promised(scene: Scene) -> None:
    base = scene.solved()
    trial = asked(scene, base, about(base, Kind.LOCK, scene.ada, scene.park))
    again = trials.adopt(trial, "Her tutor asked for it.", actor=scene.leader, now=NOW)
    lock = db.session.scalars(select(Lock)).one()
    assert (lock.enrolment, lock.challenge, lock.reason) == (scene.ada, scene.park, "Her tutor asked for it.")
    assert again.instance_sha256 == trial.instance_sha256
    assert (again.base_id, again.state) == (None, AttemptState.QUEUED)
    with pytest.raises(Refused, match="is being worked out"):
        trials.adopt(trial, "Twice.", actor=scene.leader, now=NOW)


@pytest.mark.parametrize("number", [0, 2])
def test_made_so_places_are_what_the_trial_was_of(scene: Scene, number: int) -> None:
    base = scene.solved()
    trial = asked(scene, base, Change(Kind.PLACES, scene.park.public_id, number=number))
    again = trials.adopt(trial, "Ms Park agreed.", actor=scene.leader, now=NOW)
    assert again.instance_sha256 == trial.instance_sha256
    assert scene.park.places_max == {0: 1, 2: 2}[number]


def test_a_question_waiting_does_not_keep_the_round_from_running(scene: Scene) -> None:
    base = scene.solved()
    waiting = trials.ask(base, [Change(Kind.PLACES, scene.park.public_id, number=2)], actor=scene.leader, now=NOW)
    assert actions.run(base.round, actor=scene.leader, now=NOW) not in (base, waiting)


def test_two_presses_at_once_ask_one_thing_and_change_one_thing(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        scene = Scene()
        base_id, leader, food = scene.solved().id, scene.leader, scene.food.public_id
        wide = scene.challenge("Wide", places_max=5).id
        db.session.commit()
    ready = Barrier(2)

    def press(_: int) -> None:
        with fresh_database.app.app_context():
            ready.wait(timeout=20)
            begin_to_write()
            base = db.session.get_one(Attempt, base_id)
            fewer = Wanted(Kind.PLACES, challenge=db.session.get_one(Challenge, wide), number=2)
            trials.ask(base, [Change(Kind.PLACES, food, number=2)], actor=leader, now=NOW)
            adjust(base.round, [fewer], "Mr Wide is away.", actor=leader, now=NOW)
            db.session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(press, range(2)))
    with fresh_database.app.app_context():
        assert len(db.session.scalars(select(Attempt).where(Attempt.base_id == base_id)).all()) == 1
        assert [each.number for each in db.session.scalars(select(Adjustment))] == [2]
