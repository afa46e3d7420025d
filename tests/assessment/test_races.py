"""Two at once on a real database: one mark, one release, one student's hand-in. Each guard has its control."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.attributes import set_committed_value

from placements.assessment import actions
from placements.assessment.models import Mark, Submission
from placements.board import releasing as board
from placements.board.releasing import fingerprint_of, release
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.marking.actions import save_draft
from tests.assessment.scene import FILE, HOUR, OTHER_FILE, Scene, hand_in, judgement, mark_it, scene, seeded
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until


def both(copy: Copy, *acts: Callable[[], object]) -> list[str]:
    """What became of two acts at the same moment, in no order."""
    return sorted(type(each).__name__ if each else "done" for each in at_once(copy, *acts))


def saving(of: Scene, by: Principal, score: int, seen: int | None) -> Callable[[], object]:
    def act() -> None:
        found = select(Mark) if seen else select(Mark).with_for_update()
        mark = db.session.scalars(found).one()
        said = judgement(mark.component, score, score, score)
        save_draft(mark, said, seen=mark.version if seen is None else seen, actor=by, now=NOW)

    return act


@pytest.mark.parametrize(("seen", "outcomes", "version"), [(1, ["Conflict", "done"], 2), (None, ["done", "done"], 3)])
def test_two_markers_on_one_mark(fresh_database: Copy, seen: int | None, outcomes: list[str], version: int) -> None:
    """The control says that it has seen whatever is there now: then one overwrites the other unseen."""
    of: Scene = seeded(fresh_database.app, _handed_in)
    tutor, leader = Principal(of.tutor.person_id), Principal(of.leader.person_id)
    assert both(fresh_database, saving(of, tutor, 50, seen), saving(of, leader, 70, seen)) == outcomes
    with fresh_database.app.app_context():
        mark = db.session.scalars(select(Mark)).one()
        assert mark.version == version
        assert {each.score for each in mark.scores} in ({50}, {70})


@pytest.mark.parametrize(("seen", "outcomes", "kept"), [(1, ["Conflict", "done"], 1), (None, ["done", "done"], 2)])
def test_two_windows_of_one_marker_that_save_by_themselves(
    fresh_database: Copy, seen: int | None, outcomes: list[str], kept: int
) -> None:
    """The second learns of the first instead of overwriting it. The control has seen whatever is there."""
    of: Scene = seeded(fresh_database.app, _handed_in)
    tutor = Principal(of.tutor.person_id)
    assert both(fresh_database, saving(of, tutor, 50, seen), saving(of, tutor, 70, seen)) == outcomes
    with fresh_database.app.app_context():
        assert db.session.scalars(select(Mark.version)).one() == 1 + kept


def _handed_in() -> Scene:
    of = scene()
    hand_in(of)
    return of


def two_releases(copy: Copy) -> tuple[list[str], int]:
    """What becomes of two releases of one set of three, and how often a mark was released."""

    def build() -> Scene:
        of = scene(3)
        for place in range(3):
            mark_it(of, hand_in(of, place), 50, 60, 70)
        return of

    of = seeded(copy.app, build)

    def act() -> None:
        found: Any = db.session.scalars(select(Mark)).all()
        run = db.session.get_one(type(of.run), of.run.id)
        release(run, found, seen=seen, actor=of.who(of.leader), now=NOW)

    with copy.app.app_context():
        seen = fingerprint_of(db.session.scalars(select(Mark)).all())
    outcomes = both(copy, act, act)
    with copy.app.app_context():
        return outcomes, len(db.session.scalars(select(History).filter_by(verb="mark released")).all())


def test_two_releases_of_one_set_release_each_mark_once(fresh_database: Copy) -> None:
    assert two_releases(fresh_database) == (["Refused", "done"], 3)
    with fresh_database.app.app_context():
        ready = select(Notification).where(Notification.notice == "board.mark_ready")
        assert len(db.session.scalars(ready).all()) == 3


def test_a_set_that_nobody_holds_is_released_by_both(fresh_database: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both have found, in a transaction that ended, that the set is as it was looked at."""
    both_have_looked = Barrier(2)
    look = board.held

    def look_and_let_go(*asked: Any) -> list[Mark]:
        chosen = look(*asked)
        state = chosen[0].state
        let_go_until(both_have_looked)
        for mark in chosen:
            set_committed_value(mark, "state", state)
        return chosen

    monkeypatch.setattr(board, "held", look_and_let_go)
    assert two_releases(fresh_database) == (["done", "done"], 6)


def two_uploads(copy: Copy) -> list[str]:
    """What becomes of two files that one student hands in at once."""
    of: Scene = seeded(copy.app, lambda: scene(due=NOW + HOUR))

    def act(file: Any) -> Callable[[], object]:
        def sent() -> None:
            here = Scene(**{**vars(of), "portfolio": db.session.get_one(type(of.portfolio), of.portfolio.id)})
            here.enrolments = [db.session.get_one(type(of.enrolments[0]), of.enrolments[0].id)]
            hand_in(here, 0, NOW, file)

        return sent

    return both(copy, act(FILE), act(OTHER_FILE))


def test_two_uploads_at_once_leave_one_set_of_files(fresh_database: Copy) -> None:
    assert two_uploads(fresh_database) == ["done", "done"]
    with fresh_database.app.app_context():
        submission = db.session.scalars(select(Submission)).one()
        assert len(submission.files) == 2
        assert len(submission.current_files) == 1
        assert len(db.session.scalars(select(Mark)).all()) == 1


def test_uploads_that_nobody_holds_apart_meet_in_the_database(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: both have found, in a transaction that ended, that nothing is in yet; the second fails."""
    both_have_looked = Barrier(2)

    def look_and_let_go(*_: object) -> None:
        let_go_until(both_have_looked)

    monkeypatch.setattr(actions, "submission_of", look_and_let_go)
    assert two_uploads(fresh_database) == ["IntegrityError", "done"]
