"""A release, a withholding, a waiver and reassessment, each at the same moment as what it must not overlook."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState
from placements.board.models import StagedRelease
from placements.board.readiness import pending
from placements.board.releasing import fingerprint_of, release, release_due, stage
from placements.board.withholding import withhold
from placements.board.workflow import StagedState
from placements.cohorts.models import Component, Enrolment, ModuleRun
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.moderation import actions as moderating
from placements.moderation.models import Moderation
from placements.moderation.queries import moderation_of
from placements.moderation.workflow import Outcome
from placements.reassessment import actions as reassessing
from placements.reassessment.actions import waive
from placements.reassessment.queries import fingerprint_of as seen_of
from placements.reassessment.queries import standing_of
from tests.assessment.scene import Scene, hand_in, mark_it, scene, seeded
from tests.databases import Copy
from tests.factories import NOW
from tests.moderation.scene import Moderated, drawn, moderated, noted
from tests.races import at_once, one_waits
from tests.reassessment.scene import failing

RACES = pytest.mark.parametrize("race", [one_waits, at_once])
HOUR = timedelta(hours=1)


def names(refused: list[Any]) -> list[str]:
    return [type(each).__name__ for each in refused]


def to_adjust() -> Moderated:
    """Four marks of which moderation has found that they are to be adjusted."""
    at = moderated(44, 52, 58, 66)
    moderating.close(noted(at, drawn(at)), Outcome.ADJUST, "Too low.", actor=at.of.who(at.mona), now=NOW)
    return at


@RACES
@pytest.mark.parametrize("release_first", [True, False])
def test_a_release_while_the_set_is_adjusted_shows_no_mark_half_way(
    fresh_database: Copy, race: Callable[..., Any], *, release_first: bool
) -> None:
    """Done with moderation and adjusting are told by one person, at two windows: either comes first, whole."""
    at: Moderated = seeded(fresh_database.app, to_adjust)
    with fresh_database.app.app_context():
        by = at.of.who(at.of.leader)
        public_id = db.session.scalars(select(Moderation.public_id)).one()
        before = {each.id: each.mark for each in db.session.scalars(select(Mark))}
        shown = moderation_of(by, public_id)
        assert shown is not None
        adjusting, looked_at = moderating.fingerprint_of(shown), fingerprint_of(db.session.scalars(select(Mark)).all())

    def adjust() -> None:
        found = moderation_of(by, public_id)
        assert found is not None
        moderating.adjust(found, 3, None, "Too low.", seen=adjusting, actor=by, now=NOW)

    def settle_and_release() -> None:
        found = moderation_of(by, public_id)
        assert found is not None
        moderating.settle(found, actor=by, now=NOW)
        db.session.flush()
        marks = db.session.scalars(select(Mark)).all()
        release(marks[0].enrolment.run, marks, seen=looked_at, actor=by, now=NOW)

    acts = [settle_and_release, adjust]
    refused = race(fresh_database, *(acts if release_first else acts[::-1]))
    assert sorted(names(refused)) == ["NoneType", "Refused"]
    with fresh_database.app.app_context():
        marks = db.session.scalars(select(Mark)).all()
        assert len({each.state for each in marks}) == 1
        changed = {(each.mark or 0) - (before[each.id] or 0) for each in marks}
        assert changed == ({0} if marks[0].state is MarkState.PROVISIONAL else {3})


def staged_set() -> Scene:
    """Three marks that a release waits for."""
    of = scene(3)
    marks = [mark_it(of, hand_in(of, place), 60, 60, 60) for place in range(3)]
    stage(of.portfolio, marks, NOW + HOUR, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    return of


@RACES
def test_two_marks_that_are_withheld_at_once_both_leave_what_is_staged(
    fresh_database: Copy, race: Callable[..., Any]
) -> None:
    """Each has read before what is staged; the third mark is released all the same."""
    of: Scene = seeded(fresh_database.app, staged_set)
    with fresh_database.app.app_context():
        keys = list(db.session.scalars(select(Mark.id).order_by(Mark.id)))

    def withholding(key: int) -> Callable[[], None]:
        def act() -> None:
            shown = pending(of.run.id)
            assert shown
            withhold(db.session.get_one(Mark, key), "To be looked into.", actor=Principal(of.leader.person_id), now=NOW)

        return act

    assert race(fresh_database, withholding(keys[0]), withholding(keys[1])) == [None, None]
    with fresh_database.app.app_context():
        release_due(NOW + 2 * HOUR)
        db.session.commit()
        assert db.session.scalars(select(StagedRelease.state)).one() is StagedState.RELEASED
        states = list(db.session.scalars(select(Mark.state).order_by(Mark.id)))
        assert states == [MarkState.SUBMITTED, MarkState.SUBMITTED, MarkState.PROVISIONAL]


def test_what_is_waived_meanwhile_leaves_what_is_staged(fresh_database: Copy) -> None:
    of: Scene = seeded(fresh_database.app, staged_set)
    with fresh_database.app.app_context():
        waiving(of)()
        db.session.commit()
        release_due(NOW + 2 * HOUR)
        db.session.commit()
        assert db.session.scalars(select(StagedRelease.state)).one() is StagedState.RELEASED
        states = list(db.session.scalars(select(Mark.state).order_by(Mark.id)))
        assert states == [MarkState.SUBMITTED, MarkState.PROVISIONAL, MarkState.PROVISIONAL]


def opening(copy: Copy, of: Scene) -> Callable[[], None]:
    """A leader has looked at who is to be reassessed, and opens it."""

    def act() -> None:
        run = db.session.get_one(ModuleRun, of.run.id)
        rows = standing_of(run, stands="to_open")  # as the page reads them before it acts
        assert len(rows) in (0, 2)
        reassessing.open_again(run, ids, seen=seen, actor=Principal(of.leader.person_id), now=NOW)

    with copy.app.app_context():
        looked_at = standing_of(db.session.get_one(ModuleRun, of.run.id), stands="to_open")
        ids, seen = [each.enrolment.public_id for each in looked_at], seen_of(looked_at)
    return act


@RACES
def test_two_leaders_open_reassessment_once(fresh_database: Copy, race: Callable[..., Any]) -> None:
    of: Scene = seeded(fresh_database.app, lambda: failing((20, 20), (60, 60), (10, 30)))
    act = opening(fresh_database, of)
    assert sorted(names(race(fresh_database, act, act))) == ["NoneType", "Refused"]
    with fresh_database.app.app_context():
        again = select(Submission.enrolment_id, Submission.component_id).where(Submission.attempt == 2)
        opened = [tuple(row) for row in db.session.execute(again)]
        assert (len(opened), len(set(opened))) == (4, 4)
        told = select(Notification).where(Notification.notice == "reassessment.opened")
        assert len(db.session.scalars(told).all()) == 2


def test_leaders_who_do_not_hold_the_run_meet_in_the_database(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both have seen that nothing is opened yet, where the database lets two look at once."""
    of: Scene = seeded(fresh_database.app, lambda: failing((20, 20), (60, 60), (10, 30)))
    act = opening(fresh_database, of)
    monkeypatch.setattr(reassessing, "hold_row", lambda row: None)
    refused = one_waits(fresh_database, act, act)
    with fresh_database.app.app_context():
        is_shared = db.engine.dialect.name == "postgresql"
    assert names(refused) == ["NoneType", "IntegrityError" if is_shared else "Refused"]


