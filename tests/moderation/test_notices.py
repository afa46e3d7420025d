"""The words that moderation mails, and that each stops being true."""

from typing import Any

from placements.moderation import notices
from placements.moderation.actions import close
from placements.moderation.workflow import Outcome
from tests.assessment.test_notices import fixed, said
from tests.factories import NOW
from tests.golden import check_golden
from tests.moderation.scene import drawn, moderated, noted


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
