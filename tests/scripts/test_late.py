"""The module leader hears of marking that is past its day: how much waits, and with whom."""

from typing import Any

from placements.scripts import notices
from tests.assessment.scene import HOUR, hand_in, mark_it, scene
from tests.assessment.test_notices import DUE, fixed, reminded, said
from tests.factories import DAY, NOW
from tests.golden import check_golden


def test_three_days_after_the_first_was_due_back_the_leader_hears_how_much_waits_with_whom(session: Any) -> None:
    of = fixed(scene(students=2, due=DUE))
    hand_in(of, 0)
    second = hand_in(of, 1)
    leader, back = of.leader.person, DUE + 21 * DAY
    late = back + 3 * DAY
    assert reminded(session, notices.MARKING_LATE, late - HOUR) == []
    assert reminded(session, notices.MARKING_LATE, late) == [(leader.id, late)]
    assert reminded(session, notices.MARKING_LATE, late + DAY) == [(leader.id, late)]
    leader.email = "lena@example.org"
    check_golden("scripts/marking_late", said(notices.MARKING_LATE, of.portfolio.id, leader, late))
    mark_it(of, second, 60, 60, 60)
    assert "1 piece of work waits" in said(notices.MARKING_LATE, of.portfolio.id, leader, late)
    assert notices.MARKING_LATE.context(of.portfolio.id, leader, back - HOUR) is None


def test_of_marking_that_is_done_no_leader_hears(session: Any) -> None:
    of = scene(due=NOW - 24 * DAY)
    mark_it(of, hand_in(of), 60, 60, 60)
    assert reminded(session, notices.MARKING_LATE, NOW) == []
    assert notices.MARKING_LATE.context(of.portfolio.id, of.leader.person, NOW) is None
