"""How a placement rests, and every way in which it ends: completed, called off, ended early, or left by its student."""

from datetime import date, datetime

from sqlalchemy import select, update

from placements.cohorts.actions import enrolment_left, move_enrolment
from placements.cohorts.models import Enrolment
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import give_back
from placements.placing import notices
from placements.placing.actions import BATCH, hold, told_of
from placements.placing.models import EndedBy, Keeper, Pause, Placement
from placements.placing.queries import stops_work, whole
from placements.placing.rules import last_day_problem
from placements.placing.workflow import GOING_ON, NOT_BEGUN, PLACEMENT, PlacementState

WHY = "placing.read_reasons"  # the ability that reasons kept for the module team are read by
NOT_YET = "It cannot go on yet: the university has not finished its checks. You hear when it can."
LEFT = "The student is no longer on the module."
PAST = {
    PlacementState.NOT_STARTED: "called off",
    PlacementState.ENDED_EARLY: "ended early",
    PlacementState.TRANSFERRED: "ended early, to move to another placement",
}


def pause(
    placement: Placement,
    reason: str,
    *,
    until_on: date | None = None,
    kept_by: Keeper = Keeper.TEAM,
    actor: Principal,
    now: datetime,
) -> None:
    """Let the placement rest from today; student, supervisor and tutor are told so, never why or by whom.

    On `until_on` it goes on by itself, and they are told that from the start. `kept_by`: who alone may end it; one
    that rests already is told to nobody again: safeguarding takes it over. Raises Refused for a day that is not to
    come, or on which the placement has ended.
    """
    hold(placement)
    if placement.state is PlacementState.ACTIVE and until_on is not None:
        if until_on <= today(now):
            raise Refused("Choose a day that is still to come.", "until_on")
        if until_on > placement.ends_on:
            raise Refused(f"The placement ends on {say_date(placement.ends_on)}. Choose a day before.", "until_on")
    if not PLACEMENT.move(placement, "pause"):
        if kept_by is Keeper.SAFEGUARDING:
            _open_pause(placement).kept_by = kept_by
        return
    db.session.add(Pause(placement=placement, from_at=now, until_on=until_on, kept_by=kept_by))
    student = placement.enrolment.person_id
    record("paused", placement, actor=actor, now=now, person_id=student)
    record("paused, because", placement, actor=actor, now=now, person_id=student, ability=WHY, reason=reason)
    tell(notices.PAUSED, placement.id, told_of(placement, but=actor, now=now), now)


def resume(placement: Placement, *, actor: Principal, now: datetime, kept_by: Keeper = Keeper.TEAM) -> None:
    """Let a paused placement go on from today; student, supervisor and tutor are told.

    Raises Refused where another keeps the pause than in whose name this is asked (`kept_by`), or something stops work.
    """
    hold(placement)
    if placement.state is PlacementState.PAUSED and (placement.kept_by is not kept_by or stops_work(placement, now)):
        raise Refused(NOT_YET)
    if not PLACEMENT.move(placement, "resume"):
        return
    _end_pause(placement, now)
    record("resumed", placement, actor=actor, now=now, person_id=placement.enrolment.person_id)
    tell(notices.RESUMED, placement.id, told_of(placement, but=actor, now=now), now)


def resume_due(now: datetime) -> int:
    """Let up to BATCH placements go on whose pause was to last until today. Returns how many were looked at.

    For the worker. One that safeguarding has taken over, or on which something stops work, rests on without a day.
    """
    over = select(Pause.placement_id).where(Pause.until_at.is_(None), Pause.until_on <= today(now))
    due = db.session.scalars(
        select(Placement)
        .where(Placement.state == PlacementState.PAUSED, Placement.id.in_(over))
        .options(*whole())
        .order_by(Placement.id)
        .limit(BATCH)
        .with_for_update(of=Placement, skip_locked=True)
    ).all()
    for placement in due:
        if placement.kept_by is Keeper.TEAM and not stops_work(placement, now):
            resume(placement, actor=NOBODY, now=now)
        else:
            _rest_on(_open_pause(placement))
    return len(due)


