"""What a case file holds: all of one student's year, told and as sheets, and nothing that is somebody else's."""

import tomllib
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from placements.assessment.models import Mark
from placements.cases import rules, telling
from placements.cases.actions import ask
from placements.cases.making import make_due
from placements.cases.queries import whole
from placements.cases.rules import ANOTHER, MAILS, Others
from placements.cases.telling import told, words_of
from placements.config import ROOT
from placements.core.policy import Principal
from placements.core.version import VERSION
from placements.db import db
from placements.files.store import store
from placements.history.actions import record
from placements.mail.notices import notices
from placements.people.models import Person
from placements.placing.models import Placement
from tests import factories as make
from tests.cases.scene import OTHER, SIGNED, Year, asked, made, manifest_of, rows_of, unpacked, year, zip_of
from tests.client import counting_queries
from tests.factories import DAY, NOW
from tests.files.samples import PDF


@pytest.fixture
def case(session: Any) -> Year:
    return year()


def words(of: Year, account: Any = None, **said: Any) -> dict[str, Any]:
    """What the document of somebody's export says."""
    account = account or of.of.leader
    export = ask(of.enrolment, "Complaint 2026-117", actor=of.of.who(account), now=NOW)
    db.session.flush()
    return words_of(told(export, of.of.who(account), NOW), export, NOW)


def section(said: dict[str, Any], title: str) -> str:
    """Everything that one chapter says."""
    found = [each for each in said["sections"] if each["title"] == title]
    return str(found[0]) if found else ""


def test_it_tells_the_whole_year_in_order(case: Year) -> None:
    said = words(case)
    assert [each["title"] for each in said["sections"]] == [
        "This file",
        "The student and the module",
        "Places",
        "Challenge Agreements",
        "Visits and hours",
        "The supervisor’s feedback",
        "Concerns",
        "Work and deadlines",
        "Marks",
        "Release and board",
        "Mails",
        "History",
    ]
    for title, expected in {
        "This file": ("Lena Leader", "Complaint 2026-117", "Tue 20 Oct 2026, 09:00:00"),
        "The student and the module": ("Student1 Okoro", "26120000", "WL6W50 2026/27", "Tariq Tutor"),
        "Places": ("Accepted", "Stands now"),
        "Challenge Agreements": ("Version 1", "In force", "Student1 Okoro"),
        "Visits and hours": ("Confirmed by", "10.5 hours"),
        "The supervisor’s feedback": ("version 1", "version 2", "Corrected: works well."),
        "Concerns": ("Too few hours are offered.",),
        "Work and deadlines": (
            "Portfolio.pdf",
            "MC-2026-117",
            "ADJ-9",
            "The organisation closed.",
            case.submission.receipt,
        ),
        "Marks": ("Looked into by the panel.", "Good work.", "68", "version 3"),
        "Release and board": ("Professor Ada Bell", "55", "62", "A page was not read."),
        "History": ("handed in", "marked", "asked for the case file"),
    }.items():
        for each in expected:
            assert str(each) in section(said, title), (title, each)


def test_no_other_student_is_in_it(case: Year) -> None:
    make.mark(make.enrolment(case.of.group, make.person(family_name="Unrelated")), case.of.portfolio, None, mark=11)
    said = str(words(case))
    assert ANOTHER in said
    for each in ("zora", "quillfeather", "unrelated", "a note on the whole meeting"):
        assert each not in said.lower()
    files = unpacked(made(case))
    for name, content in files.items():
        assert b"uillfeather" not in content, name
    assert rows_of(files, "visits")[0]["What was done"] == f"Counted with {ANOTHER} on 6"


def test_a_name_is_replaced_only_where_it_is_one() -> None:
    hide = Others(["Ann Lee", "Ann Lee Moss"]).hidden
    assert hide({"a": ["ANN  lee", ("Ann Lee Moss", 3)]}) == {"a": [ANOTHER, [ANOTHER, 3]]}
    assert hide("Joann Lee and Ann Leeds") == "Joann Lee and Ann Leeds"
    assert Others([]).hidden("Ann Lee") == "Ann Lee"


