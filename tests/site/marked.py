"""What stands in the world of marks that more than one person gives.

Each is added to the world that `world.py` builds, and its words are canaries as there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from placements.assessment.models import CriterionScore, Mark
from placements.assessment.workflow import MarkState, SubmissionState
from placements.double_marking.models import SecondMark, SecondScore, Settlement
from placements.double_marking.workflow import How, Role, SecondState, SettlementState
from placements.examining.models import ExaminerReport, ScriptRequest
from placements.examining.workflow import ReportState
from placements.moderation.models import ModeratedMark, Moderation
from placements.moderation.rules import Why
from placements.moderation.workflow import ModerationState, Outcome
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


def moderation(world: World) -> None:
    """A draw of two marks that `moderator` is at, one of them in the sample; and one closed, to be adjusted."""
    who, things = world.person, world.things
    things["component"].moderation = {"kind": "sample", "within": 2}
    said = {"state": MarkState.SUBMITTED, "submitted_at": make.NOW, "fixed_at": make.NOW, "agreed": 58}
    marks = [portfolio(world, 58, feedback=words, **said) for words in ("~sampled-words~", "~other-words~")]
    drawn = {"moderator": who("moderator"), "rule": "A rule.", "drawn_at": make.NOW}
    going = things["moderation"] = add(
        Moderation(component=things["component"], number=2, seed="seed-2", state=ModerationState.IN_PROGRESS, **drawn)
    )
    row = {"marker": who("tutor"), "given": 58}
    noted = {"agrees": True, "comment": "~note~", "noted_at": make.NOW}
    things["moderated_script"] = add(ModeratedMark(moderation=going, mark=marks[0], why=Why.SPREAD, **noted, **row))
    add(ModeratedMark(moderation=going, mark=marks[1], **row))
    closed = {"state": ModerationState.CLOSED, "closed_at": make.NOW, "comment": "~set-note~"}
    for name, number, outcome in (("moderation_closed", 1, Outcome.ADJUST), ("moderation_again", 3, Outcome.REMARK)):
        made = Moderation(
            component=things["component"], number=number, seed="seed-1", outcome=outcome, **closed, **drawn
        )
        things[name] = add(made)
        add(ModeratedMark(moderation=made, mark=marks[0], why=Why.FAIL, **noted, **row))


def examining(world: World) -> None:
    """A script that `external` asked for, and so reads; and one outside the sample that they did not."""
    things = world.things
    asked = {"by_id": world.person("external").id, "at": make.NOW, "why": "~asked-because~"}
    add(ScriptRequest(submission=things["submission"], **asked))
    things["script_closed"] = things["compared"].submission
    answers = {"standards": "~reported~", "marking": "Fair.", "changes": "Nothing.", "practice": "Much."}
    mine = {"run": things["run"], "by": world.person("external"), "saved_at": make.NOW}
    drafted = {**answers, "standards": "~report-draft~"}
    things["report"] = add(ExaminerReport(answers=drafted, **mine))
    submitted = {"state": ReportState.SUBMITTED, "submitted_at": make.NOW}
    theirs = {"run": things["run"], "by": make.person(), "saved_at": make.NOW}
    things["report_submitted"] = add(ExaminerReport(answers=answers, **submitted, **theirs))
