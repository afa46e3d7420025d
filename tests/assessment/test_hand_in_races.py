"""Handing in twice at once, and handing in while the worker finds what is missing: one hand-in, one receipt, one mail."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.assessment.collecting import collect
from placements.assessment.drafts import keep_draft, submit_checked
from placements.assessment.models import HandIn, Mark, Submission
from placements.assessment.queries import Task, submission_of
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.drafting import actions as drafting
from placements.drafting.queries import Piece, Typed, draft_of, fingerprint_of
from placements.mail.models import Notification
from tests.assessment.scene import HOUR, Scene, scene, seeded
from tests.databases import Copy
from tests.factories import NOW
from tests.races import PATIENCE, at_once, one_waits

RACES = pytest.mark.parametrize("race", [one_waits, at_once])
STARTED = NOW + HOUR - timedelta(seconds=1)  # the first byte came in time
CLOSES = NOW + HOUR + timedelta(minutes=11)


def begun() -> Scene:
    """A portfolio that is due in an hour; its student has a draft."""
    of = scene(due=NOW + HOUR)
    keep_draft(of.task(), Typed("My portfolio."), actor=Principal(of.enrolments[0].person_id), now=NOW)
    return of


@pytest.fixture
def of(fresh_database: Copy) -> Scene:
    made: Scene = seeded(fresh_database.app, begun)
    return made


def task_now(of: Scene) -> Task:
    component, enrolment = (
        db.session.get_one(Component, of.portfolio.id),
        db.session.get_one(Enrolment, of.enrolments[0].id),
    )
    return Task(component, enrolment, submission_of(component.id, enrolment.id))


def handing_in(copy: Copy, of: Scene, at: Any = STARTED) -> Callable[[], None]:
    """The student has looked at what will be handed in, and presses."""
    with copy.app.app_context():
        draft = draft_of(Piece(of.portfolio.id, of.enrolments[0].id))
        assert draft is not None
        seen = fingerprint_of(draft)

    def act() -> None:
        submit_checked(task_now(of), seen=seen, actor=Principal(of.enrolments[0].person_id), now=at)

    return act


def there(copy: Copy) -> dict[str, int]:
    """How many there are of what one hand-in makes one of."""
    with copy.app.app_context():
        receipts = select(func.count(Notification.id)).where(Notification.notice == "assessment.receipt")
        counts = {table.__tablename__: select(func.count(table.id)) for table in (HandIn, Submission, Mark)}
        return {name: db.session.scalar(asked) or 0 for name, asked in {**counts, "receipts": receipts}.items()}


ONE = {"hand_in": 1, "submission": 1, "mark": 1, "receipts": 1}


@RACES
def test_two_presses_hand_in_once_and_both_are_told_so(
    fresh_database: Copy, of: Scene, race: Callable[..., Any]
) -> None:
    press = handing_in(fresh_database, of)
    assert race(fresh_database, press, press) == [None, None]
    assert there(fresh_database) == ONE


def test_two_presses_that_both_found_the_draft_hand_in_once(
    fresh_database: Copy, of: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither makes a new draft, and the second gets to the one there was when it is handed in, and gone."""
    both_found_it = Barrier(2)
    look = drafting.insert_new

    def look_together(*row: Any) -> None:
        look(*row)
        if db.engine.dialect.name != "sqlite":
            with suppress(BrokenBarrierError):
                both_found_it.wait(PATIENCE)
                both_found_it.abort()  # they look together once

    monkeypatch.setattr(drafting, "insert_new", look_together)
    press = handing_in(fresh_database, of)
    assert at_once(fresh_database, press, press) == [None, None]
    assert there(fresh_database) == ONE


def test_a_press_that_does_not_know_what_is_in_is_refused(
    fresh_database: Copy, of: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the second presses what is no draft any more, and does not see that it is what is in."""
    press = handing_in(fresh_database, of)
    monkeypatch.setattr("placements.assessment.drafts.fingerprint", lambda *_: "another")
    refused = one_waits(fresh_database, press, press)
    assert [type(each).__name__ for each in refused] == ["NoneType", "Conflict"]


@RACES
@pytest.mark.parametrize("worker_first", [True, False])
def test_what_began_to_arrive_in_time_is_in_whoever_comes_first(
    fresh_database: Copy, of: Scene, race: Callable[..., Any], *, worker_first: bool
) -> None:
    acts = [lambda: collect(CLOSES), handing_in(fresh_database, of)]
    assert race(fresh_database, *(acts if worker_first else acts[::-1])) == [None, None]
    assert there(fresh_database) == ONE
    with fresh_database.app.app_context():
        submission, mark = db.session.execute(select(Submission, Mark).join(Submission.mark)).one()
        assert (submission.state, submission.received_at) == (SubmissionState.RECEIVED, STARTED)
        assert (mark.state, mark.mark) == (MarkState.DRAFTED, None)