def waiving(of: Scene) -> Callable[[], None]:
    def act() -> None:
        enrolment = db.session.get_one(Enrolment, of.enrolments[0].id)
        component = db.session.get_one(Component, of.portfolio.id)
        waive(component, enrolment, "The host is gone.", True, "key", actor=Principal(of.leader.person_id), now=NOW)

    return act


@RACES
@pytest.mark.parametrize("waiver_first", [True, False])
def test_a_mark_that_is_submitted_while_its_component_is_waived_is_not_released(
    fresh_database: Copy, race: Callable[..., Any], *, waiver_first: bool
) -> None:
    def begun() -> Scene:
        of = scene()
        hand_in(of)
        return of

    of: Scene = seeded(fresh_database.app, begun)
    acts = [waiving(of), lambda: mark_it(of, db.session.scalars(select(Submission)).one(), 60, 60, 60) and None]
    assert race(fresh_database, *(acts if waiver_first else acts[::-1])) == [None, None]
    with fresh_database.app.app_context():
        mark, by = db.session.scalars(select(Mark)).one(), of.who(of.leader)
        assert (mark.mark, mark.state, mark.submission.waived_at) == (60, MarkState.SUBMITTED, NOW)
    assert names(at_once(fresh_database, lambda: _released(by))) == ["Refused"]


def _released(by: Principal) -> None:
    marks = db.session.scalars(select(Mark)).all()
    release(marks[0].enrolment.run, marks, seen=fingerprint_of(marks), actor=by, now=NOW)


@RACES
def test_a_waiver_while_a_set_is_released(fresh_database: Copy, race: Callable[..., Any]) -> None:
    """What was waived first is not shown; what was shown first is waived all the same, and counts for nothing."""

    def marked() -> Scene:
        of = scene()
        mark_it(of, hand_in(of), 60, 60, 60)
        return of

    of: Scene = seeded(fresh_database.app, marked)
    with fresh_database.app.app_context():
        by = of.who(of.leader)
    refused = race(fresh_database, waiving(of), lambda: _released(by))
    assert refused[0] is None
    with fresh_database.app.app_context():
        state = db.session.scalars(select(Mark.state)).one()
        assert state is (MarkState.PROVISIONAL if refused[1] is None else MarkState.SUBMITTED)
        if race is one_waits:
            assert names(refused) == ["NoneType", "Refused"]
