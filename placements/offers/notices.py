"""What offers write: a place is offered, still unanswered, lapsed, accepted; who has none yet; and to organisations."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select
from sqlalchemy.orm import joinedload, selectinload

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun, RunRole, TimeslotGroup
from placements.core.clock import in_london, today
from placements.db import UTCDateTime, db, shifted
from placements.links.actions import latest_link, token
from placements.mail.notices import Context, Notice, Reminder
from placements.offers.hosts import REFUSE_BY_LINK, asked_by, nobody_came, unanswered
from placements.offers.models import AskedPlace, Clearing, HostRefusal, Offer
from placements.offers.queries import has_passed_on, live_offers, open_clearing
from placements.offers.rules import WARNED_WORKING_DAYS, warned_on
from placements.offers.workflow import OfferState, RefusalState
from placements.partners.queries import is_current_contact
from placements.people.models import Person

Values = Mapping[str, Any]
SENT_AT = time(9)  # London
CATCH_UP = 7  # days


def _offer(is_true: Callable[[Offer, datetime], bool]) -> Context:
    """A notice about an offer, as long as `is_true`."""

    def context(offer_id: int, recipient: Person, now: datetime) -> Values | None:
        offer = db.session.get_one(
            Offer,
            offer_id,
            options=[
                joinedload(Offer.challenge).joinedload(Challenge.organisation),
                joinedload(Offer.enrolment).joinedload(Enrolment.person),
                joinedload(Offer.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
            ],
        )
        if not is_true(offer, now):
            return None
        return {
            "offer": offer,
            "challenge": offer.challenge,
            "organisation": offer.challenge.organisation,
            "student": offer.enrolment.person,
            "tutor": offer.enrolment.group.tutor,
            "clearing": open_clearing([offer.enrolment_id]).get(offer.enrolment_id),
            "has_passed_on": has_passed_on(offer),
            "now": now,
            "address": url_for("offers.show", public_id=offer.public_id, _external=True),
        }

    return context


def _waits_for_an_answer(offer: Offer, now: datetime) -> bool:
    return offer.state is OfferState.MADE and now < offer.deadline_at


def _is(state: OfferState) -> Callable[[Offer, datetime], bool]:
    return lambda offer, now: offer.state is state


def _clearing(is_true: Callable[[Clearing], bool]) -> Context:
    """A notice to the student of a row of the clearing list, as long as `is_true`."""

    def context(clearing_id: int, recipient: Person, now: datetime) -> Values | None:
        clearing = db.session.get_one(Clearing, clearing_id, options=[joinedload(Clearing.owner)])
        if not is_true(clearing):
            return None
        return {"clearing": clearing, "now": now, "address": url_for("offers.mine", _external=True)}

    return context


def _your_clearing_list(owner_id: int, recipient: Person, now: datetime) -> Values | None:
    number, first_on = db.session.execute(
        select(func.count(Clearing.id), func.min(Clearing.by_on)).where(
            Clearing.owner_id == owner_id, Clearing.closed_at.is_(None)
        )
    ).one()
    if not number:
        return None
    return {"number": number, "first_on": first_on, "address": _list()}


def _asked(clearing_id: int, recipient: Person, now: datetime) -> Values | None:
    """To whoever looks after the student of the row, while something is asked for."""
    student = joinedload(Clearing.enrolment).joinedload(Enrolment.person)
    wishes = selectinload(Clearing.asked).joinedload(AskedPlace.challenge).joinedload(Challenge.organisation)
    row = db.session.get_one(Clearing, clearing_id, options=[student, wishes])
    if row.closed_at is not None or not row.asked or row.owner_id != recipient.id:
        return None
    address = url_for("offers.place", public_id=row.public_id, _external=True)
    return {"row": row, "student": row.enrolment.person, "asked": row.asked, "address": address}


def _of_owner(is_true: Callable[[date, date], bool]) -> Context:
    """A notice to somebody about the students whom they look after, as long as `is_true` of a date and today."""

    def context(owner_id: int, recipient: Person, now: datetime) -> Values | None:
        of_owner = Clearing.owner_id == owner_id, Clearing.closed_at.is_(None)
        dates = [day for day in db.session.scalars(select(Clearing.by_on).where(*of_owner)) if is_true(day, today(now))]
        return {"number": len(dates), "first_on": min(dates), "address": _list()} if dates else None

    return context


def _late_in_run(run_id: int, recipient: Person, now: datetime) -> Values | None:
    """To a module leader: who has not kept a date, other than they themselves."""
    rows = (
        select(Person, func.count(Clearing.id), func.min(Clearing.by_on))
        .join(Clearing, Clearing.owner_id == Person.id)
        .join(Clearing.enrolment)
        .where(Enrolment.run_id == run_id, Person.id != recipient.id)
        .where(Clearing.closed_at.is_(None), Clearing.by_on < today(now))
        .group_by(Person.id)
        .order_by(func.min(Clearing.by_on), Person.id)
    )
    owners = db.session.execute(rows).all()
    if not owners:
        return None
    return {"run": db.session.get_one(ModuleRun, run_id), "owners": owners, "address": _list()}


def _list() -> str:
    return url_for("offers.clearing", _external=True)


def _changed(offer_id: int, recipient: Person, now: datetime) -> Values | None:
    """Of an offer that was taken back for another one, as long as that one waits for an answer."""
    before = db.session.get_one(Offer, offer_id, options=[joinedload(Offer.challenge)])
    offer = live_offers([before.enrolment_id]).get(before.enrolment_id)
    values = _offer(_waits_for_an_answer)(offer.id, recipient, now) if offer else None
    return {**values, "before": before} if values else None


def _challenge(challenge_id: int) -> Challenge:
    return db.session.get_one(Challenge, challenge_id, options=[joinedload(Challenge.organisation)])


def _students_offered(challenge_id: int, recipient: Person, now: datetime) -> Values | None:
    """Students have still to answer, and the recipient can say by their link that they cannot be taken."""
    link = latest_link(REFUSE_BY_LINK, challenge_id, recipient.id)
    asked = asked_by(link) if link else None
    if link is None or asked is None or not asked.can_answer(now):
        return None
    address = url_for(REFUSE_BY_LINK, token=token(link), _external=True)
    return {"challenge": asked.challenge, "unanswered": asked.unanswered, "link": link, "address": address}


def _nobody_came(challenge_id: int, recipient: Person, now: datetime) -> Values | None:
    challenge = _challenge(challenge_id)
    nobody = nobody_came(challenge, now)
    if nobody is None or not is_current_contact(recipient.id, challenge.organisation_id):
        return None
    address = url_for("challenges.challenge", public_id=challenge.public_id, _external=True)
    return {"challenge": challenge, "nobody": nobody, "address": address}


def _refusal(is_true: Callable[[HostRefusal], bool]) -> Context:
    """A notice about what an organisation said, as long as `is_true`."""

    def context(refusal_id: int, recipient: Person, now: datetime) -> Values | None:
        refusal = db.session.get_one(HostRefusal, refusal_id, options=[joinedload(HostRefusal.settled_by)])
        if not is_true(refusal):
            return None
        challenge = _challenge(refusal.challenge_id)
        number = unanswered(challenge.id).number
        address = url_for("offers.refusals", _external=True)
        return {"refusal": refusal, "challenge": challenge, "number": number, "address": address}

    return context


MADE = Notice("offers.made", _offer(_waits_for_an_answer))
PLACE_FREE = Notice("offers.place_free", _offer(_waits_for_an_answer))
CHANGED = Notice("offers.changed", _changed)
UNANSWERED = Notice("offers.unanswered", _offer(_waits_for_an_answer))
STUDENT_UNANSWERED = Notice("offers.student_unanswered", _offer(_waits_for_an_answer))
WITHDRAWN = Notice("offers.withdrawn", _offer(_is(OfferState.WITHDRAWN)))
LAPSED = Notice("offers.lapsed", _offer(_is(OfferState.EXPIRED)))
STUDENT_LAPSED = Notice("offers.student_lapsed", _offer(_is(OfferState.EXPIRED)))
ACCEPTED = Notice("offers.accepted", _offer(_is(OfferState.ACCEPTED)))
STUDENT_ACCEPTED = Notice("offers.student_accepted", _offer(_is(OfferState.ACCEPTED)))
STUDENT_IS_COMING = Notice("offers.student_is_coming", _offer(_is(OfferState.ACCEPTED)))
NO_PLACE_YET = Notice("offers.no_place_yet", _clearing(lambda clearing: clearing.closed_at is None))
ALTERNATIVE = Notice("offers.alternative", _clearing(lambda clearing: clearing.outcome is not None))
YOUR_CLEARING_LIST = Notice("offers.your_clearing_list", _your_clearing_list)
STUDENTS_OFFERED = Notice("offers.students_offered", _students_offered)
NOBODY_CAME = Notice("offers.nobody_came", _nobody_came)
REFUSED = Notice("offers.refused", _refusal(lambda refusal: refusal.state is RefusalState.OPEN))
REFUSAL_SETTLED = Notice("offers.refusal_settled", _refusal(lambda refusal: refusal.state is not RefusalState.OPEN))
ASKED = Notice("offers.asked", _asked)
DATE_NEAR = Notice("offers.date_near", _of_owner(lambda day, today: warned_on(day) <= today <= day))
DATE_PASSED = Notice("offers.date_passed", _of_owner(lambda day, today: day < today))
DATES_PASSED_IN_RUN = Notice("offers.dates_passed_in_run", _late_in_run)

NOTICES = (
    MADE,
    CHANGED,
    PLACE_FREE,
    UNANSWERED,
    STUDENT_UNANSWERED,
    WITHDRAWN,
    LAPSED,
    STUDENT_LAPSED,
    ACCEPTED,
    STUDENT_ACCEPTED,
    STUDENT_IS_COMING,
    NO_PLACE_YET,
    ALTERNATIVE,
    YOUR_CLEARING_LIST,
    STUDENTS_OFFERED,
    NOBODY_CAME,
    REFUSED,
    REFUSAL_SETTLED,
    ASKED,
    DATE_NEAR,
    DATE_PASSED,
    DATES_PASSED_IN_RUN,
)


def _running_out(recipient: Any, before: timedelta, now: datetime) -> Select[int, int, datetime]:
    """The offers that run out within `before`, unless they were made later than that, and who is told."""
    due_at = shifted(Offer.deadline_at, -before)
    return (
        select(Offer.id, recipient, due_at)
        .join(Offer.enrolment)
        .where(Offer.state == OfferState.MADE, Offer.deadline_at > now, Offer.deadline_at <= now + before)
        .where(Offer.made_at <= due_at)
    )


def _unanswered(before: timedelta) -> Callable[[datetime], Select[int, int, datetime]]:
    """Their students."""
    return lambda now: _running_out(Enrolment.person_id, before, now)


def _student_unanswered(now: datetime) -> Select[int, int, datetime]:
    """Their students' tutors, two days before; the leaders of the run, where the group has no tutor."""
    leads = and_(
        TimeslotGroup.tutor_id.is_(None), RoleOnRun.run_id == Enrolment.run_id, RoleOnRun.role == RunRole.LEADER
    )
    told = func.coalesce(TimeslotGroup.tutor_id, RoleOnRun.person_id)
    rows = _running_out(told, timedelta(days=2), now).join(Enrolment.group).outerjoin(RoleOnRun, leads)
    return rows.where(told.is_not(None))


