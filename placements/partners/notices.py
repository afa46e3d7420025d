"""What we write to organisations and, about them, to the engagement team."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.core.clock import add_working_days, today
from placements.db import db
from placements.mail.notices import Notice
from placements.partners.models import CONTACT_ROLES, Contact, Enquiry
from placements.partners.rules import ANSWERED_WITHIN
from placements.partners.workflow import EnquiryState
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _enquiry_received(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    return {"enquiry": enquiry, "answer_by": add_working_days(today(enquiry.received_at), ANSWERED_WITHIN)}


def _enquiry_waiting(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.state is not EnquiryState.RECEIVED:
        return None
    return {
        "enquiry": enquiry,
        "answer_by": add_working_days(today(enquiry.received_at), ANSWERED_WITHIN),
        "address": url_for("partners.enquiry", public_id=enquiry.public_id, _external=True),
    }


def _accepted(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.organisation is None:
        return None
    address = url_for("partners.organisation", public_id=enquiry.organisation.public_id, _external=True)
    return {"organisation": enquiry.organisation, "owner": enquiry.owner, "address": address}


def _answered(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    return {"enquiry": db.session.get_one(Enquiry, enquiry_id)}


def _added(contact_id: int, recipient: Person, now: datetime) -> Values:
    contact = db.session.get_one(Contact, contact_id)
    if contact.left_on is not None:
        return None
    address = url_for("partners.organisation", public_id=contact.organisation.public_id, _external=True)
    return {"organisation": contact.organisation, "role": CONTACT_ROLES[contact.role], "address": address}


ENQUIRY_RECEIVED = Notice("partners.enquiry_received", _enquiry_received)
ENQUIRY_WAITING = Notice("partners.enquiry_waiting", _enquiry_waiting)
ENQUIRY_ACCEPTED = Notice("partners.enquiry_accepted", _accepted)
ENQUIRY_ROUTED = Notice("partners.enquiry_routed", _answered)
ENQUIRY_CLOSED = Notice("partners.enquiry_closed", _answered)
CONTACT_ADDED = Notice("partners.contact_added", _added)

NOTICES = (ENQUIRY_RECEIVED, ENQUIRY_WAITING, ENQUIRY_ACCEPTED, ENQUIRY_ROUTED, ENQUIRY_CLOSED, CONTACT_ADDED)
