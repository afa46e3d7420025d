"""What is written about warnings: to the visa officer alone, that there is something to look at. Never of whom."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.accounts.models import GlobalRole
from placements.accounts.queries import holders
from placements.core.policy import Principal
from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person
from placements.watch.queries import need


def _attendance(day: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as the recipient is a visa officer and something waits. `day`: on which it came up or got worse."""
    officers = db.session.scalars(holders(GlobalRole.VISA_OFFICER)).all()
    found = need(Principal(recipient.id, frozenset({("visa_officer", None)})), now, attendance=True)
    if recipient.id not in officers or not found.students:
        return None
    return {"found": found, "address": url_for("watch.attendance", _external=True)}


ATTENDANCE = Notice("watch.attendance", _attendance, private=True)
NOTICES = (ATTENDANCE,)
