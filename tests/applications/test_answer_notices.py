"""The mails about “not suitable”, word for word; whom the digest reaches, when, and that it comes once a day."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.applications import notices
from placements.applications.models import HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.cohorts.models import ModuleRun, RunRole
from placements.core.clock import in_london, today
from placements.db import db
from placements.mail.models import Notification
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.reminders import reminded

NINE = NOW  # Tuesday 20 October 2026, 9am in London


class Waiting:
    """Lea leads a run; Con of an organisation has said “not suitable” of an applicant of it."""

    def __init__(self) -> None:
        self.run: ModuleRun = make.run(code="WL6W50")
        self.group = make.group(self.run)
        self.lea: Person = make.person(given_name="Lea", family_name="Leader")
        make.run_role(RunRole.LEADER, self.lea, self.run)
        self.organisation = make.organisation(name="Holloway Fixers")
        self.con: Person = make.person(given_name="Con", family_name="Tact")
        make.contact(self.organisation, self.con)
        self.challenge = make.challenge(self.organisation, title="A repair café")
        self.answer = self.asked(NINE - timedelta(hours=5))

    def asked(self, since: datetime) -> HostAnswer:
        application = make.application(make.enrolment(self.group), [self.challenge])
        found = db.session.scalars(select(HostAnswer).filter_by(application_id=application.id)).one()
        found.state, found.reason, found.sentence = AnswerState.NOT_SUITABLE, Unsuitable.CHECK, "CANARY"
        found.answered_by, found.answered_at, found.undecided_since = self.con, since, since
        db.session.flush()
        return found


@pytest.fixture
def waiting(session: Any) -> Waiting:
    return Waiting()


def queued(now: datetime) -> list[tuple[int, int, datetime]]:
    return reminded("applications.undecided", now)


def test_the_digest_says_how_many_wait(app: Flask, waiting: Waiting) -> None:
    waiting.asked(NINE)
    with app.test_request_context():
        text = said(notices.UNDECIDED, waiting.run.id, waiting.lea) or ""
    check_golden("applications/undecided", text)
    assert "CANARY" not in text


def test_whoever_said_not_suitable_hears_that_the_module_leader_disagreed(app: Flask, waiting: Waiting) -> None:
    waiting.answer.state = AnswerState.DISAGREED
    waiting.answer.public_id = "an-answer-01"
    with app.test_request_context():
        text = said(notices.DISAGREED, waiting.answer.id, waiting.con) or ""
    check_golden("applications/disagreed", text)
    assert "CANARY" not in text


@pytest.mark.parametrize("why", ["agreed after all", "it has left", "published", "not the writer", "gone"])
def test_it_is_not_written_to_whom_it_does_not_concern_any_more(app: Flask, waiting: Waiting, why: str) -> None:
    waiting.answer.state = AnswerState.DISAGREED
    recipient, key = waiting.con, waiting.answer.id
    if why == "agreed after all":
        waiting.answer.state = AnswerState.AGREED
    elif why == "it has left":
        waiting.organisation.contacts[0].left_on = NOW.date()
    elif why == "published":
        waiting.answer.application.decided_at = NOW
    elif why == "not the writer":
        recipient = make.contact(waiting.organisation).person
    else:
        db.session.delete(waiting.answer)
    db.session.flush()
    with app.test_request_context():
        assert said(notices.DISAGREED, key, recipient) is None


def test_one_mail_a_leader_run_and_day_at_nine_on_the_day_after(waiting: Waiting) -> None:
    waiting.asked(NINE - timedelta(minutes=1))
    first = (waiting.run.id, waiting.lea.id, NINE)
    assert queued(NINE - timedelta(minutes=2)) == []
    assert queued(NINE) == queued(NINE + timedelta(hours=20)) == [first]
    waiting.asked(NINE + timedelta(minutes=1))
    assert queued(NINE + DAY) == [first, (waiting.run.id, waiting.lea.id, NINE + DAY)]
    assert len(queued(NINE + 2 * DAY)) == 2  # nothing new has come


def test_a_worker_that_was_down_catches_up_for_a_week_across_the_end_of_summer_time(waiting: Waiting) -> None:
    nine = in_london(today(NOW + 6 * DAY), time(9))
    waiting.answer.undecided_since = nine - timedelta(hours=1)
    db.session.flush()
    due = (waiting.run.id, waiting.lea.id, nine)
    assert queued(nine + 6 * DAY) == [due]
    db.session.query(Notification).delete()
    assert queued(nine + 9 * DAY) == []


@pytest.mark.parametrize(
    ("steps", "days", "told"),
    [((1, 3), 0, [0]), ((1, 3), 1, [0]), ((1, 3), 2, [2]), ((3,), 1, []), ((0, -2), 3, []), ((1, 30), 33, [29])],
)
def test_a_run_may_say_it_on_days_of_its_own_and_each_only_once(
    waiting: Waiting, steps: tuple[int, ...], days: int, told: list[int]
) -> None:
    [timed] = [each for each in notices.REMINDERS if each.notice is notices.UNDECIDED]
    rows = db.session.execute(timed.due(in_london(today(NINE) + days * DAY, time(9)), steps)).all()
    due = [in_london(today(NINE) + day * DAY, time(9)) for day in told]
    assert [tuple(row) for row in rows] == [(waiting.run.id, waiting.lea.id, at, waiting.run.id, None) for at in due]


@pytest.mark.parametrize("why", ["agreed", "keen", "staged", "published", "an interest", "a contact", "leads another"])
def test_nobody_is_reminded_of_what_is_not_theirs_to_decide_now(app: Flask, waiting: Waiting, why: str) -> None:
    application = waiting.answer.application
    if why in ("agreed", "keen"):
        waiting.answer.state = AnswerState(why)
    elif why == "staged":
        application.answers_closed_at = NOW
    elif why == "published":
        application.decided_at = NOW
    elif why == "an interest":
        make.interest(waiting.organisation, waiting.lea)
    elif why == "a contact":
        make.contact(waiting.organisation, waiting.lea)
    else:
        application.enrolment.run = make.run()
    db.session.flush()
    assert queued(NINE) == []
    with app.test_request_context():
        assert said(notices.UNDECIDED, waiting.run.id, waiting.lea) is None


def test_each_leader_without_a_side_is_reminded(waiting: Waiting) -> None:
    other = make.person()
    make.run_role(RunRole.LEADER, other, waiting.run)
    make.interest(waiting.organisation, waiting.lea)
    make.run_role(RunRole.TUTOR, make.person(), waiting.run)
    assert queued(NINE) == [(waiting.run.id, other.id, NINE)]
