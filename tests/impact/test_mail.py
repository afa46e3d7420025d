"""The words that organisations and writers of results are sent, and when the reminder falls due."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from placements.core.policy import Principal
from placements.impact import actions, notices
from placements.impact.workflow import ResultState
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.impact.scene import Told

TOKEN = re.compile(r"(?<=/verify-result/)\S+")


@pytest.fixture
def told(session: Any) -> Told:
    return Told(public_id="result-12345")


def to_the_contact(told: Told, notice: Notice, **when: Any) -> str:
    return TOKEN.sub("TOKEN", said(notice, told.result.id, told.contact.person, **when) or "")


def answer(told: Told, *, may_publish: bool) -> None:
    contact = Principal(told.contact.person_id)
    actions.verify(told.result, may_publish=may_publish, seen=1, actor=contact, now=NOW)


def test_whether_it_is_true_is_asked_while_it_is_still_open(told: Told) -> None:
    told.ask()
    check_golden("impact/asked", to_the_contact(told, notices.ASKED))
    check_golden("impact/still_asked", to_the_contact(told, notices.STILL_ASKED))
    assert said(notices.ASKED, told.result.id, told.supervisor.person) is None
    assert said(notices.ASKED, told.result.id, told.contact.person, NOW + 21 * DAY) is None
    answer(told, may_publish=True)
    assert said(notices.ASKED, told.result.id, told.contact.person) is None


def test_the_writer_reads_the_answer(told: Told) -> None:
    writer = told.engagement.person
    told.ask()
    assert said(notices.ANSWERED, told.result.id, writer) is None
    contact = Principal(told.contact.person_id, frozenset({("contact", told.organisation.id)}))
    actions.send_back(told.result, "Canary words.", seen=1, actor=contact, now=NOW)
    mails = [said(notices.ANSWERED, told.result.id, writer)]
    for may_publish in (True, False):
        told.result.state = ResultState.ASKED
        answer(told, may_publish=may_publish)
        mails.append(said(notices.ANSWERED, told.result.id, writer))
    actions.withdraw(told.result, "", actor=contact, now=NOW)
    mails.append(said(notices.ANSWERED, told.result.id, writer))
    check_golden("impact/answered", "\n----\n".join(mail or "nothing" for mail in mails))


def test_thanks_when_it_is_shown(told: Told) -> None:
    told.ask()
    answer(told, may_publish=True)
    assert said(notices.PUBLISHED, told.result.id, told.contact.person) is None
    actions.publish(told.result, actor=told.officer, now=NOW)
    assert told.told("impact.published") == {"contact"}
    check_golden("impact/published", to_the_contact(told, notices.PUBLISHED))


def test_a_week_later_they_are_asked_once_more_and_then_never(told: Told, session: Any) -> None:
    told.ask()
    for days, times in ((6, 0), (7, 1), (14, 1), (40, 1)):
        remind(NOW + days * DAY)
        rows = select(Notification.due_at).where(Notification.notice == "impact.still_asked")
        assert session.scalars(rows).all() == [NOW + 7 * DAY] * times


def test_who_has_answered_is_not_reminded(told: Told) -> None:
    told.ask()
    answer(told, may_publish=False)
    remind(NOW + 7 * DAY)
    assert told.told("impact.still_asked") == set()
