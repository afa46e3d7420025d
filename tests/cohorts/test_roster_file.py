"""Whatever Excel or the student record saved, the text comes out; what is not text is refused with what to do."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.cohorts.roster import read_roster
from placements.cohorts.roster_row import HEADINGS
from placements.core.errors import Refused
from placements.core.sheets import MAX_BYTES, MAX_LINES, MAX_ROWS, read_lines

from .enrolment_files import HEADER, file, line

pytestmark = pytest.mark.pure

TEXT = f"{HEADER}\r\n{line(Surname='Müller')}\r\n"


def quoted(text: str, delimiter: str) -> bytes:
    """The text with a quotation mark round each cell, headings too, as exporting programs like to write."""
    return "".join(
        delimiter.join(f'"{cell}"' for cell in each.split(",")) + "\r\n" for each in text.splitlines()
    ).encode()


def surnames(data: bytes) -> list[str]:
    roster = read_roster(data)
    assert roster.errors == ()
    return [row.surname for row in roster.rows]


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        f"sep=;\r\n{TEXT.replace(',', ';')}".encode("utf-8-sig"),
        f'"sep=,"\n{TEXT}'.encode(),
        f"SEP=\t\n{TEXT.replace(',', chr(9))}".encode(),
        f"\r\n,,,\r\n{TEXT},,,,,,,,,,,,,\r\n\r\n   \r\n".encode(),
        TEXT.replace("Müller", '"Müller"').replace(",", ", ").encode(),
        *(quoted(TEXT, delimiter) for delimiter in ",;\t|"),
    ],
    ids=[
        *("utf8", "utf8-bom", "utf16-le", "utf16-be", "windows-1252", "lf", "cr", "semicolon", "utf16-tab"),
        *("sep-semicolon", "sep-quoted", "sep-tab", "blank-lines", "spaces-after-commas"),
        *("quoted", "quoted-semicolon", "quoted-tab", "quoted-bar"),
    ],
)
def test_every_way_of_saving_reads_the_same(data):
    assert surnames(data) == ["Müller"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Choose another one."),
        (b"\r\n\r\n,,\r\n", "The file is empty. Choose another one."),
        (b"PK\x03\x04rest of a workbook", "This is an Excel workbook, not a CSV file."),
        (b"\xd0\xcf\x11\xe0rest", "This is an Excel workbook, not a CSV file."),
        (TEXT.encode() + b"\0", "The file holds bytes that are not text."),
        (TEXT.encode("utf-16-le"), "The file holds bytes that are not text."),  # no mark says how to read it
        (codecs.BOM_UTF16_LE + b"a", "The file holds bytes that are not text."),
        (codecs.BOM_UTF8 + b"\xff", "The file holds bytes that are not text."),
        (b"\x81\x8d", "The file holds bytes that are not text."),
        (f'{TEXT}1,"open\r\n2,3\r\n'.encode(), "Line 3 cannot be read: a quotation mark has no partner"),
        (f'{TEXT}"1"2,3\r\n'.encode(), "Line 3 cannot be read: a quotation mark has no partner"),
        (f"{TEXT}{'x' * 200_000}\r\n".encode(), "Line 3 cannot be read: a quotation mark has no partner, or a cell is"),
        (b"x" * (MAX_BYTES + 1), "The file is larger than 4 MB. Split it into several."),
        (b"a\n" * (MAX_ROWS + 2), "The file has more than 10,000 rows. Split it into several."),
        (b"Name,Phone\nAda,1\n", "The first line should hold the headings: Student number, Surname,"),
        (
            TEXT.replace("Email,", "").replace("Mode,", "").encode(),
            "The file has no column “Email”, “Mode”. Add it and choose the file again.",
        ),
        (
            TEXT.replace("Period", "E-MAIL").encode(),
            "The column “Email” is there twice. Remove one and choose the file again.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(data, sentence):
    with pytest.raises(Refused) as refused:
        read_roster(data)
    assert refused.value.sentence.startswith(sentence)


def test_a_line_is_numbered_where_it_begins_even_after_line_breaks_in_cells():
    lines = read_lines(b'a,b\r\n"one\r\ntwo",x\r\n\r\nlast,y\r\n', ["a", "b"])
    assert [(each.number, each.cells) for each in lines] == [
        (1, ("a", "b")),
        (2, ("one\r\ntwo", "x")),
        (5, ("last", "y")),
    ]


def test_as_many_bytes_as_allowed_are_read():
    data = b"a" + b" " * 398 + b"\n"
    whole = data * 10_000 + b" " * (MAX_BYTES - 10_000 * len(data))
    assert len(whole) == 4_194_304
    assert len(read_lines(whole, ["a"])) == 10_000


def test_blank_lines_are_passed_over_but_not_without_end():
    assert len(read_lines(b"a\n" + b"\n" * (MAX_LINES - 1), ["a"])) == 1
    with pytest.raises(Refused):
        read_lines(b"a\n" + b"\n" * MAX_LINES, ["a"])


def test_as_many_rows_as_allowed_are_read():
    assert len(read_lines(b"a\n" * (MAX_ROWS + 1), ["a"])) == 10_001


def test_headings_may_be_in_any_case_spacing_and_order_and_others_are_named():
    data = file(line()).decode()
    data = data.replace("Student number", " STUDENT_NUMBER ").replace("Visa sponsored", "visa  Sponsored?")
    turned = "\n".join(",".join([*reversed(each.split(",")), "x"]) for each in data.splitlines())
    roster = read_roster(turned.replace("x", "Note", 1).encode())
    assert [(row.student_number, row.status.value) for row in roster.rows] == [("21034567", "registered")]
    assert roster.ignored_columns == ("Note",)


def test_headings_can_be_told_to_be_others():
    headings = HEADINGS | {"student_number": "SPR code"}
    roster = read_roster(file(line()).replace(b"Student number", b"SPR_CODE"), headings)
    assert [row.student_number for row in roster.rows] == ["21034567"]


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(data):
    for file_data in (data, TEXT.encode() + data):
        try:
            roster = read_roster(file_data)
        except Refused as refused:
            assert refused.sentence.endswith((".", "”."))
        else:
            assert all(row.line > 1 for row in roster.rows)
            assert all(error.line > 1 and error.sentence for error in roster.errors)
