"""What a student is written about the reading of their logbook: a decision about a visit, a grade."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.db import db
from placements.logbook.models import LedgerEvent
from placements.mail.notices import Notice
from placements.people.models import Person
from placements.reading.models import LogbookGrade, Nudge

Context = Mapping[str, Any] | None


def _decided(event_id: int, recipient: Person, now: datetime) -> Context:
    event = db.session.get_one(LedgerEvent, event_id)
    if event.entry.events[-1] is not event:  # answered or changed since
        return None
    address = url_for("logbook.entry", public_id=event.entry.public_id, _external=True)
    return {"entry": event.entry, "event": event, "address": address}


def _grade(grade_id: int, recipient: Person, now: datetime) -> Context:
    given = db.session.get_one(LogbookGrade, grade_id)
    return {"grade": given, "address": url_for("reading.grades", public_id=given.placement.public_id, _external=True)}


def _nudge(nudge_id: int, recipient: Person, now: datetime) -> Context:
    sent = db.session.get_one(Nudge, nudge_id)
    placements = [each.placement for each in sent.recipients if each.person_id == recipient.id]
    own = [each for each in placements if each.enrolment.person_id == recipient.id]
    return {
        "sent": sent,
        "students": [each.enrolment.person.name for each in placements],
        "address": url_for("logbook.log", public_id=own[0].public_id, _external=True) if own else None,
    }


DECIDED = Notice("reading.decided", _decided)
GRADE = Notice("reading.grade", _grade)
NUDGE = Notice("reading.nudge", _nudge)
NOTICES = (DECIDED, GRADE, NUDGE)
