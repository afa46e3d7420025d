"""Asking for a student's case file, writing down that it is read, and deleting what is over a year old."""

from datetime import datetime

from placements.cases.models import CaseExport
from placements.cases.policy import ASKS
from placements.cases.queries import asked_by, to_delete
from placements.cases.workflow import EXPORT
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row
from placements.history.actions import add_reads, note_reads, record
from placements.history.models import Read


def read_of(export: CaseExport) -> Read:
    """What is written down of who reads the file."""
    return (CaseExport.__tablename__, export.id, "file")


def ask(enrolment: Enrolment, reason: str, *, actor: Principal, now: datetime) -> CaseExport:
    """Have the student's case made for `actor`; asked again before it is made, it stays the one that waits.

    It is written down that they read all of it. No mail.
    """
    hold_row(enrolment, "state")
    waiting = asked_by(enrolment, actor.person_id)
    if waiting is not None:
        return waiting
    export = CaseExport(enrolment=enrolment, asked_by_id=actor.person_id, asked_at=now, reason=reason)
    db.session.add(export)
    db.session.flush()
    student = enrolment.person_id
    record("asked for the case file", enrolment, actor=actor, now=now, person_id=student, ability=ASKS, reason=reason)
    add_reads(read_of(export), actor=actor, now=now)
    return export


def note_download(export: CaseExport, *, actor: Principal, now: datetime) -> None:
    """Write down that `actor` downloads it. It commits."""
    note_reads(read_of(export), actor=actor, now=now)


def delete_due(now: datetime) -> int:
    """Delete the files whose last day has passed; that they were made, and their hash, stay. Returns how many.

    For the worker, which commits. The bytes go with the next sweep.
    """
    over = to_delete(today(now))
    for export in over:
        hold_row(export, "state")
        if not EXPORT.move(export, "delete"):
            continue
        gone, export.file = export.file, None
        db.session.flush()
        db.session.delete(gone)
        student = export.enrolment.person_id
        record("deleted the case file", export.enrolment, actor=NOBODY, now=now, person_id=student, ability=ASKS)
    return len(over)
