"""What is written about hours to confirm: a week's, what is outstanding, a visit queried."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from flask import url_for
from sqlalchemy import Select, case, select
from sqlalchemy.orm import aliased

from placements.cohorts.models import Enrolment
from placements.confirming.rules import REMIND_AFTER
from placements.db import db, shifted
from placements.links.actions import token
from placements.links.models import Link
from placements.logbook.models import Entry, LedgerEvent
from placements.logbook.queries import answerer_id, placements_seen, waiting_for
from placements.logbook.workflow import WAITING, EntryState
from placements.mail.notices import Notice, Reminder
from placements.people.models import Person
from placements.placing.models import Placement

CONFIRM_WEEK = "logbook.confirm_week"  # what the links of mails are signed for, those sent long ago too

Context = Mapping[str, Any] | None


def _to_confirm(link_id: int, recipient: Person, now: datetime) -> Context:
    return _of_link(db.session.get_one(Link, link_id), waiting_for(recipient.id, EntryState.SUBMITTED), now)


def _still_to_confirm(link_id: int, recipient: Person, now: datetime) -> Context:
    """Of what the mail asked for, whatever came in since: that is asked for by the next."""
    link = db.session.get_one(Link, link_id)
    asked_at, waiting = link.created_at, waiting_for(recipient.id, EntryState.SUBMITTED)
    return _of_link(link, [each for each in waiting if each.submitted_at and each.submitted_at <= asked_at], now)


def _of_link(link: Link, entries: Sequence[Entry], now: datetime) -> Context:
    if not link.is_open(now) or not entries:
        return None
    students = [
        (person.name, list(visits))
        for person, visits in groupby(entries, key=lambda each: each.placement.enrolment.person)
    ]
    return {
        "address": url_for("confirming.confirm_week", token=token(link), _external=True),
        "expires_at": link.expires_at,
        "students": [(name, sum(each.minutes for each in visits), len(visits)) for name, visits in students],
        "minutes": sum(each.minutes for each in entries),
        "asked_at": link.created_at,
    }


def _queried(event_id: int, recipient: Person, now: datetime) -> Context:
    event = db.session.get_one(LedgerEvent, event_id)
    entry = event.entry
    if entry.events[-1] is not event:  # answered or changed since
        return None
    return {
        "entry": entry,
        "event": event,
        "address": url_for("logbook.entry", public_id=entry.public_id, _external=True),
    }


def _handed_on(link_id: int, recipient: Person, now: datetime) -> Context:
    link = db.session.get_one(Link, link_id)
    handed = [each for each in waiting_for(recipient.id, *WAITING) if each.handed_to_id == recipient.id]
    context = _of_link(link, handed, now)
    return {**context, "supervisors": sorted({each.placement.supervisor.name for each in handed})} if context else None


def _somebody_else(placement_id: int, recipient: Person, now: datetime) -> Context:
    placement = db.session.scalars(placements_seen().where(Placement.id == placement_id)).one()
    return {"placement": placement, "address": url_for("reading.read", public_id=placement.public_id, _external=True)}


WEEK_TO_CONFIRM = Notice("confirming.week_to_confirm", _to_confirm)
CONFIRMATION_OUTSTANDING = Notice("confirming.confirmation_outstanding", _still_to_confirm)
QUERIED = Notice("confirming.queried", _queried)
HANDED_ON = Notice("confirming.handed_on", _handed_on)
SOMEBODY_ELSE = Notice("confirming.somebody_else", _somebody_else)
NOTICES = (WEEK_TO_CONFIRM, CONFIRMATION_OUTSTANDING, QUERIED, HANDED_ON, SOMEBODY_ELSE)


def outstanding(now: datetime) -> Select[int, int, datetime]:
    """A supervisor's latest link, 7 and again 14 days on, while something that it was sent for still waits."""
    first, second = (shifted(Link.created_at, after) for after in REMIND_AFTER)
    newer = aliased(Link)
    is_latest = ~(
        select(newer.id).where(
            newer.purpose == CONFIRM_WEEK, newer.holder_id == Link.holder_id, newer.created_at > Link.created_at
        )
    ).exists()
    waits = (
        select(Entry.id)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(answerer_id() == Link.holder_id, Enrolment.person_id != Link.holder_id)
        .where(Entry.state == EntryState.SUBMITTED, Entry.submitted_at <= Link.created_at)
    ).exists()
    return (
        select(Link.id, Link.holder_id, case((second <= now, second), else_=first))
        .where(Link.purpose == CONFIRM_WEEK, Link.expires_at > now, first <= now)
        .where(is_latest, waits)
    )


REMINDERS = (Reminder(CONFIRMATION_OUTSTANDING, outstanding),)
