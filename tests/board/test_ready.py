"""How many marks are ready to release is one number: on the leader's home, on the page of marks, and where one does it."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import Mark, Submission
from placements.assessment.workflow import MarkState, SubmissionState
from placements.board.readiness import IS_READY, Ready, ready_in, releasable, why_not
from placements.cohorts.models import ComponentKind
from placements.db import db
from tests import factories as make
from tests.assessment.scene import Scene, scene, seeded
from tests.client import PageClient
from tests.factories import NOW
from tests.factories.board import staged_release
from tests.page import elements

DUE = datetime(2026, 10, 7, 14, 0, tzinfo=UTC)  # Wednesday, 3pm in London
BY_HAND = {"state": MarkState.SUBMITTED, "mark": 62, "agreed": 62, "moderated_at": NOW, "feedback": "Good."}
NOT_READY: dict[str, dict[str, Any]] = {
    "unsettled": {"agreed": None},
    "unmoderated": {"moderated_at": None},
    "withheld": {"withheld_at": NOW},
    "drafted": {"state": MarkState.DRAFTED},
    "no words": {"feedback": ""},
    "released": {"state": MarkState.PROVISIONAL},
}


def mark_of(of: Scene, place: int, **said: Any) -> Mark:
    """A mark by hand: moderated and agreed, unless something else is said."""
    attempt = make.submission(of.enrolments[place], of.portfolio, state=SubmissionState.RECEIVED, received_at=DUE)
    return make.mark(
        of.enrolments[place], of.portfolio, of.tutor.person, **{**BY_HAND, **said}, attempt=attempt.attempt
    )


def a_mark_of_each_kind() -> Scene:
    """Two that are ready (of a person, and by rule), one that is staged, and one of each other kind."""
    moderation = {"kind": "sample", "within": 2}
    of = scene(9, due=DUE, is_double_marked=True, moderation=moderation, feedback_weeks=4)
    for place, said in enumerate(NOT_READY.values()):
        mark_of(of, place, **said)
    mark_of(of, 6)
    nothing = make.submission(of.enrolments[7], of.portfolio, state=SubmissionState.NOT_SUBMITTED)
    make.mark(of.enrolments[7], of.portfolio, None, state=MarkState.SUBMITTED, mark=0, attempt=nothing.attempt)
    staged = mark_of(of, 8)
    staged_release(of.run, of.portfolio, of.leader.person, staged)
    return of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, a_mark_of_each_kind)
    return made


def test_home_marks_page_and_release_page_say_the_same(of: Scene, client: PageClient) -> None:
    client.sign_in_as(of.leader)
    home = client.page("/home")
    assert f"{of.run.title}: 2 marks are ready to release by Wed 4 Nov 2026, 3pm" in home.text
    marks = client.page(home.link("See the marks"))
    assert "2 marks are ready to release, 1 more waits for a staged release. 1 mark is released and waits" in marks.text
    release = client.page(marks.link("Release marks"))
    offered = [
        "".join(each.itertext()) for each in elements(release.main, "label") if each.get("for", "").startswith("m")
    ]
    assert len(offered) == 2
    for why in ("Two markers are to agree", "Moderation is not closed", "Withheld", "Staged already"):
        assert why in release.text


def test_the_feedback_clock_is_the_components_own(session: Any) -> None:
    of = a_mark_of_each_kind()
    assert ready_in([of.run.id]) == {of.run.id: Ready(2, DUE + timedelta(weeks=4, hours=1))}  # the clocks went back
    session.scalars(select(Submission).where(Submission.enrolment_id == of.enrolments[7].id)).one().due_at = (
        DUE + timedelta(days=1)
    )
    of.portfolio.feedback_weeks = 2
    session.flush()
    assert ready_in([of.run.id])[of.run.id].due_at == DUE + timedelta(weeks=2)


def test_what_is_waived_or_was_taken_again_is_not_ready(session: Any) -> None:
    of = scene(3, due=DUE)
    marks = [mark_of(of, place) for place in range(3)]
    session.refresh(marks[0])
    marks[0].submission.waived_at = NOW
    make.submission(of.enrolments[1], of.portfolio, state=SubmissionState.OPEN, attempt=2)
    session.flush()
    assert ready_in([of.run.id])[of.run.id].count == 1
    assert releasable(of.run, of.portfolio) == [marks[2]]


def test_in_sql_as_in_python(session: Any) -> None:
    """Of every case: state, marker, words, two markers, moderation, withheld."""
    of = scene(1, due=DUE)
    choices = product(
        (True, False), ("none", "sample"), MarkState, (True, False), (None, 62), (None, NOW), ("", "Good."), (None, NOW)
    )
    made = []
    for is_double, kind, state, has_marker, agreed, moderated_at, words, withheld_at in choices:
        part = make.component(ComponentKind.FEEDBACK, make.run(), is_double_marked=is_double, moderation={"kind": kind})
        make.submission(of.enrolments[0], part, state=SubmissionState.RECEIVED)
        said = {"agreed": agreed, "moderated_at": moderated_at, "feedback": words, "withheld_at": withheld_at}
        whose = of.tutor.person if has_marker else None
        made.append(make.mark(of.enrolments[0], part, whose, state=state, mark=62, **said))
    found = select(Mark.id).join(Mark.component).join(Mark.submission).where(IS_READY)
    ready = {each.id for each in made if why_not(each) is None}
    assert set(db.session.scalars(found)) == ready
    assert 0 < len(ready) < len(made)
