"""Who wrote in, and who hears news."""

from typing import Any

from sqlalchemy import select

from placements.db import db
from placements.enquiries.models import Enquiry, EnquiryNote, Referral, Route, Subscription
from placements.people.models import Person
from tests.factories.base import DAY, NOW, add, number
from tests.factories.people import person


def enquiry(writer: Person | None = None, **said: Any) -> Enquiry:
    n = next(number)
    said = {
        "form_key": f"enquiry-{n}",
        "organisation_name": f"Asking group {n}",
        "challenges_faced": "Few young people come to our sessions.",
        "received_at": NOW - 2 * DAY,
        **said,
    }
    said = {"confirmed_at": said["received_at"], "touched_at": said["received_at"], **said}
    return add(Enquiry(writer=writer or person(), **said))


def enquiry_note(on: Enquiry, author: Person | None = None, **said: Any) -> EnquiryNote:
    said = {"form_key": f"note-{next(number)}", "text": "They close in August.", "at": NOW - DAY, **said}
    return add(EnquiryNote(enquiry_id=on.id, author=author or person(), **said))


def route(name: str = "Business Clinic") -> Route:
    """One of the places that a new database knows."""
    return db.session.scalars(select(Route).where(Route.name == name)).one()


def referral(to: Person | None = None, **said: Any) -> Referral:
    said = {
        "route": route(),
        "asker": person(),
        "subject": "Asking group",
        "words": "Few young people come to our sessions.",
        "sent_by": person(),
        "sent_at": NOW - 2 * DAY,
        **said,
    }
    return add(Referral(receiver=to or person(), **said))


def subscription(who: Person | None = None, **said: Any) -> Subscription:
    return add(Subscription(person=who or person(), **{"asked_at": NOW - 2 * DAY, **said}))
