"""What an organisation is written at the end of a year: thanks, what came of it, its certificate, and one question."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.closing.queries import BY_LINK, asked_of, invited_by
from placements.impact.workflow import ResultState
from placements.links.actions import latest_link, token
from placements.mail.notices import Notice, Pace
from placements.people.models import Person


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


THANKS = Notice("closing.thanks", _thanked, pace=Pace.DAILY, may_mute=True)

NOTICES = (THANKS,)
