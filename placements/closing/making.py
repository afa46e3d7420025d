"""What is typeset between transactions: a student's record when they ask, certificates as organisations' years end."""

import logging
from datetime import datetime
from typing import Any

from placements.closing import notices
from placements.closing.actions import LINK_LASTS
from placements.closing.models import Closing
from placements.closing.policy import is_completed
from placements.closing.queries import (
    BY_LINK,
    TRUE,
    closing_of_year,
    due,
    students_and_minutes,
    told_of,
    whom_to_thank,
    worked_on,
)
from placements.closing.records import TITLE, placement_of, words_of
from placements.closing.rules import say_thanks
from placements.core.clock import say_date, today
from placements.core.policy import NOBODY, Principal
from placements.db import begin_to_write, db, hold_row
from placements.documents.rendering import render
from placements.files.actions import Received, keep, put
from placements.history.actions import record
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.partners.models import Organisation
from placements.placing.policy import is_student

log = logging.getLogger(__name__)

BATCH = 20


def typeset_record(who: Principal, public_id: str, now: datetime) -> Received | None:
    """The record of achievement of `who`, as it is now, in the store; None where there is none to be had."""
    placement = placement_of(who, public_id)
    if placement is None or not (is_student & is_completed)(who, placement, now):
        return None
    words = words_of(placement, now)
    db.session.rollback()  # nothing is read any more while it is typeset and waits for the disk
    return put(f"{TITLE}.pdf", render("record", TITLE, words))


def close_due(now: datetime) -> int:
    """Thank every organisation whose year is over, once, with a certificate, in a mail to one person there.

    Each is committed by itself; one that cannot be made is tried again the next time. Returns how many.
    """
    closed = 0
    for organisation_id, year in due(today(now), BATCH):
        try:
            certificate = _typeset_certificate(organisation_id, year, now)
        except Exception:
            log.exception("the certificate of organisation %s for %s could not be made", organisation_id, year)
            continue
        begin_to_write()
        closed += _close(organisation_id, year, certificate, now)
        db.session.commit()
    return closed


def _close(organisation_id: int, year: str, certificate: Received, now: datetime) -> bool:
    organisation = db.session.get_one(Organisation, organisation_id)
    hold_row(organisation, "state")
    if closing_of_year(organisation_id, year) is not None:
        return False
    contact = whom_to_thank(organisation_id, worked_on(organisation_id, year))
    students, _ = students_and_minutes(organisation_id, year)
    closing = Closing(
        organisation_id=organisation_id,
        academic_year=year,
        students=students,
        asked_id=contact.person_id if contact else None,
        closed_at=now,
        file=keep(certificate, actor=NOBODY, now=now),
    )
    db.session.add(closing)
    db.session.flush()
    record(f"thanked for {year}", organisation, actor=NOBODY, now=now)
    if contact is not None:
        add_link(BY_LINK, closing.id, contact.person_id, now=now, lasts=LINK_LASTS)
        tell(notices.THANKS, closing.id, [contact.person_id], now)
    return True


def _typeset_certificate(organisation_id: int, year: str, now: datetime) -> Received:
    words = certificate_of(organisation_id, year, now)
    db.session.rollback()
    return put(f"Certificate {year.replace('/', '-')}.pdf", render("certificate", "Certificate of thanks", words))


def certificate_of(organisation_id: int, year: str, now: datetime) -> dict[str, Any]:
    """Everything that an organisation's certificate says, as plain values; it names no student."""
    challenges = worked_on(organisation_id, year)
    return {
        "organisation": db.session.get_one(Organisation, organisation_id).name,
        "year": year,
        "thanks": say_thanks(*students_and_minutes(organisation_id, year), year),
        "challenges": [each.title for each in challenges],
        "results": [each.headline for each in told_of(challenges) if each.state in TRUE],
        "signed": f"London Met Lab, London Metropolitan University, {say_date(today(now))}",
    }
