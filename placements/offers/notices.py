"""What offers write: a place is offered, still unanswered, lapsed, accepted; who has none yet; and to organisations."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, RoleOnRun, TimeslotGroup
from placements.cohorts.queries import acting_group_tutor
from placements.core.clock import today
from placements.db import db
from placements.links.actions import latest_link, token
from placements.mail.notices import Context, Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import latest_step
from placements.offers.hosts import REFUSE_BY_LINK, asked_by, nobody_came, unanswered
from placements.offers.models import Clearing, HostRefusal, Offer
from placements.offers.queries import has_passed_on, live_offers, open_clearing
from placements.offers.workflow import OfferState, RefusalState
from placements.partners.queries import is_current_contact
from placements.people.models import Person

Values = Mapping[str, Any]


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


def _no_place_yet(clearing_id: int, recipient: Person, now: datetime) -> Values | None:
    """To the student of a row of the clearing list, while they stand on it."""
    clearing = db.session.get_one(Clearing, clearing_id, options=[joinedload(Clearing.owner)])
    if clearing.closed_at is not None:
        return None
    return {"clearing": clearing, "now": now, "address": url_for("offers.mine", _external=True)}


def _your_clearing_list(owner_id: int, recipient: Person, now: datetime) -> Values | None:
    number, first_on = db.session.execute(
        select(func.count(Clearing.id), func.min(Clearing.by_on)).where(
            Clearing.owner_id == owner_id, Clearing.closed_at.is_(None)
        )
    ).one()
    if not number:
        return None
    return {"number": number, "first_on": first_on, "address": url_for("clearing.students", _external=True)}


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


RUN = "offer.enrolment.run_id"
FILLS = {
    "organisation": "organisation.name",
    "challenge": "challenge.title",
    "student": "student.name",
    "deadline": "offer.deadline_at | when",
}

MADE = Notice("offers.made", _offer(_waits_for_an_answer), run=RUN, fills=FILLS)
PLACE_FREE = Notice("offers.place_free", _offer(_waits_for_an_answer), run=RUN, fills=FILLS)
CHANGED = Notice("offers.changed", _changed, run=RUN, fills=FILLS)
DEADLINE = "offer.deadline_at"
UNANSWERED = Notice("offers.unanswered", _offer(_waits_for_an_answer), run=RUN, fills=FILLS, deadline=DEADLINE)
STUDENT_UNANSWERED = Notice(
    "offers.student_unanswered", _offer(_waits_for_an_answer), Pace.DAILY, run=RUN, fills=FILLS, deadline=DEADLINE
)
WITHDRAWN = Notice("offers.withdrawn", _offer(_is(OfferState.WITHDRAWN)), run=RUN, fills=FILLS)
LAPSED = Notice("offers.lapsed", _offer(_is(OfferState.EXPIRED)), run=RUN, fills=FILLS)
STUDENT_LAPSED = Notice("offers.student_lapsed", _offer(_is(OfferState.EXPIRED)), Pace.DAILY, run=RUN, fills=FILLS)
ACCEPTED = Notice("offers.accepted", _offer(_is(OfferState.ACCEPTED)), Pace.NOW, run=RUN, fills=FILLS)
STUDENT_ACCEPTED = Notice(
    "offers.student_accepted", _offer(_is(OfferState.ACCEPTED)), Pace.DAILY, may_mute=True, run=RUN, fills=FILLS
)
STUDENT_IS_COMING = Notice(
    "offers.student_is_coming", _offer(_is(OfferState.ACCEPTED)), Pace.DAILY, run=RUN, fills=FILLS
)
NO_PLACE_YET = Notice(
    "offers.no_place_yet",
    _no_place_yet,
    run="clearing.enrolment.run_id",
    fills={"owner": "clearing.owner.name", "by": "clearing.by_on | date"},
)
YOUR_CLEARING_LIST = Notice("offers.your_clearing_list", _your_clearing_list, Pace.DAILY)
STUDENTS_OFFERED = Notice("offers.students_offered", _students_offered, Pace.DAILY)
NOBODY_CAME = Notice("offers.nobody_came", _nobody_came, Pace.DAILY)
REFUSED = Notice("offers.refused", _refusal(lambda refusal: refusal.state is RefusalState.OPEN))
REFUSAL_SETTLED = Notice(
    "offers.refusal_settled", _refusal(lambda refusal: refusal.state is not RefusalState.OPEN), Pace.DAILY
)

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
    YOUR_CLEARING_LIST,
    STUDENTS_OFFERED,
    NOBODY_CAME,
    REFUSED,
    REFUSAL_SETTLED,
)


def _running_out(recipient: Any, steps: tuple[int, ...], now: datetime) -> Timed:
    """The offers that run out so soon, unless they were made later than that, and who is told."""
    due_at, is_due = latest_step(Offer.deadline_at, steps, now)
    return (
        select(Offer.id, recipient, due_at, Enrolment.run_id, Offer.deadline_at)
        .join(Offer.enrolment)
        .where(Offer.state == OfferState.MADE, Offer.deadline_at > now, is_due, Offer.made_at <= due_at)
    )


def _unanswered(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Their students."""
    return _running_out(Enrolment.person_id, steps, now)


def _student_unanswered(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Their students' tutors; the leaders of the run, where the group has no tutor."""
    leads = and_(TimeslotGroup.tutor_id.is_(None), RoleOnRun.leads(Enrolment.run_id))
    told = func.coalesce(acting_group_tutor(today(now)), RoleOnRun.person_id)
    rows = _running_out(told, steps, now).join(Enrolment.group).outerjoin(RoleOnRun, leads)
    return rows.where(told.is_not(None))


RUNS_OUT = "the moment at which the offer runs out"

REMINDERS = (
    TimedReminder(UNANSWERED, _unanswered, steps=(-3, -1), hangs_on=RUNS_OUT, then=STUDENT_UNANSWERED.name),
    TimedReminder(STUDENT_UNANSWERED, _student_unanswered, steps=(-2,), hangs_on=RUNS_OUT, then=STUDENT_LAPSED.name),
)
