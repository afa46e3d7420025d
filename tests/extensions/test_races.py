"""An extension is granted while what lateness takes of a mark is worked out: what counts in the end is the new deadline."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.collecting import collect
from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.extensions.actions import grant
from placements.extensions.planning import Wanted, fingerprint_of, plan
from placements.extensions.rules import Cause
from placements.marking.actions import save_draft, submit_mark
from placements.marking.queries import mark_of
from tests.assessment.scene import Scene, hand_in, judgement, scene, seeded
from tests.databases import Copy
from tests.factories import NOW
from tests.races import meanwhile, one_waits

DAY = timedelta(days=1)
SLIDING = {"kind": "sliding", "points_per_day": 5, "days": 5}
DUE = NOW - 3 * DAY
LATER = NOW + DAY


def late() -> Scene:
    """A portfolio that came a day late, for which five points are taken; the tutor has drafted 60."""
    of = scene(due=DUE, late_policy=SLIDING)
    mark = hand_in(of, 0, DUE + DAY / 2).mark
    assert mark is not None
    said = judgement(of.portfolio, 60, 60, 60)
    save_draft(mark, said, seen=mark.version, actor=Principal(of.tutor.person_id), now=NOW)
    assert mark.mark == 55
    return of


@pytest.fixture
def of(fresh_database: Copy) -> Scene:
    made: Scene = seeded(fresh_database.app, late)
    return made


def granting(copy: Copy, of: Scene) -> Callable[[], None]:
    """The leader has looked at the plan, and grants it."""

    def wanted() -> Wanted:
        enrolment = db.session.get_one(Enrolment, of.enrolments[0].id)
        return Wanted([enrolment], [db.session.get_one(Component, of.portfolio.id)], LATER)

    def act() -> None:
        grant(
            wanted(),
            Cause.UNIVERSITY,
            "",
            seen=seen,
            form_key="form-key",
            actor=Principal(of.leader.person_id),
            now=NOW,
        )

    with copy.app.app_context():
        seen = fingerprint_of(plan(wanted(), NOW))
    return act


def stands(copy: Copy) -> tuple[int | None, SubmissionState]:
    with copy.app.app_context():
        return db.session.scalars(select(Mark.mark)).one(), db.session.scalars(select(Submission.state)).one()


def test_an_extension_while_the_worker_works_out_lateness(fresh_database: Copy, of: Scene) -> None:
    assert one_waits(fresh_database, granting(fresh_database, of), lambda: collect(NOW)) == [None, None]
    assert stands(fresh_database) == (60, SubmissionState.RECEIVED)


def test_the_worker_works_out_lateness_while_an_extension_is_granted(fresh_database: Copy, of: Scene) -> None:
    assert one_waits(fresh_database, lambda: collect(NOW), granting(fresh_database, of)) == [None, None]
    assert stands(fresh_database) == (60, SubmissionState.RECEIVED)


def test_an_extension_between_opening_a_script_and_marking_it(fresh_database: Copy, of: Scene) -> None:
    """The marking page has read the submission with its old deadline; the penalty follows from the new one."""
    with fresh_database.app.app_context():
        public_id = db.session.scalars(select(Mark.public_id)).one()
        tutor = of.who(of.tutor)

    def load() -> tuple[Any, Submission, int]:
        mark = mark_of(tutor, public_id)
        assert mark is not None
        return mark, mark.submission, mark.version

    def mark_it(loaded: tuple[Any, Submission, int]) -> None:
        mark, submission, seen = loaded
        assert submission is mark.submission
        submit_mark(mark, judgement(mark.component, 70, 70, 70), seen=seen, actor=tutor, now=NOW)

    grants = granting(fresh_database, of)
    refused = meanwhile(fresh_database, load, mark_it, grants)
    assert [type(each).__name__ for each in refused] in (["Conflict", "NoneType"], ["NoneType", "Refused"])
    with fresh_database.app.app_context():  # whoever was refused looks again
        mark_it(load()) if refused[0] else granting(fresh_database, of)()
        db.session.commit()
    assert stands(fresh_database) == (70, SubmissionState.RECEIVED)


def test_an_extension_does_not_wait_for_ever_for_the_worker(fresh_database: Copy, of: Scene) -> None:
    """Everybody's deadline was moved, so the worker rewrites what the leader moves too: neither holds the other up."""
    with fresh_database.app.app_context():
        db.session.get_one(Component, of.portfolio.id).due_at = DUE + 2 * DAY
        db.session.commit()
    act = granting(fresh_database, of)
    assert one_waits(fresh_database, act, lambda: collect(NOW)) == [None, None]
    assert stands(fresh_database) == (60, SubmissionState.RECEIVED)
    with fresh_database.app.app_context():
        assert db.session.scalars(select(Mark.state)).one() is MarkState.DRAFTED
