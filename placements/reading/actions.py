"""What tutors and module leaders do with a logbook: decide about a visit, grade; and that they read reflections."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.history.models import SensitiveRead
from placements.logbook.actions import MODULE_TEAM, PARTIES, post
from placements.logbook.models import Entry, LedgerKind
from placements.logbook.workflow import ENTRY
from placements.mail.actions import tell
from placements.placing.models import Placement
from placements.reading import notices
from placements.reading.models import CHECKPOINTS, LogbookGrade, LogbookScore


def decide(entry: Entry, counts: bool, reason: str, *, actor: Principal, now: datetime) -> None:
    """Settle, in the university's name and with a reason, whether a visit's hours count. The student is told."""
    hold_row(entry, "state", "version")
    if not ENTRY.move(entry, "verify" if counts else "set_aside"):
        return
    kind = LedgerKind.VERIFIED if counts else LedgerKind.NOT_COUNTED
    line = post(entry, kind, word=reason, actor=actor, now=now)
    tell(notices.DECIDED, line.id, [entry.placement.enrolment.person_id], now)
    verb = "verified a visit" if counts else "decided that a visit does not count"
    _record(verb, entry.placement, actor=actor, now=now)


def grade(
    placement: Placement,
    checkpoint: str,
    scores: Mapping[int, tuple[int, str]],
    comment: str,
    *,
    version: int,
    actor: Principal,
    now: datetime,
) -> LogbookGrade:
    """Grade a logbook at a checkpoint: a score 0–100 and a comment by criterion's key. Shows at once, never counts.

    `version` is that of the grade which the tutor saw, 0 for none; raises Conflict where it is another by now.
    """
    if checkpoint not in CHECKPOINTS:
        raise Refused("Choose when you are grading this logbook.")
    found = select(LogbookGrade).where(LogbookGrade.placement_id == placement.id, LogbookGrade.checkpoint == checkpoint)
    saved = db.session.scalar(found.with_for_update())
    if (saved.version if saved else 0) != version:
        raise Conflict("Somebody else has saved a grade meanwhile. Both are below: save yours again, or leave theirs.")
    given = saved or LogbookGrade(placement=placement, checkpoint=checkpoint, version=0)
    given.grader_id, given.comment, given.at, given.version = actor.person_id or 0, comment, now, version + 1
    by_criterion = {each.criterion_id: each for each in given.scores}
    for criterion_id, (score, words) in scores.items():
        line = by_criterion.get(criterion_id) or LogbookScore(criterion_id=criterion_id)
        line.score, line.comment = score, words
        if criterion_id not in by_criterion:
            given.scores.append(line)
    db.session.add(given)
    db.session.flush()
    tell(notices.GRADE, given.id, [placement.enrolment.person_id], now)
    _record("graded the logbook", placement, actor=actor, now=now, ability=MODULE_TEAM)
    return given


def note_reading(placement: Placement, *, actor: Principal, now: datetime) -> None:
    """Keep that somebody who is not the tutor read the reflections of a logbook."""
    read = SensitiveRead(
        at=now, reader_id=actor.person_id, about_kind="placement", about_id=placement.id, field="reflection"
    )
    db.session.add(read)


def _record(verb: str, placement: Placement, *, actor: Principal, now: datetime, ability: str = PARTIES) -> None:
    record(verb, placement, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=ability)
