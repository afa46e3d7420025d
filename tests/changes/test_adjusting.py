"""What a module leader changes in a round: what each change is, what it is frozen as, how it is taken back."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation import actions
from placements.allocation.queries import attempts_of
from placements.challenges.models import ChallengeVersion
from placements.changes.actions import adjust, choose_rule, take_back
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.queries import lately
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.rounds import entrants, inputs, suggesting
from placements.rounds.actions import discard
from placements.rounds.adjustments import Wanted, standing
from placements.rounds.models import Adjustment, Lock, Round
from placements.solver import instance as solver_instance
from placements.solver import possible
from placements.solver.changes import Change, Kind
from placements.solver.instance import Instance
from tests import factories as make
from tests.allocation.scene import Scene, match_of, placed, publish
from tests.factories import DAY, NOW

LATER = NOW + DAY


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def change(scene: Scene, round: Round, kind: Kind, reason: str = "Agreed with Ms Park.", **said: Any) -> None:
    adjust(round, [Wanted(kind, **said)], reason, actor=scene.leader, now=NOW)


def frozen(round: Round) -> Instance:
    return inputs.instance_of(round, entrants.field_of(round, NOW))


def places(round: Round, of: Any) -> tuple[int, int]:
    """The challenge's most and fewest students, as they are frozen."""
    one = next(each for each in frozen(round).challenges if each.id == of.public_id)
    return one.maximum, one.minimum


def test_fewer_places_hold_for_this_round_alone_and_are_hashed_with_it(scene: Scene) -> None:
    opened = scene.open()
    before = frozen(opened).sha256()
    wide = scene.challenge("Wide", places_max=5)
    make.offer(to=wide)
    assert places(opened, wide)[0] == 4
    change(scene, opened, Kind.PLACES, challenge=wide, number=2)
    assert places(opened, wide)[0] == 2
    assert wide.places_max == 5
    assert entrants.field_of(opened, NOW).room(wide).left == 2
    other = make.allocation_round(scene.run)
    assert places(other, wide)[0] == 4
    take_back(standing(opened)[0], actor=scene.leader, now=NOW)
    assert places(opened, wide)[0] == 4
    assert frozen(opened).sha256() != before


def test_more_places_than_were_said_are_written_into_the_brief_and_publishing_holds(scene: Scene) -> None:
    opened = scene.open()
    change(scene, opened, Kind.PLACES, challenge=scene.park, number=3)
    assert (scene.park.places_max, standing(opened)) == (3, [])
    version = db.session.scalars(select(ChallengeVersion).order_by(ChallengeVersion.id.desc())).first()
    assert version and version.words["places"] == "1 to 3 places"
    said = [(each.sentence, each.about) for each in lately(scene.leader, 10) if "places" in each.sentence]
    assert said and "Agreed with Ms Park." in said[0][0]
    staged = scene.staged()
    assert placed(staged) == {"Ada": "The park", "Ben": "The park", "Cyd": "The park"}
    publish(scene, staged)
    assert len(db.session.scalars(select(Offer).where(Offer.challenge_id == scene.park.id)).all()) == 3


def test_as_many_places_as_were_said_end_the_adjustment(scene: Scene) -> None:
    opened, wide = scene.open(), scene.challenge("Wide", places_max=5)
    for number in (2, 2, 3):
        change(scene, opened, Kind.PLACES, challenge=wide, number=number)
    assert [each.number for each in standing(opened)] == [3]
    assert len(db.session.scalars(select(Adjustment)).all()) == 2  # the same again is the same one
    change(scene, opened, Kind.PLACES, challenge=wide, number=5)
    assert (standing(opened), wide.places_max, wide.version) == ([], 5, 1)


def test_an_organisations_limit_is_lowered_here_and_raised_in_its_record(scene: Scene) -> None:
    opened, owner = scene.open(), scene.park.organisation
    change(scene, opened, Kind.CEILING, organisation=owner, number=0)
    assert next(each.ceiling for each in frozen(opened).organisations if each.id == owner.public_id) == 0
    assert entrants.field_of(opened, NOW).room(scene.park).left == 0
    owner.ceiling = 1
    change(scene, opened, Kind.CEILING, organisation=owner, number=4)
    assert (owner.ceiling, standing(opened)) == (4, [])


