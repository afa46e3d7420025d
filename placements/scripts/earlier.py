"""A mark as it was in each version that was kept, and what each says that the one before did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.assessment.models import Mark, MarkVersion
from placements.assessment.workflow import Why
from placements.challenges.versions import Piece, pieces
from placements.db import db

WHYS = {
    Why.HANDOVER: "Draft, before somebody else went on with it",
    Why.SUBMITTED: "Submitted",
    Why.REOPENED: "Taken back, to change it",
    Why.RECOMPUTED: "Worked out anew: the deadline was moved",
    Why.MODERATED: "Adjusted with its set, in moderation",
    Why.BY_RULE: "0 by rule: nothing that counts was handed in",
    Why.AGREED: "One mark of two markers",
    Why.CORRECTED: "Corrected after the board",
}
NOW = "As it is now"


@dataclass(frozen=True)
class Line:
    """What one version says of one criterion, or on the whole. `was`: the score before, where it was another."""

    title: str
    score: int | None
    was: int | None
    is_rescored: bool
    words: Sequence[Piece]


@dataclass(frozen=True)
class Version:
    """One version: why it was kept, whose it was, who did what it was kept for and when; and all that it says."""

    number: int
    why: str
    marker: str
    by: str
    at: datetime | None
    mark: int | None
    lines: Sequence[Line]


Said = dict[str, tuple[int | None, str]]


def versions_of(mark: Mark) -> list[Version]:
    """The mark as it is and as it was, the newest first; what is as it was kept last is shown once. One query."""
    kept = db.session.scalars(
        select(MarkVersion)
        .where(MarkVersion.mark_id == mark.id)
        .order_by(MarkVersion.version)
        .options(joinedload(MarkVersion.marker), joinedload(MarkVersion.by))
    ).all()
    found: list[Version] = []
    before: Said | None = None
    for each in kept:
        said = _said(mark, [(position, score, comment) for position, score, comment in each.scores], each.feedback)
        marker, by = each.marker.name if each.marker else "", each.by.name if each.by else "Placements"
        lines = _lines(said, before)
        found.append(Version(each.version, WHYS[each.why], marker, by, each.at, each.mark, lines))
        before = said
    scores = [(each.criterion.position, each.score, each.comment) for each in mark.scores]
    said = _said(mark, scores, mark.feedback)
    if not kept or (said, mark.mark) != (before, kept[-1].mark):
        marker = mark.marker.name if mark.marker else ""
        found.append(Version(mark.version, NOW, marker, "", None, mark.mark, _lines(said, before)))
    return found[::-1]


def _said(mark: Mark, scores: Sequence[tuple[int, int | None, str]], feedback: str) -> Said:
    titles = {each.position: each.title for each in mark.component.criteria}
    given = {titles[position]: (score, comment) for position, score, comment in scores}
    return {title: given.get(title, (None, "")) for title in titles.values()} | {"On the whole": (None, feedback)}


def _lines(said: Said, before: Said | None) -> list[Line]:
    found = []
    for title, (score, words) in said.items():
        was, old = before[title] if before else (score, words)
        found.append(Line(title, score, was, was != score, [*pieces(old, words)]))
    return found
