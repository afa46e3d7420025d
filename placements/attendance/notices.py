"""What is written about planned days and contact points. Never why somebody cannot come."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from placements.attendance.models import KINDS, ContactPoint, PlannedDay
from placements.attendance.queries import NOTE_BY_LINK, note_link_of
from placements.attendance.workflow import ContactState, DayState
from placements.cohorts.models import Enrolment, RoleOnRun
from placements.cohorts.queries import closed_days
from placements.core.clock import add_working_days, in_london, london, today
from placements.db import db, shifted
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.mail.models import Notification
from placements.mail.notices import Notice, Pace, Reminder, Timed, TimedReminder
from placements.mail.stepping import DAY, MORNING, latest_morning, moment_by
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor, whole
from placements.placing.workflow import GOING_ON

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
        if not placement.goes_on:
            return None
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
    placement = _placement(contact.placement_id)
    if contact.state is not ContactState.PLANNED or contact.at <= now or not placement.goes_on:
        return None
    return {
        **_about(placement, recipient, now),
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


def _past(contact_id: int, recipient: Person, now: datetime) -> Context:
    """It should have been, and nobody has said how it went."""
    contact = db.session.get_one(ContactPoint, contact_id)
    if contact.state is not ContactState.PLANNED or contact.at > now:
        return None
    address = url_for("attendance.visits", _external=True)
    about = _about(_placement(contact.placement_id), recipient, now)
    return {**about, "contact": contact, "kind": KINDS[contact.kind].lower(), "address": address}


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
CONTACT_NEAR = Notice("attendance.contact_near", _contact, pace=Pace.DAILY, run=RUN, fills=OF_A_CONTACT)
CONTACT_PAST = Notice("attendance.contact_past", _past, pace=Pace.DAILY, run=RUN, fills=OF_A_CONTACT)
CONTACT_LONG_PAST = Notice("attendance.contact_long_past", _past, pace=Pace.DAILY, run=RUN, fills=OF_A_CONTACT)

NOTICES = (
    CANNOT_COME,
    CAN_COME,
    YOUR_PAGE,
    CONTACT_PLANNED,
    CONTACT_NEAR,
    CONTACT_PAST,
    CONTACT_LONG_PAST,
    NOTE_WANTED,
)

TOLD_BEFORE = timedelta(days=3)  # student and supervisor are not reminded of what they heard of less long ago; ours
NOTE_AFTER, LEADER_AFTER = 2, 10  # working days after a visit or call of which nobody says how it went; ours
FORGOTTEN = timedelta(days=60)


def contacts_near(now: datetime, steps: tuple[int, ...]) -> Timed:
    """The tutor, and whoever was told of it more than three days before: at 9am."""
    ahead = now + (2 - min(0, *steps)) * DAY
    planned = select(ContactPoint.at).where(ContactPoint.state == ContactState.PLANNED)
    times = db.session.scalars(planned.where(ContactPoint.at.between(now, ahead)).distinct()).all()
    moments = {at: latest_morning(london(at).date(), steps, now, before=at) for at in times}
    due_at, is_due = moment_by(ContactPoint.at, moments)
    told = select(Notification.id).where(
        Notification.notice == CONTACT_PLANNED.name, Notification.about_id == ContactPoint.id
    )
    in_time = told.where(
        Notification.recipient_id == Person.id, Notification.due_at < shifted(ContactPoint.at, -TOLD_BEFORE)
    )
    is_tutor = and_(Person.id == acting_tutor(today(now)), told.where(Notification.due_at < due_at).exists())
    return (
        select(ContactPoint.id, Person.id.label("person_id"), due_at, Enrolment.run_id, ContactPoint.at)
        .join(ContactPoint.placement)
        .join(Placement.enrolment)
        .join(Person, or_(is_tutor, in_time.exists()))
        .where(ContactPoint.state == ContactState.PLANNED, is_due, Placement.state.in_(GOING_ON))
    )


def contacts_past(now: datetime) -> Select[int, int, datetime]:
    """The tutor, or who covers, two working days after one of which nobody has said how it went."""
    tutor_id = acting_tutor(today(now))
    return _past_for(now, NOTE_AFTER, tutor_id).where(tutor_id.is_not(None))


def contacts_long_past(now: datetime) -> Select[int, int, datetime]:
    """The module leaders, after ten."""
    return _past_for(now, LEADER_AFTER, RoleOnRun.person_id).join(RoleOnRun, RoleOnRun.leads(Enrolment.run_id))


def _past_for(now: datetime, days: int, recipient: Any) -> Select[int, int, datetime]:
    is_past = (ContactPoint.state == ContactState.PLANNED, ContactPoint.at.between(now - FORGOTTEN, now))
    closed = closed_days()
    times = db.session.scalars(select(ContactPoint.at).where(*is_past).distinct()).all()
    moments = {at: in_london(add_working_days(london(at).date(), days, closed), MORNING) for at in times}
    due_at, is_due = moment_by(ContactPoint.at, {at: each for at, each in moments.items() if each <= now})
    found = select(ContactPoint.id, recipient.label("recipient"), due_at).join(ContactPoint.placement)
    return found.join(Placement.enrolment).where(*is_past, is_due)


REMINDERS = (
    TimedReminder(CONTACT_NEAR, contacts_near, steps=(-1,), hangs_on="a planned visit or call"),
    Reminder(CONTACT_PAST, contacts_past, then=CONTACT_LONG_PAST.name),
    Reminder(CONTACT_LONG_PAST, contacts_long_past),
)
