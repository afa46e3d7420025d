"""What is written about concerns: that something waits, or has waited too long. Never what, of whom, or how serious."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.accounts.queries import account_of, works
from placements.concerns.models import Concern
from placements.concerns.queries import REPORT_BY_LINK, WHOLE, acting_owner_id, candidates, shows_owner
from placements.concerns.workflow import TAKEN_ON, ConcernState
from placements.db import db
from placements.links.actions import latest_link, token
from placements.mail.notices import Notice, Pace
from placements.people.models import Person

Context = Mapping[str, Any] | None


def _concern(concern_id: int) -> Concern:
    return db.session.get_one(Concern, concern_id, options=WHOLE)


def _waits(concern_id: int, recipient: Person, now: datetime) -> Context:
    """As long as the recipient is to own it or to act on it, or stands above its owner while its time has passed."""
    concern = _concern(concern_id)
    until = concern.next_at
    if until is None:
        return None
    is_owner = recipient.id in (concern.owner_id, acting_owner_id(concern, now))
    can_own = any(recipient.id == person.id for level in candidates(concern, now) for person in level)
    if not is_owner and not (can_own and (concern.owner_id is None or until <= now)):
        return None
    address = url_for("concerns.concern", public_id=concern.public_id, _external=True)
    return {"until": until, "is_late": until <= now, "is_owner": is_owner, "address": address}


def _nobody(concern_id: int, recipient: Person, now: datetime) -> Context:
    """As long as nobody can own it."""
    concern = _concern(concern_id)
    return {} if concern.state is ConcernState.RAISED and not candidates(concern, now) else None


def _news(concern_id: int, recipient: Person, now: datetime) -> Context:
    """To whoever told it and can read on: that there is something new."""
    concern = _concern(concern_id)
    is_closed = concern.state not in TAKEN_ON
    if concern.state is ConcernState.RAISED or (is_closed and not shows_owner(concern)):
        return None
    if account_of(recipient.id) is not None:
        return {"address": url_for("concerns.reported", public_id=concern.public_id, _external=True)}
    if concern.link is not None and now < concern.link.expires_at:
        return {"address": url_for(REPORT_BY_LINK, token=token(concern.link), _external=True)}
    return None


def _link(person_id: int, recipient: Person, now: datetime) -> Context:
    link = latest_link(REPORT_BY_LINK, person_id, recipient.id)
    if link is None or not works(link, now):
        return None
    return {"address": url_for(REPORT_BY_LINK, token=token(link), _external=True), "expires_at": link.expires_at}


WAITS = Notice("concerns.waits", _waits, pace=Pace.NOW, private=True)
NOBODY = Notice("concerns.nobody", _nobody, pace=Pace.NOW, private=True)
NEWS = Notice("concerns.news", _news, private=True)
LINK = Notice("concerns.link", _link, pace=Pace.NOW, private=True)

NOTICES = (WAITS, NOBODY, NEWS, LINK)
