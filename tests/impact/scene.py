"""The food bank of tests/placing/scene.py, with what is told of its challenge as far along as a test needs it."""

from typing import Any

from placements.core.policy import Principal
from placements.impact import actions
from placements.impact.models import Result
from placements.impact.queries import VERIFY_BY_LINK
from placements.impact.rules import Words
from placements.links.actions import latest_link, token
from placements.placing.workflow import PlacementState
from tests.factories import NOW
from tests.impact.results import result
from tests.placing.scene import Scene

WORDS = Words(
    "One stock list instead of nine notebooks", "Volunteers keep one list on a phone.", 340, "We stopped guessing."
)


class Told(Scene):
    """Ada works at the food bank; Eno of the engagement team has written what came of it."""

    def __init__(self, **said: Any) -> None:
        super().__init__(state=PlacementState.ACTIVE)
        words = {"headline": WORDS.headline, "story": WORDS.story, "people_reached": 340, "quote": WORDS.quote}
        self.result = result(self.challenge, self.engagement.person, **{**words, **said})

    @property
    def officer(self) -> Principal:
        """Eno, without roles: for actions."""
        return Principal(self.engagement.person_id)

    @property
    def page(self) -> str:
        """The result's address for those who work on it."""
        return f"/impact/{self.result.public_id}"

    def ask(self, **said: Any) -> str:
        """Ask the organisation; where the newest link leads."""
        actions.ask(self.result, **{"actor": self.officer, "now": NOW, **said})
        return address_of(self.result)


def address_of(result: Result) -> str:
    """Where the newest link to verify leads."""
    assert result.asked_id is not None
    link = latest_link(VERIFY_BY_LINK, result.id, result.asked_id)
    assert link is not None
    return f"/verify-result/{token(link)}"
