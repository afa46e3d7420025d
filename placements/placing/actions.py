"""A placement's verbs: prepared from an accepted offer, started by itself, changed, and brought to an end."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select

from placements.challenges.models import Challenge
from placements.cohorts.actions import tutor_changed
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.actions import offer_accepted
from placements.offers.models import Offer
from placements.partners.actions import contact_left
from placements.partners.models import Contact
from placements.people.models import Person
from placements.placing import notices, rules
from placements.placing.models import Placement
from placements.placing.queries import (
    acting_tutor_id,
    open_gates,
    possible_placement_tutors,
    possible_supervisors,
    sides_of,
    whole,
)
from placements.placing.workflow import GOING_ON, NOT_BEGUN, PLACEMENT, PlacementState

BATCH = 200
HELD = ("state", "starts_on", "ends_on", "supervisor_id", "tutor_id", "agreed_at")
CLEARANCE = "placing.read_clearance"  # by when a placement was cleared others could tell what it waited for
SUPERVISOR_LEFT = "The supervisor has left the organisation."
NEW_IN_GROUP = "The timeslot group has another tutor."


@offer_accepted.connect
def prepare_placement(offer: Offer, *, actor: Principal, now: datetime) -> Placement:
    """Make the placement of an accepted offer: the challenge's site and supervisor, the group's tutor, the run's dates.

    A tutor with a side in the organisation is not named: the module leader names another. The same placement again
    where there is one. Tells nobody: offers do, and the Agreement's first reminder.
    """
    known = db.session.scalar(select(Placement).where(Placement.offer_id == offer.id))
    if known is not None:
        return known
    run, challenge, tutor_id = offer.enrolment.run, offer.challenge, offer.enrolment.group.tutor_id
    is_outside = tutor_id is not None and challenge.organisation_id not in sides_of(tutor_id)
    starts_on, ends_on = rules.dates_for(run.placements_start_on, run.placements_end_on, today(now))
    placement = Placement(
        offer=offer,
        enrolment=offer.enrolment,
        challenge=challenge,
        site_id=challenge.site_id,
        supervisor_id=challenge.supervisor_id,
        tutor_id=tutor_id if is_outside else None,
        starts_on=starts_on,
        ends_on=ends_on,
        minutes_agreed=run.minutes_target,
        created_at=now,
    )
    db.session.add(placement)
    record("prepared", placement, actor=actor, now=now, person_id=offer.enrolment.person_id)
    return placement


def come_to_agreement(
    placement: Placement, dates: tuple[date, date] | None = None, *, actor: Principal, now: datetime
) -> None:
    """A Challenge Agreement is in force: hours count from the first one's instant on, and the placement may start.

    `dates`: the first and last day that it names; they are the placement's from now on.
    """
    if placement.agreed_at is None:
        placement.agreed_at = now
    student = placement.enrolment.person_id
    record("agreed by all three", placement, actor=actor, now=now, person_id=student)
    if dates and dates != (placement.starts_on, placement.ends_on):
        placement.starts_on, placement.ends_on = dates
        record("given other dates", placement, actor=actor, now=now, person_id=student)
    go_on(placement, now=now)


def go_on(placement: Placement, *, now: datetime) -> None:
    """Clear the placement, and start it on its first day, where all it needs holds; otherwise nothing."""
    if placement.state not in NOT_BEGUN or open_gates(placement, now):
        return
    student, was = placement.enrolment.person_id, placement.state
    if was is PlacementState.PREPARING:
        PLACEMENT.move(placement, "clear")
        record("cleared to start", placement, actor=NOBODY, now=now, person_id=student, ability=CLEARANCE)
    if placement.starts_on > today(now):
        return
    PLACEMENT.move(placement, "start")
    record("started", placement, actor=NOBODY, now=now, person_id=student)
    if was is PlacementState.PREPARING:  # too late for the reminder of those that are cleared in good time
        tell(notices.FIRST_DAY, placement.id, [student, placement.supervisor_id], now)


def start_due(now: datetime) -> int:
    """Let up to BATCH placements go on whose Agreement is in force. Returns how many moved; for the worker."""
    waiting = db.session.scalars(
        select(Placement)
        .where(Placement.state.in_(NOT_BEGUN), Placement.agreed_at.is_not(None))
        .where((Placement.starts_on <= today(now)) | (Placement.state == PlacementState.PREPARING))
        .options(*whole())
        .order_by(Placement.starts_on, Placement.id)
        .limit(BATCH)
        .with_for_update(of=Placement, skip_locked=True)
    ).all()
    moved = 0
    for placement in waiting:
        before = placement.state
        go_on(placement, now=now)
        moved += placement.state is not before
    return moved


def change_dates(
    placement: Placement, starts_on: date, ends_on: date, reason: str, *, actor: Principal, now: datetime
) -> None:
    """Move the first or last day; student, supervisor and tutor are told with the reason. Starts it where that is due.

    Raises Refused for dates that cannot be (see `rules.date_problems`), and once an Agreement is in force: its dates
    change with a new version of it.
    """
    hold(placement)
    if placement.agreed_at is not None:
        raise Refused("The Challenge Agreement names the dates. Change them there.")
    PLACEMENT.move(placement, "change_dates")
    student = placement.enrolment.person_id
    if (starts_on, ends_on) == (placement.starts_on, placement.ends_on):
        return
    has_begun = placement.state not in NOT_BEGUN
    for field, sentence in rules.date_problems(
        starts_on, ends_on, today(now), was=placement.starts_on, has_begun=has_begun
    ).items():
        raise Refused(sentence, field)
    placement.starts_on, placement.ends_on = starts_on, ends_on
    record("given other dates", placement, actor=actor, now=now, person_id=student, reason=reason)
    tell(notices.DATES_CHANGED, placement.id, told_of(placement, but=actor, now=now), now)
    go_on(placement, now=now)


def change_supervisor(
    placement: Placement, supervisor: Person, reason: str, *, actor: Principal, now: datetime
) -> None:
    """Put another supervisor of the organisation in charge; both supervisors, student and tutor are told.

    Raises Refused where the person does not work at the organisation, or is on another side already.
    """
    hold(placement)
    PLACEMENT.move(placement, "change_supervisor")
    student = placement.enrolment.person_id
    if supervisor.id == placement.supervisor_id:
        return
    if supervisor not in possible_supervisors(placement):
        raise Refused("Choose somebody who works at the organisation now.", "supervisor")
    told = {*told_of(placement, but=actor, now=now), supervisor.id}
    placement.supervisor = supervisor
    record("given another supervisor", placement, actor=actor, now=now, person_id=student, reason=reason)
    db.session.flush()
    tell(notices.SUPERVISOR_CHANGED, placement.id, told, now)


def change_tutor(
    placement: Placement, tutor: Person, reason: str, *, actor: Principal, now: datetime, tells_tutors: bool = True
) -> None:
    """Put another tutor in charge; both tutors, student and supervisor are told.

    Without `tells_tutors` the caller, who changes many, tells each tutor of all of theirs at once.
    Raises Refused where the person is not on the run's team, or has a side in the organisation.
    """
    hold(placement)
    PLACEMENT.move(placement, "change_tutor")
    if tutor.id == placement.tutor_id:
        return
    if tutor not in possible_placement_tutors(placement):
        raise Refused("Choose a tutor of this run who has no interest in the organisation.", "tutor")
    _give_tutor(placement, tutor, reason, actor=actor, now=now, tells_tutors=tells_tutors)


def _give_tutor(
    placement: Placement, tutor: Person, reason: str, *, actor: Principal, now: datetime, tells_tutors: bool = True
) -> None:
    told = {*told_of(placement, but=actor, now=now), tutor.id}
    if not tells_tutors:
        told -= {placement.tutor_id, tutor.id}
    placement.tutor = tutor
    student = placement.enrolment.person_id
    record("given another tutor", placement, actor=actor, now=now, person_id=student, reason=reason)
    db.session.flush()
    tell(notices.TUTOR_CHANGED, placement.id, told, now)
    go_on(placement, now=now)


@tutor_changed.connect
def follow_the_group(students: Sequence[int], *, was: int | None, actor: Principal, now: datetime) -> None:
    """Placements that go on under the group's old tutor, or none, get its new one; those concerned are told.

    One in whose organisation the new tutor has a side stays as it is: the module leader names somebody else.
    """
    theirs = or_(Placement.tutor_id.is_(None), Placement.tutor_id == was)
    found = select(Placement).where(Placement.enrolment_id.in_(students), Placement.state.in_(GOING_ON), theirs)
    placements = db.session.scalars(found.options(*whole()).with_for_update(of=Placement)).all()
    for placement in placements:
        tutor = placement.enrolment.group.tutor
        if tutor is not None and placement.challenge.organisation_id not in sides_of(tutor.id):
            _give_tutor(placement, tutor, NEW_IN_GROUP, actor=actor, now=now)


@contact_left.connect
def hand_over(contact: Contact, *, successor_id: int | None, actor: Principal, now: datetime) -> None:
    """Placements that go on under a supervisor who left get whoever took over; those concerned are told.

    One whose student or tutor that is stays as it is: the tutor or the module leader names somebody else.
    """
    if successor_id is None:
        return
    successor = db.session.get_one(Person, successor_id)
    here = Placement.challenge.has(Challenge.organisation_id == contact.organisation_id)
    theirs = select(Placement).where(Placement.supervisor_id == contact.person_id, here, Placement.state.in_(GOING_ON))
    for placement in db.session.scalars(theirs.options(*whole()).order_by(Placement.id)).all():
        if successor in possible_supervisors(placement):
            change_supervisor(placement, successor, SUPERVISOR_LEFT, actor=actor, now=now)


def hold(placement: Placement) -> None:
    """Read the placement again, and keep everybody else off it until the transaction ends."""
    hold_row(placement, *HELD)
    db.session.expire(placement, ["supervisor", "tutor"])


def parties(placement: Placement, *, but: Principal) -> set[int]:
    """Student, supervisor and tutor, by key, without whoever acts."""
    people = (placement.enrolment.person_id, placement.supervisor_id, placement.tutor_id)
    return {key for key in people if key is not None} - {but.person_id}


def told_of(placement: Placement, *, but: Principal, now: datetime) -> set[int]:
    """Whoever hears of what happens to it: its parties, and who covers for the tutor, without whoever acts."""
    acting = acting_tutor_id(placement, today(now))
    return parties(placement, but=but) | ({acting} - {but.person_id} if acting else set())
