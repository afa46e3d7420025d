"""Student1 Okoro's whole year, with a fellow student on the same challenge who is named wherever people type."""

import csv
import io
import json
from dataclasses import dataclass
from typing import Any
from zipfile import ZipFile

from placements.agreements.models import Party, Signature
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState
from placements.board.models import BoardDecision
from placements.cases.actions import ask
from placements.cases.making import make_due
from placements.cases.models import CaseExport
from placements.cases.workflow import ExportState
from placements.cohorts.models import Enrolment
from placements.concerns.rules import About, Kind
from placements.core.csv_out import BOM
from placements.db import db
from placements.files.actions import put
from placements.files.store import store
from placements.logbook.workflow import EntryState
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it, scene
from tests.copies.factories import signed_copy
from tests.factories import DAY, NOW
from tests.factories.extensions import extension
from tests.factories.feedback import feedback
from tests.files.samples import PDF
from tests.reassessment.factories import mitigation, waiver

OTHER = "Zora Quillfeather"
SIGNED = b"%PDF-1.7\nthe signed copy\n%%EOF\n"


@dataclass
class Year:
    """The scene of assessment, and what of the one student's a test names."""

    of: Scene
    submission: Submission
    mark: Mark

    @property
    def enrolment(self) -> Any:
        """Whose case it is."""
        return self.of.enrolments[0]

    @property
    def url(self) -> str:
        """The page of the case."""
        return f"/enrolments/{self.enrolment.public_id}/case"


def year() -> Year:
    """Build it in the current session."""
    of = scene(1)
    enrolment, placement, leader = of.enrolments[0], of.placements[0], of.leader.person
    mate = make.enrolment(of.group, make.person(given_name="Zora", family_name="Quillfeather"))
    make.placement(mate, placement.challenge)
    _agreed(placement)
    for day in (6, 8, 13):
        on = NOW.date().replace(day=day)
        make.entry(placement, state=EntryState.CONFIRMED, on=on, activity=f"Counted with zora  quillfeather on {day}")
    feedback(placement, f"Works well with {OTHER}.", "Corrected: works well.")
    submission = hand_in(of, 0, None, put("Portfolio.pdf", PDF))
    mark = mark_it(of, submission, 68, 68, 68)
    mark.withheld_at = NOW
    make.withholding(mark, leader, "Looked into by the panel.")
    mitigation(submission, leader, reference="MC-2026-117")
    extension(submission, leader, reference="ADJ-9", due_at=(submission.own_due_at or NOW) + 7 * DAY)
    waiver(make.submission(enrolment, of.run.components[2]), leader, reason="The organisation closed.")
    make.concern(placement, words="Too few hours are offered.")
    about = {"kind": Kind.PERSON, "about": About.SUPERVISOR, "about_id": placement.supervisor_id}
    make.concern(placement, words="A restricted worry.", **about)
    _board(of, enrolment)
    db.session.flush()
    return Year(of, submission, mark)


def _agreed(placement: Any) -> None:
    placement.agreed_at = NOW - 60 * DAY
    agreement = make.agreement(placement, proposed_at=NOW - 61 * DAY, in_force_at=NOW - 60 * DAY)
    people = {Party.STUDENT: placement.enrolment.person, Party.SUPERVISOR: placement.supervisor}
    for party, person in people.items():
        said = {"typed_name": person.name, "at": NOW - 60 * DAY, "address": "203.0.113.9", "sha256": "ab" * 32}
        if not agreement.signature_of(party):
            agreement.signatures.append(Signature(party=party, person_id=person.id, **said))
    db.session.flush()
    signed_copy(agreement, SIGNED)


def _board(of: Scene, enrolment: Any) -> None:
    make.submission(enrolment, of.agreement)
    given = {"state": MarkState.CONFIRMED, "mark": 55, "released_at": NOW, "confirmed_at": NOW}
    mark = make.mark(enrolment, of.agreement, of.tutor.person, **given)
    meeting = make.board_meeting(of.run, of.leader.person, note="A note on the whole meeting.")
    db.session.add(BoardDecision(meeting_id=meeting.id, mark_id=mark.id, mark=55))
    make.correction(mark, of.leader.person, reason="A page was not read.")


def asked(of: Year, reason: str = "Complaint 2026-117") -> CaseExport:
    """The leader asks for the file."""
    enrolment = db.session.get_one(Enrolment, of.enrolment.id)
    export = ask(enrolment, reason, actor=of.of.who(of.of.leader), now=NOW)
    db.session.commit()
    return export


def made(of: Year) -> CaseExport:
    """The same, and the worker makes it a minute later."""
    export = asked(of)
    assert make_due(NOW) == 1
    db.session.refresh(export)
    assert export.state is ExportState.MADE
    return export


def zip_of(export: CaseExport) -> bytes:
    """Its bytes, as the store has them."""
    assert export.sha256
    return store().path(export.sha256).read_bytes()


def unpacked(export: CaseExport) -> dict[str, bytes]:
    """Its files by name."""
    with ZipFile(io.BytesIO(zip_of(export))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def rows_of(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    """A sheet of it."""
    text = files[f"tables/{name}.csv"].decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(io.StringIO(text.removeprefix(BOM), newline="")))


def manifest_of(files: dict[str, bytes]) -> Any:
    """What it says of itself."""
    return json.loads(files["manifest.json"])
