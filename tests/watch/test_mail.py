"""The one mail about warnings: to visa officers, once a day, that something waits; and never of whom."""

from datetime import date
from typing import Any

from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.watch import notices
from placements.watch.actions import act, keep
from placements.watch.looking import look
from placements.watch.models import EarlyWarning
from placements.watch.rules import Act, Kind
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.watch.making import placed

SEVEN, TEN = NOW + 3 * DAY, NOW + 8 * DAY  # working days after Wednesday 14 October: a Friday, a Wednesday


def told() -> list[int]:
    rows = select(Notification.recipient_id).where(Notification.notice == notices.ATTENDANCE.name)
    return list(db.session.scalars(rows.order_by(Notification.id)))


def test_visa_officers_are_told_when_it_comes_up_and_when_it_is_to_be_reported(session: Any) -> None:
    officer = make.account(None, GlobalRole.VISA_OFFICER).person
    placed(visits=[date(2026, 10, 7)], enrolled={"is_visa_sponsored": True})
    told_by = []
    for now in (NOW, SEVEN, SEVEN, SEVEN + DAY, TEN, TEN + DAY):
        keep(look(now), now=now)
        told_by.append(len(told()))
    assert told_by == [0, 1, 1, 1, 2, 2]
    assert set(told()) == {officer.id}


def test_the_mail_says_that_something_waits_as_long_as_it_does(session: Any) -> None:
    officer = make.account(make.person(given_name="Vi"), GlobalRole.VISA_OFFICER).person
    placed(visits=[date(2026, 10, 7)], enrolled={"is_visa_sponsored": True})
    mails = []
    for now in (SEVEN, TEN):
        keep(look(now), now=now)
        mails.append(said(notices.ATTENDANCE, 0, officer, now) or "nothing")
    check_golden("watch/attendance", "\n----\n".join(mails))
    warning = db.session.scalars(select(EarlyWarning).where(EarlyWarning.kind == Kind.ATTENDANCE)).one()
    again_on = date(2026, 11, 5)
    act(warning, Act.REPORTED, "Done.", again_on, form_key="x", actor=Principal(officer.id), now=TEN)
    assert said(notices.ATTENDANCE, 0, officer, TEN) is None


def test_nobody_else_is_told(session: Any) -> None:
    keep(look(NOW), now=NOW)
    assert said(notices.ATTENDANCE, 0, make.person(), NOW) is None
