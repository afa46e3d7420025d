"""A list of organisations as a sheet: its columns, how each cell is read, and how a record stands in it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from placements.core.errors import Refused
from placements.core.sheets import (
    TOO_MANY_CELLS,
    check_characters,
    joined,
    quoted,
    read_email,
    read_listed,
    read_sheet,
    read_text,
    tidied,
)
from placements.partners.models import SIZES, TYPES, Contact, Organisation, OrganisationType, Size
from placements.partners.rules import BOROUGHS, charity_number, company_number, web_address
from placements.people.models import NAME_LENGTH

# field → heading, in the order in which they go out
HEADINGS = {
    "our_reference": "Our reference",
    "name": "Name",
    "type": "Kind",
    "borough": "Main borough",
    "also_in": "Other boroughs",
    "charity_number": "Charity number",
    "company_number": "Company number",
    "other_identifier": "Other register number",
    "website": "Website",
    "size": "Size",
    "ceiling": "Most students at one time",
    "about": "What it does",
    "contact_name": "Main contact",
    "contact_email": "Main contact email",
    "contact_job_title": "Main contact job title",
}
NEEDED = ("name", "type", "borough")
OPTIONAL = frozenset(HEADINGS) - frozenset(NEEDED)
FACTS = tuple(name for name in HEADINGS if not name.startswith("contact_"))
SAMPLE = (
    (
        *("P-001", "Holloway Larder", "Charity", "Islington", "Camden; Hackney", "1234567", "", ""),
        *("www.larder.example", "1 to 9 paid staff", "3", "We share food that shops would throw away."),
        *("Amina Yusuf", "amina@larder.example", "Coordinator"),
    ),
    ("P-002", "Bow Walkers", "Sports club", "Tower Hamlets", *[""] * 11),
)


@dataclass(frozen=True)
class LineError:
    """Why a line cannot be used. `column` is a heading, or empty for the whole line."""

    line: int
    column: str
    sentence: str


@dataclass(frozen=True)
class PartnerRow:
    """One line of a list. Blank says nothing, and changes nothing. Rows that say the same are equal."""

    name: str
    type: OrganisationType
    borough: str
    our_reference: str = ""
    also_in: tuple[str, ...] = ()
    charity_number: str = ""
    company_number: str = ""
    other_identifier: str = ""
    website: str = ""
    size: Size | None = None
    ceiling: int | None = None
    about: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_job_title: str = ""
    line: int = field(default=0, compare=False)

    @property
    def place(self) -> tuple[str, str]:
        """What makes it the same where no number says so: its exact name, in its borough."""
        return self.name.lower(), self.borough


def kept(row: PartnerRow) -> dict[str, Any]:
    """The row as it is kept with its upload."""
    return dict(vars(row))


def row_of(said: Mapping[str, Any]) -> PartnerRow:
    """The row that was kept."""
    size = Size(said["size"]) if said["size"] else None
    typed = {"type": OrganisationType(said["type"]), "size": size, "also_in": tuple(said["also_in"])}
    return PartnerRow(**{**said, **typed})


def row_from(organisation: Organisation, contact: Contact | None = None) -> PartnerRow:
    """A record as a line would say it."""
    row = PartnerRow(
        name=tidied(organisation.name),
        type=organisation.type,
        borough=organisation.borough,
        our_reference=tidied(organisation.our_reference or ""),
        also_in=tuple(each.borough for each in organisation.also_in),
        charity_number=organisation.charity_number or "",
        company_number=organisation.company_number or "",
        other_identifier=tidied(organisation.other_identifier or ""),
        website=tidied(organisation.website),
        size=organisation.size,
        ceiling=organisation.ceiling,
        about=tidied(organisation.about),
    )
    if contact is None:
        return row
    person = contact.person
    return replace(row, contact_name=person.name, contact_email=person.email_key, contact_job_title=contact.job_title)


def cells(row: PartnerRow) -> list[object]:
    """The row as it goes out, in the order of the headings."""
    said: dict[str, Any] = vars(row) | {
        "type": TYPES[row.type],
        "size": SIZES[row.size] if row.size else "",
        "also_in": "; ".join(row.also_in),
    }
    return [said[name] for name in HEADINGS]


def read_list(data: bytes) -> tuple[list[PartnerRow], list[LineError], tuple[str, ...]]:
    """A file's good lines, what is wrong with the others, and the headings that are not ours.

    Raises Refused, with what to do, where the file as a whole cannot be read.
    """
    sheet = read_sheet(data, HEADINGS, OPTIONAL)
    rows, errors = [], []
    for number, found in sheet.rows:
        if found is None:
            errors.append(LineError(number, "", TOO_MANY_CELLS))
            continue
        row, problems = _read_row(number, found)
        errors += [LineError(number, HEADINGS[name], sentence) for name, sentence in problems.items()]
        rows += [row] if row else []
    return rows, errors, sheet.ignored_columns


def _read_row(line: int, found: Mapping[str, str]) -> tuple[PartnerRow | None, dict[str, str]]:
    """The row, or None with what is wrong by field."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for name, read in READERS.items():
        try:
            text = _value(found.get(name, ""))
            if text or name in NEEDED:
                values[name] = read(text)
        except Refused as refused:
            problems[name] = refused.sentence
    if not problems and ("contact_name" in values) != ("contact_email" in values):
        missing = "contact_email" if "contact_name" in values else "contact_name"
        problems[missing] = "Give both the name and the email address of the main contact, or neither."
    return (None, problems) if problems else (PartnerRow(**values, line=line), {})