def _said_on(days: Mapping[date, date], now: datetime) -> tuple[ColumnElement[bool], ColumnElement[datetime]]:
    """Whether a row's date is one of these and that is to be said by now; and since when: 9am of the day beside it."""
    moments = {by_on: in_london(day, SENT_AT) for by_on, day in days.items()}
    due = {by_on: literal(moment, UTCDateTime()) for by_on, moment in moments.items() if moment <= now}
    is_due = Clearing.closed_at.is_(None) & Clearing.by_on.in_(due)
    return is_due, case(due or {date.max: literal(now, UTCDateTime())}, value=Clearing.by_on)


def date_near(now: datetime) -> Select[int, int, datetime]:
    """Whoever looks after students, three working days before the date of those who stood on the list by then."""
    days = [today(now) + timedelta(days=ahead) for ahead in range(2 * WARNED_WORKING_DAYS)]
    is_due, due_at = _said_on({day: warned_on(day) for day in days}, now)
    return _to_owners(due_at).where(is_due, Clearing.opened_at < due_at)


def date_passed(now: datetime) -> Select[int, int, datetime]:
    """The same on the day after it."""
    is_due, due_at = _said_on(_days_after(now), now)
    return _to_owners(due_at).where(is_due)


def _to_owners(due_at: ColumnElement[datetime]) -> Select[int, int, datetime]:
    return select(Clearing.owner_id.label("about"), Clearing.owner_id.label("owner"), due_at).distinct()


