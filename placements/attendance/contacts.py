"""The verbs of contact points: planned by the tutor, done with a note or missed; the organisation may add a note."""

from datetime import datetime, timedelta

from placements.attendance import notices
from placements.attendance.models import KINDS, ContactKind, ContactPoint
from placements.attendance.queries import NOTE_BY_LINK, NoteLink
from placements.attendance.rules import next_weekly_mail
from placements.attendance.workflow import CONTACT, ContactState
from placements.core.clock import day_began, say_date, today
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.links.actions import working_link
from placements.mail.actions import tell
from placements.placing.models import Placement

SEEN_BY = "attendance.plan"
FARTHEST = timedelta(days=366)
NOTE_LASTS = timedelta(days=28)  # a link to add the organisation's note; ours


def plan_contact(
    placement: Placement, kind: ContactKind, at: datetime, form_key: str, *, actor: Principal, now: datetime
) -> ContactPoint:
    """Plan a visit or call and tell student and supervisor. Raises Refused for a moment not to come."""
    if not now < at < now + FARTHEST:
        raise Refused("Choose a moment to come, within a year.", "on")
    contact = ContactPoint(placement=placement, kind=kind, at=at, form_key=form_key)
    db.session.add(contact)
    db.session.flush()
    _record(f"planned a {KINDS[kind].lower()} on {say_date(today(at))}", contact, actor=actor, now=now)
    others = {placement.enrolment.person_id, placement.supervisor_id} - {actor.person_id}
    tell(notices.CONTACT_PLANNED, contact.id, others, now)
    return contact


def settle(contact: ContactPoint, went: ContactState, note: str, *, actor: Principal, now: datetime) -> None:
    """Write down that it took place, with the tutor's note, or did not. Raises Refused before its day.

    Where it took place the supervisor gets, with the next weekly mail, a link to add the organisation's note.
    """
    hold_row(contact)
    if not CONTACT.move(contact, "finish" if went is ContactState.DONE else "miss"):
        return
    if today(contact.at) > today(now):
        raise Refused("It has not come yet. Say afterwards how it went.", "went")
    contact.note_university = note
    done = "made" if went is ContactState.DONE else "missed"
    said = f"{done} the {KINDS[contact.kind].lower()} of {say_date(today(contact.at))}"
    _record(said, contact, actor=actor, now=now)
    is_wanted = went is ContactState.DONE and not contact.note_host
    if is_wanted and contact.placement.supervisor_id not in (actor.person_id, contact.placement.enrolment.person_id):
        ask_for_note(contact, due_at=next_weekly_mail(now), now=now)


def ask_for_note(contact: ContactPoint, *, due_at: datetime, now: datetime) -> None:
    """Mail the supervisor, when `due_at` has come, a link by which they can add their note."""
    supervisor_id = contact.placement.supervisor_id
    working_link(NOTE_BY_LINK, contact.id, supervisor_id, now=now, lasts=NOTE_LASTS)
    tell(notices.NOTE_WANTED, contact.id, [supervisor_id], due_at)


def send_note_link_again(invitation: NoteLink, *, now: datetime) -> None:
    """Mail the holder of a link that has run out one that works, once a day. Raises Refused where it is not theirs."""
    if not invitation.is_theirs:
        raise Refused("Nothing is asked of you here any more.")
    ask_for_note(invitation.contact, due_at=day_began(now), now=now)


def add_note(contact: ContactPoint, note: str, *, actor: Principal, now: datetime) -> None:
    """Keep what the organisation says of it, instead of what it said before. Raises NotAllowed for anybody else."""
    hold_row(contact)
    if actor.person_id != contact.placement.supervisor_id:
        raise NotAllowed
    CONTACT.move(contact, "add_note")
    if note == contact.note_host:
        return
    contact.note_host = note
    _record(f"added a note on the {KINDS[contact.kind].lower()}", contact, actor=actor, now=now)


def _record(verb: str, contact: ContactPoint, *, actor: Principal, now: datetime) -> None:
    student = contact.placement.enrolment.person_id
    record(verb, contact.placement, actor=actor, now=now, person_id=student, ability=SEEN_BY)
