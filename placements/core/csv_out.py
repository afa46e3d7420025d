"""Sheets that go out, as text: CSV in which no cell is ever a formula, and of which Excel reads every letter."""

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"  # Excel takes a CSV file without it for Windows-1252
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones too


def safe_cell(value: object) -> object:
    """The value as a spreadsheet may have it: text that would begin a formula gets an apostrophe; None is blank."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(BEGINS_A_FORMULA):
        return f"'{value}"
    return value


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """One line of headings and one a row, as CSV with CRLF, every cell safe."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow([safe_cell(heading) for heading in header])
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return written.getvalue()
