"""Putting places to students, their answers, what time does to them, and places given by hand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from blinker import Signal
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.challenges.models import Challenge
from placements.cohorts.actions import enrolment_left, move_enrolment
from placements.cohorts.models import Enrolment
from placements.cohorts.queries import acting_group_tutor_id
from placements.cohorts.workflow import EnrolmentState
from placements.core.clock import say_when, today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers import notices
from placements.offers.models import ClearingReason, Offer
from placements.offers.queries import (
    Taken,
    has_passed_on,
    is_still_on,
    leaders,
    live_offers,
    locked_challenges,
    locked_clearing,
    taken,
    undecided,
)
from placements.offers.rules import why_not
from placements.offers.unplaced import found_a_place, needs_a_place
from placements.offers.waiting import promote
from placements.offers.workflow import LIVE, OFFER, OfferState
from placements.partners.policy import has_no_side

offer_accepted = Signal("A student accepted an offer: sent with the offer, and `actor` and `now`.")

BATCH = 200
GONE = "The place has gone to the next student who waited for it. Offer another from the clearing list."
UNDECIDED = "its organisation has said that it cannot take students. The module leader has to decide about that first."
CAN_BE_OFFERED = (EnrolmentState.REGISTERED, EnrolmentState.SEEKING, EnrolmentState.NOT_PLACED)


def make_offers(
    pairs: Sequence[tuple[Enrolment, int]],
    deadline_at: datetime,
    *,
    why: str | None = None,
    instead_of: Mapping[int, Offer] | None = None,
    actor: Principal,
    now: datetime,
) -> list[Offer]:
    """Offer each student the challenge beside them, open until `deadline_at`, and mail them. `why`: made by hand.

    `instead_of`: offers just taken back, by enrolment; one mail then says both. Raises Refused, and makes none, where
    the deadline is past, a student has an offer or needs no place, a challenge is not open to them or has no place
    left, its organisation has just said that it cannot take students, or whoever makes it by hand has a side in it.
    """
    if deadline_at <= now:
        raise Refused("Choose a deadline that is still to come.", field="deadline_on")
    challenges = locked_challenges({challenge_id for _, challenge_id in pairs})
    locked_clearing([enrolment.id for enrolment, _ in pairs])
    counted = {year: taken(year) for year in {each.academic_year for each in challenges.values()}}
    live, refused = live_offers([enrolment.id for enrolment, _ in pairs]), undecided()
    made = []
    for enrolment, challenge_id in pairs:
        challenge = challenges[challenge_id]
        _check(enrolment, live.get(enrolment.id))
        _check_place(enrolment, challenge, counted[challenge.academic_year], refused, now)
        if why is not None:
            _refuse_side(challenge, actor)
        counted[challenge.academic_year].take(challenge.id, challenge.organisation_id)
        made.append(Offer(enrolment=enrolment, challenge=challenge, deadline_at=deadline_at, why_made=why))
        made[-1].made_at, made[-1].made_by_id = now, actor.person_id
    db.session.add_all(made)
    db.session.flush()
    for offer in made:
        student = offer.enrolment.person_id
        record("offered", offer, actor=actor, now=now, person_id=student)
        before = (instead_of or {}).get(offer.enrolment_id)
        tell(notices.CHANGED, before.id, [student], now) if before else tell(notices.MADE, offer.id, [student], now)
    return made


WHY = "offers.read_reasons"  # the ability that a member of staff's reasons are read by


def _refuse_side(challenge: Challenge, actor: Principal) -> None:
    if not has_no_side(actor, challenge.organisation_id):
        raise Refused(f"You have an interest in {challenge.organisation.name}: somebody else has to decide this.")


def _check(enrolment: Enrolment, live: Offer | None) -> None:
    name = enrolment.person.name
    if live is not None:
        raise Refused(f"{name} has an offer already, from {live.challenge.title}.")
    if enrolment.state not in CAN_BE_OFFERED:
        raise Refused(f"{name} does not need a place now.")


def _check_place(
    enrolment: Enrolment, challenge: Challenge, counted: Taken, refused: Collection[int], now: datetime
) -> None:
    run = enrolment.run
    refusal = why_not(
        is_open=challenge.is_live(today(now)) and challenge.academic_year == run.academic_year,
        is_for_level=challenge.suits(run.level),
        room=counted.room(challenge),
    )
    if refusal:
        raise Refused(f"{challenge.title}: {refusal}", field="challenge")
    if challenge.id in refused:
        raise Refused(f"{challenge.title}: {UNDECIDED}", field="challenge")


def accept(offer: Offer, *, actor: Principal, now: datetime) -> None:
    """Take the place: the student is placed, leaves the clearing list, and everybody concerned is told.

    Sends `offer_accepted`. Raises Refused where the deadline has passed, the challenge is no longer on, or others
    took the last place first.
    """
    _hold(offer)
    if offer.state is OfferState.ACCEPTED:
        return
    if now >= offer.deadline_at:
        raise Refused(f"The time to answer this offer ran out on {say_when(offer.deadline_at)}.")
    challenge = locked_challenges([offer.challenge_id])[offer.challenge_id]
    refusal = why_not(
        is_open=is_still_on(challenge, now),
        is_for_level=challenge.suits(offer.enrolment.run.level),
        room=taken(challenge.academic_year, [OfferState.ACCEPTED]).room(challenge),
    )
    if refusal:
        raise Refused(f"{refusal} We are sorry. Decline this offer, and your tutor looks for another place with you.")
    OFFER.move(offer, "accept")
    tell(notices.ACCEPTED, offer.id, [offer.enrolment.person_id], now)
    _place(offer, challenge, "accepted", actor=actor, now=now)


def place_at_once(
    enrolment: Enrolment,
    challenge: Challenge,
    why: str,
    *,
    said: str = "placed where they asked to be",
    tells_staff: bool = True,
    actor: Principal,
    now: datetime,
) -> Offer:
    """Place the student without asking them again: an offer that is accepted as it is made. `said`: its history.

    The caller tells the student, and without `tells_staff` the tutor; others are told here. Sends `offer_accepted`.
    Raises Refused where the student has an offer or needs no place, the challenge is not on or full, or `actor` has a
    side in it.
    """
    challenge = locked_challenges([challenge.id])[challenge.id]
    locked_clearing([enrolment.id])
    _check(enrolment, live_offers([enrolment.id]).get(enrolment.id))
    _refuse_side(challenge, actor)
    room = taken(challenge.academic_year).room(challenge)
    is_on, is_for_level = is_still_on(challenge, now), challenge.suits(enrolment.run.level)
    refusal = why_not(is_open=is_on, is_for_level=is_for_level, room=room)
    if refusal:
        raise Refused(refusal)
    offer = Offer(enrolment=enrolment, challenge=challenge, deadline_at=now, why_made=why, state=OfferState.ACCEPTED)
    offer.made_at, offer.made_by_id = now, actor.person_id
    db.session.add(offer)
    db.session.flush()
    _place(offer, challenge, said, tells_staff=tells_staff, actor=actor, now=now)
    return offer


def _place(
    offer: Offer, challenge: Challenge, said: str, *, tells_staff: bool = True, actor: Principal, now: datetime
) -> None:
    """The student of an accepted offer is placed and off the clearing list; tutor and supervisor are told."""
    move_enrolment(offer.enrolment, "place", actor=actor, now=now)
    offer.answered_at = now
    found_a_place(offer.enrolment, actor=actor, now=now)
    record(said, offer, actor=actor, now=now, person_id=offer.enrolment.person_id)
    if tells_staff:
        tell(notices.STUDENT_ACCEPTED, offer.id, _staff(offer, now), now)
    tell(notices.STUDENT_IS_COMING, offer.id, [challenge.supervisor_id], now)
    offer_accepted.send(offer, actor=actor, now=now)


def decline(offer: Offer, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let the place go to the next who waits for it; the student goes to the clearing list and its owner is told.

    `reason` may be empty.
    """
    _hold_with_challenge(offer)
    if not OFFER.move(offer, "decline"):
        return
    offer.answered_at, offer.reason = now, reason or None
    record("declined", offer, actor=actor, now=now, person_id=offer.enrolment.person_id, reason=reason)
    needs_a_place(offer.enrolment, ClearingReason.DECLINED, fallback_id=offer.made_by_id, actor=actor, now=now)
    promote([offer], now=now)


