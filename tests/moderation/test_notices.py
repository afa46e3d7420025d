"""The words that moderation mails, and that each stops being true."""

from datetime import UTC, datetime
from typing import Any

from placements.moderation import notices
from placements.moderation.actions import close
from placements.moderation.workflow import Outcome
from tests.assessment.test_notices import fixed, reminded, said
from tests.factories import DAY, NOW
from tests.golden import check_golden
from tests.moderation.scene import drawn, moderated, noted

BACK = datetime(2026, 11, 10, 7, 0, tzinfo=UTC)  # three weeks after the deadline


def test_a_sample_is_drawn_and_closed(session: Any) -> None:
    at = moderated(35, 65)
    fixed(at.of)
    made = drawn(at)
    at.mona.person.email, made.public_id = "mona@example.org", "moderation00"
    session.flush()
    assert notices.CLOSED.context(made.id, at.of.leader.person, NOW) is None
    check_golden("moderation/drawn", said(notices.DRAWN, made.id, at.mona.person, NOW))
    close(noted(at, made), Outcome.ADJUST, "Generous.", actor=at.of.who(at.mona), now=NOW)
    assert notices.DRAWN.context(made.id, at.mona.person, NOW) is None
    at.of.leader.person.email = "lena@example.org"
    check_golden("moderation/closed", said(notices.CLOSED, made.id, at.of.leader.person, NOW))


def test_the_moderator_is_reminded_by_the_day_of_the_first_script_and_then_the_leader_hears(session: Any) -> None:
    at = moderated(35, 65)
    fixed(at.of)
    made = drawn(at)
    mona, leader = at.mona.person, at.of.leader.person
    mona.email, leader.email, made.public_id = "mona@example.org", "lena@example.org", "moderation00"
    session.flush()
    assert notices.STILL_TO_MODERATE.context(made.id, leader, NOW) is None
    steps = [BACK - 7 * DAY, BACK - DAY, BACK + DAY]
    for number, step in enumerate(steps, 1):
        found = reminded(session, notices.STILL_TO_MODERATE, step)
        assert found == [(mona.id, each) for each in steps[:number]]
    assert reminded(session, notices.LATE, BACK + 3 * DAY) == [(leader.id, BACK + 3 * DAY)]
    check_golden("moderation/still_to_moderate", said(notices.STILL_TO_MODERATE, made.id, mona, steps[0]))
    check_golden("moderation/late", said(notices.LATE, made.id, leader, BACK + 3 * DAY))
    assert notices.LATE.context(made.id, leader, BACK - DAY) is None
    close(noted(at, made), Outcome.ADJUST, "Generous.", actor=at.of.who(at.mona), now=NOW)
    assert notices.STILL_TO_MODERATE.context(made.id, mona, NOW) is None
    assert notices.LATE.context(made.id, leader, BACK + 3 * DAY) is None


def test_of_a_moderation_that_is_closed_nobody_is_reminded(session: Any) -> None:
    at = moderated(35, 65)
    made = drawn(at)
    close(noted(at, made), Outcome.STAND, "Fair.", actor=at.of.who(at.mona), now=NOW)
    assert reminded(session, notices.STILL_TO_MODERATE, BACK - DAY) == []
    assert reminded(session, notices.LATE, BACK + 3 * DAY) == []