def test_without_the_replacing_the_other_student_would_be_in_it(case: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    monkeypatch.setattr(rules.Others, "hidden", lambda self, value: value)
    assert OTHER in str(words(case))


def test_concerns_are_told_to_who_may_read_them_alone(case: Year) -> None:
    said = str(words(case))
    assert "Too few hours are offered." in said
    assert "A restricted worry." not in said
    # To a leader whom it is about, it does not exist: not even its chapter.
    for each in telling_concerns(case):
        each.about_id = case.of.leader.person_id
    db.session.flush()
    assert "Concern" not in [part["title"] for each in words(case)["sections"] for part in each["parts"]]
    assert section(words(case), "Concerns") == ""


def telling_concerns(of: Year) -> list[Any]:
    from_placement = telling.Concern.placement_id == of.of.placements[0].id
    return list(db.session.query(telling.Concern).filter(from_placement))


def test_its_files_are_those_that_were_handed_in_and_signed(case: Year) -> None:
    files = unpacked(made(case))
    receipt = case.submission.receipt
    assert [name for name in files if name.startswith("files/")] == [
        "files/agreements/placement 1, version 1.pdf",
        f"files/Final Project Portfolio/1 {receipt}/1 Portfolio.pdf",
        f"files/Final Project Portfolio/1 {receipt}/logbook as it stood.csv",
    ]
    assert files["files/agreements/placement 1, version 1.pdf"] == SIGNED
    assert files[f"files/Final Project Portfolio/1 {receipt}/1 Portfolio.pdf"] == PDF
    assert files["case.pdf"].startswith(b"%PDF-1.7")


def test_the_manifest_names_every_file_with_its_hash(case: Year) -> None:
    export = made(case)
    files = unpacked(export)
    manifest = manifest_of(files)
    listed = {each["name"]: (each["bytes"], each["sha256"], each["remark"]) for each in manifest.pop("files")}
    assert listed == {
        name: (len(content), sha256(content).hexdigest(), "")
        for name, content in files.items()
        if name != "manifest.json"
    }
    assert manifest == {
        "format": 1,
        "software": f"Placements {VERSION}",
        "asked_by": "Lena Leader",
        "asked_at": "2026-10-20T08:00:00+00:00",
        "as_at": "2026-10-20T08:00:00+00:00",
        "reason": "Complaint 2026-117",
    }
    assert export.sha256 == sha256(zip_of(export)).hexdigest()


def test_bytes_that_are_gone_or_altered_are_told_and_keep_nothing_back(case: Year) -> None:
    db.session.commit()
    store().path(sha256(PDF).hexdigest()).write_bytes(b"altered")
    store().path(sha256(SIGNED).hexdigest()).unlink()
    remarks = {each["name"]: each["remark"] for each in manifest_of(unpacked(made(case)))["files"] if each["remark"]}
    assert remarks == {
        "files/agreements/placement 1, version 1.pdf": "It is not in the store",
        f"files/Final Project Portfolio/1 {case.submission.receipt}/1 Portfolio.pdf": (
            "These are not the bytes that were received"
        ),
    }


def test_sheets_are_safe_in_excel(case: Year) -> None:
    make.entry(case.of.placements[0], on=NOW.date() - 30 * DAY, activity="=1+1")
    assert rows_of(unpacked(made(case)), "visits")[0]["What was done"] == "'=1+1"


def test_the_sheets_say_what_the_document_says(case: Year) -> None:
    files = unpacked(made(case))
    marks = rows_of(files, "marks")
    assert {(each["What"], each["Mark"]) for each in marks if each["Criterion"] == "The whole"} >= {
        ("Now, submitted", "68"),
        ("Now, confirmed", "55"),
    }
    assert "asked for the case file" in [each["What"] for each in rows_of(files, "history")]
    assert [each["Logged (minutes)"] for each in rows_of(files, "visits")] == ["210", "210", "210"]
    assert {each["To"] for each in rows_of(files, "mails")} == {"Student"}


def test_the_same_case_as_at_the_same_moment_is_the_same_bytes(case: Year) -> None:
    first = made(case)
    bytes_before = zip_of(first)
    store().path(first.sha256 or "").unlink()
    db.session.delete(first.file)
    first.state, first.file, first.sha256, first.made_at = "asked", None, None, None
    db.session.query(telling.History).filter_by(verb="made the case file").delete()
    db.session.commit()
    assert make_due(NOW) == 1
    db.session.refresh(first)
    assert zip_of(first) == bytes_before


def test_as_many_queries_whatever_there_is(case: Year) -> None:
    placement_id, mark_id, leader_id = case.of.placements[0].id, case.mark.id, case.of.leader.person_id
    export_id, who = asked(case).id, case.of.who(case.of.leader)
    few = _queries(export_id, who)
    placement, mark = db.session.get_one(Placement, placement_id), db.session.get_one(Mark, mark_id)
    leader = db.session.get_one(Person, leader_id)
    for day in range(1, 30):
        entry = make.entry(placement, on=NOW.date() - (30 + day) * DAY)
        make.entry_evidence(entry, f"%PDF-1.7\n{day}\n%%EOF\n".encode())
        make.concern(placement, leader)
        make.withholding(mark, leader, ended_at=NOW, ended_by=leader)
        record("marked", mark.submission, actor=who, now=NOW)
    db.session.commit()
    assert (few, _queries(export_id, who)) == (48, 48)


def _queries(export_id: int, who: Principal) -> int:
    db.session.expunge_all()
    with counting_queries() as queries:
        export = whole(export_id)
        words_of(told(export, who, NOW), export, NOW)
    return queries.count


def test_every_notice_that_it_looks_for_exists(app: Flask) -> None:
    with app.app_context():
        assert {name for names in MAILS.values() for name in names} - notices().keys() == set()


def test_the_version_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