def _rest_on(pause: Pause) -> None:
    pause.until_on = None
    if pause.kept_by is Keeper.TEAM:
        pause.kept_by = Keeper.UNIVERSITY  # which lets it go on once nothing stops it


def complete(placement: Placement, *, actor: Principal, now: datetime) -> None:
    """The hours are done: placement and enrolment are completed, and all three are told.

    The hours themselves are checked by the logbook, which knows them and completes in the name of a tutor or nobody.
    """
    hold(placement)
    if not PLACEMENT.move(placement, "complete"):
        return
    placement.ended_on = min(today(now), placement.ends_on)
    record("completed", placement, actor=actor, now=now, person_id=placement.enrolment.person_id)
    move_enrolment(placement.enrolment, "complete", actor=actor, now=now)
    tell(notices.COMPLETED, placement.id, told_of(placement, but=actor, now=now), now)


def call_off(placement: Placement, by: EndedBy, reason: str, *, actor: Principal, now: datetime) -> None:
    """It will not begin: the place is free, the student goes to the clearing list, all three are told, never why."""
    hold(placement)
    if PLACEMENT.move(placement, "call_off"):
        end(placement, today(now), by, reason, actor=actor, now=now)
        give_back(placement.offer, reason, actor=actor, now=now)
        tell(notices.CALLED_OFF, placement.id, told_of(placement, but=actor, now=now), now)


def end_early(
    placement: Placement,
    by: EndedBy,
    reason: str,
    last_on: date,
    *,
    needs_another: bool,
    actor: Principal,
    now: datetime,
) -> None:
    """End it with `last_on` as its last day; all three are told who ended it, never why.

    The place is free. `needs_another`: the student goes to the clearing list for the hours that are left; otherwise
    the enrolment is completed. Confirmed hours stay theirs. Raises Refused for a last day that cannot be.
    """
    hold(placement)
    problem = last_day_problem(last_on, placement.starts_on, today(now))
    if placement.goes_on and problem:
        raise Refused(problem, "last_on")
    if not PLACEMENT.move(placement, "transfer" if needs_another else "end_early"):
        return
    end(placement, last_on, by, reason, actor=actor, now=now)
    give_back(placement.offer, reason, needs_another=needs_another, actor=actor, now=now)
    tell(notices.ENDED, placement.id, told_of(placement, but=actor, now=now), now)


@enrolment_left.connect
def end_of(enrolment: Enrolment, *, actor: Principal, now: datetime) -> None:
    """Call off or end whatever placement a student who withdraws or defers still has; supervisor and tutor are told.

    Offers see to the place that this frees.
    """
    going_on = select(Placement).where(Placement.enrolment_id == enrolment.id, Placement.state.in_(GOING_ON))
    for placement in db.session.scalars(going_on.with_for_update()):
        has_begun = placement.state not in NOT_BEGUN
        PLACEMENT.move(placement, "end_early" if has_begun else "call_off")
        end(placement, today(now), EndedBy.STUDENT, LEFT, actor=actor, now=now)
        told = told_of(placement, but=actor, now=now) - {enrolment.person_id}
        tell(notices.ENDED if has_begun else notices.CALLED_OFF, placement.id, told, now)


def end(placement: Placement, last_on: date, by: EndedBy, reason: str, *, actor: Principal, now: datetime) -> None:
    """Write down the last day, who ended it and why, of a placement that was just moved to how it ended."""
    placement.ended_on, placement.ended_at = last_on, now
    placement.ended_by, placement.ended_reason = by, reason
    _end_pause(placement, now)
    student = placement.enrolment.person_id
    record(PAST[placement.state], placement, actor=actor, now=now, person_id=student)
    record("ended, because", placement, actor=actor, now=now, person_id=student, ability=WHY, reason=reason)


def _open_pause(placement: Placement) -> Pause:
    return next(pause for pause in placement.pauses if pause.until_at is None)


def _end_pause(placement: Placement, now: datetime) -> None:
    db.session.execute(
        update(Pause).where(Pause.placement_id == placement.id, Pause.until_at.is_(None)).values(until_at=now)
    )
