"""Reading an uploaded roster, and applying it: whole, or without the lines that were left out by a tick."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from placements.accounts.actions import invite
from placements.cohorts import notices
from placements.cohorts.actions import enrolment_began, move_enrolment, tutor_changed
from placements.cohorts.imports import Known, held_row, look, stored
from placements.cohorts.models import Enrolment, RosterImport, TimeslotGroup
from placements.cohorts.roster import Change, read_roster
from placements.cohorts.roster_row import RosterRow, RosterStatus
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.files.actions import described
from placements.history.actions import record
from placements.mail.actions import tell
from placements.people.models import Person, email_key

VERBS = {RosterStatus.REGISTERED: "return", RosterStatus.WITHDRAWN: "withdraw", RosterStatus.DEFERRED: "defer"}
OF_THE_ENROLMENT = ("course_code", "course_title", "mode", "is_visa_sponsored")


def read_upload(file_name: str, data: bytes) -> RosterImport:
    """An enrolment file, read to be kept. Raises Refused, with what to do, where it cannot be read as a whole."""
    roster = read_roster(data)
    return RosterImport(
        **described(file_name, data),
        rows=[stored(row) for row in roster.rows],
        errors=[asdict(error) for error in roster.errors],
        ignored_columns=list(roster.ignored_columns),
    )


def apply_roster(
    upload: RosterImport, *, fingerprint: str, leaves_out_errors: bool, actor: Principal, now: datetime
) -> None:
    """Do what the preview with that fingerprint said: enrol and invite, change, withdraw, defer, take back.

    Rows that the file leaves out stay as they are. Refused while it has errors that are not left out by a tick, and
    where the preview would now say something else. Applied already: nothing happens. The rows are forgotten.
    """
    _hold(upload)
    if upload.applied_at is not None:
        return
    seen = look(upload, actor)
    if seen.fingerprint != fingerprint:
        raise Conflict("Something has changed since you looked. Check what the file would do now, then import it.")
    if seen.preview.errors and not leaves_out_errors:
        raise Refused("Tick the box to leave these lines out, or mend the file and choose it again.", "leave_out")
    preview = seen.preview
    for row in preview.new:
        _enrol(row, seen.known, actor, now)
    for change in preview.changed + preview.withdrawn + preview.deferred + preview.returned:
        _change(change, seen.known, actor, now)
    upload.outcome = {
        name: len(getattr(preview, name))
        for name in ("new", "changed", "withdrawn", "deferred", "returned", "same", "never_started", "missing")
    }
    upload.errors = [asdict(error) for error in preview.errors]
    upload.rows = []
    upload.applied_at = now
    record("imported", upload, actor=actor, now=now)


def _hold(upload: RosterImport) -> None:
    """Read again whether it is applied, and keep everybody else off it until the transaction ends."""
    hold_row(upload, "applied_at")


def enrol(person: Person, group: TimeslotGroup, facts: dict[str, Any], *, actor: Principal, now: datetime) -> Enrolment:
    """Enrol the person in the group, `facts` being course, mode and sponsorship by column; tell and invite them.

    Sends `enrolment_began`.
    """
    enrolment = Enrolment(run=group.run, group=group, person=person, created_at=now, **facts)
    db.session.add(enrolment)
    record("enrolled", enrolment, actor=actor, now=now, person_id=person.id)
    _welcome(enrolment, actor, now)
    enrolment_began.send(enrolment, actor=actor, now=now)
    return enrolment


def _enrol(row: RosterRow, known: Known, actor: Principal, now: datetime) -> None:
    person = known.person_of(row)
    if person is None:
        person = Person(given_name=row.forename, family_name=row.surname, email=row.email, created_at=now)
        db.session.add(person)
        known.by_number[row.student_number] = person
    person.student_number = row.student_number
    _name(person, row)
    db.session.flush()
    enrol(person, known.group_of(row), {name: getattr(row, name) for name in OF_THE_ENROLMENT}, actor=actor, now=now)


def _name(person: Person, row: RosterRow) -> None:
    person.family_name, person.given_name = row.surname, row.forename
    if person.email_key != email_key(row.email):
        person.email = row.email


def _change(change: Change, known: Known, actor: Principal, now: datetime) -> None:
    row = change.row
    enrolment = known.enrolments[row.key]
    before = held_row(enrolment)
    _name(enrolment.person, row)
    for name in OF_THE_ENROLMENT:
        setattr(enrolment, name, getattr(row, name))
    group = known.group_of(row)
    was = enrolment.group.tutor_id
    enrolment.group, enrolment.run = group, group.run
    if group.tutor_id != was:
        tutor_changed.send([enrolment.id], was=was, actor=actor, now=now)
    details = [each.field for each in change.differences if each.field != "status"]
    if details:
        record("details changed", enrolment, actor=actor, now=now, person_id=enrolment.person_id, fields=details)
    if before.status is not row.status:
        move_enrolment(enrolment, VERBS[row.status], actor=actor, now=now, reason="The student record says so.")
    is_back = before.status is not RosterStatus.REGISTERED
    if row.status is RosterStatus.REGISTERED and (is_back or before.email != row.email):
        _welcome(enrolment, actor, now)


def _welcome(enrolment: Enrolment, actor: Principal, now: datetime) -> None:
    tell(notices.ENROLLED, enrolment.id, [enrolment.person_id], now)
    invite(enrolment.person, actor=actor, now=now)
