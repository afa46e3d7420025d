"""Giving a mark by the rubric: drafts, the mark itself, and taking it back until it is released."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from placements.assessment.actions import STAFF_ONLY
from placements.assessment.models import CriterionScore, Mark
from placements.assessment.queries import worth
from placements.assessment.versions import keep_version
from placements.assessment.workflow import MARK, Why
from placements.bank.actions import count_uses, keep_comment
from placements.cohorts.models import ComponentKind, Criterion
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, read_again
from placements.history.actions import record
from placements.reading.grading import hold_final, settle, unsettle
from placements.reading.models import LogbookGrade
from placements.reading.queries import taken_criteria
from placements.specification.actions import lock


@dataclass(frozen=True)
class Judgement:
    """What a marker says: a score (0–100, or none yet) and a comment by criterion, and the feedback on the whole."""

    scores: Mapping[int, tuple[int | None, str]]
    feedback: str


def judgement_of(mark: Mark) -> Judgement:
    """What is saved."""
    saved = {each.criterion_id: (each.score, each.comment) for each in mark.scores}
    return Judgement({each.id: saved.get(each.id, (None, "")) for each in mark.component.criteria}, mark.feedback)


def save_draft(mark: Mark, judgement: Judgement, *, seen: int, actor: Principal, now: datetime) -> None:
    """Keep what the marker has so far; the student sees nothing of it. `seen`: the version that it was made of.

    Raises Conflict where somebody else has saved something different since, Refused once the mark is submitted.
    """
    _keep(mark, judgement, seen, actor, now)


def keep_words(mark: Mark, criterion: Criterion | None, text: str, *, actor: Principal) -> None:
    """Keep what was written to a criterion (None: on the whole) in the actor's comment bank. Raises Refused as that."""
    keep_comment(mark.component, criterion.title if criterion else "", text, actor=actor)


def submit_mark(mark: Mark, judgement: Judgement, *, seen: int, actor: Principal, now: datetime) -> None:
    """Say that this is the mark: what the scores come to, by the rubric and the late policy. The module leader sees it.

    Raises Conflict and Refused as for a draft, and Refused where a score or the feedback is missing.
    """
    final = _keep(mark, judgement, seen, actor, now)
    _work_out(mark)  # the same scores may come to another mark: what moderation added, or two agreed, was taken back
    if mark.mark is None and final is None and taken_criteria(mark.component, mark.placements):
        raise Refused("Give the logbook its final grade, then submit the mark.")
    if mark.mark is None:
        raise Refused("Give every criterion a score, then submit the mark.")
    if not mark.feedback:
        raise Refused("Write the feedback on the whole, then submit the mark.", "feedback")
    MARK.move(mark, "submit")
    if final is not None:
        settle(final, now=now)
    mark.submitted_at = now
    mark.version += 1
    keep_version(mark, Why.SUBMITTED, actor=actor, now=now)
    _record("marked", mark, actor, now)


def reopen(mark: Mark, *, actor: Principal, now: datetime) -> None:
    """Take a submitted mark back to a draft, to change it. Raises Refused once it is fixed or released."""
    _hold(mark)
    if mark.marker_id is None:
        raise Refused("Nothing was handed in, so there is nothing to mark.")
    if mark.fixed_at is not None:
        raise Refused("This mark is compared with a second one, or moderated, so it stays as it is.")
    if MARK.move(mark, "reopen"):
        if mark.component.kind is ComponentKind.PORTFOLIO:
            unsettle(mark.enrolment_id)
        mark.submitted_at = None
        mark.version += 1
        keep_version(mark, Why.REOPENED, actor=actor, now=now)
        _record("reopened the mark", mark, actor, now)


def _keep(mark: Mark, judgement: Judgement, seen: int, actor: Principal, now: datetime) -> LogbookGrade | None:
    """Write the judgement, with what the logbook's final grade says of its criteria. Returns that grade, held."""
    _hold(mark)
    lock(mark.component, now=now)
    if judgement.scores.keys() - {each.id for each in mark.component.criteria}:
        raise Conflict("The rubric was changed while you had this open. Read it again, then score each criterion.")
    MARK.move(mark, "draft")
    taken = taken_criteria(mark.component, mark.placements)
    final = hold_final(mark.enrolment_id) if taken else None
    given = {line.criterion_id: (line.score, line.comment) for line in final.scores} if final else {}
    scores = {**judgement.scores, **{each.id: given.get(each.id, (None, "")) for each in taken}}
    saved = judgement_of(mark)
    if (scores, judgement.feedback) == (saved.scores, saved.feedback):
        return final
    if seen != mark.version:
        by = mark.marker.name if mark.marker else "Somebody"
        raise Conflict(
            f"{by} saved this mark after you opened it. What you typed is below, what is saved stands under it. "
            "Save again to keep yours."
        )
    if mark.marker_id not in (None, actor.person_id):
        keep_version(mark, Why.HANDOVER, actor=actor, now=now)
    before = [saved.feedback, *(comment for _, comment in saved.scores.values())]
    count_uses(mark.component, before, [judgement.feedback, *(said for _, said in scores.values())], actor=actor)
    known = {each.criterion_id: each for each in mark.scores}
    for criterion_id, (score, comment) in scores.items():
        row = known.get(criterion_id)
        if row is None:
            row = CriterionScore(criterion_id=criterion_id)
            mark.scores.append(row)
        row.score, row.comment = score, comment
    mark.feedback = judgement.feedback
    if mark.marker_id != actor.person_id:
        mark.marker_id = actor.person_id
        _record("began marking", mark, actor, now)
    mark.version += 1
    db.session.flush()
    db.session.refresh(mark, ["scores", "marker"])
    _work_out(mark)
    return final


def _work_out(mark: Mark) -> None:
    found = worth(mark)
    mark.mark = found.mark if found else None


def _hold(mark: Mark) -> None:
    """Nobody else saves it until the transaction ends; what they saved before is read anew."""
    hold_row(mark)
    read_again(mark, "scores", "marker")


def _record(verb: str, mark: Mark, actor: Principal, now: datetime) -> None:
    student = None if mark.is_nameless else mark.enrolment.person_id  # what one did lately names whom it was about
    record(verb, mark.submission, actor=actor, now=now, person_id=student, ability=STAFF_ONLY)
