"""The text of an enrolment file: bytes, however Excel or the student record saved them, to numbered lines of cells."""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from placements.core.errors import Refused

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 10_000
MAX_LINES = 300_000  # blank ones too: Excel can leave very many behind

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls
_SEPARATOR_LINE = re.compile(r' *"?sep=([,;|\t])"?[ \t]*(?:\r|\n|$)', re.IGNORECASE)
_SAVE_AS = "In Excel choose Save as, then “CSV UTF-8”."


@dataclass(frozen=True)
class Line:
    """One line that holds something. `number` is where it begins in the file, counted from 1."""

    number: int
    cells: tuple[str, ...]


def read_lines(data: bytes, headings: Collection[str]) -> list[Line]:
    """The lines of a CSV file that hold anything, its line of headings first.

    The delimiter is the one that Excel's `sep=` line names, otherwise the one that finds most of `headings`. Raises
    Refused, with what to do, where the file as a whole cannot be read.
    """
    text = _decoded(data)
    named = _SEPARATOR_LINE.match(text)
    if named:
        split = _split(text, named[1])
        next(split)
    else:
        split = _split(text, _likely_delimiter(text, headings))
    lines = []
    for line in split:
        if any(cell.strip() for cell in line.cells):
            lines.append(line)
        if len(lines) > MAX_ROWS + 1 or line.number > MAX_LINES:
            raise Refused(f"The file has more than {MAX_ROWS:,} rows. Export one module at a time.")
    if not lines:
        raise Refused("The file is empty. Choose the file of enrolments.")
    return lines


def folded(heading: str) -> str:
    """A heading without case, spaces and punctuation: “Student  NUMBER:” is “studentnumber”."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Refused(f"The file is larger than {MAX_BYTES // 1024**2} MB. Export one module at a time.")
    if data.startswith(_WORKBOOKS):
        raise Refused(f"This is an Excel workbook, not a CSV file. {_SAVE_AS}")
    encodings = [name for mark, name in _MARKS if data.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Refused(f"The file holds bytes that are not text. {_SAVE_AS}")


def _split(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            yield Line(number, tuple(next(reader)))
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused(
                f"Line {number} cannot be read: a quotation mark has no partner, or a cell is far too long."
            ) from error


def _likely_delimiter(text: str, headings: Collection[str]) -> str:
    wanted = {folded(heading) for heading in headings}

    def found(delimiter: str) -> int:
        lines = _split(text, delimiter)
        try:
            cells = next((line.cells for line in lines if any(cell.strip() for cell in line.cells)), ())
        except Refused:  # as quoted headings are, by every delimiter but their own
            return -1
        return len(wanted & {folded(cell) for cell in cells})

    return max(",;\t|", key=found)
