"""What we write to the people of organisations."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import select

from placements.core.clock import today
from placements.db import db
from placements.history.models import History
from placements.mail.notices import Context, Notice, Pace
from placements.partners.models import CONTACT_ROLES, Contact, ContactRole, Organisation
from placements.partners.queries import keeper, main_contacts
from placements.partners.workflow import OrganisationState
from placements.people.models import Person

DECLINED_VERB = "declined"  # its history row holds what they are told
Values = Mapping[str, Any] | None


def _added(contact_id: int, recipient: Person, now: datetime) -> Values:
    contact = db.session.get(Contact, contact_id)
    if contact is None or contact.left_on is not None:  # None: the same person's row at an organisation merged with it
        return None
    address = url_for("home.organisation", public_id=contact.organisation.public_id, _external=True)
    return {"organisation": contact.organisation, "role": CONTACT_ROLES[contact.role], "address": address}


def _handed_over(leaver_id: int, recipient: Person, now: datetime) -> Values:
    """To whoever took over from a contact, while they work there."""
    leaver = db.session.get(Contact, leaver_id)
    here = select(Contact).where(Contact.person_id == recipient.id, Contact.left_on.is_(None))
    if leaver is None or leaver.left_on is None:
        return None
    mine = db.session.scalar(here.where(Contact.organisation_id == leaver.organisation_id))
    if mine is None:
        return None
    address = url_for("home.organisation", public_id=leaver.organisation.public_id, _external=True)
    is_main = mine.role is ContactRole.PRIMARY
    return {"organisation": leaver.organisation, "leaver": leaver.person, "is_main": is_main, "address": address}


def _declined(organisation_id: int, recipient: Person, now: datetime) -> Values:
    """The reason that is for them; nothing while it is not declined."""
    organisation = db.session.get_one(Organisation, organisation_id)
    if organisation.state is not OrganisationState.DECLINED:
        return None
    said = select(History.reason).where(
        History.about_kind == "organisation", History.about_id == organisation_id, History.verb == DECLINED_VERB
    )
    return {"organisation": organisation, "reason": db.session.scalar(said.order_by(History.id.desc()).limit(1))}


def _while(is_true: Callable[[Organisation, date], bool]) -> Context:
    """To its main contacts while it is so today. Never why: all who are told of a pause read the same."""

    def context(organisation_id: int, recipient: Person, now: datetime) -> Values:
        organisation = db.session.get_one(Organisation, organisation_id)
        if not is_true(organisation, today(now)) or recipient.id not in main_contacts(organisation_id):
            return None
        address = url_for("home.organisation", public_id=organisation.public_id, _external=True)
        return {"organisation": organisation, "keeper": keeper(organisation), "address": address}

    return context


CONTACT_ADDED = Notice("partners.contact_added", _added, Pace.DAILY)
HANDED_OVER = Notice("partners.handed_over", _handed_over, Pace.DAILY)
DECLINED = Notice("partners.declined", _declined, Pace.DAILY)
PAUSED = Notice("partners.paused", _while(lambda organisation, _: organisation.state is OrganisationState.PAUSED))
RESUMED = Notice("partners.resumed", _while(Organisation.is_approved), Pace.DAILY)

NOTICES = (CONTACT_ADDED, HANDED_OVER, DECLINED, PAUSED, RESUMED)
