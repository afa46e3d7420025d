"""One row of the enrolment file: its columns and how each cell is read. What cannot be known for certain is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from placements.cohorts.rules import MODULES, read_academic_year
from placements.core.errors import Refused
from placements.core.sheets import check_characters, quoted, read_email, read_listed, read_text, tidied

STUDENT_NUMBER_DIGITS = 8

# field → heading, in the file's usual order
HEADINGS = {
    "student_number": "Student number",
    "surname": "Surname",
    "forename": "Forename",
    "email": "Email",
    "course_code": "Course code",
    "course_title": "Course title",
    "level": "Level",
    "module_code": "Module code",
    "academic_year": "Academic year",
    "period": "Period",
    "occurrence": "Occurrence",
    "mode": "Mode",
    "is_visa_sponsored": "Visa sponsored",
    "status": "Status",
}


class RosterStatus(StrEnum):
    """What the student record says of an enrolment."""

    REGISTERED = "registered"
    WITHDRAWN = "withdrawn"
    DEFERRED = "deferred"


Key = tuple[str, str, str]


@dataclass(frozen=True)
class RosterRow:
    """One enrolment as the student record has it. Rows are equal when they say the same, wherever they stand."""

    student_number: str
    surname: str
    forename: str  # empty for a person with one name
    email: str
    course_code: str
    course_title: str
    level: int
    module_code: str
    academic_year: str
    period: str
    occurrence: str
    mode: str
    is_visa_sponsored: bool
    status: RosterStatus
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> Key:
        """What makes an enrolment the same one from file to file: student number, module code, academic year."""
        return self.student_number, self.module_code, self.academic_year


# How the student record and Excel write these, in small letters without spaces and hyphens.
MODES = {
    **dict.fromkeys(("fulltime", "ft"), "full-time"),
    **dict.fromkeys(("parttime", "pt"), "part-time"),
    **dict.fromkeys(("distancelearning", "distance", "dl"), "distance learning"),
    **dict.fromkeys(("sandwich", "sw"), "sandwich"),
}
YES_OR_NO = {
    **dict.fromkeys(("yes", "y", "true", "1", "1.0"), True),
    **dict.fromkeys(("no", "n", "false", "0", "0.0"), False),
}
STATUSES = {
    **dict.fromkeys(
        ("registered", "fullyregistered", "provisionallyregistered", "enrolled", "fullyenrolled", "reenrolled",
         "active", "current", "continuing"),
        RosterStatus.REGISTERED,
    ),
    **dict.fromkeys(("withdrawn", "withdrew", "withdrawnfrommodule", "withdrawnfromcourse"), RosterStatus.WITHDRAWN),
    **dict.fromkeys(
        ("deferred", "interrupted", "interruption", "interruptionofstudies", "intermitted", "intermission",
         "intercalating", "suspended", "suspensionofstudies", "leaveofabsence"),
        RosterStatus.DEFERRED,
    ),
}  # fmt: skip


def _student_number(text: str) -> str:
    whole = re.fullmatch(r"([0-9]+)[.,]0+", text)
    power = re.fullmatch(r"([0-9])[.,]([0-9]+)E\+?([0-9]{1,3})", text.upper())
    if power and len(power[2]) != int(power[3]):
        raise Refused(
            f"Excel has shortened this number to {quoted(text)}, so digits are lost. Export it with the column as text."
        )
    number = power[1] + power[2] if power else whole[1] if whole else text
    if re.fullmatch("[0-9]{1,20}", number) and len(number) != STUDENT_NUMBER_DIGITS:
        zero = " Excel may have dropped a 0 in front: export it with the column as text."
        raise Refused(
            f"This student number has {len(number)} digits and should have {STUDENT_NUMBER_DIGITS}."
            f"{zero if len(number) < STUDENT_NUMBER_DIGITS else ''}"
        )
    if not re.fullmatch(f"[0-9]{{{STUDENT_NUMBER_DIGITS}}}", number):
        raise Refused(f"Enter the student number as {STUDENT_NUMBER_DIGITS} digits.")
    return number


def _level(text: str) -> int:
    found = re.fullmatch(r"(?:level|l)?\s*([0-9])(?:[.,]0+)?", text.lower())
    if not found:
        raise Refused("Enter the level as a number, 5 or 6.")
    return int(found[1])


def _module_code(text: str) -> str:
    code = read_text(text, 20).upper().replace(" ", "")
    if code not in MODULES:
        raise Refused(f"{quoted(text)} is not one of our modules, which are {' and '.join(MODULES)}.")
    return code


def _label(text: str) -> str:
    """A period or an occurrence, as runs and groups spell theirs: in capitals."""
    return read_text(text, 20).upper()


def _academic_year(text: str) -> str:
    try:
        return read_academic_year(text)
    except ValueError as error:
        raise Refused("Enter the academic year like 2026/27.") from error


READERS: dict[str, Callable[[str], object]] = {
    "student_number": _student_number,
    "surname": partial(read_text, longest=100),
    "forename": partial(read_text, longest=100, is_required=False),
    "email": read_email,
    "course_code": partial(read_text, longest=20),
    "course_title": partial(read_text, longest=200),
    "level": _level,
    "module_code": _module_code,
    "academic_year": _academic_year,
    "period": _label,
    "occurrence": _label,
    "mode": partial(read_listed, spellings=MODES, choices="full-time or part-time"),
    "is_visa_sponsored": partial(read_listed, spellings=YES_OR_NO, choices="Yes or No"),
    "status": partial(read_listed, spellings=STATUSES, choices="registered, withdrawn or deferred"),
}


def read_row(line: int, cells: Mapping[str, str]) -> tuple[RosterRow | None, dict[str, str], str]:
    """Read one row from its cells (field → text).

    Returns the row, or None with what is wrong (field → sentence); and the student number, empty where unreadable.
    """
    values: dict[str, object] = {}
    problems: dict[str, str] = {}
    for name, read in READERS.items():
        text = tidied(cells.get(name, ""))
        try:
            check_characters(text)
            values[name] = read(text)
        except Refused as refused:
            problems[name] = refused.sentence
    if "level" in values and "module_code" in values:
        code = str(values["module_code"])
        if values["level"] != MODULES[code].level:
            problems["level"] = f"{code} is a Level {MODULES[code].level} module, and this row says {values['level']}."
    row = None if problems else RosterRow(**values, line=line)  # type: ignore[arg-type]
    return row, problems, str(values.get("student_number", ""))
