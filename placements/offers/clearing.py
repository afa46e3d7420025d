"""The clearing list: whoever needs a place stands on it, with an owner and a date, until it is settled."""

from collections.abc import Sequence
from datetime import date, datetime

from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment
from placements.core.clock import say_date, say_when, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers import notices
from placements.offers.models import Clearing, ClearingReason
from placements.offers.queries import leaders, live_offers, open_clearing, possible_owners
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
    """Put the student on the clearing list and tell the owner: the group's tutor, else the module leader.

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
        owner_id=_first_owner(enrolment, fallback_id if fallback_id is not None else actor.person_id),
        by_on=min(by_on or usual_clearing_date(now), last_clearing_date(enrolment.run.placed_by, now)),
        opened_at=now,
    )
    db.session.add(row)
    record("put on the clearing list", row, actor=actor, now=now, person_id=enrolment.person_id)
    tell(notices.YOUR_CLEARING_LIST, row.owner_id, [row.owner_id], now)
    return row


def _first_owner(enrolment: Enrolment, fallback_id: int | None) -> int:
    owners: Sequence[int] = [] if enrolment.group.tutor_id is None else [enrolment.group.tutor_id]
    owner = next(iter(owners or [leader.id for leader in leaders(enrolment.run_id)]), fallback_id)
    if owner is None:
        raise Refused("Give this run a module leader first: somebody has to look after those without a place.")
    return owner


def tell_of_no_place(row: Clearing, *, now: datetime) -> None:
    """Mail the student that they have no place yet, who sees to it, and by when."""
    tell(notices.NO_PLACE_YET, row.id, [row.enrolment.person_id], now)


def found_a_place(enrolment: Enrolment, *, actor: Principal, now: datetime) -> None:
    """Take the student off the clearing list, if they are on it: they have a place, or need none any more."""
    row = open_clearing([enrolment.id]).get(enrolment.id)
    if row is not None:
        row.closed_at = now
        record("taken off the clearing list", row, actor=actor, now=now, person_id=enrolment.person_id)


def reassign(row: Clearing, owner_id: int, by_on: date, *, actor: Principal, now: datetime) -> None:
    """Give the student's case another owner or date; a new owner is told.

    Raises Refused for a date in the past or, while the run's own is still to come, after that; or an owner who is
    neither the group's tutor nor a leader of the run.
    """
    placed_by = row.enrolment.run.placed_by
    if by_on < today(now):
        raise Refused("Choose a date that is still to come.", field="by_on")
    if today(now) <= placed_by < by_on:
        by = say_date(placed_by)
        raise Refused(f"By {by} everybody has a place or an alternative. Choose a date no later.", field="by_on")
    if owner_id not in [person.id for person in possible_owners(row.enrolment)]:
        raise Refused("Choose the group’s tutor or a module leader.", field="owner")
    if (row.owner_id, row.by_on) == (owner_id, by_on):
        return
    if row.owner_id != owner_id:
        tell(notices.YOUR_CLEARING_LIST, owner_id, [owner_id], now)
    row.owner_id, row.by_on = owner_id, by_on
    student = row.enrolment.person_id
    record("owner or date changed", row, actor=actor, now=now, person_id=student, fields=["owner", "by_on"])


def give_alternative(row: Clearing, outcome: str, *, actor: Principal, now: datetime) -> None:
    """Record what was agreed in place of a placement; the student is told and leaves the list. Nobody fails for it.

    Raises Refused while an offer to the student is open.
    """
    hold_row(row, "closed_at")
    offer = live_offers([row.enrolment_id]).get(row.enrolment_id)
    if offer is not None:
        raise Refused(f"There is an offer open until {say_when(offer.deadline_at)}. Withdraw it first.")
    if not move_enrolment(row.enrolment, "give_alternative", actor=actor, now=now):
        return
    row.closed_at, row.outcome = now, outcome
    student = row.enrolment.person_id
    record("settled", row, actor=actor, now=now, person_id=student)
    tell(notices.ALTERNATIVE, row.id, [student], now)
