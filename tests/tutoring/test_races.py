"""Two leaders who press at the same moment: a plan is asked for once, and applied once."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from placements.cohorts.models import ModuleRun
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.tutoring import actions
from placements.tutoring.models import TutorPlan
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until
from tests.tutoring.scene import Scene, plan


@pytest.fixture
def two_plans(fresh_database: Copy) -> tuple[Principal, int, int, int]:
    """The leader, the run, and two equal plans of it, by key."""
    with fresh_database.app.app_context():
        scene = Scene()
        made = scene.leader, scene.run.id, plan(scene.run).id, plan(scene.run).id
        db.session.commit()
        return made


def applying(leader: Principal, plan_id: int) -> Callable[[], None]:
    return lambda: actions.apply(db.session.get_one(TutorPlan, plan_id), actor=leader, now=NOW)


def times(copy: Copy, verb: str) -> int:
    with copy.app.app_context():
        return db.session.query(History).filter_by(verb=verb).count()


def unguarded(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let both come past what `actions` asks by that name before either goes on."""
    asked, both = getattr(actions, name), Barrier(2)

    def without_guard(*about: Any) -> Any:
        found = asked(*about)
        let_go_until(both)
        return found

    monkeypatch.setattr(actions, name, without_guard)


APPLIED, ASKED = "shared among the tutors anew", "asked who best tutors whom"


def test_the_same_plan_is_applied_once(fresh_database: Copy, two_plans: Any) -> None:
    leader, _, one, _ = two_plans
    assert at_once(fresh_database, applying(leader, one), applying(leader, one)) == [None, None]
    assert (times(fresh_database, APPLIED), times(fresh_database, "given another tutor")) == (1, 1)


def test_of_two_plans_one_is_applied_and_the_other_is_out_of_date(fresh_database: Copy, two_plans: Any) -> None:
    leader, _, one, other = two_plans
    refusals = [each for each in at_once(fresh_database, applying(leader, one), applying(leader, other)) if each]
    assert [refusal.sentence for refusal in refusals if isinstance(refusal, Refused)] == [
        "Placements, tutors or limits have changed since this was worked out. Propose again."
    ]
    assert (times(fresh_database, APPLIED), times(fresh_database, "given another tutor")) == (1, 1)


def test_without_the_guard_both_are_applied(
    fresh_database: Copy, two_plans: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, _, one, other = two_plans
    unguarded(monkeypatch, "is_still_so")
    assert at_once(fresh_database, applying(leader, one), applying(leader, other)) == [None, None]
    assert times(fresh_database, APPLIED) == 2


def proposing(leader: Principal, run_id: int) -> Callable[[], object]:
    return lambda: actions.propose(db.session.get_one(ModuleRun, run_id), actor=leader, now=NOW)


@pytest.fixture
def a_run(fresh_database: Copy) -> tuple[Principal, int]:
    """The leader, and the run, which has no plan."""
    with fresh_database.app.app_context():
        scene = Scene()
        made = scene.leader, scene.run.id
        db.session.commit()
        return made


def test_one_plan_is_asked_for(fresh_database: Copy, a_run: Any) -> None:
    assert at_once(fresh_database, proposing(*a_run), proposing(*a_run)) == [None, None]
    assert times(fresh_database, ASKED) == 1


def test_without_the_guard_two_are(fresh_database: Copy, a_run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch, "asked_already")
    assert at_once(fresh_database, proposing(*a_run), proposing(*a_run)) == [None, None]
    assert times(fresh_database, ASKED) == 2
