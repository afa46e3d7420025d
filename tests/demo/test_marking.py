"""The finished year's work as the story leaves it: handed in, marked with reasons, confirmed and exported."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.assessment.models import Mark, Submission, SubmissionFile
from placements.assessment.workflow import MarkState, SubmissionState
from placements.board.models import MarkExport
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import RunState
from placements.db import db
from placements.demo import papers
from placements.files.kinds import check_bytes
from placements.files.store import store
from placements.history.models import History

pytestmark = [pytest.mark.pure, pytest.mark.long]  # on a database of its own, the embedded one

AGREEMENT, PORTFOLIO = ComponentKind.AGREEMENT, ComponentKind.PORTFOLIO
M, S = MarkState, SubmissionState


@pytest.fixture
def story(demonstration: Flask) -> Iterator[Flask]:
    with demonstration.app_context():
        yield demonstration
        db.session.rollback()


def marks(year: str, kind: ComponentKind) -> Sequence[Mark]:
    found = select(Mark).join(Mark.component).join(Component.run).where(ModuleRun.academic_year == year)
    return db.session.scalars(found.where(Component.kind == kind).order_by(Mark.id)).all()


def given(found: Sequence[Mark]) -> list[int]:
    return sorted(mark.mark or 0 for mark in found if mark.marker_id)


@pytest.mark.usefixtures("story")
def test_the_finished_year_is_marked_and_confirmed() -> None:
    run = db.session.scalars(select(ModuleRun).where(ModuleRun.academic_year == "2025/26")).one()
    assert run.state is RunState.CLOSED
    assert db.session.scalar(select(func.count(Enrolment.id)).where(Enrolment.run_id == run.id)) == 24
    for kind in (AGREEMENT, PORTFOLIO):
        found = marks("2025/26", kind)
        assert len(found) == 24
        assert {(mark.state, mark.board_on) for mark in found} == {(M.CONFIRMED, date(2026, 6, 24))}


@pytest.mark.usefixtures("story")
def test_marks_differ_as_students_do() -> None:
    found = given(marks("2025/26", PORTFOLIO))
    assert len(found) == 22
    assert 59 <= sum(found) / len(found) <= 63
    assert found[0] < 40
    assert sum(mark >= 70 for mark in found) >= 4
    assert len(set(found)) >= 15


@pytest.mark.usefixtures("story")
def test_one_came_late_and_one_never() -> None:
    found = marks("2025/26", PORTFOLIO)
    states = Counter(mark.submission.state for mark in found)
    assert states == {S.RECEIVED: 22, S.LATE: 1, S.NOT_SUBMITTED: 1}
    by_rule = [mark for mark in found if mark.submission.state is not S.RECEIVED]
    assert [(mark.mark, mark.marker_id, mark.feedback) for mark in by_rule] == [(0, None, ""), (0, None, "")]


@pytest.mark.usefixtures("story")
def test_every_mark_has_its_reasons_by_the_students_own_tutor() -> None:
    for mark in marks("2025/26", PORTFOLIO):
        if mark.submission.state is S.RECEIVED:
            assert mark.marker_id == mark.enrolment.group.tutor_id
            assert mark.enrolment.person.given_name in mark.feedback
            assert len(mark.scores) == 5
            assert all(each.score is not None and len(each.comment) > 30 for each in mark.scores)
            assert "{" not in mark.feedback + "".join(each.comment for each in mark.scores)


@pytest.mark.usefixtures("story")
def test_what_was_handed_in_can_be_opened() -> None:
    files = db.session.scalars(select(SubmissionFile).join(SubmissionFile.submission)).all()
    endings = Counter(each.file.name.rpartition(".")[2] for each in files)
    assert endings == {"pdf": 23, "docx": 3}
    assert [each.replaced_at is not None for each in files if each.file.name.endswith("docx")] == [True] * 3
    for each in files:
        content = store().path(each.file.sha256).read_bytes()
        check_bytes(each.file.name, content, content)


@pytest.mark.usefixtures("story")
def test_exports_have_a_row_for_each_student() -> None:
    exports = db.session.scalars(select(MarkExport).order_by(MarkExport.id)).all()
    assert [made.stage.value for made in exports] == ["provisional", "confirmed"]
    for made in exports:
        modules = [row for row in made.rows if row[5] == "Module"]
        assert len({row[0] for row in modules}) == len(modules) == 24
        assert len(made.rows) == 3 * 24
        assert Counter(row[8] for row in modules) == {"": 21, "R1": 1, "R2": 2}


@pytest.mark.usefixtures("story")
def test_this_year_only_agreements_are_in() -> None:
    assert marks("2026/27", PORTFOLIO) == []
    handed_in = select(Submission).join(Submission.component).join(Component.run)
    handed_in = handed_in.where(ModuleRun.academic_year == "2026/27", Component.kind != AGREEMENT)
    assert db.session.scalars(handed_in).all() == []
    states = Counter(mark.state for mark in marks("2026/27", AGREEMENT))
    assert states[M.PROVISIONAL] >= 90
    assert states[M.SUBMITTED] >= 2
    assert states[M.DRAFTED] >= 3
    assert M.CONFIRMED not in states


@pytest.mark.usefixtures("story")
def test_nothing_is_marked_or_handed_in_by_anybody_else() -> None:
    """The student hands in, the tutor marks, the module leader releases and confirms; the rest is the worker's."""
    rows = db.session.execute(
        select(History.verb, History.actor_id, History.person_id).where(History.about_kind == "submission")
    ).all()
    assert len(rows) > 400
    for verb, actor_id, person_id in rows:
        if verb in ("handed in", "handed in late"):
            assert actor_id == person_id
        elif verb in ("taken for marking", "not handed in by the deadline", "set to 0: not handed in"):
            assert actor_id is None
        else:
            assert actor_id not in (None, person_id)


def test_papers_are_what_their_names_say() -> None:
    said = ("A (small) café’s ledger", [("1. Why", "Because 5 < 6 & more.")])
    for name, make in (("Portfolio.pdf", papers.pdf), ("Portfolio.docx", papers.docx)):
        content = make(*said)
        assert content == make(*said)
        check_bytes(name, content, content)
    assert rb"(A \(small\) caf" + "é’s".encode("cp1252") in papers.pdf(*said)
