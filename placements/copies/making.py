"""The worker's part: a PDF of every version that came into force, typeset between transactions."""

import logging
from datetime import datetime

from placements.agreements.queries import agreement_to_tell_of
from placements.copies.models import AgreementCopy
from placements.copies.queries import copy_of, uncopied, words_of
from placements.core.policy import NOBODY
from placements.db import begin_to_write, db
from placements.documents.rendering import render
from placements.files.actions import Received, keep, put

log = logging.getLogger(__name__)

BATCH = 50


def copy_due(now: datetime) -> int:
    """Make the copies that are missing, at most BATCH at a time, each committed by itself. Returns how many.

    One that cannot be made is told to whoever runs the site, tried again the next time, and keeps back no other.
    """
    made = 0
    for agreement_id in uncopied(BATCH):
        try:
            pdf = _typeset(agreement_id)
        except Exception:
            log.exception("the copy of Agreement %s could not be made", agreement_id)
            continue
        begin_to_write()
        if copy_of(agreement_id) is None:
            file = keep(pdf, actor=NOBODY, now=now)
            db.session.add(AgreementCopy(agreement_id=agreement_id, file_id=file.id, made_at=now))
            made += 1
        db.session.commit()
    return made


def _typeset(agreement_id: int) -> Received:
    agreement = agreement_to_tell_of(agreement_id)
    words, number = words_of(agreement), agreement.number
    db.session.rollback()  # nothing is read any more while it is typeset and waits for the disk
    return put(f"Challenge Agreement, version {number}.pdf", render("agreement", "Challenge Agreement", words))
