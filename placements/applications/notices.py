"""What applications write: receipts and reminders to students; to staff and organisations about “not suitable”."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, case, false, func, literal, select

from placements.applications.answers import undecided_for_leaders
from placements.applications.models import Application, HostAnswer, Receipt
from placements.applications.overview import runs_choosing, select_without
from placements.applications.queries import application_of, why_shut, window_of
from placements.applications.workflow import AnswerState, ApplicationState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.core.clock import in_london, today
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Reminder
from placements.partners.queries import is_current_contact
from placements.people.models import Person

ASKED_AT = time(9)  # in London, on the day after somebody said “not suitable”
CATCH_UP = 7  # days after which a digest that nobody could send is no longer worth sending


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


def _undecided(run_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """How many wait for this leader in that run."""
    theirs = undecided_for_leaders().where(Enrolment.run_id == run_id, RoleOnRun.person_id == recipient.id)
    number = db.session.scalar(theirs.with_only_columns(func.count(HostAnswer.id)))
    if not number:
        return None
    address = url_for("applications.not_suitable", _external=True)
    return {"run": db.session.get_one(ModuleRun, run_id), "number": number, "address": address}


def _disagreed(answer_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """It still stands so, and whoever said “not suitable” works there and may read about the applicant."""
    answer = db.session.get(HostAnswer, answer_id)
    if answer is None or answer.state is not AnswerState.DISAGREED or answer.answered_by_id != recipient.id:
        return None
    works_there = is_current_contact(recipient.id, answer.challenge.organisation_id)
    if answer.application.decided_at is not None or not works_there:
        return None
    address = url_for("applications.answer", public_id=answer.public_id, _external=True)
    return {"challenge": answer.challenge, "run_id": answer.application.enrolment.run_id, "address": address}


def undecided(now: datetime) -> Select[int, int, datetime]:
    """One line a run and leader for each day on which a “not suitable” came, at 9am in London on the next."""
    since, this_day = HostAnswer.undecided_since, in_london(today(now), ASKED_AT)
    latest = this_day if this_day <= now else in_london(today(now) - timedelta(days=1), ASKED_AT)
    moments = [in_london(today(latest) - timedelta(days=days), ASKED_AT) for days in range(CATCH_UP + 1)]
    due = case(*((since >= moment, literal(moments[at], UTCDateTime())) for at, moment in enumerate(moments[1:])))
    waits = undecided_for_leaders().where(since < latest, since >= moments[-1])
    return waits.with_only_columns(Enrolment.run_id, RoleOnRun.person_id, due, maintain_column_froms=True).distinct()


def closing(now: datetime) -> Select[int, int, datetime]:
    """Who is still without choices when a run's choosing is about to close: 7, 2 and 1 days before."""
    moments = {run.id: window_of(run).reminded_at(now) for run in runs_choosing(now)}
    due = {run_id: literal(moment, UTCDateTime()) for run_id, moment in moments.items() if moment is not None}
    if not due:
        return select(Enrolment.id, Enrolment.person_id, Enrolment.created_at).where(false())
    without = select_without().where(Enrolment.run_id.in_(due))
    return without.with_only_columns(Enrolment.id, Enrolment.person_id, case(due, value=Enrolment.run_id))


FILLS = {"run": "run.title", "closing": "run.ranking_closes_at | when"}

SUBMITTED = Notice("applications.submitted", _submitted, Pace.NOW, run="run.id", fills=FILLS)
WITHDRAWN = Notice("applications.withdrawn", _withdrawn, Pace.NOW, run="run.id", fills=FILLS)
CLOSING = Notice("applications.closing", _missing, Pace.DAILY, run="run.id", fills=FILLS)
NUDGE = Notice("applications.nudge", _missing, run="run.id", fills=FILLS)
UNDECIDED = Notice(
    "applications.undecided", _undecided, Pace.DAILY, run="run.id", fills={"run": "run.title", "number": "number"}
)
DISAGREED = Notice(
    "applications.disagreed", _disagreed, Pace.DAILY, run="run_id", fills={"challenge": "challenge.title"}
)

NOTICES = (SUBMITTED, WITHDRAWN, CLOSING, NUDGE, UNDECIDED, DISAGREED)
REMINDERS = (Reminder(CLOSING, closing), Reminder(UNDECIDED, undecided))
