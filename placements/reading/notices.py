"""What is written about the reading of logbooks: visits to decide, a grade, a nudge."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, literal, select

from placements.confirming.rules import last_asking
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Reminder
from placements.people.models import Person
from placements.reading.deciding import newly_told, waiting_for
from placements.reading.models import LogbookGrade, Nudge

Context = Mapping[str, Any] | None


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


def _to_decide(person_id: int, recipient: Person, now: datetime) -> Context:
    visits = waiting_for(person_id, now)
    return {"visits": visits, "address": url_for("reading.to_decide", _external=True)} if visits else None


GRADE = Notice(
    "reading.grade",
    _grade,
    pace=Pace.DAILY,
    run="grade.placement.enrolment.run_id",
    fills={"tutor": "grade.grader.name"},
)
NUDGE = Notice("reading.nudge", _nudge, pace=Pace.DAILY)
TO_DECIDE = Notice("reading.to_decide", _to_decide, pace=Pace.DAILY)
NOTICES = (GRADE, NUDGE, TO_DECIDE)


def to_decide(now: datetime) -> Select[int, int, datetime]:
    """On Mondays, one mail to each tutor to whom a visit came in the week before, about all that wait for them."""
    at = last_asking(now)
    person = newly_told(at).subquery().c.person_id
    return select(person, person.label("recipient"), literal(at, UTCDateTime()))


REMINDERS = (Reminder(TO_DECIDE, to_decide),)
