"""The words that logbooks send, when reminders fall due, and what is no longer said."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements import worker
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.logbook import actions, confirming, notices
from placements.logbook.models import Entry, EntryComment, How, LedgerEvent
from placements.logbook.workflow import EntryState
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.mail.notices import Notice
from placements.mail.rendering import render
from placements.people.models import Person
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden
from tests.logbook.cast import Cast, cast, known, logged

MONDAY = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture
def people(session: Any) -> Cast:
    made = cast()
    made.placement.public_id = "placementpub"
    made.placement.challenge.organisation.name = "The food bank"
    for who, address in ((made.student, "amina"), (made.tutor, "tessa"), (made.supervisor, "sam")):
        who.person.email = f"{address}@example.org"
    return made


def said(notice: Notice, about: Any, to: Person, now: datetime = NOW) -> str:
    """The mail that the notice makes for that person, subject first, its token masked; nothing where it is not true."""
    context = notice.context(about.id, to, now)
    if context is None:
        return ""
    mail = render([(notice, context)], to)
    return re.sub(r"/confirm/[\w.-]+", "/confirm/TOKEN", f"{mail.subject}\n\n{mail.text}")


def check(notice: Notice, about: Any, to: Person, now: datetime = NOW, name: str = "") -> None:
    check_golden(name or notice.name.replace(".", "/"), said(notice, about, to, now))


def visit(people: Cast, day: int = 0, **given: Any) -> Entry:
    entry = logged(people, day, **given)
    entry.public_id = "entry-public"
    return entry


def asked(now: datetime = MONDAY) -> Link:
    assert confirming.ask_supervisors(now=now) == 1
    return db.session.scalars(select(Link).order_by(Link.id.desc())).first()


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
        notices.WEEK_TO_CONFIRM, asked(), people.supervisor.person, MONDAY, name="logbook/week_to_confirm_for_several"
    )


def test_what_the_student_reads(people: Cast) -> None:
    entry, who = visit(people), known(people)
    confirming.answer({entry.id: 1}, {entry.id: "Why?"}, how=How.LINK, actor=who["supervisor"], now=NOW)
    line = db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()
    check(notices.QUERIED, line, people.student.person)
    actions.comment(entry, "Go on.", actor=who["tutor"], now=NOW)
    comment = db.session.scalars(select(EntryComment)).one()
    check(notices.COMMENT, comment, people.student.person)
    check(notices.SILENT, people.placement, people.student.person, NOW + 8 * timedelta(days=1))


def test_what_the_tutor_reads(people: Cast) -> None:
    entry = visit(people)
    actions.comment(entry, "Is this right?", actor=known(people)["student"], now=NOW)
    comment = db.session.scalars(select(EntryComment)).one()
    check(notices.COMMENT, comment, people.tutor.person, name="logbook/comment_of_a_student")
    check(notices.SILENT_STUDENT, people.placement, people.tutor.person, NOW + 8 * timedelta(days=1))
    people.placement.agreed_at = None
    check(notices.NOT_COUNTED, entry, people.tutor.person)


def test_no_mail_carries_what_was_asked_said_or_given(people: Cast) -> None:
    entry, who = visit(people, reflection="SECRET"), known(people)
    confirming.answer({entry.id: 1}, {entry.id: "SECRET"}, how=How.LINK, actor=who["supervisor"], now=NOW)
    actions.comment(entry, "SECRET", actor=who["tutor"], now=NOW)
    rows = db.session.scalars(select(Notification)).all()
    assert {row.notice for row in rows} == {"logbook.queried", "logbook.comment"}
    known_notices = {notice.name: notice for notice in notices.NOTICES}
    for row in rows:
        context = known_notices[row.notice].context(row.about_id, people.student.person, NOW)
        assert context is not None
        assert "SECRET" not in render([(known_notices[row.notice], context)], people.student.person).html


def test_what_is_no_longer_true_is_not_said(people: Cast) -> None:
    entry, who = visit(people), known(people)
    link = asked()
    supervisor, student = people.supervisor.person, people.student.person
    confirming.answer({entry.id: 1}, {entry.id: "Why?"}, how=How.LINK, actor=who["supervisor"], now=NOW)
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, MONDAY) == ""
    line = db.session.scalars(select(LedgerEvent).order_by(LedgerEvent.id.desc())).first()
    words = {"mode": entry.mode, "activity": entry.activity}
    actions.edit(entry, entry.visit, **words, actor=who["student"], now=NOW)
    assert said(notices.QUERIED, line, student) == ""
    assert said(notices.NOT_COUNTED, entry, people.tutor.person) == ""
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, MONDAY) != ""
    assert said(notices.WEEK_TO_CONFIRM, link, supervisor, link.expires_at) == ""
    assert said(notices.SILENT, people.placement, student) == ""
    people.placement.state = PlacementState.PAUSED
    assert said(notices.SILENT, people.placement, student, NOW + 4 * WEEK) == ""


def reminded(now: datetime, *names: str) -> list[tuple[str, int, datetime]]:
    """What the worker queues at `now`, of these notices, that it had not queued before."""
    before = set(db.session.scalars(select(Notification.id)))
    remind(now)
    rows = db.session.scalars(select(Notification).where(Notification.notice.in_(names)).order_by(Notification.id))
    return [(each.notice, each.recipient_id, each.due_at) for each in rows if each.id not in before]


SILENCE = ("logbook.silent", "logbook.silent_student")


def test_silence_is_spoken_of_after_seven_days_to_the_student_and_after_fourteen_to_the_tutor_too(
    people: Cast,
) -> None:
    student, tutor = people.student.person_id, people.tutor.person_id
    make.entry(people.placement, on=date(2026, 10, 12))
    make.entry(people.placement, on=date(2026, 10, 16), state=EntryState.DRAFT)
    assert reminded(NOW - HOUR, *SILENCE) == []
    assert reminded(NOW, *SILENCE) == [("logbook.silent", student, NOW)]
    assert reminded(NOW + HOUR, *SILENCE) == []
    fortnight = datetime(2026, 10, 27, 9, 0, tzinfo=UTC)  # 9am again, on winter time
    assert reminded(fortnight - HOUR, *SILENCE) == []
    assert reminded(fortnight, *SILENCE) == [
        ("logbook.silent", student, fortnight),
        ("logbook.silent_student", tutor, fortnight),
    ]
    assert reminded(fortnight + 2 * WEEK, *SILENCE) == []


def test_whoever_comes_once_a_week_is_not_asked_on_the_morning_of_their_day(people: Cast) -> None:
    make.entry(people.placement, on=date(2026, 10, 13))
    assert reminded(NOW, *SILENCE) == []


def test_silence_is_counted_from_the_start_where_nothing_is_logged(people: Cast) -> None:
    people.placement.starts_on = date(2026, 10, 11)  # nine days ago; the worker slept through yesterday
    assert reminded(NOW, *SILENCE) == [("logbook.silent", people.student.person_id, NOW - timedelta(days=1))]


@pytest.mark.parametrize("state", [each for each in PlacementState if each is not PlacementState.ACTIVE])
def test_silence_means_nothing_unless_the_placement_is_active(people: Cast, state: PlacementState) -> None:
    people.placement.state, people.placement.starts_on = state, date(2026, 10, 12)
    assert reminded(NOW, *SILENCE) == []


def test_an_unanswered_link_is_spoken_of_after_seven_days_and_again_after_fourteen(people: Cast) -> None:
    name, supervisor = "logbook.confirmation_outstanding", people.supervisor.person_id
    visit(people)
    asked()
    assert reminded(MONDAY + WEEK - HOUR, name) == []
    assert reminded(MONDAY + WEEK, name) == [(name, supervisor, MONDAY + WEEK)]
    assert reminded(MONDAY + WEEK + HOUR, name) == []
    assert reminded(MONDAY + 2 * WEEK, name) == [(name, supervisor, MONDAY + 2 * WEEK)]
    assert reminded(MONDAY + 4 * WEEK, name) == []


def test_an_answered_link_or_one_with_a_successor_is_not_spoken_of(people: Cast) -> None:
    name = "logbook.confirmation_outstanding"
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
        ("logbook.week_to_confirm", MONDAY),
        ("logbook.week_to_confirm", MONDAY + WEEK),
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


def test_where_nobody_is_the_tutor_the_module_leader_hears_of_hours_that_do_not_count(people: Cast) -> None:
    people.placement.tutor, people.placement.agreed_at = None, None
    logged(people)
    told = [(each.notice, each.recipient_id) for each in db.session.scalars(select(Notification))]
    assert told == [("logbook.not_counted", people.leader.person_id)]
