"""What tutors and module leaders do with a logbook: decide about a visit; and that they read reflections."""

from datetime import datetime

from placements.confirming.actions import tell_student
from placements.confirming.finishing import ask_at_target
from placements.core.policy import Principal
from placements.db import hold_row
from placements.history.actions import add_reads, record
from placements.logbook.actions import PARTIES, post
from placements.logbook.models import Entry, LedgerKind
from placements.logbook.workflow import ENTRY
from placements.placing.models import Placement


def decide(entry: Entry, counts: bool, reason: str, *, actor: Principal, now: datetime) -> None:
    """Settle, in the university's name and with a reason, whether a visit's hours count. The student is told."""
    hold_row(entry, "state", "version")
    if not ENTRY.move(entry, "verify" if counts else "set_aside"):
        return
    kind = LedgerKind.VERIFIED if counts else LedgerKind.NOT_COUNTED
    post(entry, kind, word=reason, actor=actor, now=now)
    tell_student(entry, now=now)
    ask_at_target([entry.placement], now=now)
    verb = "verified a visit" if counts else "decided that a visit does not count"
    _record(verb, entry.placement, actor=actor, now=now)


def note_reading(placement: Placement, *, actor: Principal, now: datetime) -> None:
    """Keep that somebody who is not the tutor read the reflections of a logbook."""
    add_reads((Placement.__tablename__, placement.id, "reflection"), actor=actor, now=now)


def _record(verb: str, placement: Placement, *, actor: Principal, now: datetime) -> None:
    record(verb, placement, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=PARTIES)
