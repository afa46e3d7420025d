"""Moving a student to another organisation: the old placement ends, the new one begins, in one transaction."""

from datetime import date, datetime

from sqlalchemy import select

from placements.challenges.models import Challenge
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import give_back, place_at_once
from placements.placing import notices
from placements.placing.actions import hold, told_of
from placements.placing.endings import end
from placements.placing.models import EndedBy, Placement
from placements.placing.policy import may_move
from placements.placing.queries import places_to_move_to
from placements.placing.rules import last_day_problem
from placements.placing.workflow import NOT_BEGUN, PLACEMENT

MOVED = "moved here from another organisation"
APPROVAL_FIRST = "The visa officer has to approve this move first. Ask them from this page."


def move(
    placement: Placement,
    challenge: Challenge,
    by: EndedBy,
    reason: str,
    last_on: date,
    *,
    actor: Principal,
    now: datetime,
) -> Placement | None:
    """End the placement with `last_on` and place its student on the other challenge at once, past the clearing list.

    The place here is free. Confirmed hours stay the student's, who with the tutor hears of both in one mail; the old
    supervisor hears that it has ended, never why, the new one who comes. Returns the new placement; None where this
    one has ended already. Raises Refused for a last day that cannot be, a place that is not free, not published or
    not for the student, where `actor` has a side in it, and where a sponsored student's move is not approved.
    """
    hold(placement)
    if placement.goes_on:
        _check(placement, challenge, last_on, actor=actor, now=now)
    has_begun = placement.state not in NOT_BEGUN
    if not PLACEMENT.move(placement, "move"):
        return None
    end(placement, last_on if has_begun else today(now), by, reason, actor=actor, now=now)
    give_back(placement.offer, reason, has_another=True, actor=actor, now=now)
    db.session.flush()
    offer = place_at_once(placement.enrolment, challenge, reason, said=MOVED, tells_staff=False, actor=actor, now=now)
    made = db.session.scalars(select(Placement).where(Placement.offer_id == offer.id)).one()
    student = placement.enrolment.person_id
    record("begun after another placement", made, actor=actor, now=now, person_id=student)
    tell(notices.MOVED, made.id, {student, *told_of(made, but=actor, now=now)} - {made.supervisor_id}, now)
    tell(notices.ENDED if has_begun else notices.CALLED_OFF, placement.id, [placement.supervisor_id], now)
    return made


def _check(placement: Placement, challenge: Challenge, last_on: date, *, actor: Principal, now: datetime) -> None:
    if not may_move(actor, placement, now):
        raise Refused(APPROVAL_FIRST)
    problem = None if placement.state in NOT_BEGUN else last_day_problem(last_on, placement.starts_on, today(now))
    if problem:
        raise Refused(problem, "last_on")
    if challenge.id not in [each.place.challenge.id for each in places_to_move_to(actor, placement, now)]:
        raise Refused("This place is not free any more. Choose another.", "challenge")
