"""At the target: both sides are asked whether to finish or to go on, and finishing completes the placement."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, or_, select

from placements.cohorts.queries import closed_days
from placements.confirming import notices
from placements.confirming.completing import complete
from placements.confirming.models import HoursTarget
from placements.confirming.notices import FINISH_BY_LINK
from placements.confirming.queries import target_of
from placements.confirming.rules import FINISH_LINK_LASTS, Choice, Outcome, outcome, told_at, told_on, waited_before
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row, insert_new
from placements.history.actions import record
from placements.links.actions import add_link
from placements.logbook.actions import PARTIES
from placements.logbook.hours import hours_of
from placements.logbook.models import How
from placements.mail.actions import tell
from placements.placing.actions import hold
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import PlacementState

BATCH = 200
SAID = {Choice.FINISH: "wants to finish at the target", Choice.GO_ON: "wants to go on past the target"}


def ask_at_target(placements: Iterable[Placement], *, now: datetime) -> None:
    """Ask both sides of each placement whose target is confirmed now for the first time. Two queries, and more then."""
    active = {each.id: each for each in placements if each.state is PlacementState.ACTIVE}
    totals = hours_of(active)
    for key, placement in active.items():
        is_reached = totals[key].confirmed >= placement.enrolment.run.minutes_target
        if not is_reached or target_of(key) is not None:
            continue
        insert_new(HoursTarget, [{"placement_id": key, "reached_at": now}])
        supervisor = placement.supervisor_id
        add_link(FINISH_BY_LINK, key, supervisor, now=now, lasts=FINISH_LINK_LASTS)
        tell(notices.TARGET_REACHED, key, [placement.enrolment.person_id, supervisor], told_at(told_on(now)))


def choose(placement: Placement, choice: Choice, *, how: How, actor: Principal, now: datetime) -> Outcome:
    """Say, as student or supervisor, whether to finish or go on; it can be said anew until the placement is over.

    Once both want to finish it is completed; see `rules.outcome`. Raises Refused where the target is not confirmed or
    the placement is not going on; NotAllowed for anybody else.
    """
    hold(placement)
    target = target_of(placement.id)
    if placement.state is PlacementState.COMPLETED:
        return Outcome.COMPLETE
    if target is None or placement.state is not PlacementState.ACTIVE:
        raise Refused("This is asked once the target is confirmed, while the placement goes on.")
    hold_row(target)
    if actor.person_id == placement.enrolment.person_id:
        is_new, target.student_choice, target.student_at = target.student_choice is not choice, choice, now
    elif actor.person_id == placement.supervisor_id:
        is_new, target.supervisor_choice, target.supervisor_at = target.supervisor_choice is not choice, choice, now
    else:
        raise NotAllowed
    if is_new:
        said = SAID[choice] if how is How.ACCOUNT else f"{SAID[choice]} ({how.value})"
        student = placement.enrolment.person_id
        record(said, placement, actor=actor, now=now, person_id=student, ability=PARTIES)
    follows = outcome(target.student_choice, target.supervisor_choice, has_waited=False)
    if follows is Outcome.COMPLETE:
        complete(placement, actor=actor, now=now)
    return follows


def finish_due(now: datetime) -> int:
    """Complete up to BATCH placements of which one side wants to finish and the other has not objected in time.

    For the worker, which commits. One whose hours have fallen under the minimum since waits. Returns how many.
    """
    before = waited_before(now, closed_days())
    student, supervisor = HoursTarget.student_choice, HoursTarget.supervisor_choice
    alone = or_(
        and_(student == Choice.FINISH, supervisor.is_(None), HoursTarget.student_at < before),
        and_(supervisor == Choice.FINISH, student.is_(None), HoursTarget.supervisor_at < before),
    )
    due = select(Placement).join(HoursTarget, HoursTarget.placement_id == Placement.id).join(Placement.enrolment)
    due = due.where(Placement.state == PlacementState.ACTIVE, alone).options(*whole()).order_by(Placement.id)
    locked = due.limit(BATCH).with_for_update(of=Placement, skip_locked=True)
    found = db.session.scalars(locked).all()
    totals = hours_of([each.id for each in found])
    enough = [each for each in found if totals[each.id].confirmed >= each.enrolment.run.minutes_minimum]
    for placement in enough:
        complete(placement, actor=NOBODY, now=now)
    return len(enough)
