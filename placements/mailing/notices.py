"""What whoever runs the site is told of mail: that the worker stood still, so that some of it is late."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.accounts.models import GlobalRole
from placements.accounts.queries import holders
from placements.db import db
from placements.mail.models import Stoppage
from placements.mail.notices import Notice, Pace
from placements.people.models import Person


def _stood_still(stoppage_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as the recipient runs the site."""
    if recipient.id not in db.session.scalars(holders(GlobalRole.ADMINISTRATOR)).all():
        return None
    stoppage = db.session.get_one(Stoppage, stoppage_id)
    return {"stoppage": stoppage, "address": url_for("mailing.health", _external=True)}


STOOD_STILL = Notice("mailing.stood_still", _stood_still, Pace.NOW)

NOTICES = (STOOD_STILL,)
