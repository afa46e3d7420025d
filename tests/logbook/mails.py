"""What the mails about logbooks say, and when reminders of them fall due."""

import re
from datetime import datetime
from typing import Any

from sqlalchemy import select

from placements.db import db
from placements.logbook.models import Entry
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from placements.people.models import Person
from tests import golden
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, cast, logged


def named_cast() -> Cast:
    """A cast whose names and addresses are always the same."""
    made = cast()
    made.placement.public_id = "placementpub"
    made.placement.challenge.organisation.name = "The food bank"
    for who, address in ((made.student, "amina"), (made.tutor, "tessa"), (made.supervisor, "sam")):
        who.person.email = f"{address}@example.org"
    return made


def said(notice: Notice, about: Any, to: Person, now: datetime = NOW) -> str:
    """The mail that the notice makes for that person, subject first, its token masked; nothing where it is not true."""
    return re.sub(r"/confirm/[\w.-]+", "/confirm/TOKEN", golden.said(notice, about.id, to, now) or "")


def check(notice: Notice, about: Any, to: Person, now: datetime = NOW, name: str = "") -> None:
    check_golden(name or notice.name.replace(".", "/"), said(notice, about, to, now))


def visit(people: Cast, day: int = 0, **given: Any) -> Entry:
    entry = logged(people, day, **given)
    entry.public_id = "entry-public"
    return entry


def reminded(now: datetime, *names: str) -> list[tuple[str, int, datetime]]:
    """What the worker queues at `now`, of these notices, that it had not queued before."""
    before = set(db.session.scalars(select(Notification.id)))
    remind(now)
    rows = db.session.scalars(select(Notification).where(Notification.notice.in_(names)).order_by(Notification.id))
    return [(each.notice, each.recipient_id, each.due_at) for each in rows if each.id not in before]
