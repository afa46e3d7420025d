"""Verbs of the engagement team on enquiries: to an organisation, another part of the university, or an end."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from placements.accounts.actions import invite
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.enquiries import notices
from placements.enquiries.duplicates import with_number
from placements.enquiries.models import Enquiry, EnquiryNote, Route
from placements.enquiries.receiving import take_as_confirmed
from placements.enquiries.referrals import refer
from placements.enquiries.workflow import ENQUIRY
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType
from placements.partners.policy import has_no_side
from placements.partners.queries import current_contacts
from placements.partners.workflow import CURRENT
from placements.people.models import Person

FOR_US = "enquiries.overview"  # the ability to read what the team says to itself


@dataclass(frozen=True)
class NewOrganisation:
    """What an accepted enquiry says of an organisation that we did not know; numbers as their registers write them."""

    name: str
    type: OrganisationType
    borough: str
    charity_number: str | None = None
    company_number: str | None = None


def _move(enquiry: Enquiry, verb: str, now: datetime) -> bool:
    """Move it, as no other transaction does before this one ends: of two at once the second finds it done."""
    hold_row(enquiry, "state", "owner_id", "owner", "organisation_id", "organisation", "confirmed_at")
    if enquiry.confirmed_at is None and verb != "take_up":
        raise Refused("Nobody has confirmed the address yet. Take the enquiry up first.")
    is_moved = ENQUIRY.move(enquiry, verb)
    if is_moved:
        enquiry.touched_at = now
    return is_moved


def take_up(enquiry: Enquiry, *, actor: Principal, now: datetime) -> None:
    """Make the enquiry one's own, whether or not its address is confirmed. Refused where somebody else has it."""
    if not _move(enquiry, "take_up", now):
        if enquiry.owner and enquiry.owner_id != actor.person_id:
            raise Refused(f"{enquiry.owner.name} has taken this up already, so you need do nothing.")
        return
    enquiry.owner_id = actor.person_id
    if enquiry.confirmed_at is None:
        record("taken as confirmed", enquiry, actor=actor, now=now, person_id=enquiry.writer_id)
        take_as_confirmed(enquiry, actor, now)
    record("taken up", enquiry, actor=actor, now=now, person_id=enquiry.writer_id)


def plan(enquiry: Enquiry, *, owner: Person, step: str, step_on: date, actor: Principal, now: datetime) -> None:
    """Say what happens next, on which day, and by whom."""
    if (enquiry.owner_id, enquiry.next_step, enquiry.next_step_on) == (owner.id, step, step_on):
        return
    _move(enquiry, "plan", now)
    enquiry.owner, enquiry.next_step, enquiry.next_step_on = owner, step, step_on
    record("next step set", enquiry, actor=actor, now=now, person_id=owner.id, reason=step)


def note(enquiry: Enquiry, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Keep what the team tells itself about it; its writer never reads it. The same form twice is one note."""
    hold_row(enquiry, "state")
    if form_key and db.session.scalar(select(EnquiryNote.id).where(EnquiryNote.form_key == form_key)):
        return
    ENQUIRY.move(enquiry, "note")
    said = EnquiryNote(
        form_key=form_key or new_public_id(), enquiry_id=enquiry.id, author_id=actor.person_id, text=text, at=now
    )
    db.session.add(said)
    enquiry.touched_at = now
    record("noted", enquiry, actor=actor, now=now, person_id=enquiry.writer_id, ability=FOR_US)


def accept(
    enquiry: Enquiry, organisation: Organisation | NewOrganisation, *, actor: Principal, now: datetime
) -> Organisation:
    """Take the writer on as a contact of a new organisation or one that we know, and invite them by mail.

    Refused where the organisation is over, where whoever accepts has a side in it, and for a new one whose number
    another one has.
    """
    if not _move(enquiry, "accept", now):
        assert enquiry.organisation is not None
        return enquiry.organisation
    kept = _add(organisation, actor, now) if isinstance(organisation, NewOrganisation) else organisation
    hold_row(kept, "state")
    if kept.state not in CURRENT:
        raise Refused(f"We do not work with {kept.name} any more. Choose another organisation, or a new one.", "match")
    if not has_no_side(actor, kept.id):
        raise Refused(f"You have an interest in {kept.name}, so somebody else must accept this.", "match")
    enquiry.organisation = kept
    enquiry.owner_id = enquiry.owner_id or actor.person_id
    _welcome(enquiry.writer, kept, actor, now)
    record("accepted", enquiry, actor=actor, now=now, person_id=enquiry.writer_id, reason=kept.name)
    tell(notices.ACCEPTED, enquiry.id, [enquiry.writer_id], now)
    return kept


def _add(new: NewOrganisation, actor: Principal, now: datetime) -> Organisation:
    for field, what in (("charity_number", "charity number"), ("company_number", "company number")):
        other = with_number(field, getattr(new, field))
        if other is not None:
            raise Refused(f"{other.name} has this {what}. If it is the same organisation, choose it above.", field)
    kept = Organisation(
        name=new.name,
        type=new.type,
        borough=new.borough,
        charity_number=new.charity_number,
        company_number=new.company_number,
        owner_id=actor.person_id,
        created_at=now,
    )
    db.session.add(kept)
    record("added from an enquiry", kept, actor=actor, now=now)
    return kept


def _welcome(writer: Person, organisation: Organisation, actor: Principal, now: datetime) -> None:
    """Make the writer a current contact: the main one if there is no other."""
    here = current_contacts(organisation.id)
    known = db.session.scalar(
        select(Contact).where(Contact.organisation_id == organisation.id, Contact.person_id == writer.id)
    )
    if known is None:
        role = ContactRole.SUPERVISOR if any(each.role is ContactRole.PRIMARY for each in here) else ContactRole.PRIMARY
        known = Contact(organisation=organisation, person=writer, role=role)
        db.session.add(known)
    known.left_on = None
    invite(writer, by_mail=False, actor=actor, now=now)
    record("contact added", organisation, actor=actor, now=now, person_id=writer.id)


def route(enquiry: Enquiry, to: Route, receiver: Person, note: str, *, actor: Principal, now: datetime) -> None:
    """Pass the enquiry to a named person elsewhere in the university, and tell its writer to whom.

    Refused as `refer` is.
    """
    if _move(enquiry, "route", now):
        enquiry.outcome = to.name
        enquiry.owner_id = enquiry.owner_id or actor.person_id
        record("routed", enquiry, actor=actor, now=now, person_id=enquiry.writer_id, reason=to.name)
        refer(
            to,
            receiver,
            subject=enquiry.organisation_name,
            words=enquiry.words,
            asker=enquiry.writer,
            note=note,
            enquiry=enquiry,
            actor=actor,
            now=now,
        )


def close(enquiry: Enquiry, *, reason: str, actor: Principal, now: datetime) -> None:
    """End the enquiry and tell its writer why."""
    if _move(enquiry, "close", now):
        enquiry.outcome = reason
        enquiry.owner_id = enquiry.owner_id or actor.person_id
        record("closed", enquiry, actor=actor, now=now, person_id=enquiry.writer_id, reason=reason)
        tell(notices.CLOSED, enquiry.id, [enquiry.writer_id], now)
