"""Files that go out: CSV and workbooks that open in Excel as they were meant, in which no cell is ever a formula."""

import io
import re
from collections.abc import Iterable, Sequence

from flask import Response
from openpyxl import Workbook

from placements.core.csv_out import BOM, csv_text

NOT_IN_A_TITLE = r"[\[\]:*?/\\]"  # what Excel refuses in a sheet's name
MIME_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


def csv_download(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The sheet as a download, called `name` in small letters and hyphens: “Students WL6W50 2026/27”."""
    return download(name, "csv", BOM + csv_text(header, rows))


def workbook(sheets: Iterable[tuple[str, Iterable[Sequence[object]]]]) -> bytes:
    """An XLSX file: a sheet for each title, in which text is text and never a formula."""
    book = Workbook()
    book.remove(book.active)
    for number, (title, rows) in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"{number} {re.sub(NOT_IN_A_TITLE, ' ', title)}"[:31])
        sheet.column_dimensions["A"].width = 40
        for line, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(line, place, value)
                if isinstance(value, str):
                    cell.data_type = "s"  # or else "=1+1" would be a formula
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def download(name: str, ending: str, content: str | bytes) -> Response:
    """A file that we made as a download, called `name` in small letters and hyphens, with one of our endings."""
    answer = Response(content, mimetype=MIME_TYPES[ending])
    plain = "-".join(re.findall("[a-z0-9]+", name.lower())) or "sheet"
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain}.{ending}"'
    return answer
