"""Verbs on organisations, their sites and contacts, and on the interests that people declare."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from placements.accounts.actions import invite
from placements.core.clock import say_date, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.history.actions import record
from placements.mail.actions import tell
from placements.partners import notices
from placements.partners.models import Contact, ContactRole, Interest, InterestKind, Organisation, Site
from placements.partners.queries import current_contacts, is_of_the_university
from placements.partners.rules import LONGEST_APPROVAL_YEARS, split_name
from placements.partners.workflow import ORGANISATION, OrganisationState
from placements.people.actions import find_or_add_person

NOTES = "partners.read_notes"  # the ability to read why


def _set(thing: Any, facts: Mapping[str, Any]) -> list[str]:
    """Set each fact that differs; returns the names of those that did."""
    changed = [name for name, value in facts.items() if getattr(thing, name) != value]
    for name in changed:
        setattr(thing, name, facts[name])
    return changed


def _hold(organisation: Organisation) -> None:
    """Nobody else adds to it until this transaction ends: of two presses at once the second finds the first's."""
    hold_row(organisation, "state")


def edit_organisation(
    organisation: Organisation, facts: Mapping[str, Any], *, actor: Principal, now: datetime
) -> list[str]:
    """Correct its record. Returns the names of what changed."""
    ORGANISATION.move(organisation, "edit")
    changed = _set(organisation, facts)
    if changed:
        record("record edited", organisation, actor=actor, now=now, fields=changed)
    return changed


def approve(organisation: Organisation, until: date, *, actor: Principal, now: datetime) -> None:
    """Let its challenges be published up to and including `until`; approving again moves that day.

    Refused for a day that is past, or more than three years off.
    """
    this_day = today(now)
    if until < this_day:
        raise Refused("Choose a day that has not passed", "until")
    if until > this_day.replace(year=this_day.year + LONGEST_APPROVAL_YEARS, day=min(this_day.day, 28)):
        raise Refused(f"Choose a day within {LONGEST_APPROVAL_YEARS} years", "until")
    is_same = organisation.state is OrganisationState.APPROVED and organisation.approved_until == until
    if ORGANISATION.move(organisation, "approve") and not is_same:
        organisation.approved_until = until
        organisation.owner_id = organisation.owner_id or actor.person_id
        record(f"approved until {say_date(until)}", organisation, actor=actor, now=now)


def decline(organisation: Organisation, *, reason: str, actor: Principal, now: datetime) -> None:
    """Say that we shall not work together, for a reason that stays with the university."""
    if ORGANISATION.move(organisation, "decline"):
        _record_with_reason("declined", organisation, reason, actor, now)


def pause(organisation: Organisation, *, reason: str, actor: Principal, now: datetime) -> None:
    """Take its challenges out of sight until it is approved again."""
    if ORGANISATION.move(organisation, "pause"):
        _record_with_reason("paused", organisation, reason, actor, now)


def archive(organisation: Organisation, *, reason: str, actor: Principal, now: datetime) -> None:
    """Put it away for good, with everything that happened."""
    if ORGANISATION.move(organisation, "archive"):
        _record_with_reason("archived", organisation, reason, actor, now)


def _record_with_reason(verb: str, organisation: Organisation, reason: str, actor: Principal, now: datetime) -> None:
    """Everybody who sees the organisation may know that it happened; only who may read notes, why."""
    record(verb, organisation, actor=actor, now=now)
    record(f"reason noted for “{verb}”", organisation, actor=actor, now=now, ability=NOTES, reason=reason)


def add_site(
    organisation: Organisation, facts: Mapping[str, Any], *, form_key: str, actor: Principal, now: datetime
) -> Site:
    """Add a place where students work. The same form twice is one place."""
    _hold(organisation)
    known = db.session.scalar(select(Site).where(Site.form_key == form_key, Site.organisation_id == organisation.id))
    if form_key and known is not None:
        return known
    site = Site(organisation=organisation, form_key=form_key or new_public_id(), **facts)
    db.session.add(site)
    record("site added", organisation, actor=actor, now=now, reason=site.name)
    return site


