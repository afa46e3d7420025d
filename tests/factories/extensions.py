"""Later deadlines."""

from typing import Any

from placements.assessment.models import Submission
from placements.db import new_public_id
from placements.extensions.models import Extension
from placements.extensions.rules import Cause
from placements.people.models import Person
from tests.factories.base import DAY, NOW, add


def extension(of: Submission, by: Person, **said: Any) -> Extension:
    """A week more, for a placement that came late; in force, its attempt has that deadline of its own."""
    before = of.own_due_at or NOW
    given = {"due_before": before, "due_at": before + 7 * DAY, "cause": Cause.PLACED_LATE, "granted_at": NOW - DAY}
    made = Extension(submission=of, granted_by=by, form_key=new_public_id(), **{**given, **said})
    if made.ended_at is None:
        of.due_at = made.due_at
    return add(made)
