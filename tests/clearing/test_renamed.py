"""What was called after offers in queued and sent mail is called after clearing, so that no reminder is said again."""

import flask_migrate
from sqlalchemy import select

from placements.config import ROOT
from placements.db import db
from placements.mail.models import Notification
from placements.mail.notices import Pace
from tests import factories as make
from tests.databases import Copy
from tests.factories import NOW

MIGRATIONS = ROOT / "migrations"
FOUND = ["clearing.asked", "clearing.date_near", "offers.made", "offers.your_clearing_list"]


def names() -> list[str]:
    found = sorted(db.session.scalars(select(Notification.notice)))
    db.session.rollback()
    return found


def test_notices_are_renamed_there_and_back(fresh_database: Copy) -> None:
    [path] = (MIGRATIONS / "versions").glob("*_clearing.py")
    revision = path.name[:4]
    with fresh_database.app.app_context():
        recipient = make.person().id
        rows = [
            Notification(notice=name, about_id=1, recipient_id=recipient, pace=Pace.DAILY, due_at=NOW) for name in FOUND
        ]
        db.session.add_all(rows)
        db.session.commit()
        flask_migrate.downgrade(str(MIGRATIONS), f"{int(revision) - 1:04}")
        assert names() == ["offers.asked", "offers.date_near", "offers.made", "offers.your_clearing_list"]
        flask_migrate.upgrade(str(MIGRATIONS), revision)
        assert names() == FOUND