def edit_site(site: Site, facts: Mapping[str, Any], *, actor: Principal, now: datetime) -> None:
    """Correct a place's name or address."""
    changed = _set(site, facts)
    if changed:
        record("site edited", site.organisation, actor=actor, now=now, reason=site.name, fields=changed)


def add_contact(
    organisation: Organisation,
    *,
    name: str,
    email: str,
    role: ContactRole,
    job_title: str,
    actor: Principal,
    now: datetime,
) -> Contact:
    """Add a colleague, or take one back who had left, and invite them by mail. Refused for a current contact.

    Its own people add nobody of the university's: it would give them a side, and tell whose address it is.
    """
    _hold(organisation)
    person = find_or_add_person(*split_name(name), email, now)
    known = db.session.scalar(
        select(Contact).where(Contact.organisation_id == organisation.id, Contact.person_id == person.id)
    )
    if known is not None and known.left_on is None:
        raise Refused(f"{person.name} is a contact of {organisation.name} already", "email")
    if actor.has("contact", organisation.id) and is_of_the_university(person):
        raise Refused("You cannot add this address yourself. Ask the engagement team to add it", "email")
    contact = known or Contact(organisation=organisation, person=person)
    contact.role, contact.job_title, contact.left_on = role, job_title, None
    db.session.add(contact)
    record("contact added", organisation, actor=actor, now=now, person_id=person.id)
    invite(person, actor=actor, now=now)
    tell(notices.CONTACT_ADDED, contact.id, [person.id], now)
    return contact


def edit_contact(contact: Contact, *, role: ContactRole, job_title: str, actor: Principal, now: datetime) -> None:
    """Change what a colleague does. Refused where nobody would be left as the main contact."""
    if role is not ContactRole.PRIMARY:
        _keep_a_main_contact(contact)
    changed = _set(contact, {"role": role, "job_title": job_title})
    if changed:
        record("contact edited", contact.organisation, actor=actor, now=now, person_id=contact.person_id)


def say_left(contact: Contact, *, actor: Principal, now: datetime) -> None:
    """Note that a colleague has left: from the next request on they see nothing of the organisation or its challenges.

    Students whom they supervise stay theirs until somebody else is named.
    Refused for the only main contact: somebody must be there to write to.
    """
    if contact.left_on is None:
        _keep_a_main_contact(contact)
        contact.left_on = today(now)
        record("contact left", contact.organisation, actor=actor, now=now, person_id=contact.person_id)


def _keep_a_main_contact(contact: Contact) -> None:
    _hold(contact.organisation)
    others = [each for each in current_contacts(contact.organisation_id) if each.id != contact.id]
    if contact.role is ContactRole.PRIMARY and not any(each.role is ContactRole.PRIMARY for each in others):
        raise Refused(f"{contact.person.name} is the only main contact. Make somebody else a main contact first.")


def declare_interest(organisation: Organisation, kind: InterestKind, *, actor: Principal, now: datetime) -> Interest:
    """Declare one's own tie to an organisation: from the next request on one decides nothing about it."""
    _hold(organisation)
    interest = db.session.scalar(
        select(Interest).where(
            Interest.person_id == actor.person_id,
            Interest.organisation_id == organisation.id,
            Interest.kind == kind,
        )
    )
    if interest is not None and interest.ended_at is None:
        return interest
    if interest is None:
        interest = Interest(person_id=actor.person_id, organisation=organisation, kind=kind)
        db.session.add(interest)
    interest.declared_at, interest.ended_at = now, None
    record("interest declared", organisation, actor=actor, now=now, person_id=actor.person_id, ability=NOTES)
    return interest


def end_interest(interest: Interest, *, actor: Principal, now: datetime) -> None:
    """Say that one's own tie is over."""
    if interest.ended_at is None:
        interest.ended_at = now
        organisation = interest.organisation
        record("interest ended", organisation, actor=actor, now=now, person_id=actor.person_id, ability=NOTES)
