"""One student's case as it is told: the words of the document and the rows of the sheets, with nobody else in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from placements.cases.chapters import beginning, to_the_second, visits_table, when
from placements.cases.judging import Judged, judged
from placements.cases.models import CaseExport
from placements.cases.reading import Placed, placed
from placements.cases.rules import Part, Section, Table
from placements.cases.trail import Written, history_of, keys_of, mails_of
from placements.cases.verdicts import ending, marks_table
from placements.concerns.models import Concern
from placements.core.policy import Principal
from placements.core.version import VERSION
from placements.history.models import History, Read

LEFT_OUT = (
    "Left out: what the student needs, what was found about their health, background or visa, evidence of mitigating "
    "circumstances, unsent drafts, reflections but those that were handed in, and concerns that whoever asked for this "
    "file may not read. The names of other students who work on the same challenge are replaced in everything that is "
    "told here; files stand as they were signed or handed in."
)


@dataclass(frozen=True)
class Case:
    """All that was read, and how it is told."""

    placed: Placed
    judged: Judged
    sections: Sequence[Section]
    tables: Sequence[Table]

    @property
    def sensitive(self) -> list[Read]:
        """What of it is written down as read by who asked for it."""
        concerns = [(Concern.__tablename__, each.id, "words") for each in self.placed.concerns]
        books = any(hand_in.snapshot for each in self.judged.submissions for hand_in in each.hand_ins)
        reflections = [("placement", each.id, "reflection") for each in self.placed.placements if books]
        return [*self.judged.sensitive, *concerns, *reflections]


def told(export: CaseExport, who: Principal, as_at: datetime) -> Case:
    """The student's case as it stands, as far as `who` may read it. As many queries whatever there is."""
    place, verdict = placed(export.enrolment_id, who), judged(export.enrolment_id)
    keys = keys_of(place, verdict)
    happened, written = history_of(keys), mails_of(keys, place)
    sections = [
        _about(export, as_at),
        *beginning(place),
        *ending(verdict, place.run),
        _mails(written),
        _history(happened),
    ]
    tables = [visits_table(place), marks_table(verdict), _history_table(happened), _mails_table(written)]
    return Case(place, verdict, sections, tables)


def words_of(case: Case, export: CaseExport, as_at: datetime) -> dict[str, Any]:
    """Everything that the document says, as plain values."""
    student, run = case.placed.enrolment.person, case.placed.run
    said = {
        "student": student.name,
        "number": student.student_number or "",
        "subtitle": f"{student.name}, {run.title}",
        "as_at": when(as_at),
        "sections": [each.plain for each in case.sections],
    }
    hidden: dict[str, Any] = case.placed.others.hidden(said)
    return hidden


def sheets_of(case: Case) -> list[Table]:
    """The sheets, with the names of others replaced."""
    hidden = case.placed.others.hidden
    return [Table(each.name, each.columns, hidden(each.rows)) for each in case.tables]


def _about(export: CaseExport, as_at: datetime) -> Section:
    facts = (
        ("Asked for by", export.asked_by.name),
        ("Asked for", to_the_second(export.asked_at)),
        ("Reason", export.reason),
        ("As at", f"{to_the_second(as_at)}, London time"),
        ("Software", f"Placements {VERSION}"),
    )
    return Section("This file", [Part(facts=facts, after=LEFT_OUT)])


def _mails(written: Sequence[Written]) -> Section:
    rows = [[when(each.at), each.to, each.subject, each.fate] for each in written]
    parts = [Part(columns=("When", "To", "Subject", "Standing"), rows=rows)] if rows else []
    return Section("Mails", parts, "No mail about it is kept.")


def _mails_table(written: Sequence[Written]) -> Table:
    rows = [[each.at.isoformat(), each.to, each.subject, each.fate] for each in written]
    return Table("mails", ("When", "To", "Subject", "Standing"), rows)


def _who(row: History) -> str:
    return row.actor.name if row.actor else "Placements"


def _history(happened: Sequence[History]) -> Section:
    rows = [[when(each.at), _who(each), _about_what(each), each.verb, each.reason or ""] for each in happened]
    parts = [Part(columns=("When", "Who", "About", "What", "Reason"), rows=rows)] if rows else []
    return Section("History", parts)


def _history_table(happened: Sequence[History]) -> Table:
    rows = [[each.at.isoformat(), _who(each), _about_what(each), each.verb, each.reason or ""] for each in happened]
    return Table("history", ("When", "Who", "About", "What", "Reason"), rows)


def _about_what(row: History) -> str:
    return row.about_kind.replace("_", " ")
