"""What organisations answer, in a round: what was agreed is left out, and answers stand once a round is staged on them."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.allocation import actions
from placements.applications import answering
from placements.applications.models import Application, HostAnswer
from placements.applications.queries import answers_for
from placements.applications.rules import Answer, Unsuitable
from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.rounds.actions import discard
from placements.rounds.entrants import field_of
from placements.rounds.inputs import instance_of, problems, round_key
from placements.rounds.locking import lock_pair
from tests.allocation.scene import Scene, placed, publish
from tests.client import counting_queries
from tests.factories import NOW


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def answer(scene: Scene, enrolment: Enrolment, challenge: Challenge, state: AnswerState) -> HostAnswer:
    """What the organisation says of the student, as it stands."""
    found = select(HostAnswer).join(HostAnswer.application).where(Application.enrolment_id == enrolment.id)
    asked = db.session.scalars(found.where(HostAnswer.challenge_id == challenge.id)).one()
    asked.reason, asked.sentence, asked.state = Unsuitable.DAYS, "On Tuesdays only.", state
    db.session.flush()
    return asked


def options(scene: Scene) -> dict[str, list[str]]:
    """Which challenges the round can give to whom."""
    round = scene.open()
    field = field_of(round, NOW)
    titles = {challenge.public_id: challenge.title for challenge in field.challenges}
    instance = instance_of(round, field)
    names = {round_key(round, each.enrolment): each.enrolment.person.given_name for each in field.entrants}
    return {names[each.key]: sorted(titles[option.challenge] for option in each.options) for each in instance.students}


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (AnswerState.AGREED, ["The food bank"]),
        (AnswerState.NOT_SUITABLE, ["The food bank", "The park"]),
        (AnswerState.DISAGREED, ["The food bank", "The park"]),
        (AnswerState.KEEN, ["The food bank", "The park"]),
    ],
)
def test_only_what_the_module_leader_agreed_to_is_left_out(scene: Scene, state: AnswerState, left: list[str]) -> None:
    answer(scene, scene.ada, scene.park, state)
    assert options(scene) == {"Ada": left, "Ben": ["The park"], "Cyd": ["The park"]}


def test_whoever_has_no_choice_left_is_in_the_round_and_gets_none(scene: Scene) -> None:
    for each in (scene.ben, scene.cyd):
        answer(scene, each, scene.park, AnswerState.AGREED)
    assert placed(scene.staged()) == {"Ada": "The park", "Ben": None, "Cyd": None}


def test_answers_for_a_round_are_one_query_and_name_only_what_is_not_happy(scene: Scene) -> None:
    answer(scene, scene.ada, scene.park, AnswerState.AGREED)
    answer(scene, scene.ada, scene.food, AnswerState.KEEN)
    answer(scene, scene.ben, scene.park, AnswerState.HAPPY)
    ids = [scene.ada.id, scene.ben.id, scene.cyd.id]
    with counting_queries() as queries:
        found = answers_for(ids)
    assert found == {
        (scene.ada.id, scene.park.id): Answer.NOT_SUITABLE,
        (scene.ada.id, scene.food.id): Answer.KEEN,
    }
    assert queries.count == 1


def test_a_lock_to_what_is_left_out_has_to_be_undone_first(scene: Scene) -> None:
    lock_pair(scene.ada, scene.park, "They know each other.", actor=scene.leader, now=NOW)
    answer(scene, scene.ada, scene.park, AnswerState.AGREED)
    assert problems(field_of(scene.open(), NOW)) == [
        "Ada Student is locked to The park. Its organisation cannot take them, and a module leader has agreed. "
        "Undo that lock first."
    ]


def test_an_attempt_made_before_the_module_leader_agreed_is_not_staged(scene: Scene) -> None:
    attempt = scene.solved()
    asked = answer(scene, scene.ada, scene.park, AnswerState.NOT_SUITABLE)
    answering.agree(asked, seen=asked.version, actor=scene.leader, now=NOW)
    with pytest.raises(Refused, match="Students, choices, answers, places or locks have changed since this attempt"):
        actions.stage(attempt, actor=scene.leader, now=NOW)


def test_staging_closes_answers_and_discarding_opens_them(scene: Scene) -> None:
    round = scene.staged()
    asked = answer(scene, scene.ada, scene.park, AnswerState.NOT_SUITABLE)
    decide = {"seen": asked.version, "actor": scene.leader, "now": NOW}
    with pytest.raises(Refused, match="The matching was done on Tue 20 Oct 2026, 9am"):
        answering.agree(asked, **decide)
    discard(round, "Something was forgotten", actor=scene.leader, now=NOW)
    answering.agree(asked, **decide)
    assert asked.state is AnswerState.AGREED


def test_after_publication_neither_side_changes_anything(scene: Scene) -> None:
    publish(scene, scene.staged())
    asked = answer(scene, scene.cyd, scene.park, AnswerState.NOT_SUITABLE)
    for act in (
        lambda: answering.agree(asked, seen=asked.version, actor=scene.leader, now=NOW),
        lambda: answering.answer(asked, Answer.KEEN, seen=asked.version, actor=Principal(), now=NOW),
    ):
        with pytest.raises(Refused, match="The matching is over for this student"):
            act()


def test_whom_an_organisation_is_keen_on_costs_it_nothing(scene: Scene) -> None:
    answer(scene, scene.ada, scene.park, AnswerState.KEEN)
    answer(scene, scene.ben, scene.park, AnswerState.HAPPY)
    round = scene.open()
    field = field_of(round, NOW)
    instance = instance_of(round, field)
    names = {round_key(round, each.enrolment): each.enrolment.person.given_name for each in field.entrants}
    told = {names[each.key]: [option.displeasure for option in each.options] for each in instance.students}
    assert told == {"Ada": [0, 1], "Ben": [1], "Cyd": [1]}
