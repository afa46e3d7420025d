"""Ends, believable: a record that a student had made, and an organisation's year that is over."""

from typing import Any

from placements.challenges.models import Challenge
from placements.closing.models import Closing, StudentRecord
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.files.actions import keep, put
from placements.people.models import Person
from placements.placing.models import Placement
from tests.factories import DAY, NOW


def student_record(of: Placement, content: bytes) -> StudentRecord:
    """As its student had it made."""
    file = keep(put("Record of achievement.pdf", content), actor=Principal(of.enrolment.person_id), now=NOW)
    return _added(StudentRecord(placement=of, file=file, made_at=NOW))


def closing(of: Challenge, asked: Person | None, content: bytes, **said: Any) -> Closing:
    """The end of that challenge's year at its organisation."""
    file = keep(put("Certificate.pdf", content), actor=NOBODY, now=NOW)
    said = {"students": 1, "closed_at": NOW - DAY, "academic_year": of.academic_year, **said}
    return _added(Closing(organisation_id=of.organisation_id, asked=asked, file=file, **said))


def _added(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row
