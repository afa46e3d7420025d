"""Each cell: what is certain is read, whatever Excel made of it; what is not is refused, by line and column."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.cohorts.roster import read_roster
from placements.cohorts.roster_row import READERS, RosterRow, RosterStatus, read_row

from .enrolment_files import CELLS, file, line

pytestmark = pytest.mark.pure


def read(heading: str, cell: str) -> RosterRow:
    roster = read_roster(file(line(**{heading: cell})))
    assert roster.errors == ()
    return roster.rows[0]


def refusal(heading: str, cell: str) -> str:
    roster = read_roster(file(line(), line(**{"Student number": "21000001", "Email": "b@example.org", heading: cell})))
    assert [(error.line, error.column) for error in roster.errors] == [(3, heading)]
    assert [row.line for row in roster.rows] == [2]
    return roster.errors[0].sentence


def test_a_whole_row():
    roster = read_roster(file(line()))
    assert roster.rows == (
        RosterRow(
            student_number="21034567",
            surname="Okafor",
            forename="Ada",
            email="ada.okafor@students.example.ac.uk",
            course_code="UDCOMDEV",
            course_title="BSc Community Development",
            level=6,
            module_code="WL6W50",
            academic_year="2026/27",
            period="YEAR",
            occurrence="A",
            mode="full-time",
            is_visa_sponsored=False,
            status=RosterStatus.REGISTERED,
        ),
    )
    assert (roster.rows[0].line, roster.errors, roster.ignored_columns) == (2, (), ())


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12345678", "12345678"),
        ("  12345678 ", "12345678"),
        ("'12345678", "12345678"),
        ("12345678.0", "12345678"),
        ("12345678.00", "12345678"),
        ("1.2345678E7", "12345678"),
        ("1.2345678e+07", "12345678"),
        ("1.0000000E7", "10000000"),
        ('="12345678"', "12345678"),
        ('"=""12345678"""', "12345678"),
        ('="01234567"', "01234567"),
        ("'01234567", "01234567"),
        ("01234567", "01234567"),
        ("\u00a012345678", "12345678"),
    ],
)
def test_a_student_number_that_excel_dressed_up(cell, number):
    assert read("Student_number", cell).student_number == number


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("1.23457E+07", "Excel has shortened this number to “1.23457E+07”, so digits are lost."),
        ("1.234567E7", "Excel has shortened this number"),  # 12345670, or rounded to it?
        ("1.2345678E8", "Excel has shortened this number"),
        ("1234567", "This student number has 7 digits and should have 8. Excel may have dropped a 0 in front"),
        ("1234567.0", "This student number has 7 digits and should have 8."),
        ("123456789", "This student number has 9 digits and should have 8."),
        ("1.2345678E", "Enter the student number as 8 digits."),
        ("12345678.5", "Enter the student number as 8 digits."),
        ("1234567O", "Enter the student number as 8 digits."),
        ("１２３４５６７８", "Enter the student number as 8 digits."),
        ("9" * 60, "Enter the student number as 8 digits."),
        ("", "Enter the student number as 8 digits."),
        ("-1234567", "This is a formula. Put the value itself in the cell."),
        ("=12345678", "This is a formula."),
        ("########", "This is what Excel shows for an error or a narrow column."),
    ],
)
def test_a_student_number_that_is_not_certain_is_refused(cell, sentence):
    assert refusal("Student number", cell).startswith(sentence)


@pytest.mark.parametrize(
    ("heading", "cell", "field", "value"),
    [
        ("Surname", "O'Brien", "surname", "O'Brien"),
        ("Surname", "'Abd al-Rahman", "surname", "'Abd al-Rahman"),
        ("Surname", "Null", "surname", "Null"),
        ("Surname", '"Okafor, Jr"', "surname", "Okafor, Jr"),
        ("Surname", '" De\r\n la  Cruz "', "surname", "De la Cruz"),
        ("Surname", "Ne\u0301meth", "surname", "N\u00e9meth"),
        ("Surname", "x" * 100, "surname", "x" * 100),
        ("Forename", "", "forename", ""),
        ("Email", " Ada.O'Brien+x@Students.Example.AC.UK ", "email", "ada.o'brien+x@students.example.ac.uk"),
        ("Level", "6.0", "level", 6),
        ("Level", "Level 6", "level", 6),
        ("Level", "L6", "level", 6),
        ("Module code", "wl6 w50", "module_code", "WL6W50"),
        ("Academic year", "2026/7", "academic_year", "2026/27"),
        ("Academic year", "'2026/27", "academic_year", "2026/27"),
        ("Occurrence", '="01"', "occurrence", "01"),
        ("Mode", "FT", "mode", "full-time"),
        ("Mode", "part time", "mode", "part-time"),
        ("Visa sponsored", "Y", "is_visa_sponsored", True),
        ("Visa sponsored", "yes", "is_visa_sponsored", True),
        ("Visa sponsored", "TRUE", "is_visa_sponsored", True),
        ("Visa sponsored", "1", "is_visa_sponsored", True),
        ("Visa sponsored", "n", "is_visa_sponsored", False),
        ("Visa sponsored", "FALSE", "is_visa_sponsored", False),
        ("Visa sponsored", "0", "is_visa_sponsored", False),
        ("Status", "Fully Enrolled", "status", RosterStatus.REGISTERED),
        ("Status", "re-enrolled", "status", RosterStatus.REGISTERED),
        ("Status", "WITHDREW", "status", RosterStatus.WITHDRAWN),
        ("Status", "Interruption of studies", "status", RosterStatus.DEFERRED),
        ("Status", "deferred", "status", RosterStatus.DEFERRED),
    ],
)
def test_spellings_that_leave_no_doubt(heading, cell, field, value):
    assert getattr(read(heading.replace(" ", "_"), cell), field) == value


