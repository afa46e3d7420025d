"""Two at once on one mark that is given twice: each guard of the database's is met, and none of what is read is old."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import Component, Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking.actions import agree, allot, propose
from placements.double_marking.models import SecondMark, Settlement
from placements.double_marking.queries import settlement_of
from placements.extensions.actions import grant
from placements.extensions.planning import Wanted, fingerprint_of, plan
from placements.extensions.rules import Cause
from tests.assessment.scene import seeded
from tests.databases import Copy
from tests.double_marking.scene import Twice, allotted, first_in, second_in, twice
from tests.factories import NOW
from tests.races import at_once, meanwhile, one_waits

DAY = timedelta(days=1)
SLIDING = {"kind": "sliding", "points_per_day": 5, "days": 5}


def to_agree() -> Twice:
    """A late portfolio: 40 and 75 were given, and 60 is proposed for both; five points are taken for lateness."""
    at = twice(due=NOW - 3 * DAY, late_policy=SLIDING)
    submission = at.marks[0].submission
    submission.state, submission.received_at = SubmissionState.LATE, NOW - 2 * DAY - DAY / 2
    first_in(at, 40)
    second_in(at, allotted(at), 75)
    propose(at.marks[0], 60, "Between us.", actor=at.who(at.bea), now=NOW)
    return at


def granting(copy: Copy, at: Twice) -> Callable[[], None]:
    """The leader has looked at the plan, and grants a day that makes the work be on time."""

    def wanted() -> Wanted:
        enrolment = db.session.get_one(Enrolment, at.of.enrolments[0].id)
        return Wanted([enrolment], [db.session.get_one(Component, at.of.portfolio.id)], NOW + DAY)

    def act() -> None:
        by = Principal(at.of.leader.person_id)
        grant(wanted(), Cause.UNIVERSITY, "", seen=seen, form_key="form-key", actor=by, now=NOW)

    with copy.app.app_context():
        seen = fingerprint_of(plan(wanted(), NOW))
    return act


@pytest.mark.parametrize("waits", [False, True], ids=["before it is asked for", "while it is waited for"])
def test_an_extension_between_reading_what_was_proposed_and_agreeing_to_it(
    fresh_database: Copy, *, waits: bool
) -> None:
    at: Twice = seeded(fresh_database.app, to_agree)
    with fresh_database.app.app_context():
        public_id = db.session.scalars(select(Settlement.public_id)).one()
        tutor = at.who(at.of.tutor)

    def load() -> tuple[Settlement, Submission]:
        found = settlement_of(tutor, public_id)
        assert found is not None
        return found, found.mark.submission

    def agrees(loaded: tuple[Settlement, Submission]) -> None:
        agree(loaded[0], actor=tutor, now=NOW)

    grants = granting(fresh_database, at)
    if waits:
        assert one_waits(fresh_database, grants, lambda: agrees(load())) == [None, None]
    elif meanwhile(fresh_database, load, agrees, grants)[1] is not None:
        with fresh_database.app.app_context():  # the mark was another by then: the leader looks again
            granting(fresh_database, at)()
            db.session.commit()
    with fresh_database.app.app_context():
        mark, submission = db.session.execute(select(Mark, Submission).join(Mark.submission)).one()
        assert (mark.agreed, mark.mark, submission.state) == (60, 60, SubmissionState.RECEIVED)


def allotting(at: Twice, to: int) -> Callable[[], None]:
    def act() -> None:
        leader = Principal(at.of.leader.person_id)
        allot(db.session.get_one(Component, at.of.portfolio.id), {at.marks[0].id: to}, actor=leader, now=NOW)

    return act


@pytest.mark.parametrize("race", [one_waits, at_once])
def test_two_leaders_allot_one_script(fresh_database: Copy, race: Callable[..., object]) -> None:
    """Who came first stands, and nobody is met by an error of the database’s."""
    at: Twice = seeded(fresh_database.app, twice)
    acts = [allotting(at, each.person_id) for each in (at.bea, at.cleo)]
    assert race(fresh_database, *acts) == [None, None]
    with fresh_database.app.app_context():
        second, mark = db.session.scalars(select(SecondMark)).one(), db.session.scalars(select(Mark)).one()
        assert second.marker_id == mark.second_id
