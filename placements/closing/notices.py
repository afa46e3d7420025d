"""What an organisation is written at the end of a year: thanks, what came of it, its certificate, and one question."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, select

from placements.closing.models import Closing, ClosingAnswer
from placements.closing.queries import BY_LINK, asked_of, invited_by
from placements.db import shifted
from placements.impact.workflow import ResultState
from placements.links.actions import latest_link, token
from placements.mail.notices import Notice, Pace, Reminder
from placements.mail.stepping import CATCH_UP
from placements.people.models import Person

STILL_ASKED_AFTER = timedelta(days=14)


def _thanked(closing_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """The recipient works there, and their link still lets them answer."""
    link = latest_link(BY_LINK, closing_id, recipient.id)
    invited = invited_by(link) if link else None
    if link is None or invited is None or not invited.works(now):
        return None
    asked = asked_of(invited.closing)
    return {
        "closing": invited.closing,
        "asked": asked,
        "waiting": sum(result.state is ResultState.ASKED for each in asked for result in each.results),
        "address": url_for(BY_LINK, token=token(link), _external=True),
        "works_until": link.expires_at,
    }


def _still_asked(closing_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """The same, as long as nothing is answered."""
    values = _thanked(closing_id, recipient, now)
    return values if values and not values["closing"].answers else None


THANKS = Notice("closing.thanks", _thanked, pace=Pace.DAILY, may_mute=True)

STILL_ASKED = Notice("closing.still_asked", _still_asked, pace=Pace.DAILY, may_mute=True)

NOTICES = (THANKS, STILL_ASKED)


def unanswered(now: datetime) -> Select[int, int, datetime]:
    """Whoever was thanked a fortnight ago and has answered nothing, once."""
    answered = select(ClosingAnswer.id).where(ClosingAnswer.closing_id == Closing.id)
    found = select(Closing.id, Closing.asked_id, shifted(Closing.closed_at, STILL_ASKED_AFTER))
    told = found.where(Closing.asked_id.is_not(None), ~answered.exists())
    return told.where(Closing.closed_at.between(now - STILL_ASKED_AFTER - CATCH_UP, now - STILL_ASKED_AFTER))  # type: ignore[return-value]


REMINDERS = (Reminder(STILL_ASKED, unanswered),)
