"""What importing a file would do: told before it is done, missing rows kept, the same file twice changing nothing."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.cohorts.roster import Difference, LineError, Preview, Roster, compare, read_roster
from placements.cohorts.roster_row import Key, RosterRow, RosterStatus

from .enrolment_files import file, line

pytestmark = pytest.mark.pure

ADA = read_roster(file(line())).rows[0]
BEN = replace(ADA, student_number="21034568", surname="Mbeki", forename="Ben", email="ben@example.org")
CAI = replace(ADA, student_number="21034569", surname="Cai", forename="Lin", email="cai@example.org")


def held(*rows: RosterRow) -> dict[Key, RosterRow]:
    return {row.key: row for row in rows}


def preview(existing: dict[Key, RosterRow], *rows: RosterRow) -> Preview:
    return compare(Roster(rows, ()), existing)


def test_each_row_stands_in_one_list():
    moved = replace(BEN, email="ben.mbeki@example.org", occurrence="B")
    found = preview(held(ADA, BEN), ADA, moved, CAI)
    assert (found.same, found.new) == ((ADA,), (CAI,))
    assert [(each.row, each.differences) for each in found.changed] == [
        (moved, (Difference("email", "ben@example.org", "ben.mbeki@example.org"), Difference("occurrence", "A", "B")))
    ]
    assert (found.withdrawn, found.deferred, found.returned, found.never_started, found.missing) == ((), (), (), (), ())
    assert not found.changes_nothing
    assert not preview({}, ADA).changes_nothing


@pytest.mark.parametrize(
    ("before", "after", "where"),
    [
        ("registered", "withdrawn", "withdrawn"),
        ("registered", "deferred", "deferred"),
        ("deferred", "withdrawn", "withdrawn"),
        ("withdrawn", "deferred", "deferred"),
        ("withdrawn", "registered", "returned"),
        ("deferred", "registered", "returned"),
    ],
)
def test_a_new_status_is_listed_apart_with_all_that_changes(before, after, where):
    old = replace(ADA, status=RosterStatus(before))
    new = replace(ADA, status=RosterStatus(after), period="AUT")
    found = preview(held(old), new)
    (change,) = getattr(found, where)
    assert [each.field for each in change.differences] == ["period", "status"]
    assert not found.changes_nothing
    assert [len(found.new + found.changed + found.same), len(found.withdrawn + found.deferred + found.returned)] == [
        0,
        1,
    ]


@pytest.mark.parametrize("status", [RosterStatus.WITHDRAWN, RosterStatus.DEFERRED])
def test_a_row_already_withdrawn_or_deferred_changes_nothing(status):
    row = replace(ADA, status=status)
    assert preview(held(row), row).same == (row,)
    moved = preview(held(row), replace(row, email="new@example.org"))
    assert (len(moved.changed), moved.changes_nothing) == (1, False)
    unknown = preview({}, row)
    assert (unknown.never_started, unknown.new, unknown.changes_nothing) == ((row,), (), True)


def test_missing_rows_are_listed_and_kept():
    gone = replace(CAI, status=RosterStatus.WITHDRAWN)
    elsewhere = replace(ADA, module_code="WL5W50", level=5)
    last_year = replace(ADA, academic_year="2025/26")
    found = preview(held(ADA, BEN, gone, elsewhere, last_year), ADA)
    assert found.missing == (BEN,)
    assert found.changes_nothing


def test_a_student_whose_line_is_bad_is_not_missing():
    roster = read_roster(file(line(), line(**{"Student number": "21034568", "Email": "ben"})))
    assert compare(roster, held(ADA, BEN)).missing == ()
    assert compare(roster, held(ADA, BEN)).errors == roster.errors


def test_of_two_lines_that_say_the_same_the_first_is_good():
    roster = read_roster(file(line(), line()))
    assert [row.line for row in roster.rows] == [2]
    assert roster.errors == (LineError(3, "Student number", "This student is also on line 2.", "21034567"),)


def test_of_two_lines_that_disagree_neither_is_good():
    roster = read_roster(file(line(), line(Occurrence="B")))
    assert roster.rows == ()
    assert roster.errors == (
        LineError(
            2,
            "Student number",
            "This student is also on line 3, with other details. Keep the right one.",
            "21034567",
        ),
        LineError(
            3,
            "Student number",
            "This student is also on line 2, with other details. Keep the right one.",
            "21034567",
        ),
    )


def test_a_student_may_be_on_two_modules_or_in_two_years():
    roster = read_roster(file(line(), line(Module_code="WL5W50", Level="5"), line(Academic_year="2027/28")))
    assert [(row.module_code, row.academic_year) for row in roster.rows] == [
        ("WL6W50", "2026/27"),
        ("WL5W50", "2026/27"),
        ("WL6W50", "2027/28"),
    ]


def test_two_students_with_one_address_are_both_refused():
    roster = read_roster(file(line(), line(Student_number="21034568")))
    assert roster.rows == ()
    assert [(error.line, error.column, error.sentence) for error in roster.errors] == [
        (2, "Email", "This address is also on line 3, for another student. Give each their own."),
        (3, "Email", "This address is also on line 2, for another student. Give each their own."),
    ]


def test_a_student_has_one_name_and_one_address_on_all_their_lines():
    roster = read_roster(file(line(), line(Module_code="WL5W50", Level="5", Surname="Okoro")))
    assert roster.rows == ()
    assert [(error.line, error.sentence) for error in roster.errors] == [
        (2, "Line 3 has another name or address for this student. Make them the same."),
        (3, "Line 2 has another name or address for this student. Make them the same."),
    ]


def test_a_line_with_more_cells_than_headings_is_refused_and_with_fewer_read_as_blank():
    roster = read_roster(file(line(Course_title="BSc Arts, Media"), line().rsplit(",", 1)[0], line() + ",,"))
    assert [(error.line, error.column, error.sentence) for error in roster.errors] == [
        (2, "", "This line has more cells than there are columns. Put quotation marks round a cell with a comma."),
        (3, "Status", "Enter registered, withdrawn or deferred."),
    ]
    assert [row.line for row in roster.rows] == [4]


ROWS = st.builds(
    RosterRow,
    student_number=st.sampled_from(["21000001", "21000002", "21000003", "21000004"]),
    surname=st.sampled_from(["Okafor", "Müller"]),
    forename=st.sampled_from(["Ada", ""]),
    email=st.sampled_from(["a@example.org", "b@example.org"]),
    course_code=st.just("UDCOMDEV"),
    course_title=st.just("BSc Community Development"),
    level=st.just(6),
    module_code=st.sampled_from(["WL5W50", "WL6W50"]),
    academic_year=st.just("2026/27"),
    period=st.just("YEAR"),
    occurrence=st.sampled_from(["A", "B"]),
    mode=st.just("full-time"),
    is_visa_sponsored=st.booleans(),
    status=st.sampled_from(RosterStatus),
    line=st.integers(2, 50),
)
COHORTS = st.lists(ROWS, max_size=8, unique_by=lambda row: row.key)


@given(rows=COHORTS, before=COHORTS)
@settings(max_examples=150)
def test_the_same_file_twice_changes_nothing_and_nobody_is_ever_removed(rows, before):
    existing = held(*before)
    first = preview(existing, *rows)
    moved = first.changed + first.withdrawn + first.deferred + first.returned
    after = existing | held(*first.new, *(change.row for change in moved))
    second = preview(after, *rows)
    assert second.changes_nothing
    assert existing.keys() <= after.keys()
    assert second.missing == first.missing
    assert len(first.new) + len(moved) + len(first.same) + len(first.never_started) == len(rows)
