"""Whoever needs a place is put on the clearing list, with an owner and a date, and taken off it with a place."""

from collections.abc import Sequence
from datetime import date, datetime

from placements.cohorts.models import Enrolment
from placements.cohorts.queries import acting_group_tutor_id
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers import notices
from placements.offers.models import Clearing, ClearingReason
from placements.offers.queries import leaders, open_clearing
from placements.offers.rules import last_clearing_date, usual_clearing_date


def needs_a_place(
    enrolment: Enrolment,
    why: ClearingReason,
    *,
    by_on: date | None = None,
    fallback_id: int | None = None,
    actor: Principal,
    now: datetime,
) -> Clearing:
    """Put the student on the clearing list and tell the owner: the group's tutor or who covers, else the module leader.

    The date is never later than the one by which the run has placed everybody, while that is still to come.
    Who stands there already keeps owner and date. `fallback_id` owns it where a run has neither tutor nor leader.
    """
    row = open_clearing([enrolment.id]).get(enrolment.id)
    if row is not None:
        row.why = why
        return row
    row = Clearing(
        enrolment=enrolment,
        why=why,
        owner_id=_first_owner(enrolment, fallback_id if fallback_id is not None else actor.person_id, now),
        by_on=min(by_on or usual_clearing_date(now), last_clearing_date(enrolment.run.placed_by, now)),
        opened_at=now,
    )
    db.session.add(row)
    record("put on the clearing list", row, actor=actor, now=now, person_id=enrolment.person_id)
    tell_owner(row.owner_id, now=now)
    return row


def _first_owner(enrolment: Enrolment, fallback_id: int | None, now: datetime) -> int:
    tutor_id = acting_group_tutor_id(enrolment.group, today(now))
    owners: Sequence[int] = [] if tutor_id is None else [tutor_id]
    owner = next(iter(owners or [leader.id for leader in leaders(enrolment.run_id)]), fallback_id)
    if owner is None:
        raise Refused("Give this run a module leader first: somebody has to look after those without a place.")
    return owner


def tell_owner(owner_id: int, *, now: datetime) -> None:
    """Mail them how many students on the clearing list they look after."""
    tell(notices.YOUR_CLEARING_LIST, owner_id, [owner_id], now)


def tell_of_no_place(row: Clearing, *, now: datetime) -> None:
    """Mail the student that they have no place yet, who sees to it, and by when."""
    tell(notices.NO_PLACE_YET, row.id, [row.enrolment.person_id], now)


def found_a_place(enrolment: Enrolment, *, actor: Principal, now: datetime) -> None:
    """Take the student off the clearing list, if they are on it: they have a place, or need none any more."""
    row = open_clearing([enrolment.id]).get(enrolment.id)
    if row is not None:
        row.closed_at = now
        record("taken off the clearing list", row, actor=actor, now=now, person_id=enrolment.person_id)
