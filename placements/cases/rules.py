"""What a case file is made of, on paper: its parts, what others are called in it, and how its files are named."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

REASON_LENGTH = 500
KEPT_FOR = timedelta(days=365)  # ours: after a year whoever still needs it has their copy, or has it made again
NARROWEST, WIDEST = 10, 40  # letters of a column, roughly
ANOTHER = "[another student]"
NOT_IN_A_NAME = r'[<>:"/\\|?*]'  # what some system refuses in the name of a file

# What was done to a student's things is told with who may read it; these are abilities that a run's leaders hold.
LEADERS_READ = (
    "assessment.read_mark",
    "attendance.plan",
    "board.correction",
    "board.mark",
    "cases.student",
    "cohorts.students",
    "concerns.concern",  # asked of the concerns that the reader of this very file may read
    "double_marking.read_history",
    "double_marking.read_outcome",
    "examining.run",
    "offers.read_reasons",
    "placing.people",
    "placing.read_reasons",
    "reading.read_final",
    "reassessment.read_claim",
    "reassessment.student",
    "scripts.give",
)

# Mails that are about one thing of one student, by what their notice counts as what it is about.
MAILS: Mapping[str, tuple[str, ...]] = {
    "enrolment": ("cohorts.enrolled", "reassessment.opened"),
    "offer": (
        *("offers.made", "offers.changed", "offers.accepted", "offers.lapsed", "offers.place_free"),
        *("offers.unanswered", "offers.withdrawn", "offers.student_accepted", "offers.student_is_coming"),
        *("offers.student_lapsed", "offers.student_unanswered"),
    ),
    "placement": (
        *("agreements.group_begun", "agreements.group_changed", "agreements.to_write", "confirming.somebody_else"),
        *("placing.called_off", "placing.completed", "placing.dates_changed", "placing.ended", "placing.first_day"),
        *("placing.moved", "placing.paused", "placing.resumed", "placing.supervisor_changed", "placing.tutor_changed"),
        *("logbook.silent", "logbook.silent_student"),
    ),
    "agreement": (
        *("agreements.commented", "agreements.please_read", "signing.changes_asked", "signing.in_force"),
        *("signing.please_sign", "signing.taken_back", "signing.unsigned"),
    ),
    "log_entry": ("logbook.not_counted",),
    "supervisor_feedback": (
        *("feedback.asked", "feedback.does_not_come", "feedback.link", "feedback.received", "feedback.still_asked"),
    ),
    "logbook_grade": ("reading.grade",),
    "submission": (
        *("assessment.receipt", "assessment.mark_corrected", "assessment.not_handed_in"),
        *("extensions.deadline_moved", "reassessment.news"),
    ),
    "mark": (
        *("board.mark_ready", "board.mark_corrected"),
        *("double_marking.both_in", "double_marking.proposed", "double_marking.third_wanted"),
    ),
    "second_mark": ("double_marking.third_asked",),
    "correction": ("board.correction_asked", "board.correction_refused"),
}


@dataclass(frozen=True)
class Part:
    """One thing that a section tells: facts, what people wrote (whose, and the words), a table, in this order."""

    title: str = ""
    facts: Sequence[tuple[str, str]] = ()
    said: Sequence[tuple[str, str]] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    after: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """As a document takes it, without what is empty."""
        return {
            "title": self.title,
            "facts": [list(each) for each in self.facts if each[1]],
            "said": [{"who": who, "words": words} for who, words in self.said if words],
            "columns": list(self.columns) if self.rows else [],
            "rows": [list(row) for row in self.rows],
            "widths": self._widths,
            "after": self.after,
        }

    @property
    def _widths(self) -> list[int]:
        """How wide each column is beside the others: as what stands in it is long, within reason."""
        columns = list(zip(self.columns, *self.rows, strict=True)) if self.rows else []
        lengths = [sum(map(len, cells)) // len(cells) for cells in columns]
        return [max(NARROWEST, min(WIDEST, length)) for length in lengths]


@dataclass(frozen=True)
class Section:
    """A chapter of the case; `nothing` is what it says where there is nothing to tell."""

    title: str
    parts: Sequence[Part]
    nothing: str = "Nothing is recorded."

    @property
    def plain(self) -> dict[str, Any]:
        """As a document takes it."""
        return {"title": self.title, "parts": [each.plain for each in self.parts], "nothing": self.nothing}


@dataclass(frozen=True)
class Table:
    """A sheet of the case: what it is called, its headings, its rows."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Others:
    """The full names of other students who work on the same challenges, which stand nowhere in what we tell."""

    names: Sequence[str] = field(default_factory=tuple)

    def hidden(self, value: Any) -> Any:
        """The same value, however deep, with each of these names replaced."""
        if isinstance(value, str):
            return self._pattern.sub(ANOTHER, value) if self.names else value
        if isinstance(value, Mapping):
            return {key: self.hidden(each) for key, each in value.items()}
        return [self.hidden(each) for each in value] if isinstance(value, list | tuple) else value

    @property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self.names, key=lambda name: (-len(name), name))
        words = (r"\s+".join(map(re.escape, name.split())) for name in longest_first)
        return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


def file_part(text: str) -> str:
    """A text as a part of a path that every system can unpack."""
    clean = re.sub(NOT_IN_A_NAME, "_", text).strip(". ")
    return clean or "file"


def numbered(names: Iterable[str]) -> list[str]:
    """File names in their order, told apart by a number: “1 Portfolio.pdf”."""
    return [f"{number} {file_part(name)}" for number, name in enumerate(names, 1)]
