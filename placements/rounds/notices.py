"""What locks write to people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import joinedload

from placements.cohorts.models import Enrolment
from placements.db import db
from placements.mail.notices import Notice, Pace
from placements.people.models import Person
from placements.rounds.models import Lock


def _lock_undone(lock_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    lock = db.session.get_one(
        Lock, lock_id, options=[joinedload(Lock.enrolment).joinedload(Enrolment.person), joinedload(Lock.challenge)]
    )
    return {
        "run_id": lock.enrolment.run_id,
        "student": lock.enrolment.person,
        "challenge": lock.challenge,
        "address": url_for("rounds.locks", _external=True),
    }


LOCK_UNDONE = Notice(
    "rounds.lock_undone",
    _lock_undone,
    Pace.DAILY,
    run="run_id",
    fills={"student": "student.name", "challenge": "challenge.title"},
)

NOTICES = (LOCK_UNDONE,)
