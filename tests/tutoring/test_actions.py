"""Loads, plans, what is fixed by hand, and applying: what each changes, whom it tells, and what it refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation.models import Attempt
from placements.allocation.solving import solve_next
from placements.allocation.workflow import AttemptState
from placements.cohorts.models import Theme
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from placements.tutoring import actions
from placements.tutoring.models import TutorFix, TutorLoad, TutorPlan
from tests import factories as make
from tests.factories import DAY, NOW
from tests.tutoring.scene import Scene, fix, load, plan, tutors_now


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def told(notice: str) -> set[str]:
    """The given names of whom a notice has been queued for."""
    rows = select(Person.given_name).join(Notification, Notification.recipient_id == Person.id)
    return set(db.session.scalars(rows.where(Notification.notice == notice)))


def by_leader(scene: Scene) -> dict[str, Any]:
    return {"actor": scene.leader, "now": NOW}


def everybody(scene: Scene) -> tuple[Placement, ...]:
    return scene.ada, scene.ben, scene.cyd, scene.dan


def test_a_load_is_written_once_and_then_changed(scene: Scene) -> None:
    for most, themes in ((5, [Theme.CRIME]), (3, [Theme.HEALTH, Theme.CRIME])):
        actions.set_load(scene.role("tom"), most, themes, **by_leader(scene))
    said = db.session.scalars(select(TutorLoad)).one()
    assert (said.person_id, said.load, said.themes) == (scene.tom.person_id, 3, ["crime", "health"])
    rows = db.session.scalars(select(History).where(History.verb == "tutor's load set")).all()
    assert [(row.person_id, row.fields) for row in rows] == [(scene.tom.person_id, ["load", "themes"])] * 2


def test_a_plan_is_asked_solved_by_the_worker_and_applied(scene: Scene) -> None:
    load(scene.role("tom"), 2, Theme.CRIME)
    load(scene.role("uma"), 5, Theme.POVERTY)
    asked = actions.propose(scene.run, **by_leader(scene))
    db.session.commit()
    assert solve_next(NOW, NOW + DAY, (Attempt, TutorPlan)) is True
    assert (asked.state, asked.finished_at, asked.reasons) == (AttemptState.SOLVED, NOW + DAY, None)
    actions.apply(asked, **by_leader(scene))
    # Tom takes on two: Ada, whose area he knows, and one other of his group; Uma knows Cyd's area.
    assert tutors_now(*everybody(scene)) == {"Ada": "Tom", "Ben": "Tom", "Cyd": "Uma", "Dan": "Tia"}
    assert asked.applied_at == NOW


def test_the_worker_leaves_plans_to_those_who_ask_for_them(scene: Scene) -> None:
    plan(scene.run, state=AttemptState.QUEUED)
    db.session.commit()
    assert solve_next(NOW, NOW) is False
    assert solve_next(NOW, NOW, (Attempt, TutorPlan)) is True
    assert solve_next(NOW, NOW, (Attempt, TutorPlan)) is False


def test_asking_twice_is_one_plan_until_something_changes(scene: Scene) -> None:
    first = actions.propose(scene.run, **by_leader(scene))
    assert actions.propose(scene.run, **by_leader(scene)) is first
    load(scene.role("tom"), 1)
    second = actions.propose(scene.run, **by_leader(scene))
    assert second is not first
    second.state = AttemptState.FAILED
    assert actions.propose(scene.run, **by_leader(scene)) is not second


def test_nothing_to_share_is_refused(session: Any) -> None:
    run = make.run()
    with pytest.raises(Refused, match="Nobody is on a placement of this run"):
        actions.propose(run, actor=Principal(), now=NOW)


def test_applying_tells_students_and_supervisors_of_each_and_tutors_once(scene: Scene) -> None:
    scene.ben.tutor = scene.uma.person
    made = plan(scene.run)
    actions.apply(made, **by_leader(scene))
    assert tutors_now(*everybody(scene)) == {"Ada": "Tom", "Ben": "Tom", "Cyd": "Tom", "Dan": "Tia"}
    supervisors = {each.supervisor.given_name for each in (scene.ben, scene.cyd)}
    assert told("placing.tutor_changed") == {"Ben", "Cyd", *supervisors}
    assert told("tutoring.shared") == {"Tom", "Uma"}
    assert db.session.scalars(select(Notification.about_id).filter_by(notice="tutoring.shared")).all() == [made.id] * 2
    rows = db.session.scalars(select(History).where(History.verb == "given another tutor")).all()
    assert {(row.about_id, row.reason) for row in rows} == {
        (each.id, "Placements were shared anew among the tutors.") for each in (scene.ben, scene.cyd)
    }


def test_applying_twice_is_once(scene: Scene) -> None:
    made = plan(scene.run)
    actions.apply(made, **by_leader(scene))
    scene.cyd.tutor = scene.uma.person
    actions.apply(made, **by_leader(scene))
    assert tutors_now(scene.cyd) == {"Cyd": "Uma"}


CHANGES: dict[str, Callable[[Scene], object]] = {
    "a placement ended": lambda scene: setattr(scene.ada, "state", PlacementState.ENDED_EARLY),
    "another tutor": lambda scene: setattr(scene.cyd, "tutor", scene.uma.person),
    "a limit": lambda scene: load(scene.role("tom"), 3),
    "an area": lambda scene: load(scene.role("uma"), 25, Theme.CRIME),
    "an interest": lambda scene: make.interest(scene.ada.challenge.organisation, scene.tom.person),
    "fixed by hand": lambda scene: fix(scene.dan, scene.uma.person, scene.lea.person),
    "a new group tutor": lambda scene: setattr(scene.group, "tutor", scene.uma.person),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_since_keeps_a_plan_from_being_applied(
    scene: Scene, change: Callable[[Scene], object]
) -> None:
    made = plan(scene.run)
    change(scene)
    db.session.flush()
    before = tutors_now(*everybody(scene))
    with pytest.raises(Refused, match="Placements, tutors or limits have changed since this was worked out"):
        actions.apply(made, **by_leader(scene))
    assert (tutors_now(*everybody(scene)), made.applied_at) == (before, None)


def test_a_plan_whose_proof_does_not_hold_is_not_applied(scene: Scene) -> None:
    made = plan(scene.run)
    made.result = (made.result or "").replace(f'"{scene.tom.person.public_id}"', f'"{scene.uma.person.public_id}"')
    with pytest.raises(Refused, match="does not pass its check"):
        actions.apply(made, **by_leader(scene))


def test_nobody_is_left_above_a_limit_and_nobody_without_a_tutor_for_want_of_room(scene: Scene) -> None:
    for name in ("tom", "tia", "uma"):
        load(scene.role(name), 1)
    with pytest.raises(Refused, match="Not everybody finds a tutor with room"):
        actions.apply(plan(scene.run), **by_leader(scene))


def test_one_in_whose_organisation_every_tutor_has_an_interest_stays_as_it_is(scene: Scene) -> None:
    for name in ("tom", "tia", "uma"):
        make.interest(scene.cyd.challenge.organisation, getattr(scene, name).person)
    scene.ben.tutor = None
    db.session.flush()
    actions.apply(plan(scene.run), **by_leader(scene))
    assert tutors_now(scene.ben, scene.cyd) == {"Ben": "Tom", "Cyd": None}


def test_a_leader_with_an_interest_in_what_changes_applies_nothing(scene: Scene) -> None:
    interested = Principal(
        scene.lea.person_id, scene.leader.roles | {("interest", scene.cyd.challenge.organisation_id)}
    )
    with pytest.raises(Refused, match="You have an interest in Friends of Cyd, so another leader"):
        actions.apply(plan(scene.run), actor=interested, now=NOW)
    elsewhere = Principal(scene.lea.person_id, scene.leader.roles | {("interest", scene.dan.challenge.organisation_id)})
    actions.apply(plan(scene.run), actor=elsewhere, now=NOW)
    assert tutors_now(scene.cyd) == {"Cyd": "Tom"}


def test_what_is_fixed_stays_in_every_plan_until_it_is_let_go(scene: Scene) -> None:
    asked = actions.fix(scene.dan, scene.uma.person, "Same field.", **by_leader(scene))
    db.session.flush()
    assert (asked.state, told("tutoring.shared")) == (AttemptState.QUEUED, set())
    actions.apply(plan(scene.run), **by_leader(scene))
    assert tutors_now(scene.dan) == {"Dan": "Uma"}
    fixed = db.session.scalars(select(TutorFix)).one()
    assert (fixed.reason, fixed.fixed_by_id, fixed.fixed_at) == ("Same field.", scene.lea.person_id, NOW)
    actions.let_go(fixed, **by_leader(scene))
    actions.apply(plan(scene.run), **by_leader(scene))
    assert tutors_now(scene.dan) == {"Dan": "Tia"}
    verbs = select(History.verb, History.ability).where(History.ability == "placing.read_reasons").order_by(History.id)
    assert [row.verb for row in db.session.execute(verbs)] == ["fixed to a tutor", "no longer fixed to a tutor"]


def test_fixing_again_replaces_and_twice_is_once(scene: Scene) -> None:
    for tutor, reason in ((scene.uma, "One."), (scene.uma, "One."), (scene.tom, "Two.")):
        actions.fix(scene.dan, tutor.person, reason, **by_leader(scene))
    fixed = db.session.scalars(select(TutorFix)).one()
    assert (fixed.tutor, fixed.reason) == (scene.tom.person, "Two.")
    assert db.session.query(History).filter_by(verb="fixed to a tutor").count() == 2


def test_nobody_is_fixed_to_whoever_has_an_interest_or_no_room_or_to_what_is_over(scene: Scene) -> None:
    make.interest(scene.dan.challenge.organisation, scene.uma.person)
    with pytest.raises(Refused, match="has no interest in the organisation"):
        actions.fix(scene.dan, scene.uma.person, "Why not.", **by_leader(scene))
    load(scene.role("tom"), 0)
    with pytest.raises(Refused, match="Tom Tutor is fixed to 1 by hand, and looks after at most 0"):
        actions.fix(scene.dan, scene.tom.person, "Why not.", **by_leader(scene))
    scene.ada.state = PlacementState.COMPLETED
    with pytest.raises(Refused, match="This placement is completed"):
        actions.fix(scene.ada, scene.tia.person, "Why not.", **by_leader(scene))
