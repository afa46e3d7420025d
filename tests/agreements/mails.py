"""The mails of an Agreement as they are kept and compared, and whom reminders are due to."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from placements.db import db
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from tests import golden
from tests.factories import NOW
from tests.golden import check_golden
from tests.placing.scene import Scene

PARTIES = ("student", "supervisor", "tutor")
SECOND = timedelta(seconds=1)
PUBLIC_ID = re.compile(r"(?<=/)[\w-]{12}(?=[/\s])")
TOKEN = re.compile(r"(?<=/(?:sign|read)-agreement/)\S+")


def said(scene: Scene, notice: Notice, about: Any, to: str, now: datetime = NOW) -> str | None:
    """The mail that the notice makes for somebody of the scene, subject first; None where it is not true."""
    mail = golden.said(notice, about.id, getattr(scene, to).person, now)
    if mail is None:
        return None
    text = TOKEN.sub("TOKEN", mail)
    return PUBLIC_ID.sub(lambda found: found[0] if found[0] == "placement-pu" else "agreement-pu", text)


def compare(scene: Scene, notice: Notice, about: Any, to: tuple[str, ...] = PARTIES) -> None:
    mails = [f"To the {name}\n\n{said(scene, notice, about, name)}" for name in to]
    check_golden(notice.name.replace(".", "/"), "\n----\n".join(mails))


def reminded(notice: str, now: datetime) -> set[tuple[int, datetime]]:
    """Whom the notice has been queued for by `now`, and when it was due."""
    remind(now)
    rows = select(Notification.recipient_id, Notification.due_at).where(Notification.notice == notice)
    return {(key, due_at) for key, due_at in db.session.execute(rows)}
