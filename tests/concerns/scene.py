"""The food bank of tests/placing/scene.py with everybody who can look after a concern, and a way to tell one."""

from typing import Any

from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.concerns import actions
from placements.concerns.models import Concern
from placements.concerns.queries import REPORT_BY_LINK
from placements.concerns.rules import About, Kind, Report, Severity
from placements.core.policy import Principal
from placements.db import db
from placements.links.actions import latest_link, token
from placements.placing.workflow import PlacementState
from tests.factories import NOW
from tests.factories.base import number as make_number
from tests.placing.scene import Scene

WORDS = "~told~ twice this month nobody was there"


class Concerned(Scene):
    """Sage leads safeguarding; the placement goes on."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**{"state": PlacementState.ACTIVE, **said})
        self.safeguarding = self._somebody("Sage", "Guard", GlobalRole.SAFEGUARDING)
        self.administrator = self._somebody("Adi", "Admin", GlobalRole.ADMINISTRATOR)

    def tell(self, by: str = "student", **said: Any) -> Concern:
        """Somebody tells a concern: about hours and nobody in particular, unless `said`."""
        said = {
            "kind": Kind.HOURS,
            "severity": Severity.SOON,
            "about": About.NOBODY,
            "about_id": None,
            "words": WORDS,
            **said,
        }
        when = said.pop("now", NOW)
        key = f"told-{next(make_number)}"
        return actions.report(self.placement, Report(**said), key, actor=self.as_(by), now=when)

    def as_(self, name: str) -> Principal:
        """Somebody, without their roles."""
        return Principal(getattr(self, name).person_id)

    def owned(self, by: str = "tutor", **said: Any) -> Concern:
        """One that somebody has taken on."""
        told = self.tell(**said)
        actions.own(told, actor=self.as_(by), now=NOW)
        return told

    def link(self) -> str:
        """The supervisor asks for a link; its address."""
        actions.ask_link("sue@example.org", now=NOW)
        found = latest_link(REPORT_BY_LINK, self.supervisor.person_id, self.supervisor.person_id)
        assert found is not None
        return f"/tell-us/{token(found)}"


def only() -> Concern:
    """The one concern that there is."""
    return db.session.scalars(select(Concern)).one()
