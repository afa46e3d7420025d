"""The food bank of tests/placing/scene.py after Ada's last day: her hours confirmed, her placement completed."""

from datetime import date
from typing import Any

from placements.closing.making import close_due
from placements.closing.models import Closing
from placements.closing.queries import BY_LINK
from placements.core.policy import Principal
from placements.db import db
from placements.links.actions import latest_link, token
from placements.links.models import Link
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.placing.scene import Scene

LAST_DAY = date(2026, 10, 9)
OVER = {
    "state": PlacementState.COMPLETED,
    "starts_on": date(2026, 6, 1),
    "ends_on": LAST_DAY,
    "ended_on": LAST_DAY,
}


class Ended(Scene):
    """Ada worked 3.5 hours; the last day was Friday 9 October 2026, eleven days ago."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**{**OVER, **said})
        make.agreement(self.placement, weeks={}, objectives=("Count the stock in an hour.", "Leave a guide."))
        make.entry(self.placement, state=EntryState.CONFIRMED, on=date(2026, 10, 7))

    def another(self, **said: Any) -> Any:
        """Somebody else's placement on the same challenge."""
        return make.placement(make.enrolment(self.group), self.challenge, **{**OVER, **said})


def closed(scene: Ended, now: Any) -> Closing:
    """The end of the year, as the worker makes it."""
    db.session.commit()
    assert close_due(now) == 1
    closing = db.session.query(Closing).one()
    assert closing.organisation_id == scene.organisation.id
    return closing


def link_of_mail(closing: Closing) -> Link:
    """What the mail lets its reader do."""
    link = latest_link(BY_LINK, closing.id, closing.asked_id or 0)
    assert link is not None
    return link


def address_of(closing: Closing) -> str:
    """Where the mail's link leads."""
    return f"/thank-you/{token(link_of_mail(closing))}"


def contact_of(scene: Ended) -> Principal:
    """The main contact, for actions."""
    return Principal(scene.contact.person_id, frozenset({("contact", scene.organisation.id)}))
