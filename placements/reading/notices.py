"""What is written about the reading of logbooks: visits to decide, a grade, a nudge."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, func, literal, select

from placements.cohorts.models import Checkpoint, Enrolment
from placements.confirming.rules import last_asking
from placements.core.clock import today
from placements.db import UTCDateTime, db
from placements.mail.notices import Notice, Pace, Reminder, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_morning, moment_by
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor
from placements.placing.workflow import PlacementState
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


def _without_grade(now: datetime, *what: Any) -> Select[*tuple[Any, ...]]:
    """Placements that go on and have no grade at a checkpoint on the way, beside it."""
    graded = select(LogbookGrade.id).where(
        LogbookGrade.placement_id == Placement.id, LogbookGrade.checkpoint_id == Checkpoint.id
    )
    found = select(*what).select_from(Placement).join(Placement.enrolment)
    found = found.join(Checkpoint, Checkpoint.run_id == Enrolment.run_id)
    return found.where(~Checkpoint.is_final, Placement.state == PlacementState.ACTIVE, ~graded.exists())


def _ungraded(checkpoint_id: int, recipient: Person, now: datetime) -> Context:
    """Logbooks of the recipient's students that nobody has given feedback on."""
    own = _without_grade(now, func.count(Placement.id)).where(Checkpoint.id == checkpoint_id)
    count = db.session.scalar(own.where(acting_tutor(today(now)) == recipient.id))
    checkpoint = db.session.get_one(Checkpoint, checkpoint_id)
    return (
        {"checkpoint": checkpoint, "count": count, "address": url_for("reading.week", _external=True)}
        if count
        else None
    )


GRADE = Notice(
    "reading.grade",
    _grade,
    pace=Pace.DAILY,
    run="grade.placement.enrolment.run_id",
    fills={"tutor": "grade.grader.name"},
)
NUDGE = Notice("reading.nudge", _nudge, pace=Pace.DAILY)
TO_DECIDE = Notice("reading.to_decide", _to_decide, pace=Pace.DAILY)
UNGRADED = Notice(
    "reading.ungraded", _ungraded, pace=Pace.DAILY, run="checkpoint.run_id", fills={"checkpoint": "checkpoint.title"}
)
NOTICES = (GRADE, NUDGE, TO_DECIDE, UNGRADED)


def to_decide(now: datetime) -> Select[int, int, datetime]:
    """On Mondays, one mail to each tutor to whom a visit came in the week before, about all that wait for them."""
    at = last_asking(now)
    person = newly_told(at).subquery().c.person_id
    return select(person, person.label("recipient"), literal(at, UTCDateTime()))


def ungraded(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The tutors, or who covers, with logbooks that have no feedback when a checkpoint is near: at 9am."""
    checkpoints = db.session.scalars(select(Checkpoint).where(Checkpoint.due_on.is_not(None), ~Checkpoint.is_final))
    moments = {each.id: latest_morning(each.due_on, steps, now) for each in checkpoints if each.due_on}
    due_at, is_due = moment_by(Checkpoint.id, moments)
    tutor_id = acting_tutor(today(now)).label("tutor_id")
    found = _without_grade(now, Checkpoint.id, tutor_id, due_at, Enrolment.run_id, NO_DEADLINE).distinct()
    return found.where(is_due, tutor_id.is_not(None))


REMINDERS = (
    Reminder(TO_DECIDE, to_decide),
    TimedReminder(UNGRADED, ungraded, steps=(-3,), hangs_on="the day of a checkpoint on the way"),
)
