"""What is told when placements have been shared anew: each tutor once, of all that they gained and handed on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person
from placements.placing.models import Placement
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


SHARED = Notice("tutoring.shared", _shared)

NOTICES = (SHARED,)
