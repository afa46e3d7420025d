"""What is told when placements have been shared anew: each tutor once, of all that they gained and handed on.

And what is told when somebody covers for a tutor: everybody concerned once, whatever it is about for them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.cohorts.models import TutorCover
from placements.core.clock import today
from placements.db import db
from placements.mail.notices import Notice, Pace
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.rules import say_names
from placements.tutoring.covers import PEOPLE, covered, students_in_groups
from placements.tutoring.models import TutorPlan
from placements.tutoring.plans import moves_of


def _shared(plan_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As far as it still holds: what goes on, and is with whom the plan gave it to."""
    plan = db.session.get_one(TutorPlan, plan_id)
    standing = [move for move in moves_of(plan) if move.changes and _stands(move.placement, move.after)]
    gained = [move.placement for move in standing if move.after is recipient]
    handed_on = [move.placement for move in standing if move.before is recipient]
    if not gained and not handed_on:
        return None
    return {
        "run": plan.run,
        "gained": gained,
        "handed_on": handed_on,
        "address": url_for("home.next_up", _external=True),
    }


def _stands(placement: Placement, tutor: Person | None) -> bool:
    return placement.goes_on and placement.tutor is tutor


def _cover(cover_id: int, recipient: Person) -> Mapping[str, Any] | None:
    """What a cover is to the recipient: their own, or of which of their placements."""
    cover = db.session.get_one(TutorCover, cover_id, options=PEOPLE)
    placements, person_id = covered(cover), recipient.id
    supervised = [each for each in placements if each.supervisor_id == person_id]
    is_student = any(each.enrolment.person_id == person_id for each in placements)
    if not is_student and not supervised and person_id not in (cover.tutor_id, cover.cover_id):
        is_student = any(person.id == person_id for person in students_in_groups(cover))
        if not is_student:
            return None
    return {
        "cover": cover,
        "is_tutor": person_id == cover.tutor_id,
        "is_cover": person_id == cover.cover_id,
        "is_student": is_student,
        "supervised": say_names([each.enrolment.person.name for each in supervised]),
        "placements": placements,
        "address": url_for("home.next_up", _external=True),
    }


def _covered(cover_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """As long as it lasts or is still to come."""
    said = _cover(cover_id, recipient)
    return said if said and said["cover"].ended_at is None and said["cover"].to_on >= today(now) else None


def _back(cover_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    """Until the day on which it would have ended."""
    said = _cover(cover_id, recipient)
    return said if said and said["cover"].to_on >= today(now) else None


SHARED = Notice("tutoring.shared", _shared, Pace.DAILY, run="run.id", fills={"run": "run.title"})

RUN = "cover.run_id"
FILLS = {"run": "cover.run.title", "tutor": "cover.tutor.name"}

COVERED = Notice("tutoring.covered", _covered, Pace.DAILY, run=RUN, fills=FILLS)
BACK = Notice("tutoring.back", _back, Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (SHARED, COVERED, BACK)
