"""What we write to those who enquire, to whom they are passed on and, about both, to the engagement team."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select

from placements.accounts.models import Account
from placements.accounts.queries import account_of, works
from placements.core.clock import in_london, today
from placements.db import UTCDateTime, db
from placements.enquiries.models import Enquiry, Referral, Subscription
from placements.enquiries.rules import (
    ACKNOWLEDGE,
    ANSWERED_WITHIN,
    CONFIRM,
    CONFIRM_NEWSLETTER,
    DAY,
    RECEIVER_REMINDED_AFTER,
    SENDER_TOLD_AFTER,
    answer_by,
    mornings,
    next_working_day,
    overdue_before,
    working_days_later,
)
from placements.enquiries.workflow import WAITING as OPEN
from placements.enquiries.workflow import EnquiryState
from placements.links.actions import latest_link, token
from placements.mail.notices import Due, Notice, Pace, Reminder
from placements.partners.queries import looks_after
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _by_link(purpose: str, about_id: int, holder: Person, now: datetime) -> dict[str, Any] | None:
    """The address of the holder's newest link and when it runs out; None where it does not work any more."""
    link = latest_link(purpose, about_id, holder.id)
    if link is None or not link.is_open(now):
        return None
    return {"address": url_for(purpose, token=token(link), _external=True), "expires_at": link.expires_at}