def _value(cell: str) -> str:
    """A cell's text; the apostrophe goes that our own sheets put before what would be a formula."""
    text = tidied(cell)
    check_characters(text)
    return text[1:] if re.match(r"'\s*[=+\-@＝＋－＠]", text) else text


def _spellings(said: Mapping[Any, str]) -> dict[str, object]:
    """By what people read, and by what we keep."""
    return {joined(text): value for value, text in said.items()} | {joined(value): value for value in said}


def _boroughs(text: str) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(r"[;|]", text))
    return tuple(sorted({str(_BOROUGH(part)) for part in parts if part}))


def _by(rule: Callable[[str], str | None], sentence: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        found = rule(text)
        if found is None:
            raise Refused(f"{quoted(text)} cannot be one. {sentence}")
        return found

    return read


def _website(text: str) -> str:
    return read_text(_by(web_address, "Enter a web address like www.example.org.")(text), 200)


def _ceiling(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,3})(?:[.,]0+)?", text, re.ASCII)
    if not found or not 1 <= int(found[1]) <= 500:
        raise Refused("Enter a whole number from 1 to 500, or leave it blank.")
    return int(found[1])


def _choices(said: Iterable[str]) -> str:
    return f"one of: {', '.join(said)}"


_BOROUGH = partial(
    read_listed,
    spellings=_spellings({name: name for name in BOROUGHS}),
    choices="a London borough by its full name, City of London or Outside London",
)
READERS: dict[str, Callable[[str], object]] = {
    "our_reference": partial(read_text, longest=60),
    "name": partial(read_text, longest=200),
    "type": partial(read_listed, spellings=_spellings(TYPES), choices=_choices(TYPES.values())),
    "borough": _BOROUGH,
    "also_in": _boroughs,
    "charity_number": _by(charity_number, "Enter it like 1234567, SC012345 or NIC123456."),
    "company_number": _by(company_number, "Enter eight characters, like 01234567 or OC301234."),
    "other_identifier": partial(read_text, longest=60),
    "website": _website,
    "size": partial(read_listed, spellings=_spellings(SIZES), choices=_choices(SIZES.values())),
    "ceiling": _ceiling,
    "about": partial(read_text, longest=2000),
    "contact_name": partial(read_text, longest=NAME_LENGTH),
    "contact_email": read_email,
    "contact_job_title": partial(read_text, longest=100),
}
