"""What shows a visit: its student adds photos and files, and removes them, until somebody has confirmed it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.files.actions import Received, keep
from placements.history.actions import note_reads, record
from placements.logbook.models import Entry, EntryEvidence
from placements.logbook.workflow import UNSETTLED

PARTIES = "placing.people"  # the ability that their history is read by
MOST_EVIDENCE = 20
SETTLED = "Nobody can add to this visit, or take from it, once it has been confirmed or decided about."


def add(entry: Entry, received: Sequence[Received], *, actor: Principal, now: datetime) -> None:
    """Keep files with an entry that the caller holds; bytes that are there already are not kept twice.

    Refused for an entry that is confirmed or decided about, and for more files than an entry may have.
    """
    if not received:
        return
    if entry.state not in UNSETTLED:
        raise Refused(SETTLED, "files")
    there = {each.file.sha256 for each in _kept(entry)}
    new = {each.sha256: each for each in received if each.sha256 not in there}
    if len(there) + len(new) > MOST_EVIDENCE:
        raise Refused(f"A visit can have {MOST_EVIDENCE} photos and files. Remove some of them first.", "files")
    for each in new.values():
        db.session.add(EntryEvidence(entry=entry, file=keep(each, actor=actor, now=now), added_at=now))
    db.session.flush()
    if new:
        _record("added evidence to a log entry", entry, actor=actor, now=now)


def remove(evidence: EntryEvidence, *, actor: Principal, now: datetime) -> None:
    """Take a photo or file away from an entry: nobody can open it any more. Twice is once. Refused as in `add`."""
    hold_row(evidence.entry, "state", "version")
    hold_row(evidence, "removed_at")
    if evidence.removed_at is not None:
        return
    if evidence.entry.state not in UNSETTLED:
        raise Refused(SETTLED)
    evidence.removed_at = now
    _record("removed evidence from a log entry", evidence.entry, actor=actor, now=now)


def note_download(evidence: EntryEvidence, *, actor: Principal, now: datetime) -> None:
    """Write down that a module leader opened a student's file, in a short transaction of its own: it commits."""
    note_reads((EntryEvidence.__tablename__, evidence.id, "file"), actor=actor, now=now)


def _kept(entry: Entry) -> Sequence[EntryEvidence]:
    """Asked anew: what was read before the entry was held may be out of date."""
    kept = select(EntryEvidence).where(EntryEvidence.entry_id == entry.id, EntryEvidence.removed_at.is_(None))
    return db.session.scalars(kept.options(joinedload(EntryEvidence.file))).all()


def _record(verb: str, entry: Entry, *, actor: Principal, now: datetime) -> None:
    placement = entry.placement
    record(verb, placement, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=PARTIES)
