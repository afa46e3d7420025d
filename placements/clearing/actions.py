"""What staff do for a student on the clearing list: another owner or date, a place, or something in its stead."""

from datetime import date, datetime

from placements.challenges.models import Challenge
from placements.clearing import notices
from placements.clearing.queries import possible_owners
from placements.clearing.unfilled import of_keepers
from placements.cohorts.actions import move_enrolment
from placements.core.clock import say_date, say_when, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import make_offers
from placements.offers.models import Clearing
from placements.offers.queries import live_offers
from placements.offers.unplaced import tell_owner


def place(
    row: Clearing, challenge: Challenge, deadline_at: datetime, why: str, *, actor: Principal, now: datetime
) -> None:
    """Offer the student a place there by hand, open until `deadline_at`.

    Raises Refused as `make_offers` does, and where the student has left the list meanwhile.
    """
    make_offers([(row.enrolment, challenge.id)], deadline_at, why=why, actor=actor, now=now)
    db.session.refresh(row, ["closed_at"])  # held by now, after the challenge
    if row.closed_at is not None:
        raise Refused(f"{row.enrolment.person.name} does not need a place any more.")


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
        tell_owner(owner_id, now=now)
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


def tell_of_unfilled(*, now: datetime) -> None:
    """Mail whoever looks after organisations to whose challenges nobody comes, once of all of theirs."""
    for person_id in sorted({person_id for person_id, _, since in db.session.execute(of_keepers(now)) if since <= now}):
        tell(notices.UNFILLED, person_id, [person_id], now)
