"""Before the board the module leader hears which work has no mark yet."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from placements.board import notices
from tests.assessment.scene import hand_in, mark_it, scene
from tests.assessment.test_notices import fixed, reminded, said
from tests.factories import DAY, NOW
from tests.golden import check_golden

HOUR = timedelta(hours=1)
BOARD = date(2026, 11, 5)
FIRST, SECOND = datetime(2026, 10, 29, 9, 0, tzinfo=UTC), datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def test_a_week_and_two_days_before_the_board_the_leader_hears_what_has_no_mark(session: Any) -> None:
    of = fixed(scene(students=2, due=NOW - DAY))
    works = [hand_in(of, 0), hand_in(of, 1)]
    of.run.board_on = BOARD
    session.flush()
    leader = of.leader.person
    leader.email = "lena@example.org"
    assert reminded(session, notices.MARKS_MISSING, FIRST - HOUR) == []
    assert reminded(session, notices.MARKS_MISSING, FIRST) == [(leader.id, FIRST)]
    assert reminded(session, notices.MARKS_MISSING, SECOND) == [(leader.id, FIRST), (leader.id, SECOND)]
    check_golden("board/marks_missing", said(notices.MARKS_MISSING, of.run.id, leader, FIRST))
    for work in works:
        mark_it(of, work, 60, 60, 60)
    assert notices.MARKS_MISSING.context(of.run.id, leader, SECOND) is None


def test_where_all_is_marked_nobody_hears(session: Any) -> None:
    of = scene(due=NOW - DAY)
    mark_it(of, hand_in(of), 60, 60, 60)
    of.run.board_on = BOARD
    session.flush()
    assert reminded(session, notices.MARKS_MISSING, SECOND) == []


def test_once_the_board_has_met_nothing_is_said(session: Any) -> None:
    of = scene(due=NOW - DAY)
    hand_in(of)
    of.run.board_on = BOARD
    session.flush()
    assert notices.MARKS_MISSING.context(of.run.id, of.leader.person, SECOND) is not None
    assert notices.MARKS_MISSING.context(of.run.id, of.leader.person, SECOND + 3 * DAY) is None
