"""When choosing has closed: who chose nothing hears what happens next, and their tutor whom it concerns."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from placements.applications.workflow import ApplicationState
from placements.clearing import notices
from placements.cohorts.models import Enrolment, ModuleRun, RunRole, TimeslotGroup, TutorCover
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.db import db
from placements.offers.workflow import OfferState
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.reminders import reminded

HOUR = timedelta(hours=1)


class Left:
    """A run whose choosing closed an hour ago; its group has a tutor, and one student who chose nothing."""

    def __init__(self) -> None:
        self.run: ModuleRun = make.run(period="YEAR", ranking_closes_at=NOW - HOUR)
        self.leader: Person = make.run_role(RunRole.LEADER, make.person(), self.run).person
        self.tutor: Person = make.person(given_name="Tom", family_name="Tutor", email="tom@example.org")
        self.group: TimeslotGroup = make.group(self.run, self.tutor)
        ada = make.person(given_name="Ada", family_name="Okoro", email="ada@example.org")
        self.ada: Enrolment = make.enrolment(self.group, ada)


@pytest.fixture
def left(session: Any) -> Left:
    return Left()


def told(notice: str, now: datetime = NOW) -> list[tuple[int, int, datetime]]:
    return reminded(notice, now)


STUDENT, STAFF = "clearing.nothing_chosen", "clearing.students_left_out"


def test_what_student_and_tutor_read(left: Left) -> None:
    bo = make.enrolment(left.group, make.person(given_name="Bo", family_name="Abara", email="bo@example.org"))
    check_golden("clearing/nothing_chosen", said(notices.NOTHING_CHOSEN, left.ada.id, left.ada.person) or "")
    check_golden("clearing/students_left_out", said(notices.STUDENTS_LEFT_OUT, left.run.id, left.tutor) or "")
    assert said(notices.STUDENTS_LEFT_OUT, left.run.id, left.leader) is None
    bo.state = left.ada.state = EnrolmentState.PLACED
    db.session.flush()
    assert said(notices.STUDENTS_LEFT_OUT, left.run.id, left.tutor) is None


def test_it_is_said_once_when_choosing_closes_to_the_student_and_once_to_the_tutor_of_all(left: Left) -> None:
    closed = left.run.ranking_closes_at
    other = make.enrolment(left.group)
    assert told(STUDENT, closed - timedelta(seconds=1)) == told(STAFF, closed - timedelta(seconds=1)) == []
    students = [(each.id, each.person_id, closed) for each in (left.ada, other)]
    assert told(STUDENT, closed) == told(STUDENT, closed + 2 * DAY) == students
    assert told(STAFF) == [(left.run.id, left.tutor.id, closed)]


def test_a_worker_that_was_down_says_it_within_a_week(left: Left) -> None:
    assert told(STUDENT, left.run.ranking_closes_at + 7 * DAY) == []
    assert len(told(STUDENT, left.run.ranking_closes_at + 7 * DAY - HOUR)) == 1


@pytest.mark.parametrize("why", ["submitted", "offered", "seen to", "placed", "has left", "the run is closed", "open"])
def test_it_is_not_said_of_whom_it_is_not_true(left: Left, why: str) -> None:
    if why == "submitted":
        make.application(left.ada, [make.challenge()])
    if why == "offered":
        make.offer(left.ada)
    if why == "seen to":
        make.clearing(left.ada)
    if why in ("placed", "has left"):
        left.ada.state = {"placed": EnrolmentState.PLACED, "has left": EnrolmentState.WITHDRAWN}[why]
    if why == "the run is closed":
        left.run.state = RunState.CLOSED
    if why == "open":
        left.run.ranking_closes_at = NOW + HOUR
    assert told(STUDENT) == told(STAFF) == []
    assert said(notices.NOTHING_CHOSEN, left.ada.id, left.ada.person) is None
    assert said(notices.STUDENTS_LEFT_OUT, left.run.id, left.tutor) is None


@pytest.mark.parametrize("why", ["a draft", "withdrawn", "an offer that was declined", "off the list again"])
def test_it_is_said_of_who_is_without_all_the_same(left: Left, why: str) -> None:
    if why == "a draft":
        make.application(left.ada, [make.challenge()], state=ApplicationState.DRAFT)
    if why == "withdrawn":
        make.application(left.ada, [make.challenge()], state=ApplicationState.WITHDRAWN)
    if why == "an offer that was declined":
        make.offer(left.ada, state=OfferState.DECLINED)
    if why == "off the list again":
        make.clearing(left.ada, closed_at=NOW)
    assert told(STUDENT) == [(left.ada.id, left.ada.person_id, left.run.ranking_closes_at)]


def test_who_covers_for_the_tutor_hears_in_their_stead(left: Left) -> None:
    cover = make.person()
    days = {"from_on": date(2026, 10, 19), "to_on": date(2026, 10, 23), "made_at": NOW, "made_by_id": left.tutor.id}
    db.session.add(TutorCover(form_key="k", run=left.run, tutor=left.tutor, cover=cover, **days))
    assert [who for _, who, _ in told(STAFF)] == [cover.id]
    assert said(notices.STUDENTS_LEFT_OUT, left.run.id, cover) is not None
    assert said(notices.STUDENTS_LEFT_OUT, left.run.id, left.tutor) is None


def test_where_a_group_has_no_tutor_the_leaders_hear_of_its_students_alone(left: Left) -> None:
    cy = make.enrolment(make.group(left.run), make.person(given_name="Cy", family_name="Young"))
    assert sorted(who for _, who, _ in told(STAFF)) == sorted([left.tutor.id, left.leader.id])
    text = said(notices.STUDENTS_LEFT_OUT, left.run.id, left.leader) or ""
    assert "Cy Young" in text
    assert "Ada Okoro" not in text
    assert cy.group.tutor is None
