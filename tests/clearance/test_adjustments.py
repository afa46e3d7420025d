"""What helps on placement: agreed with the adviser, told to the supervisor in just the words that the student chose."""

from typing import Any

import pytest

from placements.clearance import actions
from placements.clearance.queries import told_to_supervisor
from placements.core.errors import Refused
from placements.core.seen import fingerprint
from placements.placing.actions import start_due
from placements.placing.rules import Exit, GateKind
from placements.placing.workflow import GateState, PlacementState
from tests.clearance.scene import Cleared
from tests.factories import NOW

WORDS, OTHERS = "Ada takes a break each hour.", "Ada needs a chair."


@pytest.fixture
def scene(session: Any) -> Cleared:
    made = Cleared()
    actions.ask_adjustment(made.placement, "Breaks, please.", actor=made.as_("student"), now=NOW)
    return made


def agree(scene: Cleared, to_share: str = WORDS) -> None:
    gate = scene.gate(GateKind.ADJUSTMENT)
    actions.agree_adjustment(gate, "A break, for her back.", to_share, actor=scene.as_("adviser"), now=NOW)


def answer(scene: Cleared, shares: bool, words: str = WORDS) -> None:
    actions.answer_adjustment(scene.placement, shares, fingerprint(words), actor=scene.as_("student"), now=NOW)


def state(scene: Cleared) -> GateState:
    return scene.gate(GateKind.ADJUSTMENT).state


def test_nothing_is_told_and_nothing_starts_before_the_student_has_said_so(scene: Cleared) -> None:
    assert scene.told("clearance.waits") == {"adviser"}
    agree(scene)
    assert (state(scene), told_to_supervisor(scene.placement)) == (GateState.OPEN, "")
    assert (scene.told("clearance.yours"), scene.told("clearance.shared")) == ({"student"}, set())
    assert start_due(NOW) == 0
    answer(scene, shares=True)
    assert (state(scene), told_to_supervisor(scene.placement)) == (GateState.HELD, WORDS)
    assert scene.told("clearance.shared") == {"supervisor"}
    assert scene.placement.state is PlacementState.CLEARED


def test_not_shared_by_choice_settles_it_too_and_can_be_changed_both_ways(scene: Cleared) -> None:
    agree(scene)
    answer(scene, shares=False)
    gate = scene.gate(GateKind.ADJUSTMENT)
    assert (gate.state, gate.exit, told_to_supervisor(scene.placement)) == (GateState.EXITED, Exit.NOT_SHARED, "")
    assert scene.placement.state is PlacementState.CLEARED
    answer(scene, shares=True)
    assert (gate.state, gate.exit, told_to_supervisor(scene.placement)) == (GateState.HELD, None, WORDS)
    answer(scene, shares=False)
    assert told_to_supervisor(scene.placement) == ""


def test_other_words_are_hidden_until_they_are_answered(scene: Cleared) -> None:
    agree(scene)
    answer(scene, shares=True)
    agree(scene, OTHERS)
    assert (state(scene), told_to_supervisor(scene.placement)) == (GateState.OPEN, "")
    with pytest.raises(Refused, match="The words have changed since you read them"):
        answer(scene, shares=True)
    answer(scene, shares=True, words=OTHERS)
    assert told_to_supervisor(scene.placement) == OTHERS


def test_asking_for_more_leaves_what_is_shared_as_it_is(scene: Cleared) -> None:
    agree(scene)
    answer(scene, shares=True)
    actions.ask_adjustment(scene.placement, "A chair too.", actor=scene.as_("student"), now=NOW)
    assert (state(scene), told_to_supervisor(scene.placement)) == (GateState.OPEN, WORDS)
    agree(scene)
    assert (state(scene), told_to_supervisor(scene.placement)) == (GateState.HELD, WORDS)


def test_where_the_organisation_need_know_nothing_the_student_is_asked_nothing(scene: Cleared) -> None:
    agree(scene, "")
    assert (state(scene), scene.told("clearance.yours")) == (GateState.HELD, set())
    with pytest.raises(Refused, match="There is nothing for you to answer now"):
        answer(scene, shares=True, words="")
