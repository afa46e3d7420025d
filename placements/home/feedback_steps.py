"""What supervisors' feedback needs next: to be given by the supervisor, to be read by the student."""

from collections.abc import Iterator

from sqlalchemy.orm import contains_eager

from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import waits_for
from placements.feedback.rules import TUTOR_TOLD_AFTER
from placements.home.steps import Step
from placements.placing.models import Placement


def to_give(who: Principal) -> Iterator[Step]:
    """Everything that one is asked for as a supervisor. One query."""
    placement = contains_eager(Feedback.placement)
    student = placement.contains_eager(Placement.enrolment).joinedload(Enrolment.person)
    for each in db.session.scalars(waits_for(who.person_id).options(student)):
        yield giving(each)


def giving(feedback: Feedback) -> Step:
    """The step of giving one, before the tutor hears that nothing comes."""
    return Step(
        f"Give {feedback.title.lower()}: three minutes",
        "Give feedback",
        "feedback.write",
        {"public_id": feedback.public_id},
        feedback.placement.enrolment.person.name,
        feedback.asked_at + TUTOR_TOLD_AFTER,
    )


def reading(feedback: Feedback) -> Step:
    """The step of reading one, as its student."""
    return Step(
        f"Read the {feedback.title.lower()}",
        "Read it",
        "feedback.show",
        {"public_id": feedback.public_id},
        feedback.placement.supervisor.name,
    )
