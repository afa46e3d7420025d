"""What we write to the people of organisations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.db import db
from placements.mail.notices import Notice
from placements.partners.models import CONTACT_ROLES, Contact
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _added(contact_id: int, recipient: Person, now: datetime) -> Values:
    contact = db.session.get_one(Contact, contact_id)
    if contact.left_on is not None:
        return None
    address = url_for("partners.organisation", public_id=contact.organisation.public_id, _external=True)
    return {"organisation": contact.organisation, "role": CONTACT_ROLES[contact.role], "address": address}


CONTACT_ADDED = Notice("partners.contact_added", _added)

NOTICES = (CONTACT_ADDED,)
