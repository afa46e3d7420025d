"""The food bank of tests/placing/scene.py with Ada at work since 5 October, and an Agreement with two objectives."""

from datetime import date
from typing import Any

from sqlalchemy import select

from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import WRITE_BY_LINK
from placements.feedback.rules import Rating, Words
from placements.links.actions import latest_link, token
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.placing.scene import Scene

OBJECTIVES = ("Count the stock every week.", "Leave a guide that volunteers use.")


class AtWork(Scene):
    """`agreement` is in force; the placement lasts until 30 April 2027, and its middle is 16 January."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**{"state": PlacementState.ACTIVE, "starts_on": date(2026, 10, 5), **said})
        self.agreement = make.agreement(self.placement, objectives=OBJECTIVES)

    def by(self, name: str) -> Principal:
        """Somebody, without roles: for actions."""
        return Principal(getattr(self, name).person_id)

    def words(self, *ratings: Rating, strengths: str = "She listens.", next_steps: str = "") -> Words:
        """What Sue might say: as agreed, unless ratings are given."""
        chosen = ratings or (Rating.FULLY, Rating.PARTLY)
        by_key = zip([each.id for each in self.agreement.objectives], chosen, strict=False)
        return Words(dict(by_key), strengths, next_steps)


def all_feedback() -> list[Feedback]:
    """Whatever was asked for, the first first."""
    return [*db.session.scalars(select(Feedback).order_by(Feedback.id))]


def address_of(feedback: Feedback) -> str:
    """Where the newest link to give it leads."""
    link = latest_link(WRITE_BY_LINK, feedback.id, feedback.asked_id)
    assert link is not None
    return f"/give-feedback/{token(link)}"
