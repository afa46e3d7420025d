"""What accounts write to people: an invitation, a link to sign in, a link to choose a new password."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.accounts.queries import works
from placements.links.actions import latest_link, token
from placements.mail.notices import Context, Notice, Pace
from placements.people.models import Person


def _link_to(endpoint: str) -> Context:
    def context(account_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
        link = latest_link(endpoint, account_id, recipient.id)
        if link is None or not works(link, now):
            return None
        return {"address": url_for(endpoint, token=token(link), _external=True), "expires_at": link.expires_at}

    return context


INVITATION = Notice("accounts.invitation", _link_to("accounts.set_password"))
SIGN_IN_LINK = Notice("accounts.sign_in_link", _link_to("accounts.sign_in_by_link"), Pace.NOW)
NEW_PASSWORD = Notice("accounts.new_password", _link_to("accounts.set_password"), Pace.NOW)

NOTICES = (INVITATION, SIGN_IN_LINK, NEW_PASSWORD)
