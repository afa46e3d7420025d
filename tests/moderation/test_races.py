"""A draw is closed while a script is asked for, or looked at anew: nothing of the sample stays without a record."""

import pytest
from sqlalchemy import select

from placements.db import db
from placements.moderation.actions import ask, close
from placements.moderation.models import ModeratedMark, Moderation
from placements.moderation.queries import moderation_of
from placements.moderation.workflow import ModerationState, Outcome
from tests.assessment.scene import seeded
from tests.databases import Copy
from tests.factories import NOW
from tests.moderation.scene import Moderated, drawn, moderated, noted
from tests.races import meanwhile, one_waits


def all_noted() -> Moderated:
    """Nine marks; every script of the sample has its record."""
    at = moderated(*[44, 45, 46, 53, 54, 55, 64, 65, 66])
    noted(at, drawn(at))
    return at


@pytest.mark.parametrize("waits", [False, True], ids=["before it is closed", "while it is closed"])
def test_a_script_that_is_asked_for_while_the_draw_is_closed_is_read_first(
    fresh_database: Copy, *, waits: bool
) -> None:
    at: Moderated = seeded(fresh_database.app, all_noted)
    with fresh_database.app.app_context():
        public_id = db.session.scalars(select(Moderation.public_id)).one()
        mona = at.of.who(at.mona)

    def load() -> tuple[Moderation, list[ModeratedMark]]:
        found = moderation_of(mona, public_id)
        assert found is not None
        return found, list(found.scripts)  # as the page holds them

    def closing(loaded: tuple[Moderation, list[ModeratedMark]]) -> None:
        close(loaded[0], Outcome.STAND, "Fine.", actor=mona, now=NOW)

    def asking() -> None:
        found, scripts = load()
        ask(found, [each for each in scripts if each.why is None][:1], actor=mona, now=NOW)

    if waits:
        refused = one_waits(fresh_database, asking, lambda: closing(load()))
    else:
        refused = meanwhile(fresh_database, load, closing, asking)[::-1]
    with fresh_database.app.app_context():
        found, scripts = load()
        unread = [each for each in scripts if each.why is not None and each.agrees is None]
        is_closed = found.state is not ModerationState.IN_PROGRESS
    assert is_closed is not bool(unread)
    assert sorted(type(each).__name__ for each in refused) == ["NoneType", "Refused"]
