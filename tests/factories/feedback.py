"""Supervisors' feedback."""

from typing import Any

from placements.agreements.queries import objectives_of
from placements.feedback.models import Feedback, FeedbackRating, FeedbackVersion
from placements.feedback.rules import Occasion, Rating
from placements.feedback.workflow import FeedbackState
from placements.placing.models import Placement
from tests.factories.base import DAY, NOW, add

STRENGTHS = "Ada asks the right questions, and volunteers trust her."


def feedback(of: Placement, *strengths: str, rating: Rating = Rating.FULLY, **said: Any) -> Feedback:
    """Asked for a day ago; each of `strengths` is a version that was given, by the supervisor of the placement."""
    state = FeedbackState.RECEIVED if strengths else FeedbackState.REQUESTED
    said = {"occasion": Occasion.INTERIM, "state": state, "asked_id": of.supervisor_id, "asked_at": NOW - DAY, **said}
    made = add(Feedback(placement=of, **said))
    for number, words in enumerate(strengths, 1):
        given = FeedbackVersion(number=number, strengths=words, given_by_id=of.supervisor_id, at=NOW)
        given.ratings = [FeedbackRating(objective_id=each.id, rating=rating) for each in objectives_of(of.id)]
        made.versions.append(given)
    return add(made)
