"""Claims, tasks and waivers, each with whatever a test did not say."""

from datetime import timedelta
from typing import Any

from placements.assessment.models import GivenTask, Submission
from placements.people.models import Person
from placements.reassessment.models import Mitigation, Waiver
from tests.factories.base import NOW, add, number


def mitigation(of: Submission, by: Person, **said: Any) -> Mitigation:
    """A claim that waits for its decision."""
    count = next(number)
    usual = {"form_key": f"claim-{count}", "reference": f"MC-{count}", "claimed_on": NOW.date() - timedelta(days=1)}
    return add(Mitigation(submission=of, recorded_by=by, recorded_at=NOW, **{**usual, **said}))


def given_task(of: Submission, by: Person, **said: Any) -> GivenTask:
    """Another task instead of the component."""
    usual = {"title": "Another task", "brief": "Do this.", "reason": "The placement ended."}
    return add(GivenTask(submission=of, given_by=by, given_at=NOW, **{**usual, **said}))


def waiver(of: Submission, by: Person, **said: Any) -> Waiver:
    """Nothing is asked of it."""
    of.waived_at = NOW
    usual = {"form_key": f"waiver-{next(number)}", "reason": "The organisation closed."}
    return add(Waiver(submission=of, waived_by=by, waived_at=NOW, **{**usual, **said}))
