"""What is told of a group that has shrunk: its module leader has to decide, and then what was decided."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, select, type_coerce

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, RoleOnRun
from placements.db import UTCDateTime, db
from placements.groups.models import Course, GroupDecision
from placements.groups.queries import group, left_at, waits
from placements.mail.notices import Notice, Pace, Reminder
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON


def _shrunk(challenge_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as nobody has decided."""
    found = group(db.session.get_one(Challenge, challenge_id))
    if not found.is_open:
        return None
    address = url_for("groups.decide", public_id=found.challenge.public_id, _external=True)
    return {"group": found, "challenge": found.challenge, "address": address}


def _decided(decision_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as the recipient's group goes on."""
    made = db.session.get_one(GroupDecision, decision_id)
    if not group(made.challenge).staying:
        return None
    return {"challenge": made.challenge, "looks_for_another": made.course is Course.ANOTHER}


SHRUNK = Notice("groups.shrunk", _shrunk, Pace.DAILY)
DECIDED = Notice("groups.decided", _decided, Pace.DAILY)

NOTICES = (SHRUNK, DECIDED)


def _to_decide(now: datetime) -> Select[int, int, datetime]:
    """The leaders of the runs that those who stay are on, since the last of the others left."""
    since = type_coerce(left_at(), UTCDateTime())
    return (
        select(Challenge.id, RoleOnRun.person_id, since)
        .join(Placement, Placement.challenge_id == Challenge.id)
        .join(Enrolment, Enrolment.id == Placement.enrolment_id)
        .join(RoleOnRun, RoleOnRun.leads(Enrolment.run_id))
        .where(waits(), Placement.state.in_(GOING_ON))
        .distinct()
    )


REMINDERS = (Reminder(SHRUNK, _to_decide),)
