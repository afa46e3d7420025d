"""The words that supervisors and students read about hours to confirm, and when supervisors are reminded."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements import worker
from placements.confirming import actions as confirming
from placements.confirming import notices
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.logbook import actions
from placements.logbook.models import Entry, How
from placements.logbook.workflow import EntryState
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.rendering import render
from placements.reading import actions as reading
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, known, logged
from tests.logbook.mails import check, named_cast, reminded, said, visit

MONDAY = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture
def people(session: Any) -> Cast:
    return named_cast()


def asked(now: datetime = MONDAY) -> Link:
    assert confirming.ask_supervisors(now=now) == 1
    return db.session.scalars(select(Link).order_by(Link.id.desc())).first()


def told(people: Cast, notice: str = "confirming.answers") -> list[tuple[int, datetime]]:
    found = select(Notification).where(Notification.notice == notice).order_by(Notification.id)
    student = people.student.person_id
    return [(each.about_id, each.due_at) for each in db.session.scalars(found) if each.recipient_id == student]


FIVE = datetime(2026, 10, 20, 16, 0, tzinfo=UTC)  # on that Tuesday, in summer time


def test_what_the_student_reads_once_a_day_and_that_no_mail_carries_what_was_asked(people: Cast) -> None:
    entries = [visit(people, reflection="SECRET"), logged(people, 1), logged(people, 2, 2), logged(people, 3, 1)]
    by = {"how": How.LINK, "actor": known(people)["supervisor"]}
    seen = {each.id: 1 for each in entries[:3]}
    confirming.answer(seen, {entries[0].id: "SECRET"}, **by, now=NOW)
    reading.decide(entries[3], False, "SECRET", actor=known(people)["tutor"], now=FIVE)
    day = date(2026, 10, 20).toordinal()
    assert told(people) == [(day, FIVE)]
    context = notices.ANSWERED.context(day, people.student.person, FIVE)
    mail = render([Said(notices.ANSWERED, context)], people.student.person)
    assert "SECRET" not in mail.html
    check_golden("confirming/answers", f"{mail.subject}\n\n{mail.text}")


def test_what_is_answered_after_five_is_said_tomorrow_and_what_changed_again_is_not_said(people: Cast) -> None:
    entry, who = visit(people), known(people)
    late = FIVE + timedelta(minutes=1)
    confirming.answer({entry.id: 1}, {entry.id: "Why?"}, how=How.LINK, actor=who["supervisor"], now=late)
    day = date(2026, 10, 21).toordinal()
    assert told(people) == [(day, FIVE + timedelta(days=1))]
    student = people.student.person
    assert notices.ANSWERED.context(day, student, FIVE + WEEK)
    assert notices.ANSWERED.context(day, people.tutor.person, FIVE + WEEK) is None
    words = {"mode": entry.mode, "activity": entry.activity}
    actions.edit(entry, entry.visit, **words, actor=who["student"], now=late)
    assert notices.ANSWERED.context(day, student, FIVE + WEEK) is None


def test_what_is_no_longer_true_is_not_said(people: Cast) -> None:
    entry, who = visit(people), known(people)
    link = asked()
    supervisor = people.supervisor.person
    confirming.answer({entry.id: 1}, {entry.id: "Why?"}, how=How.LINK, actor=who["supervisor"], now=NOW)
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, MONDAY) == ""
    words = {"mode": entry.mode, "activity": entry.activity}
    actions.edit(entry, entry.visit, **words, actor=who["student"], now=NOW)
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, MONDAY) != ""
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, link.expires_at) == ""


def test_what_a_supervisor_reads(people: Cast) -> None:
    visit(people)
    logged(people, 1, 2)
    link = asked()
    check(notices.WEEK_TO_CONFIRM, link, people.supervisor.person, MONDAY)
    check(notices.CONFIRMATION_OUTSTANDING, link, people.supervisor.person, MONDAY + WEEK)


def test_a_supervisor_of_several_reads_each_name(people: Cast) -> None:
    other = make.enrolment(people.placement.enrolment.group, make.person(given_name="Bo", family_name="Li"))
    visit(people)
    make.entry(make.placement(other, people.placement.challenge))
    check(
        notices.WEEK_TO_CONFIRM,
        asked(),
        people.supervisor.person,
        MONDAY,
        name="confirming/week_to_confirm_for_several",
    )


def test_an_unanswered_link_is_spoken_of_after_seven_days_and_where_some_is_answered_after_fourteen(
    people: Cast,
) -> None:
    name, supervisor = "confirming.confirmation_outstanding", people.supervisor.person_id
    visit(people)
    other = logged(people, 1)
    asked()
    assert reminded(MONDAY + WEEK - HOUR, name) == []
    assert reminded(MONDAY + WEEK, name) == [(name, supervisor, MONDAY + WEEK)]
    assert reminded(MONDAY + WEEK + HOUR, name) == []
    confirming.answer({other.id: 1}, {}, how=How.LINK, actor=Principal(supervisor), now=MONDAY + WEEK + HOUR)
    assert reminded(MONDAY + 2 * WEEK, name) == [(name, supervisor, MONDAY + 2 * WEEK)]
    assert reminded(MONDAY + 4 * WEEK, name) == []


def test_an_answered_link_or_one_with_a_successor_is_not_spoken_of(people: Cast) -> None:
    name = "confirming.confirmation_outstanding"
    entry = visit(people)
    asked()
    logged(people, 1, now=MONDAY + HOUR)
    asked(MONDAY + WEEK)
    assert reminded(MONDAY + WEEK + HOUR, name) == []
    for each in db.session.scalars(select(Entry)).all():
        seen = {each.id: each.version}
        confirming.answer(seen, {}, how=How.LINK, actor=Principal(people.supervisor.person_id), now=NOW)
    assert reminded(MONDAY + 3 * WEEK, name) == []
    assert entry.state is EntryState.CONFIRMED


def test_a_supervisor_who_has_not_answered_gets_one_mail_on_a_monday(
    people: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(people)
    asked()
    logged(people, 1, now=MONDAY + HOUR)
    db.session.commit()
    monkeypatch.setattr(worker, "story_now", lambda: MONDAY + WEEK)
    worker.remind_people()
    told = select(Notification.notice, Notification.due_at).where(
        Notification.recipient_id == people.supervisor.person_id
    )
    assert db.session.execute(told.order_by(Notification.id)).all() == [
        ("confirming.week_to_confirm", MONDAY),
        ("confirming.week_to_confirm", MONDAY + WEEK),
    ]


def test_a_reminder_speaks_only_of_what_was_asked_for(people: Cast) -> None:
    entry = visit(people)
    link, supervisor = asked(), people.supervisor.person
    make.entry(people.placement, on=date(2026, 10, 27), submitted_at=MONDAY + HOUR)
    before = said(notices.CONFIRMATION_OUTSTANDING, link, supervisor, MONDAY + WEEK)
    assert "Amina Rahman: 3 hours, 1 visit" in before
    confirming.answer({entry.id: 1}, {}, how=How.LINK, actor=known(people)["supervisor"], now=NOW)
    assert said(notices.CONFIRMATION_OUTSTANDING, link, supervisor, MONDAY + WEEK) == ""
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, MONDAY + WEEK) != ""
