"""What is written about planned days and contact points. Never why somebody cannot come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import joinedload

from placements.attendance.models import KINDS, ContactPoint, PlannedDay
from placements.attendance.queries import NOTE_BY_LINK, note_link_of
from placements.attendance.workflow import ContactState, DayState
from placements.core.clock import today
from placements.db import db
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.mail.notices import Notice, Pace
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import whole

BY_LINK = "attendance.by_link"  # what a supervisor's link to a placement's page is for

Context = Mapping[str, Any] | None


def _placement(placement_id: int) -> Placement:
    return db.session.get_one(Placement, placement_id, options=whole())


def _address(placement: Placement, recipient: Person, now: datetime) -> str:
    """The page of the plan; for a supervisor who has a link to it, that."""
    link = latest_link(BY_LINK, placement.id, recipient.id)
    if link and link.is_open(now):
        return url_for(BY_LINK, token=token(link), _external=True)
    return url_for("attendance.plan", public_id=placement.public_id, _external=True)


def _about(placement: Placement, recipient: Person, now: datetime) -> dict[str, Any]:
    return {
        "placement": placement,
        "student": placement.enrolment.person,
        "organisation": placement.challenge.organisation,
        "is_student": recipient.id == placement.enrolment.person_id,
        "address": _address(placement, recipient, now),
    }


def _day(is_cancelled: bool) -> Any:
    def context(day_id: int, recipient: Person, now: datetime) -> Context:
        day = db.session.get(PlannedDay, day_id, options=[joinedload(PlannedDay.cancelled_by)])
        if day is None or (day.state is DayState.CANCELLED) is not is_cancelled or day.on < today(now):
            return None
        placement = _placement(day.placement_id)
        by_host = day.cancelled_by is not None and day.cancelled_by_id != placement.enrolment.person_id
        return {**_about(placement, recipient, now), "day": day, "by_host": by_host}

    return context


def _your_page(link_id: int, recipient: Person, now: datetime) -> Context:
    link = db.session.get_one(Link, link_id)
    placement = _placement(link.about_id)
    if not link.is_open(now) or not placement.goes_on or placement.supervisor_id != recipient.id:
        return None
    return {**_about(placement, recipient, now), "expires_at": link.expires_at}


def _contact(contact_id: int, recipient: Person, now: datetime) -> Context:
    contact = db.session.get_one(ContactPoint, contact_id)
    if contact.state is not ContactState.PLANNED or contact.at <= now:
        return None
    return {
        **_about(_placement(contact.placement_id), recipient, now),
        "contact": contact,
        "kind": KINDS[contact.kind].lower(),
    }


def _note_wanted(contact_id: int, recipient: Person, now: datetime) -> Context:
    """It took place, the organisation has said nothing of it, and the recipient's link works."""
    link = latest_link(NOTE_BY_LINK, contact_id, recipient.id)
    asked = note_link_of(link) if link else None
    if link is None or asked is None or not asked.works(now) or asked.contact.note_host:
        return None
    return {
        **_about(asked.contact.placement, recipient, now),
        "contact": asked.contact,
        "kind": KINDS[asked.contact.kind].lower(),
        "address": url_for(NOTE_BY_LINK, token=token(link), _external=True),
        "works_until": link.expires_at,
    }


RUN = "placement.enrolment.run_id"
FILLS = {"student": "student.name", "organisation": "organisation.name"}
OF_A_DAY = FILLS | {"day": "day.said"}
OF_A_CONTACT = FILLS | {"time": "contact.at | when"}

CANNOT_COME = Notice("attendance.cannot_come", _day(is_cancelled=True), run=RUN, fills=OF_A_DAY)
CAN_COME = Notice("attendance.can_come", _day(is_cancelled=False), run=RUN, fills=OF_A_DAY)
YOUR_PAGE = Notice("attendance.your_page", _your_page, run=RUN, fills=FILLS)
CONTACT_PLANNED = Notice(
    "attendance.contact_planned",
    _contact,
    pace=Pace.DAILY,
    run=RUN,
    fills=OF_A_CONTACT,
)
NOTE_WANTED = Notice(
    "attendance.note_wanted",
    _note_wanted,
    pace=Pace.DAILY,
    may_mute=True,
    run=RUN,
    fills=OF_A_CONTACT,
)

NOTICES = (CANNOT_COME, CAN_COME, YOUR_PAGE, CONTACT_PLANNED, NOTE_WANTED)