def test_a_minimum_is_no_more_than_the_places_left(scene: Scene) -> None:
    opened, wide = scene.open(), scene.challenge("Wide", places_max=5)
    change(scene, opened, Kind.MINIMUM, challenge=wide, number=3)
    assert places(opened, wide) == (5, 3)
    change(scene, opened, Kind.PLACES, challenge=wide, number=2)
    assert places(opened, wide) == (2, 2)
    make.offer(to=wide, state=OfferState.ACCEPTED)
    assert places(opened, wide) == (2, 0)  # a group that has begun runs


def test_a_pair_is_kept_apart_and_let_together_again(scene: Scene) -> None:
    opened = scene.open()
    change(scene, opened, Kind.FORBID, enrolment=scene.ada, challenge=scene.park)
    pair = [(each.student, each.challenge) for each in frozen(opened).forbids]
    assert pair == [(inputs.round_key(opened, scene.ada), scene.park.public_id)]
    make.lock(scene.ada, scene.park)
    assert inputs.problems(entrants.field_of(opened, NOW)) == [
        "Ada Student is locked to The park. The two are kept apart in this round. Undo that lock first."
    ]
    change(scene, opened, Kind.ALLOW, enrolment=scene.ada, challenge=scene.park)
    assert (standing(opened), inputs.problems(entrants.field_of(opened, NOW))) == ([], [])


def test_what_is_not_in_the_round_any_more_is_left_out(scene: Scene) -> None:
    opened = scene.open()
    change(scene, opened, Kind.FORBID, enrolment=scene.ada, challenge=scene.park)
    change(scene, opened, Kind.PLACES, challenge=scene.park, number=0)
    make.offer(scene.ada)
    scene.park.is_held, scene.park.state = True, "paused"
    db.session.flush()
    assert frozen(opened).forbids == ()


def test_a_lock_takes_the_place_of_another_and_of_a_pair_kept_apart(scene: Scene) -> None:
    opened = scene.open()
    make.lock(scene.ada, scene.food)
    change(scene, opened, Kind.FORBID, enrolment=scene.ada, challenge=scene.park)
    change(scene, opened, Kind.LOCK, enrolment=scene.ada, challenge=scene.park)
    held = db.session.scalars(select(Lock).where(Lock.ended_at.is_(None))).all()
    assert [(each.challenge, each.reason) for each in held] == [(scene.park, "Agreed with Ms Park.")]
    assert standing(opened) == []
    change(scene, opened, Kind.UNLOCK, enrolment=scene.ada, challenge=scene.park)
    assert db.session.scalars(select(Lock).where(Lock.ended_at.is_(None))).all() == []


def test_nobody_changes_anything_for_an_organisation_of_their_own(scene: Scene) -> None:
    opened = scene.open()
    who = Principal(scene.leader.person_id, scene.leader.roles | {("interest", scene.park.organisation_id)})
    for kind, about in (
        (Kind.PLACES, {"challenge": scene.park, "number": 9}),
        (Kind.CEILING, {"organisation": scene.park.organisation, "number": 9}),
        (Kind.FORBID, {"enrolment": scene.ada, "challenge": scene.park}),
        (Kind.LOCK, {"enrolment": scene.ada, "challenge": scene.park}),
    ):
        with pytest.raises(Refused, match="somebody else has to decide this"):
            adjust(opened, [Wanted(kind, **about)], "Mine.", actor=who, now=NOW)  # type: ignore[arg-type]


def test_a_round_that_is_over_is_changed_no_more(scene: Scene) -> None:
    opened = scene.open()
    change(scene, opened, Kind.PLACES, challenge=scene.park, number=0)
    discard(opened, "Too early.", actor=scene.leader, now=NOW)
    with pytest.raises(Refused, match="This round is discarded"):
        change(scene, opened, Kind.PLACES, challenge=scene.park, number=1)
    with pytest.raises(Refused, match="This round is discarded"):
        take_back(db.session.scalars(select(Adjustment)).one(), actor=scene.leader, now=NOW)


