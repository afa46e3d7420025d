"""Sheets that come in: bytes, however Excel or another system saved them, to numbered lines of tidy cells."""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from placements.core.errors import Refused

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 10_000
MAX_LINES = 300_000  # blank ones too: Excel can leave very many behind

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xls
_SEPARATOR_LINE = re.compile(r' *"?sep=([,;|\t])"?[ \t]*(?:\r|\n|$)', re.IGNORECASE)
_EXCEL_ERROR = re.compile(r"#+|#N/A|#[A-Z/0]+[!?]")  # a name may begin with a hash
_JOINERS = "\u200c\u200d"  # letters of some scripts need them
_EMAIL = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
TOO_MANY_CELLS = "This line has more cells than there are columns. Put quotation marks round a cell with a comma."
_SAVE_AS = "In Excel choose Save as, then “CSV UTF-8”."


@dataclass(frozen=True)
class Line:
    """One line that holds something. `number` is where it begins in the file, counted from 1."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A file's rows below its headings: line number, and cells by field (None: there are more than columns)."""

    rows: tuple[tuple[int, Mapping[str, str] | None], ...]
    ignored_columns: tuple[str, ...]


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
            raise Refused(f"The file has more than {MAX_ROWS:,} rows. Split it into several.")
    if not lines:
        raise Refused("The file is empty. Choose another one.")
    return lines


def folded(heading: str) -> str:
    """A heading without case, spaces and punctuation: “Student  NUMBER:” is “studentnumber”."""
    return "".join(character for character in heading.casefold() if character.isalnum())


def read_sheet(data: bytes, headings: Mapping[str, str], optional: Collection[str] = ()) -> Sheet:
    """Read a CSV file; `headings` maps our fields to the file's columns, of which those of `optional` may be missing.

    Raises Refused, with what to do, where the file as a whole cannot be read.
    """
    header, *lines = read_lines(data, headings.values())
    places, ignored = _places(header, headings, optional)
    rows = []
    for line in lines:
        is_too_long = any(cell.strip() for cell in line.cells[len(header.cells) :])
        cells = {name: line.cells[at] for name, at in places.items() if at < len(line.cells)}
        rows.append((line.number, None if is_too_long else cells))
    return Sheet(tuple(rows), ignored)


def _places(
    header: Line, headings: Mapping[str, str], optional: Collection[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each field stands, and the headings that are not ours. Raises Refused where one is missing or twice."""
    fields_of = {folded(heading): name for name, heading in headings.items()}
    places: dict[str, int] = {}
    ignored = []
    for at, heading in enumerate(header.cells):
        name = fields_of.get(folded(heading))
        if name is None:
            ignored += [heading.strip()] if heading.strip() else []
        elif name in places:
            raise Refused(f"The column “{headings[name]}” is there twice. Remove one and choose the file again.")
        else:
            places[name] = at
    if not places:
        raise Refused(f"The first line should hold the headings: {', '.join(headings.values())}.")
    missing = [f"“{heading}”" for name, heading in headings.items() if name not in places and name not in optional]
    if missing:
        raise Refused(f"The file has no column {', '.join(missing)}. Add it and choose the file again.")
    return places, tuple(ignored)


def tidied(cell: str) -> str:
    """A cell's text without what Excel wraps around it: spaces, `="…"`, the apostrophe before a number."""
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    wrapped = re.fullmatch(r'="([^"]*)"', text)
    text = wrapped[1].strip() if wrapped else text
    return text[1:] if re.match(r"'[0-9]", text) else text


def quoted(text: str) -> str:
    """The text in quotation marks, as far as a sentence has room for it."""
    return f"“{text}”" if len(text) <= 40 else f"“{text[:40]}…”"


def check_characters(text: str) -> None:
    """Raises Refused, with what to do, where a tidied cell holds what no value can."""
    if re.match(r"[=+@]|-.", text):
        raise Refused("This is a formula. Put the value itself in the cell.")
    if _EXCEL_ERROR.fullmatch(text):
        raise Refused("This is what Excel shows for an error or a narrow column. Put the value itself in the cell.")
    if "\ufffd" in text:
        raise Refused("A letter here was lost when the file was saved. Export the file again as CSV UTF-8.")
    if any(unicodedata.category(each)[0] == "C" and each not in _JOINERS for each in text):
        raise Refused("This holds a character that cannot be shown. Type the cell again.")


def read_text(text: str, longest: int, is_required: bool = True) -> str:
    """The text, if it is neither too long nor missing. Raises Refused."""
    if len(text) > longest:
        raise Refused(f"This is longer than {longest} characters. Shorten it.")
    if is_required and not text:
        raise Refused("This is blank. Fill it in.")
    return text


def read_email(text: str) -> str:
    """An address in small letters. Raises Refused."""
    address = read_text(text, 254).lower()
    if not _EMAIL.fullmatch(address):
        raise Refused(f"{quoted(text)} is not an email address like name@example.ac.uk.")
    return address


def read_listed(text: str, spellings: Mapping[str, object], choices: str) -> object:
    """What the text stands for, by how it is spelt when `joined`. Raises Refused, naming the choices."""
    key = joined(text)
    if key not in spellings:
        raise Refused(f"{quoted(text)} is not known here. Enter {choices}." if text else f"Enter {choices}.")
    return spellings[key]


def joined(text: str) -> str:
    """A choice without case, spaces and hyphens: “Full-time” is “fulltime”."""
    return re.sub(r"[\s_-]+", "", text.lower())


def _decoded(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Refused(f"The file is larger than {MAX_BYTES // 1024**2} MB. Split it into several.")
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
