"""Giving a mark by the rubric: drafts, the mark itself, and taking it back until it is released."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from placements.assessment.actions import STAFF_ONLY
from placements.assessment.models import CriterionScore, Mark
from placements.assessment.queries import worth
from placements.assessment.workflow import MARK
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record


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


def submit_mark(mark: Mark, judgement: Judgement, *, seen: int, actor: Principal, now: datetime) -> None:
    """Say that this is the mark: what the scores come to, by the rubric and the late policy. The module leader sees it.

    Raises Conflict and Refused as for a draft, and Refused where a score or the feedback is missing.
    """
    _keep(mark, judgement, seen, actor, now)
    if mark.mark is None:
        raise Refused("Give every criterion a score, then submit the mark.")
    if not mark.feedback:
        raise Refused("Write the feedback on the whole, then submit the mark.", "feedback")
    MARK.move(mark, "submit")
    mark.submitted_at = now
    mark.version += 1
    _record("marked", mark, actor, now)


def reopen(mark: Mark, *, actor: Principal, now: datetime) -> None:
    """Take a submitted mark back to a draft, to change it. Raises Refused once it is released."""
    _hold(mark)
    if mark.marker_id is None:
        raise Refused("Nothing was handed in, so there is nothing to mark.")
    if MARK.move(mark, "reopen"):
        mark.submitted_at = None
        mark.version += 1
        _record("reopened the mark", mark, actor, now)


def _keep(mark: Mark, judgement: Judgement, seen: int, actor: Principal, now: datetime) -> None:
    _hold(mark)
    MARK.move(mark, "draft")
    if judgement == judgement_of(mark):
        return
    if seen != mark.version:
        by = mark.marker.name if mark.marker else "Somebody"
        raise Conflict(
            f"{by} saved this mark after you opened it. What you typed is below, what is saved stands under it. "
            "Save again to keep yours."
        )
    known = {each.criterion_id: each for each in mark.scores}
    for criterion_id, (score, comment) in judgement.scores.items():
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
    found = worth(mark)
    mark.mark = found.mark if found else None


def _hold(mark: Mark) -> None:
    """Nobody else saves it until the transaction ends; what they saved before is read anew."""
    hold_row(mark)
    db.session.refresh(mark, ["scores", "marker"])


def _record(verb: str, mark: Mark, actor: Principal, now: datetime) -> None:
    student = mark.enrolment.person_id
    record(verb, mark.submission, actor=actor, now=now, person_id=student, ability=STAFF_ONLY)
