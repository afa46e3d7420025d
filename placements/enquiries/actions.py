"""Verbs on enquiries: from the first message to an organisation, another route, or an end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from placements.accounts.actions import invite
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.enquiries import notices
from placements.enquiries.models import Enquiry
from placements.enquiries.rules import MOST_ENQUIRIES_A_DAY
from placements.enquiries.workflow import ENQUIRY
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType
from placements.partners.policy import has_no_side
from placements.partners.queries import current_contacts, engagement_officers
from placements.partners.rules import split_name
from placements.partners.workflow import CURRENT
from placements.people.actions import find_or_add_person
from placements.people.models import Person

DAY = timedelta(days=1)


@dataclass(frozen=True)
class NewOrganisation:
    """What an accepted enquiry says of an organisation that we did not know."""

    name: str
    type: OrganisationType
    borough: str


def _move(enquiry: Enquiry, verb: str) -> bool:
    """Move it, as no other transaction does before this one ends: of two at once the second finds it done."""
    hold_row(enquiry, "state", "organisation_id", "organisation")
    return ENQUIRY.move(enquiry, verb)


def receive(
    *,
    form_key: str,
    organisation_name: str,
    name: str,
    email: str,
    challenges_faced: str,
    thoughts: str = "",
    wants_newsletter: bool = False,
    actor: Principal,
    now: datetime,
) -> Enquiry:
    """Keep an enquiry, acknowledge it to its writer, and tell the engagement team. The same form twice is one.

    Refused where the same address has written too often today.
    """
    known = db.session.scalar(select(Enquiry).where(Enquiry.form_key == form_key))
    if form_key and known is not None:
        return known
    writer = find_or_add_person(*split_name(name), email, now)
    of_today = select(func.count(Enquiry.id)).where(Enquiry.writer_id == writer.id, Enquiry.received_at > now - DAY)
    if (db.session.scalar(of_today) or 0) >= MOST_ENQUIRIES_A_DAY:
        raise Refused("We have several enquiries from this address today. We will answer those first.", "email")
    enquiry = Enquiry(
        form_key=form_key or new_public_id(),
        organisation_name=organisation_name,
        challenges_faced=challenges_faced,
        thoughts=thoughts,
        wants_newsletter=wants_newsletter,
        writer=writer,
        received_at=now,
    )
    db.session.add(enquiry)
    record("received", enquiry, actor=actor, now=now, person_id=writer.id)
    tell(notices.RECEIVED, enquiry.id, [writer.id], now)
    tell(notices.WAITING, enquiry.id, engagement_officers(but=writer.id), now)
    return enquiry


def take_up(enquiry: Enquiry, *, actor: Principal, now: datetime) -> None:
    """Make the enquiry one's own. Refused where somebody answered it for good."""
    if _move(enquiry, "take_up"):
        enquiry.owner_id = actor.person_id
        record("taken up", enquiry, actor=actor, now=now, person_id=enquiry.writer_id)


def plan(enquiry: Enquiry, *, owner: Person, step: str, step_on: date, actor: Principal, now: datetime) -> None:
    """Say what happens next, on which day, and by whom."""
    _move(enquiry, "plan")
    if (enquiry.owner_id, enquiry.next_step, enquiry.next_step_on) == (owner.id, step, step_on):
        return
    enquiry.owner, enquiry.next_step, enquiry.next_step_on = owner, step, step_on
    record("next step set", enquiry, actor=actor, now=now, person_id=owner.id, reason=step)


def accept(
    enquiry: Enquiry, organisation: Organisation | NewOrganisation, *, actor: Principal, now: datetime
) -> Organisation:
    """Take the writer on as a contact of a new organisation or one that we know, and invite them by mail.

    Refused where the organisation is over, or where whoever accepts has a side in it.
    """
    if not _move(enquiry, "accept"):
        assert enquiry.organisation is not None
        return enquiry.organisation
    kept = _add(organisation, actor, now) if isinstance(organisation, NewOrganisation) else organisation
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
    kept = Organisation(
        name=new.name, type=new.type, borough=new.borough, owner_id=actor.person_id, created_at=now, about=""
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
    invite(writer, actor=actor, now=now)
    record("contact added", organisation, actor=actor, now=now, person_id=writer.id)


def route(enquiry: Enquiry, *, to: str, note: str, actor: Principal, now: datetime) -> None:
    """Pass the enquiry to another part of the university, and tell its writer where it went."""
    if _move(enquiry, "route"):
        enquiry.outcome = to
        record("routed", enquiry, actor=actor, now=now, person_id=enquiry.writer_id, reason=to)
        if note:
            record("noted", enquiry, actor=actor, now=now, ability="enquiries.overview", reason=note)
        tell(notices.ROUTED, enquiry.id, [enquiry.writer_id], now)


def close(enquiry: Enquiry, *, reason: str, actor: Principal, now: datetime) -> None:
    """End the enquiry and tell its writer why."""
    if _move(enquiry, "close"):
        enquiry.outcome = reason
        record("closed", enquiry, actor=actor, now=now, person_id=enquiry.writer_id, reason=reason)
        tell(notices.CLOSED, enquiry.id, [enquiry.writer_id], now)
