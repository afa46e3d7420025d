"""Sheets that go out: nothing in them is ever a formula, and Excel reads every letter."""

import csv
import io

import pytest

from placements.core.csv_out import csv_text, safe_cell
from placements.web.sheets import csv_download

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+44 20", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "=HYPERLINK(1)", "＝1", "－1", "＋1", "＠A"],
)
def test_text_that_would_begin_a_formula_is_only_text(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Okafor", "O'Brien", "a=b", "1-2", "", " x", 5, -5, 1.5])
def test_other_values_stay_as_they_are(value):
    assert safe_cell(value) == value


def test_nothing_is_a_blank_cell():
    assert safe_cell(None) == ""


def test_a_sheet_reads_back_cell_by_cell_whatever_its_text_holds():
    rows = [("Okafor, Jr", 'said "yes"', "two\r\nlines", 7), ("Zoë", "", ";", None)]
    text = csv_text(("Name", "Said", "More", "=Number"), rows)
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["Name", "Said", "More", "'=Number"],
        ["Okafor, Jr", 'said "yes"', "two\r\nlines", "7"],
        ["Zoë", "", ";", ""],
    ]
    assert text.startswith("Name,Said,More,'=Number\r\n")


def test_a_download_says_what_it_is_and_begins_with_a_byte_order_mark():
    answer = csv_download("Students WL6W50 2026/27", ("A",), [("é",)])
    assert answer.data == b"\xef\xbb\xbfA\r\n\xc3\xa9\r\n"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="students-wl6w50-2026-27.csv"'


@pytest.mark.parametrize("name", ['x"\r\nSet-Cookie: a=b', "../../x", "\u202ex", "…"])
def test_no_name_gets_past_its_quotation_marks(name):
    given = csv_download(name, ("A",), []).headers["Content-Disposition"]
    assert given.removeprefix('attachment; filename="').removesuffix('.csv"').replace("-", "a").isalnum()
