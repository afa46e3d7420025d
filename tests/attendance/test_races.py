"""“I can't come” pressed twice at the same moment."""

from functools import partial

from sqlalchemy import select

from placements.attendance import actions
from placements.attendance.models import PlannedDay
from placements.attendance.workflow import DayState
from placements.db import db
from placements.mail.models import Notification
from tests.attendance.scene import Scene, committed, scene
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once


def _press(made: Scene, name: str) -> None:
    actions.cancel(db.session.get_one(PlannedDay, made.soon.id), actor=made.who(name), now=NOW)


def test_two_tabs_tell_two_people_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        made = committed(scene())
    assert at_once(fresh_database, partial(_press, made, "student"), partial(_press, made, "student")) == [None, None]
    with fresh_database.app.app_context():
        rows = db.session.scalars(select(Notification.recipient_id)).all()
        assert sorted(rows) == sorted([made.supervisor.id, made.tutor.person_id])


def test_student_and_supervisor_at_once_leave_one_who_said_so(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        made = committed(scene())
    at_once(fresh_database, partial(_press, made, "student"), partial(_press, made, "supervisor"))
    with fresh_database.app.app_context():
        day = db.session.get_one(PlannedDay, made.soon.id)
        others = {made.student.person_id, made.supervisor.id, made.tutor.person_id} - {day.cancelled_by_id}
        assert day.state is DayState.CANCELLED
        assert set(db.session.scalars(select(Notification.recipient_id))) == others