def dates_passed_in_run(now: datetime) -> Select[int, int, datetime]:
    """And the leaders of the student's run, of dates that others have not kept."""
    is_due, due_at = _said_on(_days_after(now), now)
    leads = (RoleOnRun.run_id == Enrolment.run_id) & (RoleOnRun.role == RunRole.LEADER)
    rows = select(Enrolment.run_id, RoleOnRun.person_id, due_at).select_from(Clearing).join(Clearing.enrolment)
    return rows.join(RoleOnRun, leads).where(is_due, RoleOnRun.person_id != Clearing.owner_id).distinct()


def _days_after(now: datetime) -> dict[date, date]:
    """The dates that have passed within a few days, each with the day after it."""
    ends = [today(now) - timedelta(days=ago) for ago in range(1, CATCH_UP)]
    return {day: day + timedelta(days=1) for day in ends}


REMINDERS = (
    Reminder(DATE_NEAR, date_near),
    Reminder(DATE_PASSED, date_passed),
    Reminder(DATES_PASSED_IN_RUN, dates_passed_in_run),
    Reminder(UNANSWERED, _unanswered(timedelta(days=3))),
    Reminder(UNANSWERED, _unanswered(timedelta(days=1))),
    Reminder(STUDENT_UNANSWERED, _student_unanswered),
)
