"""The final grade of a logbook: hidden until the portfolio's mark is released, entered once, taken by that mark."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from placements.assessment.models import Mark
from placements.board.releasing import fingerprint_of, release
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.mail.models import Notification
from placements.marking.actions import reopen
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.placing.workflow import PlacementState
from placements.reading.grading import grade
from placements.reading.models import LogbookGrade
from placements.reading.queries import checkpoints_of, criteria_at, final_grade
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.factories import NOW

MASKED = re.compile(rb'((?:name="(?:csrf_token|form_key)" [^>]*value|data-token)=)"[^"]+"')


def at_the_end() -> Scene:
    """A student whose portfolio is in, on a run with both checkpoints."""
    of = scene()
    make.checkpoint(of.run)
    make.checkpoint(of.run, title="Final check", is_final=True)
    hand_in(of)
    return of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, at_the_end)
    return made


def graded(of: Scene, score: int, words: str = "", *, number: int = 1, version: int = 0) -> LogbookGrade:
    """The tutor grades the logbook at the `number`th checkpoint; the final one is the second."""
    at = checkpoints_of(of.run.id)[number]
    scores = {each.id: (score, words) for each in criteria_at(at)}
    placement = db.session.merge(of.placements[0])
    return grade(placement, at, scores, "", version=version, actor=Principal(of.tutor.person_id), now=NOW)


def committed(app: Flask, act: Callable[[], Any]) -> None:
    with app.app_context():
        act()
        db.session.commit()


def pages(client: PageClient, of: Scene) -> dict[str, bytes]:
    """Every page on which a student could look for a grade, masked."""
    log = f"/placements/{of.placements[0].public_id}"
    urls = ("/", log, f"{log}/log", f"{log}/log/grades", "/assessment", "/marks", "/me")
    return {url: MASKED.sub(rb"\1", client.get(url, follow_redirects=True).data) for url in urls}


def test_the_students_pages_are_equal_whatever_the_final_grade_is(
    of: Scene, client: PageClient, database: Flask
) -> None:
    client.sign_in_as(of.students[0])
    client.forbidden = {"CANARY-WORD", "Other-words"}
    before = pages(client, of)
    assert b"Nothing yet" in before[f"/placements/{of.placements[0].public_id}/log/grades"]
    committed(database, lambda: graded(of, 12, "CANARY-WORD"))
    assert pages(client, of) == before
    committed(database, lambda: graded(of, 99, "Other-words", version=1))
    assert pages(client, of) == before
    with database.app_context():
        assert "reading.grade" not in {each.notice for each in db.session.scalars(select(Notification))}


def test_a_grade_on_the_way_is_seen_at_once(of: Scene, client: PageClient, database: Flask) -> None:
    """The control: what the test above compares does change with a grade that is no final one."""
    client.sign_in_as(of.students[0])
    before = pages(client, of)
    committed(database, lambda: graded(of, 12, "A word.", number=0))
    after = pages(client, of)
    assert [url for url in before if before[url] != after[url]] == [
        f"/placements/{of.placements[0].public_id}/log/grades"
    ]


def test_the_mark_takes_the_logbooks_criteria_from_it_and_the_student_sees_them_on_release(
    of: Scene, client: PageClient, database: Flask
) -> None:
    client.sign_in_as(of.tutor)
    url = client.page("/marking?kind=portfolio").link("Student1 Okoro")
    rest = {"score_1": "62", "score_3": "71", "feedback": "Well done."}
    form = client.page(url).form("Save draft")
    assert "score_2" not in form.names
    page = client.submit(form, rest, button="Submit the mark")
    assert page.errors == ["Give the logbook its final grade, then submit the mark."]
    page = client.page(client.page(url).link("Grade it on the logbook: Logbook and reflection"))
    assert page.h1 == "Grade the logbook of Student1 Okoro: Final check"
    grading = page.form("Save the final grade")
    [score] = [each for each in grading.names if each.startswith("score_")]
    [note] = [each for each in grading.names if each.startswith("note_")]
    page = client.submit(grading, {score: "58", note: "Every doubt is in it."})
    assert "sees nothing of it before the portfolio’s mark is released" in page.text
    page = client.page(url)
    assert "58, from the final grade of the logbook. Every doubt is in it." in page.text
    client.submit(page.form("Save draft"), rest, button="Submit the mark")
    with database.app_context():
        mark = db.session.scalars(select(Mark)).one()
        assert (mark.mark, [each.score for each in mark.scores]) == (63, [62, 58, 71])
        release(mark.enrolment.run, [mark], seen=fingerprint_of([mark]), actor=of.who(of.leader), now=NOW)
        db.session.commit()
    client.sign_in_as(of.students[0])
    assert "Every doubt is in it." in client.page("/marks").text


def test_once_the_mark_is_submitted_it_stays_until_that_is_taken_back(session: Any) -> None:
    of = at_the_end()
    graded(of, 58)
    mark = mark_it(of, hand_in_again(of), 62, 11, 71)
    assert [each.score for each in mark.scores] == [62, 58, 71]
    with pytest.raises(Refused, match="part of the portfolio’s mark"):
        graded(of, 70, version=1)
    reopen(mark, actor=Principal(of.tutor.person_id), now=NOW)
    graded(of, 70, version=1)
    mark = mark_it(of, mark.submission, 62, 11, 71)
    assert [each.score for each in mark.scores] == [62, 70, 71]


def hand_in_again(of: Scene) -> Any:
    """The submission that is in."""
    found = of.task().submission
    assert found is not None
    return found


def test_what_was_graded_after_a_draft_is_what_counts(session: Any) -> None:
    of = at_the_end()
    graded(of, 30)
    graded(of, 80, version=1)
    with pytest.raises(Conflict):
        graded(of, 90, version=1)
    assert [each.score for each in mark_it(of, hand_in_again(of), 60, 0, 60).scores] == [60, 80, 60]


def test_there_is_one_for_a_student_however_many_placements(session: Any) -> None:
    of = at_the_end()
    graded(of, 58)
    of.placements[0].state, of.placements[0].ended_on = PlacementState.TRANSFERRED, NOW.date()
    session.execute(update(Offer).values(state=OfferState.WITHDRAWN))
    of.placements[0] = make.placement(of.enrolments[0])
    with pytest.raises(Conflict):
        graded(of, 70)
    graded(of, 70, version=1)
    found = final_grade(of.enrolments[0].id)
    assert found is not None
    assert [each.score for each in found.scores] == [70]
    assert session.query(LogbookGrade).count() == 1


def test_without_a_final_checkpoint_the_criteria_are_marked_with_the_rest(session: Any) -> None:
    of = scene()
    assert [each.score for each in mark_it(of, hand_in(of), 62, 58, 71).scores] == [62, 58, 71]


def test_a_settled_grade_is_shown_and_not_asked_for(of: Scene, client: PageClient, database: Flask) -> None:
    def both() -> None:
        graded(of, 58, "As it stands.")
        submission = db.session.scalars(select(Mark)).one().submission
        mark_it(of, submission, 62, 0, 71)

    committed(database, both)
    client.sign_in_as(of.tutor)
    page = client.page(f"/placements/{of.placements[0].public_id}/log/grade?checkpoint=final")
    assert "Logbook and reflection: 58 As it stands." in page.text
    assert [each.action for each in page.forms] == ["/sign-out"]


def test_a_module_leader_sets_the_checkpoints(of: Scene, client: PageClient, database: Flask) -> None:
    committed(database, lambda: graded(of, 58, number=0))
    client.sign_in_as(of.leader)
    url = f"/runs/{of.run.public_id}/checkpoints"
    form = client.page(url).form("Save the checkpoints")
    with database.app_context():
        mid, final = (each.id for each in checkpoints_of(of.run.id))
    assert client.submit(form, {f"title_{mid}": ""}).errors == ["Give the checkpoint a title"]
    assert client.submit(form, {f"title_{mid}": "Final Check"}).errors == ["Give each checkpoint a title of its own."]
    assert client.submit(form, {f"remove_{mid}": True}).errors == [
        "Logbooks have been graded at “Mid-point”, so it stays. You can change its title and date."
    ]
    again = client.submit(form, new_title="Another end", new_is_final=True)
    assert again.errors == ["There is a final checkpoint already: change that one."]
    due = {f"due_on_{final}-{part}": value for part, value in (("day", "30"), ("month", "4"), ("year", "2027"))}
    changes = {f"title_{mid}": "First look", "new_title": "In March"}
    client.submit(form, changes | {name: value for name, value in due.items() if name in form.names})
    with database.app_context():
        found = checkpoints_of(of.run.id)
        assert [(each.title, each.is_final) for each in found] == [
            ("First look", False),
            ("In March", False),
            ("Final check", True),
        ]
    form = client.page(url).form("Save the checkpoints")
    client.submit(form, {f"remove_{final}": True, "new_title": "Final check", "new_is_final": True})
    with database.app_context():
        assert checkpoints_of(of.run.id)[-1].is_final
    client.sign_in_as(of.tutor)
    client.page(url, status=403)