@pytest.mark.parametrize(
    ("heading", "cell", "sentence"),
    [
        ("Surname", "", "This is blank. Fill it in."),
        ("Surname", "x" * 101, "This is longer than 100 characters. Shorten it."),
        ("Surname", "M\ufffdller", "A letter here was lost when the file was saved."),
        ("Surname", "Ada\u202e", "This holds a character that cannot be shown. Type the cell again."),
        ("Surname", "Ada\x07", "This holds a character that cannot be shown."),
        ("Surname", "=HYPERLINK(1)", "This is a formula. Put the value itself in the cell."),
        ("Forename", "@SUM(A1)", "This is a formula."),
        ("Forename", "+1", "This is a formula."),
        ("Forename", "-1", "This is a formula."),
        ("Forename", '"=""=1+1"""', "This is a formula."),
        ("Course title", "#REF!", "This is what Excel shows for an error or a narrow column."),
        ("Course title", "x" * 100_000, "This is longer than 200 characters."),
        ("Email", "", "This is blank. Fill it in."),
        ("Email", "ada", "“ada” is not an email address like name@example.ac.uk."),
        ("Email", "x" * 40, f"“{'x' * 40}” is not"),
        ("Email", "x" * 41, f"“{'x' * 40}…” is not"),
        ("Email", "ada@example", "“ada@example” is not an email address"),
        ("Email", "ada@@example.org", "“ada@@example.org” is not"),
        ("Email", ".ada@example.org", "“.ada@example.org” is not"),
        ("Email", "ada..o@example.org", "“ada..o@example.org” is not"),
        ("Email", "ada o@example.org", "“ada o@example.org” is not"),
        ("Email", "ada@-example.org", "“ada@-example.org” is not"),
        ("Email", "äda@example.org", "“äda@example.org” is not"),
        ("Email", "a" * 65 + "@example.org", "“aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…” is not"),
        ("Email", '"ada@example.org\r\nBcc: x@example.org"', "“ada@example.org Bcc: x@example.org” is not"),
        ("Level", "", "Enter the level as a number, 5 or 6."),
        ("Level", "six", "Enter the level as a number, 5 or 6."),
        ("Level", "5", "WL6W50 is a Level 6 module, and this row says 5."),
        ("Module code", "WL7W50", "“WL7W50” is not one of our modules, which are WL5W50 and WL6W50."),
        ("Module code", "", "This is blank."),
        ("Academic year", "Jul-26", "Enter the academic year like 2026/27."),
        ("Academic year", "2026/28", "Enter the academic year like 2026/27."),
        ("Period", "", "This is blank."),
        ("Occurrence", "x" * 21, "This is longer than 20 characters."),
        ("Mode", "evenings", "“evenings” is not known here. Enter full-time or part-time."),
        ("Visa sponsored", "", "Enter Yes or No."),
        ("Visa sponsored", "maybe", "“maybe” is not known here. Enter Yes or No."),
        ("Visa sponsored", "10", "“10” is not known here."),
        ("Status", "", "Enter registered, withdrawn or deferred."),
        ("Status", "W", "“W” is not known here. Enter registered, withdrawn or deferred."),
    ],
)
def test_what_is_not_certain_is_refused_by_line_and_column(heading, cell, sentence):
    assert refusal(heading, cell).startswith(sentence)


def test_every_problem_of_a_line_is_told_at_once_with_its_student_number():
    roster = read_roster(file(line(Email="ada", Status="gone", Level="5")))
    assert [(error.column, error.student_number) for error in roster.errors] == [
        ("Email", "21034567"),
        ("Status", "21034567"),
        ("Level", "21034567"),
    ]


@given(cells=st.fixed_dictionaries({name: st.text(max_size=30) for name in READERS}))
@settings(max_examples=150)
def test_a_row_is_read_or_says_why_not_whatever_its_cells_hold(cells):
    row, problems, _ = read_row(2, cells)
    assert (row is None) == bool(problems)
    assert all(sentence.endswith(".") for sentence in problems.values())


@given(
    surname=st.text(st.characters(min_codepoint=65, max_codepoint=0x24F, categories=["L"]), min_size=1, max_size=100)
)
@settings(max_examples=100)
def test_names_in_latin_letters_come_through_whole(surname):
    row, problems, _ = read_row(2, dict(zip(READERS, CELLS.values(), strict=True)) | {"surname": f" {surname} "})
    assert problems == {}
    assert row is not None
    assert row.surname == surname
