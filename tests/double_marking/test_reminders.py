"""Who is reminded of a second or third mark, and when the module leader hears that one is late."""

from datetime import UTC, datetime, timedelta
from typing import Any

from placements.double_marking import notices
from tests.assessment.test_notices import fixed, reminded, said
from tests.double_marking.scene import allotted, second_in, twice
from tests.factories import DAY, NOW
from tests.golden import check_golden

HOUR = timedelta(hours=1)
BACK = datetime(2026, 11, 10, 7, 0, tzinfo=UTC)  # three weeks after the deadline


def test_second_markers_are_reminded_a_week_and_a_day_before_and_a_day_after_then_the_leader(session: Any) -> None:
    at = twice(2)
    fixed(at.of)
    seconds = [allotted(at, 0), allotted(at, 1)]
    about, bea, leader = at.of.portfolio.id, at.bea.person, at.of.leader.person
    bea.email, leader.email = "bea@example.org", "lena@example.org"
    steps = [BACK - 7 * DAY, BACK - DAY, BACK + DAY]
    assert reminded(session, notices.STILL_TO_MARK, steps[0] - HOUR) == []
    for number, step in enumerate(steps, 1):
        found = reminded(session, notices.STILL_TO_MARK, step + HOUR)
        assert found == [(bea.id, each) for each in steps[:number]]
    assert reminded(session, notices.LATE, BACK + 3 * DAY - HOUR) == []
    assert reminded(session, notices.LATE, BACK + 3 * DAY) == [(leader.id, BACK + 3 * DAY)]
    check_golden("double_marking/still_to_mark", said(notices.STILL_TO_MARK, about, bea, steps[0]))
    check_golden("double_marking/late", said(notices.LATE, about, leader, BACK + 3 * DAY))
    assert notices.STILL_TO_MARK.context(about, at.cleo.person, NOW) is None
    for second in seconds:
        second_in(at, second, 64)
    assert notices.STILL_TO_MARK.context(about, bea, NOW) is None
    assert notices.LATE.context(about, leader, BACK + 3 * DAY) is None


def test_whose_second_marks_are_in_hears_nothing(session: Any) -> None:
    at = twice()
    second = allotted(at)
    second_in(at, second, 64)
    assert reminded(session, notices.STILL_TO_MARK, BACK - DAY) == []
    assert reminded(session, notices.LATE, BACK + 4 * DAY) == []
