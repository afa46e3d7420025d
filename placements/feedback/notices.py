"""What is written about feedback: please give it, it is still wanted, it does not come, and there is some to read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import WRITE_BY_LINK, feedback_to_tell_of, invitation_of, is_overtaken
from placements.feedback.rules import TUTOR_TOLD_AFTER
from placements.feedback.workflow import FeedbackState
from placements.links.actions import latest_link, token
from placements.mail.notices import Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_step
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor

Values = Mapping[str, Any] | None


def _about(feedback: Feedback, address: str) -> dict[str, Any]:
    placement = feedback.placement
    return {
        "feedback": feedback,
        "student": placement.enrolment.person,
        "supervisor": placement.supervisor,
        "organisation": placement.challenge.organisation,
        "address": address,
    }


def _page_of(feedback: Feedback) -> str:
    return url_for("feedback.show", public_id=feedback.public_id, _external=True)


def _waits(feedback: Feedback) -> bool:
    wanted = select(Feedback.id).where(Feedback.id == feedback.id, ~is_overtaken())
    return feedback.state is FeedbackState.REQUESTED and db.session.scalar(wanted) is not None


def _by_link(feedback_id: int, recipient: Person, now: datetime) -> Values:
    """The recipient still supervises, and their link works."""
    link = latest_link(WRITE_BY_LINK, feedback_id, recipient.id)
    invitation = invitation_of(link) if link else None
    if link is None or invitation is None or not invitation.can_write(now):
        return None
    address = url_for(WRITE_BY_LINK, token=token(link), _external=True)
    return {**_about(invitation.feedback, address), "works_until": link.expires_at}


def _to_give(feedback_id: int, recipient: Person, now: datetime) -> Values:
    """The same while it is still wanted."""
    values = _by_link(feedback_id, recipient, now)
    return values if values and _waits(values["feedback"]) else None


def _does_not_come(feedback_id: int, recipient: Person, now: datetime) -> Values:
    feedback = feedback_to_tell_of(feedback_id)
    return _about(feedback, _page_of(feedback)) if _waits(feedback) else None


def _to_read(feedback_id: int, recipient: Person, now: datetime) -> Values:
    feedback = feedback_to_tell_of(feedback_id)
    return _about(feedback, _page_of(feedback)) if feedback.is_unread else None


RUN = "feedback.placement.enrolment.run_id"
FILLS = {"student": "student.name", "organisation": "organisation.name"}

ASKED = Notice("feedback.asked", _to_give, pace=Pace.DAILY, run=RUN, fills=FILLS)
STILL_ASKED = Notice("feedback.still_asked", _to_give, pace=Pace.DAILY, run=RUN, fills=FILLS)
LINK = Notice("feedback.link", _by_link, pace=Pace.NOW, run=RUN, fills=FILLS)
DOES_NOT_COME = Notice(
    "feedback.does_not_come",
    _does_not_come,
    pace=Pace.DAILY,
    run=RUN,
    fills={"student": "student.name", "organisation": "organisation.name", "supervisor": "supervisor.name"},
)
RECEIVED = Notice(
    "feedback.received",
    _to_read,
    pace=Pace.DAILY,
    run=RUN,
    fills={"supervisor": "supervisor.name", "organisation": "organisation.name"},
)

NOTICES = (ASKED, STILL_ASKED, LINK, DOES_NOT_COME, RECEIVED)


def outstanding(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Whoever was asked so many days ago, while nothing has come."""
    due_at, is_due = latest_step(Feedback.asked_at, steps, now)
    asked = select(Feedback.id, Feedback.asked_id, due_at, Enrolment.run_id, NO_DEADLINE)
    return (
        asked.join(Feedback.placement)
        .join(Placement.enrolment)
        .where(Feedback.state == FeedbackState.REQUESTED, Placement.supervisor_id == Feedback.asked_id)
        .where(is_due, ~is_overtaken())
    )


def unanswered(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The tutor, or who covers, once the supervisor has been chased."""
    due_at, is_due = latest_step(Feedback.asked_at, steps, now)
    found = select(Feedback.id, acting_tutor(today(now)), due_at, Enrolment.run_id, NO_DEADLINE)
    found = found.join(Feedback.placement).join(Placement.enrolment)
    waits = (Feedback.state == FeedbackState.REQUESTED, Placement.tutor_id.is_not(None))
    return found.where(*waits, is_due, ~is_overtaken())  # type: ignore[return-value]


ASKED_ON = "the day on which it was asked for"

REMINDERS = (
    TimedReminder(STILL_ASKED, outstanding, steps=(7, 14), hangs_on=ASKED_ON, then=DOES_NOT_COME.name),
    TimedReminder(DOES_NOT_COME, unanswered, steps=(TUTOR_TOLD_AFTER.days,), hangs_on=ASKED_ON),
)
