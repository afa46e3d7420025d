"""What we write to those who enquire and, about them, to the engagement team."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.core.clock import add_working_days, today
from placements.db import db
from placements.enquiries.models import Enquiry
from placements.enquiries.rules import ANSWERED_WITHIN
from placements.enquiries.workflow import EnquiryState
from placements.mail.notices import Notice
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _received(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    return {"enquiry": enquiry, "answer_by": add_working_days(today(enquiry.received_at), ANSWERED_WITHIN)}


def _waiting(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.state is not EnquiryState.RECEIVED:
        return None
    return {
        "enquiry": enquiry,
        "answer_by": add_working_days(today(enquiry.received_at), ANSWERED_WITHIN),
        "address": url_for("enquiries.enquiry", public_id=enquiry.public_id, _external=True),
    }


def _accepted(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.organisation is None:
        return None
    address = url_for("partners.organisation", public_id=enquiry.organisation.public_id, _external=True)
    return {"organisation": enquiry.organisation, "owner": enquiry.owner, "address": address}


def _answered(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    return {"enquiry": db.session.get_one(Enquiry, enquiry_id)}


RECEIVED = Notice("enquiries.received", _received)
WAITING = Notice("enquiries.waiting", _waiting)
ACCEPTED = Notice("enquiries.accepted", _accepted)
ROUTED = Notice("enquiries.routed", _answered)
CLOSED = Notice("enquiries.closed", _answered)

NOTICES = (RECEIVED, WAITING, ACCEPTED, ROUTED, CLOSED)