def _received(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.confirmed_at is not None:
        return {"enquiry": enquiry, "answer_by": answer_by(enquiry.confirmed_at)}
    return _unconfirmed(enquiry_id, recipient, now)


def _unconfirmed(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    linked = _by_link(CONFIRM, enquiry_id, recipient, now)
    if enquiry.confirmed_at is not None or enquiry.state is not EnquiryState.RECEIVED or linked is None:
        return None
    return {"enquiry": enquiry, **linked}


def _waiting(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.state is not EnquiryState.RECEIVED or enquiry.confirmed_at is None:
        return None
    return {"enquiry": enquiry, "answer_by": answer_by(enquiry.confirmed_at), "address": _page_of(enquiry)}


def _page_of(enquiry: Enquiry) -> str:
    return url_for("enquiries.enquiry", public_id=enquiry.public_id, _external=True)


def _silent(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    is_late = enquiry.next_step_on is not None and enquiry.next_step_on < today(now)
    is_quiet = answer_by(enquiry.touched_at) <= today(now)
    if enquiry.state not in OPEN or enquiry.confirmed_at is None or not (is_late or is_quiet):
        return None
    return {"enquiry": enquiry, "is_late": is_late, "address": _page_of(enquiry)}


def _accepted(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    """One mail takes them in: to choose a password, where they have none, and on to the start of a brief."""
    enquiry = db.session.get_one(Enquiry, enquiry_id)
    if enquiry.organisation is None:
        return None
    organisation, account = enquiry.organisation, account_of(recipient.id)
    said = {"organisation": organisation, "owner": enquiry.owner}
    begin = url_for("challenges.start", public_id=organisation.public_id, _external=False)
    link = latest_link("accounts.set_password", account.id, recipient.id) if account else None
    if account is None or account.password is not None or link is None or not works(link, now):
        address = url_for("challenges.start", public_id=organisation.public_id, _external=True)
        return {**said, "address": address, "expires_at": None}
    address = url_for("accounts.set_password", token=token(link), next=begin, _external=True)
    return {**said, "address": address, "expires_at": link.expires_at}


def _closed(enquiry_id: int, recipient: Person, now: datetime) -> Values:
    return {"enquiry": db.session.get_one(Enquiry, enquiry_id)}


def _routed(referral_id: int, recipient: Person, now: datetime) -> Values:
    return {"referral": db.session.get_one(Referral, referral_id)}


def _passed_on(referral_id: int, recipient: Person, now: datetime) -> Values:
    """While it is theirs, and they have not said that they have it."""
    referral = db.session.get_one(Referral, referral_id)
    linked = _by_link(ACKNOWLEDGE, referral_id, recipient, now)
    if referral.acknowledged_at is not None or referral.receiver_id != recipient.id or linked is None:
        return None
    return {"referral": referral, **linked}


def _nobody_has_it(referral_id: int, recipient: Person, now: datetime) -> Values:
    """Not where it was passed on to somebody else meanwhile, who has their own time."""
    referral = db.session.get_one(Referral, referral_id)
    if referral.acknowledged_at is not None or referral.sent_at >= overdue_before(SENDER_TOLD_AFTER, today(now)):
        return None
    return {"referral": referral, "address": url_for("enquiries.pass_on", public_id=referral.public_id, _external=True)}


def _newsletter(subscription_id: int, recipient: Person, now: datetime) -> Values:
    subscription = db.session.get_one(Subscription, subscription_id)
    is_asked = subscription.confirmed_at is None and subscription.ended_at is None
    return _by_link(CONFIRM_NEWSLETTER, subscription_id, recipient, now) if is_asked else None


RECEIVED = Notice("enquiries.received", _received, Pace.NOW)
UNCONFIRMED = Notice("enquiries.unconfirmed", _unconfirmed, Pace.DAILY)
WAITING = Notice("enquiries.waiting", _waiting, Pace.DAILY)
SILENT = Notice("enquiries.silent", _silent, Pace.DAILY)
ACCEPTED = Notice("enquiries.accepted", _accepted, Pace.DAILY)
CLOSED = Notice("enquiries.closed", _closed, Pace.DAILY)
ROUTED = Notice("enquiries.routed", _routed, Pace.DAILY)
PASSED_ON = Notice("enquiries.passed_on", _passed_on, Pace.DAILY)
UNACKNOWLEDGED = Notice("enquiries.unacknowledged", _passed_on, Pace.DAILY)
NOBODY_HAS_IT = Notice("enquiries.nobody_has_it", _nobody_has_it, Pace.DAILY)
NEWSLETTER = Notice("enquiries.newsletter", _newsletter, Pace.NOW)

NOTICES = (
    *(RECEIVED, UNCONFIRMED, WAITING, SILENT, ACCEPTED, CLOSED),
    *(ROUTED, PASSED_ON, UNACKNOWLEDGED, NOBODY_HAS_IT, NEWSLETTER),
)


def _morning_after(instant: Any, due_on: Callable[[date], date], now: datetime) -> ColumnElement[datetime]:
    """The morning on which something falls due by the day of that column, where it came lately; null where not."""
    return case(
        *(
            (and_(instant >= in_london(day, time()), instant < in_london(day + DAY, time())), _instant(due_at))
            for day, due_at in mornings(due_on, now)
        )
    )


def _instant(moment: datetime) -> Any:
    return literal(moment, UTCDateTime())


def unconfirmed(now: datetime) -> Select[int, int, datetime]:
    """Whoever wrote and has not confirmed it, on the next working day."""
    due_at = _morning_after(Enquiry.received_at, next_working_day, now)
    rows = select(Enquiry.id, Enquiry.writer_id, due_at)
    return rows.where(Enquiry.state == EnquiryState.RECEIVED, Enquiry.confirmed_at.is_(None), due_at.is_not(None))


def late(now: datetime) -> Select[int, int, datetime]:
    """Who looks after an open enquiry whose next step's day is over."""
    due_at = case(
        {day: _instant(due_at) for day, due_at in mornings(next_working_day, now)}, value=Enquiry.next_step_on
    )
    return _to_look_after(due_at)


def silent(now: datetime) -> Select[int, int, datetime]:
    """The same where nothing was done for five working days since the last act, so once for each silence.

    Not where the day of the next step comes in between: they are told of that.
    """
    due_at = case(
        *(
            (
                and_(
                    Enquiry.touched_at >= in_london(day, time()),
                    Enquiry.touched_at < in_london(day + DAY, time()),
                    or_(Enquiry.next_step_on.is_(None), ~Enquiry.next_step_on.between(day, today(due_at))),
                ),
                _instant(due_at),
            )
            for day, due_at in mornings(working_days_later(ANSWERED_WITHIN), now)
        )
    )
    return _to_look_after(due_at)


def _to_look_after(due_at: ColumnElement[datetime]) -> Select[int, int, datetime]:
    """The owner; with none, or one who has left the team, the whole team. Never whoever wrote it."""
    rows = select(Enquiry.id, Account.person_id, due_at).join(Account, looks_after(Enquiry.owner_id))
    return rows.where(Enquiry.state.in_(OPEN), Enquiry.confirmed_at.is_not(None), due_at.is_not(None)).where(
        Account.person_id != Enquiry.writer_id
    )


def _unacknowledged(after: int) -> Due:
    """Whom something was passed to, so many working days on, while they have not said that they have it."""

    def due(now: datetime) -> Select[int, int, datetime]:
        due_at = _morning_after(Referral.sent_at, working_days_later(after), now)
        rows = select(Referral.id, Referral.receiver_id, due_at)
        return rows.where(Referral.acknowledged_at.is_(None), due_at.is_not(None))

    return due


def nobody_has_it(now: datetime) -> Select[int, int, datetime]:
    """Who passed it on, after five; never whoever asks."""
    due_at = _morning_after(Referral.sent_at, working_days_later(SENDER_TOLD_AFTER), now)
    rows = select(Referral.id, Account.person_id, due_at).join(Account, looks_after(Referral.sent_by_id))
    unheard = (Referral.acknowledged_at.is_(None), due_at.is_not(None))
    return rows.where(*unheard, Account.person_id != Referral.asker_id)


REMINDERS = (
    Reminder(UNCONFIRMED, unconfirmed),
    Reminder(SILENT, late),
    Reminder(SILENT, silent),
    *(Reminder(UNACKNOWLEDGED, _unacknowledged(after)) for after in RECEIVER_REMINDED_AFTER),
    Reminder(NOBODY_HAS_IT, nobody_has_it),
)
