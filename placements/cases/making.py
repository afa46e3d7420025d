"""The worker's part: case files that were asked for, read and written between transactions, then kept."""

import logging
from datetime import datetime
from tempfile import TemporaryFile

from flask import current_app

from placements.accounts.queries import account_of, principal_of
from placements.cases.models import CaseExport
from placements.cases.packing import manifest_of, pack, packed
from placements.cases.policy import ASKS
from placements.cases.queries import to_make, whole
from placements.cases.rules import KEPT_FOR
from placements.cases.telling import told, words_of
from placements.cases.workflow import EXPORT
from placements.core.clock import today
from placements.core.policy import NOBODY, Principal
from placements.db import begin_to_write, db, hold_row
from placements.files.actions import Received, keep, put
from placements.history.actions import add_reads, record
from placements.history.models import Read

log = logging.getLogger(__name__)

BATCH = 10


def make_due(now: datetime) -> int:
    """Make the case files that wait, each committed by itself, as at `now`. Returns how many.

    One that cannot be made is told to whoever runs the site and tried again the next time; it keeps back no other.
    """
    made = 0
    for export_id in to_make(BATCH):
        try:
            made += _make(export_id, now)
        except Exception:
            log.exception("the case file %s could not be made", export_id)
            db.session.rollback()
    return made


def _make(export_id: int, now: datetime) -> bool:
    export = whole(export_id)
    who = _asker(export, now)
    if who is None:
        _stop(export_id, now)
        return False
    zipped, read = _written(export, who, now)
    begin_to_write()
    is_kept = _keep(export_id, zipped, read, who, now)
    db.session.commit()
    return is_kept


def _asker(export: CaseExport, now: datetime) -> Principal | None:
    """Who asked, with what they may read today; None for who leads the run no more."""
    account = account_of(export.asked_by_id)
    if account is None or not account.active:
        return None
    who = principal_of(account, current_app.extensions["placements.roles_of"], today(now))
    return who if who.has("leader", export.enrolment.run_id) else None


def _stop(export_id: int, now: datetime) -> None:
    begin_to_write()
    export = whole(export_id)
    hold_row(export, "state")
    if EXPORT.move(export, "stop"):
        why = "whoever asked leads the run no more"
        student = export.enrolment.person_id
        record(
            "did not make the case file",
            export.enrolment,
            actor=NOBODY,
            now=now,
            person_id=student,
            ability=ASKS,
            reason=why,
        )
    db.session.commit()


def _written(export: CaseExport, who: Principal, now: datetime) -> tuple[Received, list[Read]]:
    """The file in the store, and what of it is written down as read."""
    case = told(export, who, now)
    words, files, about = words_of(case, export, now), packed(case), manifest_of(export, now)
    read = case.sensitive
    name = f"Case of {export.enrolment.person.student_number or 'a student'}, {now:%Y-%m-%d}.zip"
    db.session.rollback()  # nothing is read any more while it is written and waits for the disk
    with TemporaryFile() as zipped:
        pack(words, files, about, zipped)
        zipped.seek(0)
        return put(name, zipped), read


def _keep(export_id: int, zipped: Received, read: list[Read], who: Principal, now: datetime) -> bool:
    export = whole(export_id)
    hold_row(export, "state")
    if not EXPORT.allows(export.state, "make"):
        return False
    file = keep(zipped, actor=NOBODY, now=now)
    EXPORT.move(export, "make")
    export.file = file
    export.sha256, export.size, export.made_at = zipped.sha256, zipped.size, now
    export.kept_until = today(now) + KEPT_FOR
    student = export.enrolment.person_id
    record("made the case file", export.enrolment, actor=NOBODY, now=now, person_id=student, ability=ASKS)
    add_reads(*read, actor=who, now=now)
    return True
