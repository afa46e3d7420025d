"""What is written about results: is it true, still asked, what they answered, and that it is shown."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from placements.db import db, shifted
from placements.impact.models import Result
from placements.impact.queries import PEOPLE, VERIFY_BY_LINK, WHOLE, asked_by
from placements.impact.workflow import ResultState
from placements.links.actions import latest_link, token
from placements.mail.notices import Notice, Pace, Reminder
from placements.people.models import Person

Values = Mapping[str, Any] | None
REMINDED_AFTER = timedelta(days=7)


def _result(result_id: int) -> Result:
    return db.session.get_one(Result, result_id, options=(WHOLE, *PEOPLE))


def _to_verify(result_id: int, recipient: Person, now: datetime) -> Values:
    """The recipient works there, nobody has answered, and their link is about the words as they are."""
    link = latest_link(VERIFY_BY_LINK, result_id, recipient.id)
    asked = asked_by(link) if link else None
    if link is None or asked is None or not asked.can_answer(now):
        return None
    address = url_for(VERIFY_BY_LINK, token=token(link), _external=True)
    return {"result": asked.result, "address": address, "works_until": link.expires_at}


def _answered(result_id: int, recipient: Person, now: datetime) -> Values:
    """It stands where the organisation's answer put it: verified, back with its writer, or taken down."""
    result = _result(result_id)
    if result.state not in (ResultState.DRAFT, ResultState.VERIFIED, ResultState.WITHDRAWN):
        return None
    return {"result": result, "address": url_for("impact.result", public_id=result.public_id, _external=True)}


def _shown(result_id: int, recipient: Person, now: datetime) -> Values:
    result = _result(result_id)
    if result.state is not ResultState.PUBLISHED:
        return None
    return {"result": result, "address": url_for("public.result", public_id=result.public_id, _external=True)}


def _unanswered(now: datetime) -> Select[int, int, datetime]:
    """Whoever was asked a week ago and has not answered, once."""
    due_at = shifted(Result.asked_at, REMINDED_AFTER)
    waits = Result.state == ResultState.ASKED, Result.asked_at <= now - REMINDED_AFTER
    return select(Result.id, Person.id, due_at).join(Result.asked).where(*waits)


ASKED = Notice("impact.asked", _to_verify)
STILL_ASKED = Notice("impact.still_asked", _to_verify, pace=Pace.DAILY, may_mute=True)
ANSWERED = Notice("impact.answered", _answered, pace=Pace.DAILY)
PUBLISHED = Notice("impact.published", _shown, pace=Pace.DAILY, may_mute=True)

NOTICES = (ASKED, STILL_ASKED, ANSWERED, PUBLISHED)
REMINDERS = (Reminder(STILL_ASKED, _unanswered),)