def _lapse(offer: Offer, *, now: datetime) -> None:
    """The deadline has passed: the place is free, the student goes to the clearing list, they and their tutor told."""
    OFFER.move(offer, "lapse")
    student = offer.enrolment.person_id
    record("lapsed", offer, actor=NOBODY, now=now, person_id=student)
    needs_a_place(offer.enrolment, ClearingReason.EXPIRED, fallback_id=offer.made_by_id, actor=NOBODY, now=now)
    tell(notices.LAPSED, offer.id, [student], now)
    tell(notices.STUDENT_LAPSED, offer.id, _staff(offer, now), now)


def lapse_due(now: datetime) -> int:
    """Lapse up to BATCH offers whose deadline has passed; offer their places, and those of who left, to who waits.

    Returns how many places came free; for the worker, which commits.
    """
    has_left = (Offer.state == OfferState.WITHDRAWN) & Offer.answered_at.is_(None)
    due = db.session.scalars(
        select(Offer)
        .where(has_left | (Offer.state == OfferState.MADE) & (Offer.deadline_at <= now))
        .options(joinedload(Offer.enrolment).joinedload(Enrolment.group))
        .order_by(Offer.deadline_at, Offer.id)
        .limit(BATCH)
        .with_for_update(of=Offer, skip_locked=True)
    ).all()
    locked_challenges({offer.challenge_id for offer in due})
    for offer in due:
        if offer.state is OfferState.MADE:
            _lapse(offer, now=now)
        else:
            offer.answered_at = now
    promote(due, now=now)
    return len(due)


