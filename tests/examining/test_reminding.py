"""An external examiner is reminded of the report while they can still write it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from placements.cohorts.actions import set_end
from placements.cohorts.models import RunRole
from placements.cohorts.workflow import RunState
from placements.core.policy import NOBODY
from placements.examining import notices
from placements.examining.actions import begin, submit, write
from tests import factories as make
from tests.assessment.test_notices import reminded, said
from tests.examining.scene import examined, role
from tests.examining.test_reporting import ANSWERS
from tests.factories import DAY, NOW
from tests.golden import check_golden

HOUR = timedelta(hours=1)
FOUR_WEEKS = datetime(2027, 9, 2, 8, 0, tzinfo=UTC)  # 9am in London; Edda examines until 30 September
ONE_WEEK = datetime(2027, 9, 23, 8, 0, tzinfo=UTC)


def wanted(session: Any, at: datetime) -> list[tuple[int, datetime]]:
    session.flush()
    return reminded(session, notices.REPORT_WANTED, at)


def test_it_is_said_four_weeks_and_a_week_before_their_view_of_the_run_ends(session: Any) -> None:
    of, edda = examined(63)
    of.run.public_id, edda.person.email = "run000000000", "edda@example.org"
    key = edda.person_id
    assert wanted(session, FOUR_WEEKS - HOUR) == []
    assert wanted(session, FOUR_WEEKS) == [(key, FOUR_WEEKS)]
    assert wanted(session, ONE_WEEK) == [(key, FOUR_WEEKS), (key, ONE_WEEK)]
    check_golden("examining/report_wanted", said(notices.REPORT_WANTED, of.run.id, edda.person, ONE_WEEK))


def test_a_report_that_is_begun_is_still_wanted_and_one_that_is_in_is_not(session: Any) -> None:
    of, edda = examined(63)
    report = begin(of.run, actor=of.who(edda), now=NOW)
    write(report, ANSWERS, now=NOW)
    assert wanted(session, FOUR_WEEKS) == [(edda.person_id, FOUR_WEEKS)]
    submit(report, actor=of.who(edda), now=FOUR_WEEKS)
    session.flush()
    assert notices.REPORT_WANTED.context(of.run.id, edda.person, FOUR_WEEKS) is None
    assert wanted(session, ONE_WEEK) == [(edda.person_id, FOUR_WEEKS)]


def test_of_two_examiners_who_has_reported_is_left_alone(session: Any) -> None:
    of, edda = examined(63)
    other = make.account()
    make.run_role(RunRole.EXTERNAL, other.person, of.run)
    report = begin(of.run, actor=of.who(edda), now=NOW)
    write(report, ANSWERS, now=NOW)
    submit(report, actor=of.who(edda), now=NOW)
    assert wanted(session, FOUR_WEEKS) == [(other.person_id, FOUR_WEEKS)]


@pytest.mark.parametrize("why", ["the board is to come", "it is planned"])
def test_before_it_can_be_written_it_is_not_asked_for(session: Any, why: str) -> None:
    of, edda = examined(63)
    if why == "the board is to come":
        of.run.board_on = date(2027, 9, 2)
    else:
        of.run.state = RunState.PLANNED
    assert wanted(session, FOUR_WEEKS) == []
    assert notices.REPORT_WANTED.context(of.run.id, edda.person, FOUR_WEEKS) is None


def test_it_is_asked_for_once_the_board_has_met_and_of_a_run_that_is_closed(session: Any) -> None:
    of, edda = examined(63)
    of.run.board_on, of.run.state = date(2027, 9, 1), RunState.CLOSED
    assert wanted(session, FOUR_WEEKS) == [(edda.person_id, FOUR_WEEKS)]


def test_whose_view_has_ended_is_asked_for_nothing_and_a_longer_one_asks_anew(session: Any) -> None:
    of, edda = examined(63)
    over = datetime(2027, 9, 30, 23, 0, tzinfo=UTC)  # midnight in London
    assert notices.REPORT_WANTED.context(of.run.id, edda.person, over - HOUR) is not None
    assert notices.REPORT_WANTED.context(of.run.id, edda.person, over) is None
    assert wanted(session, over) == []
    set_end(role(), date(2027, 10, 31), actor=NOBODY, now=over - DAY)
    assert wanted(session, over + 4 * DAY) == [(edda.person_id, datetime(2027, 10, 3, 8, 0, tzinfo=UTC))]


def test_nobody_else_is_asked(session: Any) -> None:
    of, edda = examined(63)
    assert notices.REPORT_WANTED.context(of.run.id, of.leader.person, FOUR_WEEKS) is None
    assert [key for key, _ in wanted(session, FOUR_WEEKS)] == [edda.person_id]