def kept_apart(scene: Scene, staged: Round) -> None:
    adjust(staged, [Wanted(Kind.FORBID, scene.ada, scene.food)], "Worked there.", actor=scene.leader, now=LATER)


def taken_back(scene: Scene, staged: Round) -> None:
    take_back(standing(staged)[0], actor=scene.leader, now=LATER)


@pytest.mark.parametrize(("since", "is_published"), [([kept_apart], False), ([kept_apart, taken_back], True)])
def test_what_is_changed_after_staging_is_not_passed_over_by_publishing(
    scene: Scene, since: list[Callable[[Scene, Round], None]], is_published: bool
) -> None:
    staged = scene.staged()
    for act in since:
        act(scene, staged)
    if is_published:
        publish(scene, staged)
        assert match_of(staged, scene.ada).offer is not None
    else:
        with pytest.raises(Refused, match="has been changed since this was staged"):
            publish(scene, staged)


def test_what_was_changed_before_and_taken_back_after_staging_is_not_passed_over_either(scene: Scene) -> None:
    opened = scene.open()
    change(scene, opened, Kind.FORBID, enrolment=scene.ben, challenge=scene.park)
    taken_back(scene, scene.staged())
    with pytest.raises(Refused, match="has been changed since this was staged"):
        publish(scene, opened)


# Impossible rounds


def test_a_lock_to_what_is_closed_has_to_go(scene: Scene) -> None:
    opened = scene.open()
    make.lock(scene.ada, scene.food)
    scene.food.suits_level_6 = False
    needed = suggesting.suggested(opened, entrants.field_of(opened, NOW))
    assert [each.words for each in needed] == ["Undo the lock of Ada Student to “The food bank”"]
    adjust(opened, needed, suggesting.REASON, actor=scene.leader, now=NOW)
    assert suggesting.suggested(opened, entrants.field_of(opened, NOW)) == []
    assert actions.run(opened, actor=scene.leader, now=NOW).rule == "generous-3"


def test_what_the_solver_needs_is_said_with_names_and_refuses_a_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = scene.open()
    for who in (scene.ada, scene.ben):
        make.lock(who, scene.park)
    monkeypatch.setattr(solver_instance, "_check_locks", lambda instance: None, raising=False)
    key, park = inputs.round_key(opened, scene.ben), scene.park.public_id
    owner = scene.park.organisation.public_id
    changes = (
        Change(Kind.PLACES, park, number=2),
        Change(Kind.CEILING, owner, number=1),
        Change(Kind.MINIMUM, park, number=2),
        Change(Kind.UNLOCK, park, key),
        Change(Kind.ALLOW, park, key),
    )
    monkeypatch.setattr(possible, "needed", lambda instance: changes)
    needed = suggesting.suggested(opened, entrants.field_of(opened, NOW))
    assert [each.words for each in needed] == [
        "Give “The park” 2 places in this round",
        "Let Friends of the park have 1 student at most from this round",
        "Let “The park” run with 2 students or more",
        "Undo the lock of Ben Student to “The park”",
        "Let Ben Student have “The park” again",
    ]
    scene.park.places_max = 2  # nothing but the solver finds anything wrong now
    with pytest.raises(Refused, match="Give “The park” 2 places in this round first"):
        actions.run(opened, actor=scene.leader, now=NOW)


# The rule


@pytest.mark.parametrize(("threshold", "rule"), [(1, "generous-1"), (6, "generous-6")])
def test_the_usual_rule_goes_by_the_rounds_threshold(scene: Scene, threshold: int, rule: str) -> None:
    opened = scene.open()
    choose_rule(opened, threshold, actor=scene.leader, now=NOW)
    actions.run(opened, actor=scene.leader, now=NOW)
    db.session.expire(opened)
    assert [each.rule for each in attempts_of(opened)] == [rule, "greedy", "least-total-rank"]
