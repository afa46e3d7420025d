"""A believable row of what is told of a challenge, in the manner of tests/factories.py."""

from typing import Any

from placements.challenges.models import Challenge
from placements.db import db, new_public_id
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW


def result(of: Challenge | None = None, by: Person | None = None, **said: Any) -> Result:
    """A draft, unless `state` says otherwise; what is shown was verified, and may be."""
    state = said.setdefault("state", ResultState.DRAFT)
    is_verified = state in (ResultState.VERIFIED, ResultState.PUBLISHED)
    said = {
        "form_key": new_public_id(),
        "headline": "One stock list instead of nine notebooks",
        "story": "Twelve volunteers keep one list on a phone, and the food bank no longer runs out of milk.",
        "people_reached": 340,
        "quote": "We stopped guessing.",
        "written_at": NOW - 9 * DAY,
        "asked_at": None if state is ResultState.DRAFT else NOW - 8 * DAY,
        "verified_at": NOW - 7 * DAY if is_verified else None,
        "may_publish": is_verified,
        "published_at": NOW - 6 * DAY if state is ResultState.PUBLISHED else None,
        **said,
    }
    of = of or make.challenge()
    if is_verified:
        said.setdefault("verified_by", of.supervisor)
    made = Result(challenge=of, written_by=by or make.person(), **said)
    db.session.add(made)
    db.session.flush()
    return made
