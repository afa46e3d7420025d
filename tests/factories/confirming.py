"""What supervisors answer, and logbooks as they were handed in."""

from datetime import datetime

from sqlalchemy import select

from placements.cohorts.models import Enrolment
from placements.db import db
from placements.reading.freezing import freeze
from placements.reading.models import LogbookSnapshot
from tests.factories.base import NOW


def snapshot(of: Enrolment, at: datetime = NOW) -> LogbookSnapshot:
    """The student's logbook, handed in as it stands."""
    freeze(of.id, now=at)
    taken = select(LogbookSnapshot).where(LogbookSnapshot.enrolment_id == of.id, LogbookSnapshot.taken_at == at)
    return db.session.scalars(taken).one()