def reinstate(offer: Offer, deadline_at: datetime, reason: str, *, actor: Principal, now: datetime) -> None:
    """Put an expired offer to the student again, until `deadline_at`; mails them.

    Raises Refused where the place is gone (to the next who waited, it says), the student has another offer, the
    organisation has just said that it cannot take students, or the deadline is past.
    """
    _hold(offer)
    if deadline_at <= now:
        raise Refused("Choose a deadline that is still to come.", field="deadline_on")
    challenge = locked_challenges([offer.challenge_id])[offer.challenge_id]
    locked_clearing([offer.enrolment_id])
    if offer.state is OfferState.EXPIRED:
        _check(offer.enrolment, live_offers([offer.enrolment_id]).get(offer.enrolment_id))
        counted = taken(challenge.academic_year)
        if counted.room(challenge).left == 0 and has_passed_on(offer):
            raise Refused(f"{challenge.title}: {GONE}")
        _check_place(offer.enrolment, challenge, counted, undecided(), now)
    if not OFFER.move(offer, "reinstate"):
        return
    offer.deadline_at = deadline_at
    student = offer.enrolment.person_id
    record("opened again", offer, actor=actor, now=now, person_id=student)
    record("opened again, because", offer, actor=actor, now=now, person_id=student, ability=WHY, reason=reason)
    tell(notices.MADE, offer.id, [student], now)


def withdraw(offer: Offer, reason: str, *, actor: Principal, now: datetime) -> None:
    """Take back an unanswered offer: its student is told and goes to the clearing list; the place, to who waits."""
    _hold_with_challenge(offer)
    if not OFFER.move(offer, "withdraw"):
        return
    offer.answered_at, offer.reason = now, reason
    student = offer.enrolment.person_id
    record("taken back", offer, actor=actor, now=now, person_id=student)
    needs_a_place(offer.enrolment, ClearingReason.WITHDRAWN, fallback_id=offer.made_by_id, actor=actor, now=now)
    tell(notices.WITHDRAWN, offer.id, [student], now)
    promote([offer], now=now)


def give_back(
    offer: Offer,
    reason: str,
    *,
    needs_another: bool = True,
    has_another: bool = False,
    actor: Principal,
    now: datetime,
) -> None:
    """An accepted place came to nothing, or ended: it is free, and the student seeks another, or is done.

    `has_another`: whoever calls places them anew in the same transaction, so the clearing list never has them.

    Tells only the owner of the clearing row; for placements' own verbs, which tell everybody else.
    """
    _hold(offer)
    if not OFFER.move(offer, "give_back"):
        return
    offer.reason = reason
    record("given back", offer, actor=actor, now=now, person_id=offer.enrolment.person_id)
    move_enrolment(offer.enrolment, "seek" if needs_another else "complete", actor=actor, now=now)
    if needs_another and not has_another:
        why, otherwise = ClearingReason.PLACEMENT_ENDED, offer.made_by_id
        needs_a_place(offer.enrolment, why, fallback_id=otherwise, actor=actor, now=now)


@enrolment_left.connect
def _let_go(enrolment: Enrolment, *, actor: Principal, now: datetime, **_: object) -> None:
    """Whoever withdraws or defers holds no place and needs none. The worker passes an unanswered place on: many leave
    in one transaction, which must not hold the challenges of one while it waits for the offer of another.
    """
    offer = live_offers([enrolment.id]).get(enrolment.id)
    if offer is None:
        locked_clearing([enrolment.id])  # whoever gives them a place at this moment holds the row until it is given
        offer = live_offers([enrolment.id]).get(enrolment.id)
    if offer is not None:
        _hold(offer)
    if offer is not None and offer.state in LIVE:
        OFFER.move(offer, "withdraw" if offer.state is OfferState.MADE else "give_back")
        record("taken back", offer, actor=actor, now=now, person_id=enrolment.person_id)
    found_a_place(enrolment, actor=actor, now=now)


def _hold(offer: Offer) -> None:
    """Read the offer again, and keep everybody else off it until the transaction ends."""
    hold_row(offer, "state", "deadline_at")


def _hold_with_challenge(offer: Offer) -> None:
    """The same, and its challenge: whose place comes free is offered to the next, and challenges are held first."""
    _hold(offer)
    locked_challenges([offer.challenge_id])


def _staff(offer: Offer, now: datetime) -> Sequence[int]:
    """The student's tutor, or who covers; the module leaders, where the group has none."""
    tutor_id = acting_group_tutor_id(offer.enrolment.group, today(now))
    return [leader.id for leader in leaders(offer.enrolment.run_id)] if tutor_id is None else [tutor_id]
