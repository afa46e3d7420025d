"""The finished year's work as the story leaves it: handed in, marked with reasons, confirmed and exported."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.assessment.models import Mark, Submission, SubmissionFile
from placements.assessment.workflow import MarkState, SubmissionState
from placements.board.models import BoardMeeting, Correction, MarkExport, StagedRelease
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import RunState
from placements.db import db
from placements.demo import papers
from placements.double_marking.models import Settlement
from placements.double_marking.workflow import SettlementState
from placements.drafting.models import Draft
from placements.examining.models import ExaminerReport, ScriptRequest
from placements.extensions.models import Extension
from placements.feedback.models import Feedback
from placements.feedback.workflow import FeedbackState
from placements.files.kinds import check_bytes
from placements.files.store import store
from placements.history.models import History
from placements.reassessment.models import Mitigation, Waiver

pytestmark = [pytest.mark.pure, pytest.mark.long]  # on a database of its own, the embedded one

AGREEMENT, PORTFOLIO = ComponentKind.AGREEMENT, ComponentKind.PORTFOLIO
M, S = MarkState, SubmissionState


@pytest.fixture
def story(demonstration: Flask) -> Iterator[Flask]:
    with demonstration.app_context():
        yield demonstration
        db.session.rollback()


def marks(year: str, kind: ComponentKind, attempt: int = 1) -> Sequence[Mark]:
    found = select(Mark).join(Mark.component).join(Component.run).where(ModuleRun.academic_year == year)
    found = found.where(Mark.attempt == attempt)
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
        assert {mark.state for mark in found} == {M.CONFIRMED}
        on = Counter(mark.board_on for mark in found)
        late = 1 if kind is PORTFOLIO else 0  # what mitigation put off
        assert (on[date(2026, 6, 24)], on[date(2026, 7, 29)]) == (24 - late, late)


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
    assert endings == {"pdf": 26, "docx": 3}
    assert [each.replaced_at is not None for each in files if each.file.name.endswith("docx")] == [True] * 3
    with_text = [each for each in files if each.submission.text]
    assert len(with_text) >= 6
    for each in files:
        content = store().path(each.file.sha256).read_bytes()
        check_bytes(each.file.name, content, content)


@pytest.mark.usefixtures("story")
def test_exports_have_a_row_for_each_student() -> None:
    exports = db.session.scalars(select(MarkExport).order_by(MarkExport.id)).all()
    assert [(made.stage.value, made.since_id is not None) for made in exports] == [
        ("provisional", False),
        ("provisional", True),  # with the mark that was withheld
        ("confirmed", False),
        ("confirmed", True),  # with the one that was corrected
        ("confirmed", True),  # with what came in July
    ]
    results = [Counter(row[8] for row in made.rows if row[5] == "Module") for made in exports]
    assert results[2:4] == [{"": 20, "R1": 1, "R2": 2, "DF": 1}] * 2
    assert results[4] == {"": 23, "F2": 1}
    for made in exports[1:]:
        modules = [row for row in made.rows if row[5] == "Module"]
        assert len({row[0] for row in modules}) == len(modules) == 24


@pytest.mark.usefixtures("story")
def test_this_year_only_agreements_are_in() -> None:
    assert marks("2026/27", PORTFOLIO) == []
    handed_in = select(Submission).join(Submission.component).join(Component.run)
    handed_in = handed_in.where(ModuleRun.academic_year == "2026/27", Component.kind != AGREEMENT)
    handed_in = handed_in.where(Submission.state != S.OPEN)
    assert db.session.scalars(handed_in).all() == []
    states = Counter(mark.state for mark in marks("2026/27", AGREEMENT))
    assert states[M.PROVISIONAL] >= 90
    assert states[M.SUBMITTED] >= 2
    assert states[M.DRAFTED] >= 3
    assert M.CONFIRMED not in states


BY_RULE = (
    "taken for marking",
    "not handed in by the deadline",
    "set to 0: not handed in",
    "both marks are in",
    "reopened the second mark: the work was replaced",
    "counts again: the deadline was moved",
    "deadline by the placing",
    "mark recomputed: the deadline was moved",
    "sent for signature, so handed in",
    "sent for signature, so handed in late",
)


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
        elif verb in BY_RULE:
            assert actor_id is None
        elif verb == "one mark of two":
            assert person_id is None
        else:
            assert actor_id not in (None, person_id)


def test_papers_are_what_their_names_say() -> None:
    said = ("A (small) café’s ledger", [("1. Why", "Because 5 < 6 & more.")])
    for name, make in (("Portfolio.pdf", papers.pdf), ("Portfolio.docx", papers.docx)):
        content = make(*said)
        assert content == make(*said)
        check_bytes(name, content, content)
    assert rb"(A \(small\) caf" + "é’s".encode("cp1252") in papers.pdf(*said)


@pytest.mark.usefixtures("story")
def test_portfolios_are_marked_by_two_who_agree_by_rule_by_talking_or_by_a_third() -> None:
    found = select(Settlement.how, func.count()).join(Settlement.mark).join(Mark.component)
    found = found.where(Settlement.state == SettlementState.SETTLED, Component.kind == PORTFOLIO)
    settled = db.session.execute(found.group_by(Settlement.how))
    assert {row[0].value: row[1] for row in settled} == {"automatic": 20, "discussed": 3, "third_marker": 1}
    for mark in marks("2025/26", PORTFOLIO):
        assert (mark.agreed is not None) == (mark.second_id is not None) == (mark.marker_id is not None)
        assert mark.second_id is None or mark.second_id != mark.marker_id


@pytest.mark.usefixtures("story")
def test_second_marks_of_this_year_wait_are_agreed_and_are_disputed() -> None:
    found = [mark for mark in marks("2026/27", AGREEMENT) if mark.second_id]
    waits = [mark for mark in found if mark.fixed_at is None]
    disputed = [mark for mark in found if mark.fixed_at and mark.agreed is None]
    assert (len(waits) >= 2, len(disputed) >= 1, len(found) - len(waits) - len(disputed) >= 10) == (True, True, True)
    refused = select(Settlement.mark_id).where(Settlement.state == SettlementState.DECLINED)
    assert disputed[0].id in db.session.scalars(refused).all()


@pytest.mark.usefixtures("story")
def test_the_external_examiner_reported_and_was_answered() -> None:
    report = db.session.scalars(select(ExaminerReport)).one()
    assert (report.run.academic_year, report.state.value) == ("2025/26", "answered")
    assert all(report.answers[key] for key in ("standards", "marking", "changes", "practice"))
    assert "Thank you for so careful a reading." in report.response
    asked = db.session.scalars(select(ScriptRequest)).one()
    assert asked.submission.component.kind is PORTFOLIO


@pytest.mark.usefixtures("story")
def test_agreements_are_shared_among_their_markers() -> None:
    by_marker = Counter(mark.allocated_id for mark in marks("2025/26", AGREEMENT))
    assert sorted(by_marker.values()) == [12, 12]
    assert None not in by_marker


@pytest.mark.usefixtures("story")
def test_one_is_extended_one_put_off_one_claims_in_vain_and_one_component_is_waived() -> None:
    deadlines = [each.due_at.date() for each in db.session.scalars(select(Extension).order_by(Extension.id))]
    assert deadlines == [date(2026, 5, 20), date(2027, 5, 19)]
    claims = [each.state.value for each in db.session.scalars(select(Mitigation).order_by(Mitigation.id))]
    assert claims == ["refused", "accepted"]
    waiver = db.session.scalars(select(Waiver)).one()
    assert waiver.submission.component.kind is ComponentKind.FEEDBACK
    states = db.session.scalars(select(Feedback.state).where(Feedback.placement.has(enrolment=waiver.enrolment)))
    assert set(states) == {FeedbackState.WAIVED}


@pytest.mark.usefixtures("story")
def test_two_boards_sit_and_one_mark_is_corrected_by_two_people() -> None:
    boards = db.session.scalars(select(BoardMeeting).order_by(BoardMeeting.id)).all()
    assert [(each.met_on, len(each.decisions)) for each in boards] == [(date(2026, 6, 24), 47), (date(2026, 7, 29), 5)]
    corrected = db.session.scalars(select(Correction)).one()
    assert (corrected.state.value, corrected.to_mark - corrected.from_mark) == ("agreed", 2)
    assert corrected.decided_by_id != corrected.asked_by_id
    assert db.session.scalars(select(StagedRelease)).one().state.value == "released"


@pytest.mark.usefixtures("story")
def test_whoever_failed_is_assessed_again_and_one_does_not_come() -> None:
    assert [mark.mark for mark in marks("2025/26", AGREEMENT, attempt=2)] == [40]
    again = marks("2025/26", PORTFOLIO, attempt=2)
    assert [(mark.mark, mark.state, mark.submission.state) for mark in again] == [
        (40, M.CONFIRMED, S.RECEIVED),
        (40, M.CONFIRMED, S.RECEIVED),
        (0, M.CONFIRMED, S.NOT_SUBMITTED),
    ]


@pytest.mark.usefixtures("story")
def test_one_mark_of_this_year_is_withheld_and_five_have_begun_their_portfolio() -> None:
    withheld = [mark for mark in marks("2026/27", AGREEMENT) if mark.withheld_at]
    assert [mark.state for mark in withheld] == [M.SUBMITTED]
    assert db.session.scalar(select(func.count()).select_from(Draft)) == 5
