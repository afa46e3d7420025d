"""Messages to many, believable."""

from datetime import datetime
from typing import Any

from placements.bulletins.models import Bulletin, BulletinRecipient
from placements.bulletins.rules import Audience
from placements.bulletins.workflow import BulletinState
from placements.people.models import Person
from tests.factories.base import DAY, NOW, add, number


def bulletin(**said: Any) -> Bulletin:
    """To students, to be sent tomorrow, unless said otherwise."""
    said = {
        "form_key": f"bulletin-{next(number)}",
        "audience": Audience.STUDENTS,
        "filters": {},
        "subject": "Where to meet on Wednesday",
        "words": "We meet in room 4.",
        "state": BulletinState.SCHEDULED,
        "send_at": NOW + DAY,
        "created_at": NOW,
        **said,
    }
    return add(Bulletin(**said))


def bulletin_recipient(of: Bulletin, who: Person, told_at: datetime | None = None, **said: Any) -> BulletinRecipient:
    """Somebody whom it goes to, not told yet unless it is said when."""
    return add(BulletinRecipient(bulletin=of, person=who, told_at=told_at, **said))
