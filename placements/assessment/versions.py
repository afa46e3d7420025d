"""Keeping a mark as it was, at each submission, taking back, change of hands, and when a rule changes it."""

from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark, MarkVersion
from placements.assessment.workflow import Why
from placements.core.policy import Principal
from placements.db import db


def keep_version(mark: Mark, why: Why, *, actor: Principal, now: datetime) -> MarkVersion:
    """Keep the mark with its scores and words as they are now, under its version. Returns what was kept.

    Twice in the same state is kept once. Where the version was kept with something else in it, the mark goes on to the
    next. Call it with the mark held, before or after what changes it, as `why` says.
    """
    db.session.flush()
    scores = [(each.criterion.position, each.score, each.comment) for each in mark.scores]
    said = (mark.marker_id, mark.mark, sorted(scores), mark.feedback)
    last = db.session.scalar(
        select(MarkVersion).where(MarkVersion.mark_id == mark.id).order_by(MarkVersion.version.desc()).limit(1)
    )
    if last is not None and last.version >= mark.version:
        if (last.marker_id, last.mark, [tuple(each) for each in last.scores], last.feedback) == said:
            return last
        mark.version = last.version + 1
    kept = MarkVersion(
        mark_id=mark.id,
        version=mark.version,
        why=why,
        marker_id=mark.marker_id,
        by_id=actor.person_id,
        at=now,
        mark=mark.mark,
        scores=sorted(scores),
        feedback=mark.feedback,
    )
    db.session.add(kept)
    return kept
