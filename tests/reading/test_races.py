"""Two at once on a real database: two final grades, a grade and the mark that takes it, one nudge pressed twice."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from placements.assessment.models import Mark
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.marking.actions import submit_mark
from placements.placing.models import Placement
from placements.reading import desk
from placements.reading.grading import grade
from placements.reading.models import LogbookGrade, Nudge
from placements.reading.nudging import Candidate
from placements.reading.queries import checkpoints_of, criteria_at, final_grade
from placements.reading.rules import Why
from tests.assessment.scene import Scene, judgement, seeded
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once
from tests.reading.test_final import at_the_end, graded


def both(copy: Copy, *acts: Callable[[], object]) -> list[str]:
    """What became of two acts at the same moment, in no order."""
    return sorted(type(each).__name__ if each else "done" for each in at_once(copy, *acts))


def grading(of: Scene, score: int, version: int) -> Callable[[], object]:
    def act() -> None:
        placement = db.session.scalars(select(Placement)).one()
        at = checkpoints_of(of.run.id)[1]
        scores = {each.id: (score, "") for each in criteria_at(at)}
        grade(placement, at, scores, "", version=version, actor=Principal(of.tutor.person_id), now=NOW)

    return act


def test_two_final_grades_at_once_are_one_and_a_conflict(fresh_database: Copy) -> None:
    of: Scene = seeded(fresh_database.app, at_the_end)
    assert both(fresh_database, grading(of, 50, 0), grading(of, 70, 0)) == ["Conflict", "done"]
    with fresh_database.app.app_context():
        assert [line.score for line in db.session.scalars(select(LogbookGrade)).one().scores] in ([50], [70])


def already_graded() -> Scene:
    of = at_the_end()
    graded(of, 30)
    return of


@pytest.mark.parametrize("turn", range(3))
def test_the_mark_has_the_grade_that_stands(fresh_database: Copy, turn: int) -> None:
    of: Scene = seeded(fresh_database.app, already_graded)

    def mark_it() -> None:
        mark = db.session.scalars(select(Mark)).one()
        said = judgement(mark.component, 60, 0, 60)
        submit_mark(mark, said, seen=mark.version, actor=Principal(of.tutor.person_id), now=NOW)

    assert both(fresh_database, grading(of, 80, 1), mark_it) in (["Refused", "done"], ["done", "done"])
    with fresh_database.app.app_context():
        final = final_grade(of.enrolments[0].id)
        assert final is not None
        [_, taken, _] = db.session.scalars(select(Mark)).one().scores
        assert (taken.score, final.settled_at) == (final.scores[0].score, NOW)


def test_one_nudge_pressed_twice_is_sent_once(fresh_database: Copy) -> None:
    of: Scene = seeded(fresh_database.app, at_the_end)

    def press() -> Any:
        placement = db.session.scalars(select(Placement)).one()
        chosen = [Candidate(placement, placement.enrolment.person)]
        tutor = Principal(of.tutor.person_id)
        desk.nudge(Why.SILENT, chosen, "How is it going?", form_key="key", actor=tutor, now=NOW)

    assert both(fresh_database, press, press) in (["done", "done"], ["IntegrityError", "done"])
    with fresh_database.app.app_context():
        assert db.session.query(Nudge).count() == 1
        told = [each.notice for each in db.session.scalars(select(Notification))]
        assert told.count("reading.nudge") == 1
