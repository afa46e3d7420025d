"""What is written about feedback: please give it, it is still wanted, it does not come, and there is some to read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, case, select

from placements.core.clock import today
from placements.db import db, shifted
from placements.feedback.models import Feedback
from placements.feedback.queries import WRITE_BY_LINK, feedback_to_tell_of, invitation_of, is_overtaken, silent
from placements.feedback.rules import CHASED_AFTER, TUTOR_TOLD_AFTER
from placements.feedback.workflow import FeedbackState
from placements.links.actions import latest_link, token
from placements.mail.notices import Notice, Pace, Reminder
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


def outstanding(now: datetime) -> Select[int, int, datetime]:
    """Whoever was asked, 7 and again 14 days on, while nothing has come."""
    first, second = (shifted(Feedback.asked_at, after) for after in CHASED_AFTER)
    return (
        select(Feedback.id, Feedback.asked_id, case((second <= now, second), else_=first))
        .join(Feedback.placement)
        .where(Feedback.state == FeedbackState.REQUESTED, Placement.supervisor_id == Feedback.asked_id)
        .where(Feedback.asked_at <= now - CHASED_AFTER[0], Feedback.asked_at > now - TUTOR_TOLD_AFTER, ~is_overtaken())
    )


def unanswered(now: datetime) -> Select[int, int, datetime]:
    """The tutor, or who covers, a week after the supervisor was chased for the second time."""
    due_at = shifted(Feedback.asked_at, TUTOR_TOLD_AFTER)
    found = select(Feedback.id, acting_tutor(today(now)), due_at).join(Feedback.placement)
    return found.where(*silent(now), Placement.tutor_id.is_not(None))  # type: ignore[return-value]


REMINDERS = (Reminder(STILL_ASKED, outstanding), Reminder(DOES_NOT_COME, unanswered))
