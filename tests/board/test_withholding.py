"""A mark is kept back: out of release, board and export, and to all but its leaders like one not released yet."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.board.actions import export
from placements.board.models import Stage, Withholding
from placements.board.readiness import Why, releasable, standings
from placements.board.releasing import fingerprint_of, release, release_due, stage
from placements.board.withholding import end_withholding, withhold
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import SensitiveRead
from placements.mail.models import Notification
from placements.marking.actions import reopen
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.factories import NOW

REASON = "Two portfolios share four pages."


def marked(students: int = 3) -> tuple[Scene, list[Mark]]:
    of = scene(students)
    return of, [mark_it(of, hand_in(of, place), 50 + place, 50, 50) for place in range(students)]


def kept_back(of: Scene, mark: Mark) -> None:
    withhold(mark, REASON, actor=of.who(of.leader), now=NOW)
    db.session.flush()


def let_out(of: Scene, marks: list[Mark]) -> None:
    release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    db.session.flush()


def test_a_withheld_mark_is_in_no_release_and_no_export(session: Any) -> None:
    of, marks = marked()
    seen = fingerprint_of(marks)
    kept_back(of, marks[1])
    assert releasable(of.run, of.portfolio) == [marks[0], marks[2]]
    assert [each.why for each in standings(of.run, of.portfolio)] == [None, Why.WITHHELD, None]
    for fingerprint in (seen, fingerprint_of(marks)):
        with pytest.raises(Refused, match="nothing was done"):
            release(of.run, marks, seen=fingerprint, actor=of.who(of.leader), now=NOW)
    let_out(of, [marks[0], marks[2]])
    made = export(of.run, Stage.PROVISIONAL, actor=of.who(of.leader), now=NOW)
    assert [row[0] for row in made.rows] == ["26120000", "26120002"]
    told = session.scalars(select(Notification.recipient_id).where(Notification.notice == "board.mark_ready"))
    assert of.enrolments[1].person_id not in set(told)


def test_its_tutor_changes_it_as_ever_and_no_version_counts_the_withholding(session: Any) -> None:
    of, marks = marked(1)
    version = marks[0].version
    kept_back(of, marks[0])
    assert (marks[0].version, marks[0].state) == (version, MarkState.SUBMITTED)
    reopen(marks[0], actor=Principal(of.tutor.person_id), now=NOW)
    assert marks[0].withheld_at == NOW


def test_a_released_mark_that_is_withheld_goes_back_to_before_its_release(session: Any) -> None:
    of, marks = marked(2)
    let_out(of, marks)
    kept_back(of, marks[0])
    assert [mark.state for mark in marks] == [MarkState.SUBMITTED, MarkState.PROVISIONAL]
    end_withholding(marks[0], "Nothing was found.", actor=of.who(of.leader), now=NOW)
    assert marks[0].state is MarkState.SUBMITTED
    let_out(of, marks[:1])
    assert marks[0].state is MarkState.PROVISIONAL


def test_a_confirmed_mark_is_not_withheld_and_none_is_withheld_twice(session: Any) -> None:
    of, marks = marked(2)
    marks[0].state = MarkState.CONFIRMED
    with pytest.raises(Refused, match="is confirmed"):
        kept_back(of, marks[0])
    session.rollback()
    of, marks = marked(1)
    kept_back(of, marks[0])
    with pytest.raises(Refused, match="withheld already"):
        kept_back(of, marks[0])


def test_it_leaves_a_staged_release_which_goes_on_without_it(session: Any) -> None:
    of, marks = marked()
    staged = stage(of.portfolio, marks, NOW + HOUR, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    kept_back(of, marks[1])
    release_due(NOW + HOUR)
    assert staged.state == "released"
    assert [mark.state for mark in marks] == [MarkState.PROVISIONAL, MarkState.SUBMITTED, MarkState.PROVISIONAL]


def test_the_reasons_stand_encrypted_and_reading_them_is_written_down(database: Flask, client: PageClient) -> None:
    def build() -> tuple[Scene, list[Mark]]:
        of, marks = marked(1)
        return of, marks

    of, (mark,) = seeded(database, build)
    client.sign_in_as(of.leader)
    page = client.page(f"/run-marks/{mark.public_id}")
    with database.app_context():
        assert db.session.scalars(select(SensitiveRead)).all() == []
    form = client.page(page.link("Withhold this mark")).form("Withhold this mark")
    assert client.submit(form, reason="").errors == ["Write why the mark is withheld"]
    page = client.submit(form, reason=REASON)
    assert REASON in page.text
    assert "That you read this is written down." in page.text
    with database.app_context():
        stored = db.session.execute(text("SELECT reason FROM withholding")).scalar_one()
        assert "portfolios" not in stored
        read = db.session.scalars(select(SensitiveRead)).one()
        assert (read.about_kind, read.field, read.reader_id) == ("withholding", "reason", of.leader.person_id)
    assert "1 mark is withheld." in client.page(f"/runs/{of.run.public_id}/marks").text
    form = client.page(page.link("Stop withholding it")).form("Stop withholding it")
    assert client.submit(form, reason="").errors == ["Write why the mark is no longer withheld"]
    page = client.submit(form, reason="It was a shared template.")
    assert "It was a shared template." in page.text
    with database.app_context():
        row = db.session.scalars(select(Withholding)).one()
        assert (row.ended_by_id, row.ended_at) == (of.leader.person_id, NOW)


def test_its_student_is_told_once_others_of_the_group_have_theirs(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of, marks = marked(2)
        kept_back(of, marks[0])
        return of

    of = seeded(database, build)
    client.sign_in_as(of.students[0])
    page = client.page("/marks")
    assert "withheld" not in page.text
    assert "Not released yet." in page.text
    with database.app_context():
        marks = db.session.scalars(select(Mark).order_by(Mark.id)).all()
        release(marks[1].enrolment.run, marks[1:], seen=fingerprint_of(marks[1:]), actor=of.who(of.leader), now=NOW)
        db.session.commit()
    page = client.page("/marks")
    assert "Your mark for this part is withheld for now. Talk to the module leader, Lena Leader, about it." in page.text
    client.sign_in_as(of.students[1])
    assert "withheld" not in client.page("/marks").text
