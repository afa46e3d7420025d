"""Before release nothing that a student can load differs by their mark; after it, they see all of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment.models import CriterionScore, Mark
from placements.assessment.workflow import MarkState
from placements.board.releasing import fingerprint_of, release
from placements.core.policy import Principal
from placements.db import db
from placements.marking.actions import reopen
from tests.assessment.scene import Scene, agree, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.factories import NOW

MASKED = re.compile(rb'(name="csrf_token" value=)"[^"]+"')


def both_marked() -> Scene:
    """One student with an Agreement and a portfolio, both marked and neither released."""
    of = scene()
    mark_it(of, agree(of), 61, 61, 61)
    mark_it(of, hand_in(of), 62, 58, 71)
    return of


@pytest.fixture
def of(database: Flask) -> Scene:
    made: Scene = seeded(database, both_marked)
    return made


def pages(client: PageClient, submission: str) -> dict[str, bytes]:
    """Every page of assessment that the student can load, and their home, masked; and what is not theirs."""
    urls = ("/", "/assessment", "/marks", f"/submissions/{submission}", "/me")
    return {url: MASKED.sub(rb"\1", client.get(url, follow_redirects=True).data) for url in urls}


def change(app: Flask, mark: int | None, word: str, state: MarkState, by: int | None) -> None:
    with app.app_context():
        for each in db.session.scalars(select(Mark)):
            each.mark, each.feedback, each.state, each.marker_id = mark, word, state, by
            each.version += 7
            for row in each.scores:
                row.score, row.comment = mark, word
        db.session.commit()


def test_pages_are_equal_whatever_the_unreleased_marks_are(of: Scene, client: PageClient, database: Flask) -> None:
    with database.app_context():
        submission = db.session.scalars(select(Mark).where(Mark.component_id == of.portfolio.id)).one().submission
        public_id = submission.public_id
    client.sign_in_as(of.students[0])
    before = pages(client, public_id)
    assert len(before) == 5
    assert b"Your tutor marks it next." in before[f"/submissions/{public_id}"]
    assert b"The mark" not in before[f"/submissions/{public_id}"]
    tutor = of.tutor.person_id
    for mark, word, state in (
        (12, "CANARY-WORD", MarkState.SUBMITTED),
        (99, "Another word", MarkState.DRAFTED),
        (None, "", MarkState.DRAFTED),
    ):
        change(database, mark, word, state, tutor)
        client.forbidden = {"CANARY-WORD", "Another word"}
        assert pages(client, public_id) == before
    change(database, 0, "", MarkState.SUBMITTED, None)
    assert pages(client, public_id) == before
    with database.app_context():
        db.session.query(CriterionScore).delete()
        for each in db.session.scalars(select(Mark)):
            each.marker_id = tutor
            each.version += 1
            db.session.flush()
            reopen(each, actor=Principal(tutor), now=NOW)
        db.session.commit()
    assert pages(client, public_id) == before


def test_the_same_change_after_release_is_seen(of: Scene, client: PageClient, database: Flask) -> None:
    """The control: what the test above compares does change with marks that are out."""
    client.sign_in_as(of.students[0])
    with database.app_context():
        public_id = db.session.scalars(select(Mark)).first().submission.public_id  # type: ignore[union-attr]
    change(database, 12, "A word", MarkState.PROVISIONAL, of.tutor.person_id)
    before = pages(client, public_id)["/marks"]
    change(database, 13, "A word", MarkState.PROVISIONAL, of.tutor.person_id)
    assert pages(client, public_id)["/marks"] != before


def test_a_student_cannot_load_the_marking_side(of: Scene, client: PageClient, database: Flask) -> None:
    with database.app_context():
        found = db.session.scalars(select(Mark.public_id)).all()
    client.sign_in_as(of.students[0])
    client.forbidden = {"On Writing.", "Good work."}
    for public_id in found:
        assert client.get(f"/marking/{public_id}").status_code == 404
    run = of.run.public_id
    for url in (f"/runs/{run}/marks", f"/runs/{run}/marks/exports", f"/runs/{run}/scripts"):
        assert client.get(url).status_code == 404
    assert client.get("/marking").status_code == 403


def released(of: Scene) -> Scene:
    """Both marks are out, in a run with a day for whoever takes something again."""
    of.run.reassessment_due_at = NOW + timedelta(days=60)
    found: Any = db.session.scalars(select(Mark)).all()
    release(of.run, found, seen=fingerprint_of(found), actor=of.who(of.leader), now=NOW)
    return of


def test_after_release_the_student_sees_mark_scores_words_and_what_happens_next(
    database: Flask, client: PageClient
) -> None:
    of = seeded(database, lambda: released(both_marked()))
    client.sign_in_as(of.students[0])
    page = client.page("/marks")
    assert "Your module mark is 63, provisional until the board has confirmed it. That is a pass." in page.text
    assert "Final Project Portfolio 63 of 100 Provisional · 75% of the module mark" in page.text
    assert "Understanding of the challenge 40% 62 of 100 On Understanding of the challenge." in page.text
    assert "On the whole Good work." in page.text
    assert "What happens next The board confirms marks. Until then they are provisional, and can change." in page.text
    assert "Once the board has confirmed your result, you can appeal against how it came about: read how." in page.text
    assert "Marked by Tariq Tutor. If something is unclear, talk to them." in page.text
    submission = client.page(page.link("See what was marked: Final Project Portfolio"))
    assert "Your mark and feedback are ready. See your marks" in submission.text
    assert "Mark released Lena Leader" in submission.text
    work = client.page("/assessment")
    assert work.text.count("Your mark and feedback are ready.") == 2
    assert work.link("See my marks: Final Project Portfolio") == "/marks"
    assert "marking" not in submission.text


def test_one_part_released_does_not_tell_the_module_mark(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = both_marked()
        found = db.session.scalars(select(Mark).where(Mark.component_id == of.agreement.id)).all()
        release(of.run, found, seen=fingerprint_of(found), actor=of.who(of.leader), now=NOW)
        return of

    of = seeded(database, build)
    client.sign_in_as(of.students[0])
    client.forbidden = {">63<"}
    page = client.page("/marks")
    assert "The module mark follows when every part that counts has been released." in page.text
    assert "Empowering London Challenge Agreement 61 of 100 Provisional" in page.text
    assert "Final Project Portfolio Not released yet. Mark and feedback are due by Tue 10 Nov 2026, 8am" in page.text
