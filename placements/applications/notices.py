"""What applications write: receipts and reminders to students; to staff and organisations about “not suitable”."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from flask import url_for
from sqlalchemy import and_, case, false, func, literal, or_

from placements.applications.answers import undecided_for_leaders
from placements.applications.models import Application, HostAnswer, Receipt
from placements.applications.overview import runs_not_closed, select_without
from placements.applications.policy import is_choosing
from placements.applications.queries import application_of, why_shut
from placements.applications.workflow import AnswerState, ApplicationState
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.core.clock import in_london, london, today
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import CATCH_UP, DAY, NO_DEADLINE, latest_morning, moment_by
from placements.partners.queries import is_current_contact
from placements.people.models import Person

ASKED_AT = time(9)  # in London: when the day of what is to be decided ends


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


def _open_to(enrolment_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """For a student who is still to choose, until choosing closes."""
    enrolment = db.session.get_one(Enrolment, enrolment_id)
    run, application = enrolment.run, application_of(enrolment)
    has_submitted = application is not None and application.state is ApplicationState.SUBMITTED
    if has_submitted or not is_choosing(enrolment) or now >= run.ranking_closes_at:
        return None
    address = url_for("applications.find", _external=True)
    return {"run": run, "is_open": run.ranking_opens_at <= now, "tutor": enrolment.group.tutor, "address": address}


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


def opened(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who has submitted nothing when a run's choosing opens."""
    return _without_choices(
        {
            run.id: moment
            for run in runs_not_closed(now)
            if (moment := _latest(run.ranking_opens_at, steps, now)) and moment < run.ranking_closes_at
        }
    )


def closing(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Who is still without choices so many days before a run's choosing closes, once it has opened."""
    return _without_choices(
        {
            run.id: moment
            for run in runs_not_closed(now)
            if (moment := _latest(run.ranking_closes_at, steps, now)) and moment >= run.ranking_opens_at
        }
    )


def _latest(at: datetime, steps: Collection[int], now: datetime) -> datetime | None:
    """The latest moment passed so many days off that instant, at the same time on London's clocks."""
    there = london(at)
    passed = [in_london(there.date() + step * DAY, there.time()) for step in steps]
    return max((moment for moment in passed if now - CATCH_UP < moment <= now), default=None)


def _without_choices(moments: Mapping[int, datetime]) -> Timed:
    """Whoever has submitted nothing in runs whose moment has come, before choosing closes."""
    due_at, is_due = moment_by(Enrolment.run_id, moments)
    columns = (Enrolment.id, Enrolment.person_id, due_at, Enrolment.run_id, ModuleRun.ranking_closes_at)
    found = select_without().join(ModuleRun, ModuleRun.id == Enrolment.run_id)
    return found.where(is_due).with_only_columns(*columns)


def undecided(now: datetime, steps: tuple[int, ...]) -> Timed:
    """One line a run and leader for each day on which a “not suitable” came, at 9am in London so many days on.

    Such a day ends at 9am too: what comes after belongs to the next.
    """
    since, due = HostAnswer.undecided_since, []
    for ago in range(max(*steps, 0) + CATCH_UP.days + 1):
        day = today(now) - ago * DAY
        moment = latest_morning(day, [step for step in steps if step > 0], now)
        if moment is not None:
            is_then = and_(since >= in_london(day, ASKED_AT), since < in_london(day + DAY, ASKED_AT))
            due.append((is_then, literal(moment, UTCDateTime())))
    waits = undecided_for_leaders().where(or_(false(), *(is_then for is_then, _ in due)))
    due_at = case(*due) if due else since
    columns = (Enrolment.run_id, RoleOnRun.person_id, due_at, Enrolment.run_id.label("of_run"), NO_DEADLINE)
    return waits.with_only_columns(*columns, maintain_column_froms=True).distinct()


FILLS = {"run": "run.title", "closing": "run.ranking_closes_at | when"}

SUBMITTED = Notice("applications.submitted", _submitted, Pace.NOW, run="run.id", fills=FILLS)
WITHDRAWN = Notice("applications.withdrawn", _withdrawn, Pace.NOW, run="run.id", fills=FILLS)
OPEN = Notice("applications.open", _open_to, Pace.DAILY, run="run.id", fills=FILLS)
CLOSING = Notice(
    "applications.closing", _missing, Pace.DAILY, run="run.id", fills=FILLS, deadline="run.ranking_closes_at"
)
NUDGE = Notice("applications.nudge", _missing, run="run.id", fills=FILLS)
UNDECIDED = Notice(
    "applications.undecided", _undecided, Pace.DAILY, run="run.id", fills={"run": "run.title", "number": "number"}
)
DISAGREED = Notice(
    "applications.disagreed", _disagreed, Pace.DAILY, run="run_id", fills={"challenge": "challenge.title"}
)

NOTICES = (SUBMITTED, WITHDRAWN, OPEN, CLOSING, NUDGE, UNDECIDED, DISAGREED)
REMINDERS = (
    TimedReminder(OPEN, opened, steps=(0,), hangs_on="the opening of choices", then=CLOSING.name),
    TimedReminder(CLOSING, closing, steps=(-7, -2, -1), hangs_on="the closing of choices"),
    TimedReminder(UNDECIDED, undecided, steps=(1,), hangs_on="the day on which an organisation said so"),
)
