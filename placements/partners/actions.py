"""Verbs on organisations, their sites and contacts, and on the interests that people declare."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from blinker import Signal
from sqlalchemy import select

from placements.accounts.actions import invite
from placements.accounts.queries import account_of
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, new_public_id
from placements.history.actions import record
from placements.links.actions import latest_link
from placements.mail.actions import tell
from placements.partners import notices
from placements.partners.models import (
    Contact,
    ContactRole,
    Interest,
    InterestKind,
    Organisation,
    OrganisationBorough,
    Site,
)
from placements.partners.notices import DECLINED_VERB as DECLINED
from placements.partners.queries import (
    current_contacts,
    fingerprint_of,
    is_of_the_university,
    keeper,
    main_contacts,
)
from placements.partners.rules import split_name
from placements.partners.workflow import ORGANISATION
from placements.people.actions import find_or_add_person

site_moved = Signal("A checked place has another postcode: sent with the site, `was`, `actor` and `now`.")
contact_left = Signal("Somebody left: sent with the contact, `successor_id` (a person or None), `actor` and `now`.")
NOTES = "partners.read_notes"  # the ability to read why
WHERE = ("address", "postcode")  # of a place
INVITATION = "accounts.set_password"  # what an invitation's link is for


def _set(thing: Any, facts: Mapping[str, Any]) -> list[str]:
    """Set each fact that differs; returns the names of those that did."""
    changed = [name for name, value in facts.items() if getattr(thing, name) != value]
    for name in changed:
        setattr(thing, name, facts[name])
    return changed


def _hold(organisation: Organisation) -> None:
    """Nobody else adds to it until this transaction ends: of two presses at once the second finds the first's.

    Refused once it is over: what is added to a record that has just become part of another would be lost.
    """
    hold_row(organisation, "state")
    ORGANISATION.move(organisation, "edit")


def edit_organisation(
    organisation: Organisation, facts: Mapping[str, Any], *, seen: str | None = None, actor: Principal, now: datetime
) -> list[str]:
    """Correct its record; `also_in` are names of boroughs. Returns the names of what changed.

    Conflict where it is not any more as it was `seen`, and would be changed.
    """
    ORGANISATION.move(organisation, "edit")
    if seen is not None:
        hold_row(organisation)
    is_stale = seen not in (None, fingerprint_of(organisation))
    given = dict(facts)
    boroughs = set(given.pop("also_in", _also_in(organisation))) - {given.get("borough", organisation.borough)}
    changed = _set(organisation, given)
    if is_stale and (changed or boroughs != _also_in(organisation)):
        raise Conflict(
            "Somebody saved this record since you opened it. Open it in another tab to see what it says now, then save."
        )
    if boroughs != _also_in(organisation):
        held = {each.borough: each for each in organisation.also_in}
        organisation.also_in = [held.get(name) or OrganisationBorough(borough=name) for name in sorted(boroughs)]
        changed.append("also_in")
    if changed:
        record("record edited", organisation, actor=actor, now=now, fields=changed)
    return changed


def _also_in(organisation: Organisation) -> set[str]:
    return {each.borough for each in organisation.also_in}


def decline(organisation: Organisation, *, reason: str, note: str = "", actor: Principal, now: datetime) -> None:
    """Say that we shall not work together: its main contacts are told the reason. The note stays with us."""
    if ORGANISATION.move(organisation, "decline"):
        record(DECLINED, organisation, actor=actor, now=now, reason=reason)
        if note:
            record(f"noted for “{DECLINED}”", organisation, actor=actor, now=now, ability=NOTES, reason=note)
        tell(notices.DECLINED, organisation.id, main_contacts(organisation.id), now)


def pause(organisation: Organisation, *, reason: str, actor: Principal, now: datetime) -> None:
    """Take its challenges out of sight until it is approved again. Its main contacts are told, and nobody why."""
    hold_row(organisation, "state")
    if ORGANISATION.move(organisation, "pause"):
        organisation.paused_at = now
        _record_with_reason("paused", organisation, reason, actor, now)
        tell(notices.PAUSED, organisation.id, main_contacts(organisation.id), now)


def say_it_goes_on(organisation: Organisation, now: datetime) -> None:
    """Tell the main contacts of one that was paused that it is approved again."""
    tell(notices.RESUMED, organisation.id, main_contacts(organisation.id), now)


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
    """Correct what a place is called, where it is and how one gets there.

    Refused to its own people where that would move a place that was checked. Whoever else gives such a place another
    postcode sends `site_moved`, by which what was found there ends.
    """
    organisation = site.organisation
    _hold(organisation)
    db.session.refresh(site)
    was, postcode = f"{site.address}, {site.postcode}", site.postcode
    moves = [name for name in WHERE if facts.get(name, getattr(site, name)) != getattr(site, name)]
    if moves and site.cleared_until and actor.has("contact", organisation.id):
        asked = keeper(organisation)
        name = asked.name if asked else "the engagement team"
        raise Refused(
            f"This place was checked at this address. Add the new place instead, or ask {name} to change it", moves[0]
        )
    changed = _set(site, facts)
    if changed:
        said = f"{site.name}, until now {was}" if moves else site.name
        record("site edited", organisation, actor=actor, now=now, reason=said, fields=changed)
    if site.cleared_until and site.postcode != postcode:
        site_moved.send(site, was=was, actor=actor, now=now)


def add_contact(
    organisation: Organisation,
    *,
    name: str,
    email: str,
    role: ContactRole,
    job_title: str,
    invites: bool = True,
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
    if invites:
        invite(person, actor=actor, now=now)
        tell(notices.CONTACT_ADDED, contact.id, [person.id], now)
    return contact


def invite_contact(contact: Contact, *, actor: Principal, now: datetime) -> None:
    """Mail a colleague whom nobody has invited, or who has not come, a link to choose a password; at most once a day.

    Refused for who has chosen one.
    """
    _hold(contact.organisation)
    person, account = contact.person, account_of(contact.person_id)
    if account is not None and account.password is not None:
        raise Refused(f"{person.name} can sign in already.")
    last = latest_link(INVITATION, account.id, person.id) if account else None
    if last is None or today(last.created_at) < today(now):
        invite(person, actor=actor, now=now)
        tell(notices.CONTACT_ADDED, contact.id, [person.id], now)


def edit_contact(contact: Contact, *, role: ContactRole, job_title: str, actor: Principal, now: datetime) -> None:
    """Change what a colleague does. Refused where nobody would be left as the main contact."""
    if role is not ContactRole.PRIMARY:
        _keep_a_main_contact(contact)
    changed = _set(contact, {"role": role, "job_title": job_title})
    if changed:
        record("contact edited", contact.organisation, actor=actor, now=now, person_id=contact.person_id)


def say_left(contact: Contact, successor: Contact | None = None, *, actor: Principal, now: datetime) -> None:
    """Note that a colleague has left, and who takes over: from the next request on the leaver sees nothing here.

    The successor is told, and becomes a main contact where the leaver was the only one; sends `contact_left`, by which
    later areas hand over what they know of. Refused for the only main contact where nobody takes over.
    """
    _hold(contact.organisation)
    db.session.refresh(contact, ["left_on", "role"])
    if contact.left_on is not None:
        return
    others = [each for each in current_contacts(contact.organisation_id) if each.id != contact.id]
    if successor is not None and successor not in others:
        raise Refused("Choose somebody who works there now", "successor")
    if contact.role is ContactRole.PRIMARY and not any(each.role is ContactRole.PRIMARY for each in others):
        if successor is None:
            raise Refused(f"{contact.person.name} is the only main contact. Choose who takes over", "successor")
        successor.role = ContactRole.PRIMARY
    contact.left_on = today(now)
    record("contact left", contact.organisation, actor=actor, now=now, person_id=contact.person_id)
    if successor is not None:
        record("contact took over", contact.organisation, actor=actor, now=now, person_id=successor.person_id)
        tell(notices.HANDED_OVER, contact.id, {successor.person_id} - {actor.person_id}, now)
    contact_left.send(contact, successor_id=successor.person_id if successor else None, actor=actor, now=now)


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
