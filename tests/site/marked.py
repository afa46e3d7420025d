"""What stands in the world of marks that more than one person gives.

Each is added to the world that `world.py` builds, and its words are canaries as there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from placements.assessment.models import CriterionScore, Mark
from placements.assessment.workflow import MarkState, SubmissionState
from placements.double_marking.models import SecondMark, SecondScore, Settlement
from placements.double_marking.workflow import How, Role, SecondState, SettlementState
from tests import factories as make
from tests.factories.base import add

if TYPE_CHECKING:
    from tests.site.world import World


def portfolio(world: World, score: int, **said: Any) -> Mark:
    """One more student's portfolio of the run, marked by the tutor, that score on every criterion."""
    things = world.things
    enrolment = make.enrolment(things["group"])
    handed_in = {"state": SubmissionState.RECEIVED, "received_at": make.NOW - make.DAY, "due_at": make.NOW - make.DAY}
    make.submission(enrolment, things["component"], **handed_in)
    mark = make.mark(enrolment, things["component"], world.person("tutor"), mark=score, **said)
    mark.scores = [CriterionScore(criterion=each, score=score) for each in things["component"].criteria]
    return mark


def second_marks(world: World) -> None:
    """A portfolio that `other_tutor` marks a second time, blind; and one with both marks in, not agreed yet."""
    things, second = world.things, world.person("other_tutor")
    things["component"].is_double_marked = True
    blind = portfolio(world, 71, feedback="~first-words~", second_id=second.id)
    said = {"role": Role.SECOND, "marker": second, "allotted_at": make.NOW}
    things["second_mark"] = add(SecondMark(mark=blind, state=SecondState.DRAFTED, feedback="~second-draft~", **said))
    both = {"state": MarkState.SUBMITTED, "submitted_at": make.NOW, "fixed_at": make.NOW, "second_id": second.id}
    compared = things["compared"] = portfolio(world, 59, **both)
    words = {"state": SecondState.SUBMITTED, "given": 64, "submitted_at": make.NOW, "feedback": "~second-words~"}
    theirs = add(SecondMark(mark=compared, **words, **said))
    theirs.scores = [SecondScore(criterion=each, score=64) for each in things["component"].criteria]
    proposed = {"how": How.DISCUSSED, "state": SettlementState.PROPOSED, "given": 61, "reason": "~settlement~"}
    things["settlement"] = add(Settlement(mark=compared, proposed_by_id=second.id, proposed_at=make.NOW, **proposed))
