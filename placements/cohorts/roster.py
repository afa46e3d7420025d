"""The enrolment file of the student record: read it, and say what it would change. Nothing here changes anything."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

from placements.cohorts.roster_row import HEADINGS, Key, RosterRow, RosterStatus, read_row
from placements.core.sheets import TOO_MANY_CELLS, read_sheet


@dataclass(frozen=True)
class LineError:
    """Why a line cannot be used. `column` is a heading, or empty for the whole line."""

    line: int
    column: str
    sentence: str
    student_number: str = ""  # empty where it cannot be read


@dataclass(frozen=True)
class Roster:
    """What a file holds: the rows that can be used, what is wrong with the others, and headings that are not ours."""

    rows: tuple[RosterRow, ...]
    errors: tuple[LineError, ...]
    ignored_columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One field that the file would change."""

    field: str
    old: object
    new: object


@dataclass(frozen=True)
class Change:
    """A row that differs from what is held, and in what."""

    row: RosterRow
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Preview:
    """What importing a roster would do: each row in exactly one list, and what the file leaves out."""

    new: tuple[RosterRow, ...] = ()
    changed: tuple[Change, ...] = ()
    withdrawn: tuple[Change, ...] = ()  # newly so: the verb that tells the host and frees the place
    deferred: tuple[Change, ...] = ()  # newly so: the same
    returned: tuple[Change, ...] = ()  # withdrawn or deferred before, registered again
    same: tuple[RosterRow, ...] = ()
    never_started: tuple[RosterRow, ...] = ()  # withdrawn or deferred, and not known here: nothing is made of them
    missing: tuple[RosterRow, ...] = ()  # held, registered or deferred, and not in the file: kept, and listed
    errors: tuple[LineError, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether importing would leave everything as it is."""
        return not (self.new or self.changed or self.withdrawn or self.deferred or self.returned)


def read_roster(data: bytes, headings: Mapping[str, str] = HEADINGS) -> Roster:
    """Read an enrolment file (CSV as bytes); `headings` maps our fields to the file's columns.

    Raises Refused, with what to do, where the file as a whole cannot be read; a bad line becomes a LineError.
    """
    sheet = read_sheet(data, headings)
    rows: list[RosterRow] = []
    errors: list[LineError] = []
    for number, cells in sheet.rows:
        if cells is None:
            errors.append(LineError(number, "", TOO_MANY_CELLS))
            continue
        row, problems, student_number = read_row(number, cells)
        errors += [LineError(number, headings[each], said, student_number) for each, said in problems.items()]
        rows += [row] if row else []
    return without(Roster(tuple(rows), tuple(errors), sheet.ignored_columns), _contradictions(rows, headings))


def _contradictions(rows: Iterable[RosterRow], headings: Mapping[str, str]) -> Iterator[LineError]:
    """Lines that cannot both be true: a student twice, or an address that two students share."""
    by_key: dict[Key, list[RosterRow]] = defaultdict(list)
    by_email: dict[str, list[RosterRow]] = defaultdict(list)
    by_student: dict[str, list[RosterRow]] = defaultdict(list)
    for row in rows:
        by_key[row.key].append(row)
        by_email[row.email].append(row)
        by_student[row.student_number].append(row)
    for group in by_key.values():
        for row, said in _listed_twice(group):
            yield LineError(row.line, headings["student_number"], said, row.student_number)
    for group in by_email.values():
        for row, said in _sharing_an_address(group):
            yield LineError(row.line, headings["email"], said, row.student_number)
    for group in by_student.values():
        for row, said in _with_two_names(group):
            yield LineError(row.line, headings["student_number"], said, row.student_number)


def _listed_twice(group: list[RosterRow]) -> Iterator[tuple[RosterRow, str]]:
    """Of lines that say exactly the same the first is good; of lines that disagree, none."""
    first, *others = group
    if len(set(group)) == 1:
        yield from ((row, f"This student is also on line {first.line}.") for row in others)
    else:
        for row in group:
            also = others[0].line if row is first else first.line
            yield row, f"This student is also on line {also}, with other details. Keep the right one."


def _sharing_an_address(group: list[RosterRow]) -> Iterator[tuple[RosterRow, str]]:
    first = group[0]
    others = [row for row in group if row.student_number != first.student_number]
    for row in group if others else []:
        also = others[0].line if row.student_number == first.student_number else first.line
        yield row, f"This address is also on line {also}, for another student. Give each their own."


def _with_two_names(group: list[RosterRow]) -> Iterator[tuple[RosterRow, str]]:
    for row in group:
        other = next((each for each in group if each.key != row.key and _who(each) != _who(row)), None)
        if other:
            yield row, f"Line {other.line} has another name or address for this student. Make them the same."


def _who(row: RosterRow) -> tuple[str, str, str]:
    return row.surname, row.forename, row.email


def without(roster: Roster, problems: Iterable[LineError]) -> Roster:
    """The roster less the rows that `problems` speak of, which stand among its errors instead."""
    found = tuple(problems)
    bad = {problem.line for problem in found}
    rows = tuple(row for row in roster.rows if row.line not in bad)
    errors = tuple(sorted(roster.errors + found, key=lambda error: error.line))
    return Roster(rows, errors, roster.ignored_columns)


def compare(roster: Roster, existing: Mapping[Key, RosterRow]) -> Preview:
    """What importing `roster` would do to the enrolments held (`existing`, by `RosterRow.key`).

    Missing means held for a module and year that the file covers, not withdrawn, and on no line of it, bad ones
    included. After an import the same file changes nothing.
    """
    found: dict[str, list[RosterRow]] = defaultdict(list)
    changes: dict[str, list[Change]] = defaultdict(list)
    for row in roster.rows:
        held = existing.get(row.key)
        if held is None:
            found["new" if row.status is RosterStatus.REGISTERED else "never_started"].append(row)
        elif held == row:
            found["same"].append(row)
        else:
            changes[_kind(held, row)].append(Change(row, _differences(held, row)))
    covered = {(row.module_code, row.academic_year) for row in roster.rows}
    listed = {row.key for row in roster.rows}
    unread = {error.student_number for error in roster.errors}
    found["missing"] = [
        held
        for key, held in existing.items()
        if key not in listed
        and (held.module_code, held.academic_year) in covered
        and held.status is not RosterStatus.WITHDRAWN
        and held.student_number not in unread
    ]
    lists = {name: tuple(rows) for name, rows in found.items()} | {name: tuple(rows) for name, rows in changes.items()}
    return Preview(**lists, errors=roster.errors)  # type: ignore[arg-type]


def _kind(held: RosterRow, row: RosterRow) -> str:
    if held.status is row.status:
        return "changed"
    return "returned" if row.status is RosterStatus.REGISTERED else row.status.value


def _differences(held: RosterRow, row: RosterRow) -> tuple[Difference, ...]:
    pairs = ((each.name, getattr(held, each.name), getattr(row, each.name)) for each in fields(row) if each.compare)
    return tuple(Difference(name, old, new) for name, old, new in pairs if old != new)
