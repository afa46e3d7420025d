"""“I can't come” and its taking back, changes of the plan, and the plan that is made from the Agreement."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.agreements.workflow import AgreementState
from placements.attendance import actions, planning, queries
from placements.attendance.models import PlannedDay, VisitPlan
from placements.attendance.queries import silence
from placements.attendance.workflow import DayState
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.mail.models import Notification
from tests import factories as make
from tests.attendance.scene import LATER, SOON, Scene, scene
from tests.client import counting_queries
from tests.factories import DAY, NOW

IN_TIME = NOW + DAY


@pytest.fixture
def made(session: Any) -> Scene:
    return scene()


def told(name: str) -> list[tuple[int, datetime]]:
    rows = db.session.execute(
        select(Notification.recipient_id, Notification.due_at)
        .where(Notification.notice == name)
        .order_by(Notification.id)
    )
    return [tuple(row) for row in rows]


def days_of(made: Scene) -> list[date]:
    return [line.day.on for line in queries.plan_of(made.placement)]


def test_a_student_who_cannot_come_tells_supervisor_and_tutor_once(made: Scene) -> None:
    who = made.who("student")
    assert actions.cancel(made.soon, "~why~", actor=who, now=NOW)
    assert not actions.cancel(made.soon, "again", actor=who, now=IN_TIME)
    both = sorted([(made.supervisor.id, NOW), (made.tutor.person_id, NOW)])
    assert sorted(told("attendance.cannot_come")) == both
    assert (made.soon.state, made.soon.why, made.soon.told_at) == (DayState.CANCELLED, "~why~", NOW)
    assert [line.is_expected for line in queries.plan_of(made.placement)] == [False, True]


def test_a_supervisor_who_is_not_there_tells_student_and_tutor_and_gives_no_reason(made: Scene) -> None:
    actions.cancel(made.soon, "ignored", actor=made.who("supervisor"), now=NOW)
    assert sorted(told("attendance.cannot_come")) == sorted(
        [(made.student.person_id, NOW), (made.tutor.person_id, NOW)]
    )
    assert made.soon.why == ""


def test_it_is_taken_back_until_the_day_begins_by_whoever_said_so(made: Scene) -> None:
    student = made.who("student")
    actions.cancel(made.soon, "~why~", actor=student, now=NOW)
    actions.cancel(made.later, actor=student, now=NOW)
    with pytest.raises(NotAllowed):
        actions.restore(made.soon, actor=made.who("supervisor"), now=NOW)
    assert actions.restore(made.soon, actor=student, now=IN_TIME)
    assert not actions.restore(made.soon, actor=student, now=IN_TIME)
    assert sorted(told("attendance.can_come")) == sorted(
        [(made.supervisor.id, IN_TIME), (made.tutor.person_id, IN_TIME)]
    )
    assert (made.soon.state, made.soon.why, made.soon.cancelled_by_id) == (DayState.PLANNED, "", None)
    midnight = datetime.combine(LATER, time(), NOW.tzinfo)
    with pytest.raises(Refused):
        actions.restore(made.later, actor=student, now=midnight)


def test_nobody_else_may_say_so_and_nobody_of_a_day_that_is_over(made: Scene) -> None:
    with pytest.raises(NotAllowed):
        actions.cancel(made.soon, actor=made.who("tutor"), now=NOW)
    with pytest.raises(Refused):
        actions.cancel(made.soon, actor=made.who("student"), now=NOW + 9 * DAY)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 10, 20), "from tomorrow on"),
        (date(2027, 5, 5), "between Mon 5 Oct 2026 and Fri 30 Apr 2027"),
        (date(2026, 12, 22), "The organisation is closed"),
    ],
)
def test_a_day_that_cannot_be_is_refused_with_the_reason(made: Scene, on: date, words: str) -> None:
    make.host_closure(made.placement.challenge.organisation, date(2026, 12, 21), date(2026, 12, 23))
    with pytest.raises(Refused, match=words):
        actions.add_day(made.placement, on, None, None, actor=made.who("student"), now=NOW)
    with pytest.raises(Refused, match=words):
        actions.move_day(made.soon, on, None, None, actor=made.who("student"), now=NOW)


def test_a_closure_of_the_host_is_shown_and_counts_as_no_silence(made: Scene) -> None:
    organisation = made.placement.challenge.organisation
    closure = actions.close_host(organisation, SOON, SOON, actor=made.who("supervisor"), now=NOW)
    assert [line.closed for line in queries.plan_of(made.placement)] == ["The organisation is closed", ""]
    assert queries.silence({made.placement.id: date(2026, 10, 21)}, NOW + 10 * DAY) == {}
    assert actions.open_host(organisation, closure.public_id, actor=made.who("supervisor"), now=NOW)
    db.session.flush()
    assert queries.silence({made.placement.id: date(2026, 10, 21)}, NOW + 10 * DAY) == {
        made.placement.id: date(2026, 10, 21)
    }


def test_the_worker_plans_the_usual_days_of_the_agreed_weeks_once(made: Scene) -> None:
    make.agreement(made.placement, weeks={date(2026, 10, 26) + n * timedelta(days=7): 180 for n in range(3)})
    assert planning.plan_due(NOW) == 1
    assert days_of(made) == [SOON, LATER, date(2026, 11, 11)]
    assert planning.plan_due(NOW + DAY) == 0


def test_a_new_version_replans_what_is_to_come_and_leaves_the_past_the_cancelled_and_ones_own(made: Scene) -> None:
    first = make.agreement(made.placement, weeks={})
    planning.plan_due(NOW)
    student = made.who("student")
    own = actions.add_day(made.placement, date(2026, 11, 6), time(10), time(12), actor=student, now=NOW)
    actions.cancel(made.later, actor=student, now=NOW)
    first.state = AgreementState.SUPERSEDED
    db.session.flush()
    second = make.agreement(made.placement, number=2, weeks={date(2026, 11, 2): 180})
    made.placement.challenge.days = 0b10000
    assert planning.plan_due(NOW + 10 * DAY) == 1
    past = [date(2026, 10, 7), date(2026, 10, 14), date(2026, 10, 21), SOON]
    assert days_of(made) == [*past, LATER, own.on]
    assert db.session.get_one(VisitPlan, made.placement.id).agreement_id == second.id
    assert db.session.get_one(PlannedDay, made.later.id).state is DayState.CANCELLED


def test_a_challenge_on_any_day_plans_none_and_is_not_asked_again(made: Scene) -> None:
    made.placement.challenge.days = 0
    db.session.delete(made.soon)
    db.session.delete(made.later)
    make.agreement(made.placement)
    assert [planning.plan_due(NOW), planning.plan_due(NOW)] == [1, 0]
    assert days_of(made) == []


def test_a_supervisor_without_an_account_gets_one_link_and_another_when_it_has_run_out(session: Any) -> None:
    made = scene(has_account=False)
    planning.plan_due(NOW)
    planning.plan_due(NOW + DAY)
    assert told("attendance.your_page") == [(made.supervisor.id, NOW)]
    link = db.session.scalars(select(Link).where(Link.purpose == "attendance.by_link")).one()
    assert (link.about_id, link.expires_at) == (made.placement.id, NOW + 60 * DAY)
    planning.send_page_again(link, now=NOW + 61 * DAY)
    planning.send_page_again(link, now=NOW + 61 * DAY)
    assert len(told("attendance.your_page")) == 2


def test_a_supervisor_with_an_account_gets_no_link(made: Scene) -> None:
    planning.plan_due(NOW)
    assert told("attendance.your_page") == []
    assert made.who("student") != Principal(made.supervisor.id)


@pytest.mark.parametrize("many", [1, 3])
def test_silence_asks_as_much_of_one_placement_as_of_three(made: Scene, many: int) -> None:
    challenge = made.placement.challenge
    keys = [make.placement(make.enrolment(), challenge).id for _ in range(many)]
    with counting_queries() as queries:
        found = silence(dict.fromkeys(keys), NOW)
    assert queries.count == 5
    assert found == dict.fromkeys(keys, date(2026, 10, 5))  # usual days: Wednesday 7 October has passed
