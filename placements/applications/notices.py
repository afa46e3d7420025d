"""What applications write to students: a receipt, that they withdrew, that choosing is about to close."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, false, literal, select

from placements.applications.models import Application, Receipt
from placements.applications.overview import runs_choosing, select_without
from placements.applications.queries import application_of, why_shut, window_of
from placements.applications.workflow import ApplicationState
from placements.cohorts.models import Enrolment
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Reminder
from placements.people.models import Person


def _submitted(receipt_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """True for ever: it says what was submitted at that moment."""
    receipt = db.session.get_one(Receipt, receipt_id)
    return {"receipt": receipt, "run": receipt.application.enrolment.run}


def _withdrawn(application_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    application = db.session.get_one(Application, application_id)
    if application.state is not ApplicationState.WITHDRAWN:
        return None
    return {"run": application.enrolment.run}


def _missing(enrolment_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    application = application_of(enrolment)
    if why_shut(enrolment, now) or (application and application.state is ApplicationState.SUBMITTED):
        return None
    drafted = len(application.working.choices) if application else 0
    return {"run": enrolment.run, "drafted": drafted, "tutor": enrolment.group.tutor}


def closing(now: datetime) -> Select[int, int, datetime]:
    """Who is still without choices when a run's choosing is about to close: 7, 2 and 1 days before."""
    moments = {run.id: window_of(run).reminded_at(now) for run in runs_choosing(now)}
    due = {run_id: literal(moment, UTCDateTime()) for run_id, moment in moments.items() if moment is not None}
    if not due:
        return select(Enrolment.id, Enrolment.person_id, Enrolment.created_at).where(false())
    without = select_without().where(Enrolment.run_id.in_(due))
    return without.with_only_columns(Enrolment.id, Enrolment.person_id, case(due, value=Enrolment.run_id))


SUBMITTED = Notice("applications.submitted", _submitted)
WITHDRAWN = Notice("applications.withdrawn", _withdrawn)
CLOSING = Notice("applications.closing", _missing)
NUDGE = Notice("applications.nudge", _missing)

NOTICES = (SUBMITTED, WITHDRAWN, CLOSING, NUDGE)
REMINDERS = (Reminder(CLOSING, closing),)
