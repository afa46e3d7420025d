"""Reading an uploaded list, and applying it: whole or not at all, and nobody is written to."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new
from placements.directory.imports import LEAVE, NEW, Known, Look, differences_of, look
from placements.directory.models import PartnerImport
from placements.directory.sheet import FACTS, PartnerRow, kept, read_list
from placements.files.actions import described
from placements.history.actions import record
from placements.partners.actions import edit_organisation
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationBorough
from placements.partners.rules import split_name
from placements.people.models import Person, email_key


def read_upload(file_name: str, data: bytes) -> PartnerImport:
    """A list, read to be kept. Raises Refused, with what to do, where it cannot be read as a whole."""
    rows, errors, ignored_columns = read_list(data)
    return PartnerImport(
        **described(file_name, data),
        rows=[kept(row) for row in rows],
        errors=[asdict(error) for error in errors],
        ignored_columns=list(ignored_columns),
    )


def apply_list(
    upload: PartnerImport, choices: Mapping[int, str], *, fingerprint: str, actor: Principal, now: datetime
) -> None:
    """Do what the preview with that fingerprint said: add, change, leave. Nobody is written to or invited.

    `choices` says by line what a likely double is: LEAVE (also where nothing is said), NEW, or the one it is. Refused
    while any line has an error, and where the preview would now say something else. Applied already: nothing happens.
    """
    hold_row(upload, "applied_at")
    if upload.applied_at is not None:
        return
    seen = look(upload)
    if seen.fingerprint != fingerprint:
        raise Conflict("Something has changed since you looked. Check what the file would do now, then import it.")
    if seen.preview.errors:
        raise Refused("Mend the lines that cannot be used, and choose the file again.")
    chosen = {each.row.line: choices.get(each.row.line, LEAVE) for each in seen.preview.likely}
    new = [*seen.preview.new, *(each.row for each in seen.preview.likely if chosen[each.row.line] == NEW)]
    changed = [(change.row, seen.known.organisations[change.key]) for change in seen.preview.changed]
    changed += _taken_for(seen, chosen)
    about = [*_add(new, actor, now), *(_change(row, one, seen.known, actor, now) for row, one in changed)]
    _add_contacts(about, seen.known, actor, now)
    left_out = sum(choice == LEAVE for choice in chosen.values())
    same = len(seen.preview.same)
    upload.outcome = {"new": len(new), "changed": len(changed), "same": same, "left_out": left_out}
    upload.rows, upload.applied_at = [], now
    record("imported", upload, actor=actor, now=now)


def _taken_for(seen: Look, chosen: Mapping[int, str]) -> list[tuple[PartnerRow, Organisation]]:
    """Lines that were said to be about one of those offered. Refused where two are about one."""
    by_address = {each.public_id: each for each in seen.known.organisations.values()}
    found: list[tuple[PartnerRow, Organisation]] = []
    taken = {change.key for change in seen.preview.changed}
    for each in seen.preview.likely:
        choice = chosen[each.row.line]
        if choice in {address for address, _, _ in each.offered}:
            one = by_address[choice]
            if one.id in taken:
                raise Refused(f"Two lines cannot both be {one.name}. Leave one of them out.", f"line_{each.row.line}")
            taken.add(one.id)
            found.append((each.row, one))
    return found


def _add(rows: list[PartnerRow], actor: Principal, now: datetime) -> list[tuple[PartnerRow, Organisation]]:
    made = []
    for row in rows:
        facts = _facts(row)
        boroughs = [OrganisationBorough(borough=name) for name in facts.pop("also_in", ()) if name != row.borough]
        made.append((row, Organisation(**facts, also_in=boroughs, created_at=now)))
    db.session.add_all(one for _, one in made)
    db.session.flush()
    for _, one in made:
        record("added from a list", one, actor=actor, now=now)
    return made


def _change(
    row: PartnerRow, one: Organisation, known: Known, actor: Principal, now: datetime
) -> tuple[PartnerRow, Organisation]:
    named = {name for name, _, _ in differences_of(row, one, known)}
    edit_organisation(one, {name: value for name, value in _facts(row).items() if name in named}, actor=actor, now=now)
    return row, one


def _facts(row: PartnerRow) -> dict[str, Any]:
    """What the line says of the organisation; a blank cell says nothing."""
    return {name: value for name in FACTS if (value := getattr(row, name)) not in ("", None, ())}


def _add_contacts(about: list[tuple[PartnerRow, Organisation]], known: Known, actor: Principal, now: datetime) -> None:
    """Whom the lines name and who was never there: a person without an account, the main contact if there is none."""
    wanted = [
        (row, one)
        for row, one in about
        if row.contact_email and row.contact_email not in {each.person.email_key for each in known.contacts[one.id]}
    ]
    named = {email_key(row.contact_email): row for row, _ in wanted}
    insert_new(Person, [_person(row, now) for row in named.values()])
    met = db.session.execute(select(Person.email_key, Person.id).where(Person.email_key.in_(named)))
    people: dict[str, int] = dict(met.all())
    made = []
    for row, one in wanted:
        role = ContactRole.SUPERVISOR if known.main_contact(one.id) else ContactRole.PRIMARY
        key = people[email_key(row.contact_email)]
        made.append({"organisation_id": one.id, "person_id": key, "role": role, "job_title": row.contact_job_title})
        record("contact added", one, actor=actor, now=now, person_id=key)
    insert_new(Contact, made)


def _person(row: PartnerRow, now: datetime) -> dict[str, Any]:
    given, family = split_name(row.contact_name)
    said = {"given_name": given, "family_name": family, "email": row.contact_email}
    return {**said, "email_key": email_key(row.contact_email), "created_at": now}
