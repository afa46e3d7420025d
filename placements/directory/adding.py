"""Adding an organisation that did not write to us itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.partners.actions import add_contact
from placements.partners.models import ContactRole, Organisation


def add_organisation(
    facts: Mapping[str, Any], contact: tuple[str, str] | None = None, *, invites: bool, actor: Principal, now: datetime
) -> Organisation:
    """Add an organisation by hand, with its main contact (name, address) if one is known. The same form twice is one.

    Nobody is written to, unless `invites` the contact.
    """
    known = db.session.scalar(select(Organisation).where(Organisation.form_key == facts["form_key"]))
    if known is not None:
        return known
    kept = Organisation(**facts, owner_id=actor.person_id, created_at=now)
    db.session.add(kept)
    record("added by hand", kept, actor=actor, now=now)
    if contact is not None:
        name, email = contact
        main = ContactRole.PRIMARY
        add_contact(kept, name=name, email=email, role=main, job_title="", invites=invites, actor=actor, now=now)
    return kept
