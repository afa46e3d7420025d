"""An uploaded list beside what is held: which organisation each line is about, and what importing it would change."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from placements.core.seen import fingerprint
from placements.core.workflow import say_state
from placements.db import db
from placements.directory.doubles import seen_of
from placements.directory.likeness import Likeness, Seen
from placements.directory.models import PartnerImport
from placements.directory.sheet import FACTS, HEADINGS, LineError, PartnerRow, row_from, row_of
from placements.partners.models import SIZES, TYPES, Contact, ContactRole, Organisation
from placements.partners.rules import domain_of, website_of
from placements.partners.workflow import CURRENT

MOST_OFFERED = 3
SAID: dict[str, Mapping[Any, str]] = {"type": TYPES, "size": SIZES}
LEAVE, NEW = "leave", "new"  # what can be said of a likely double, beside which one it is
NUMBERS = ("our_reference", "charity_number", "company_number")


@dataclass(frozen=True)
class Change:
    """A line that differs from the record that it is about: in what, from what, to what."""

    row: PartnerRow
    key: int
    differences: tuple[tuple[str, object, object], ...]


@dataclass(frozen=True)
class Likely:
    """A line that is about nobody for sure, and the records that it may be about: address, name, why."""

    row: PartnerRow
    offered: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Preview:
    """What importing a list would do: each good line in exactly one of the first four."""

    new: tuple[PartnerRow, ...] = ()
    changed: tuple[Change, ...] = ()
    same: tuple[PartnerRow, ...] = ()
    likely: tuple[Likely, ...] = ()
    errors: tuple[LineError, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether importing would leave everything as it is, whatever is chosen."""
        return not (self.new or self.changed or self.likely)


@dataclass(frozen=True)
class Known:
    """What is held: organisations by key, and who ever worked there."""

    organisations: dict[int, Organisation]
    contacts: dict[int, list[Contact]]

    def main_contact(self, key: int) -> Contact | None:
        """The first main contact who is there now."""
        here = (each for each in self.contacts[key] if each.left_on is None and each.role is ContactRole.PRIMARY)
        return next(here, None)


@dataclass(frozen=True)
class Look:
    """A list beside what is held, and a mark that differs when what it would change does."""

    preview: Preview
    known: Known

    @property
    def fingerprint(self) -> str:
        """The same for the same changes, so that exactly what was looked at is applied."""
        return fingerprint(self.preview)


def look(upload: PartnerImport) -> Look:
    """What importing the list would do now. Three queries, however many lines."""
    rows = [row_of(said) for said in upload.rows]
    errors = [LineError(**said) for said in upload.errors]  # type: ignore[arg-type]
    known = held()
    return Look(_compare(rows, errors, known), known)


def held() -> Known:
    """Every organisation with its boroughs and contacts. Three queries."""
    found = db.session.scalars(
        select(Organisation).options(selectinload(Organisation.also_in)).order_by(Organisation.id)
    ).all()
    contacts: dict[int, list[Contact]] = defaultdict(list)
    people = select(Contact).join(Contact.person).options(contains_eager(Contact.person)).order_by(Contact.id)
    for each in db.session.scalars(people):
        contacts[each.organisation_id].append(each)
    return Known({each.id: each for each in found}, contacts)


def _compare(rows: Sequence[PartnerRow], errors: list[LineError], known: Known) -> Preview:
    about = _Finder(known.organisations.values())
    errors = errors + list(_said_twice(rows))
    bad = {each.line for each in errors}
    likeness = Likeness(
        seen_of(each, (contact.person.email_key for contact in known.contacts[each.id]))
        for each in known.organisations.values()
        if each.state in CURRENT
    )
    new, changed, same, likely = [], [], [], []
    line_of: dict[int, int] = {}
    for row in (each for each in rows if each.line not in bad):
        found = about.all_of(row)
        if about.was_merged(row):
            same.append(row)
        elif len(found) > 1:
            names = " and ".join(each.name for each in found)
            errors.append(LineError(row.line, "", f"Its reference and numbers belong to {names}. Mend the line."))
        elif not found:
            like = _offered(row, likeness, known)
            (likely.append(Likely(row, like)) if like else new.append(row))
        elif found[0].id in line_of:
            also = f"This is {found[0].name}, which is also on line {line_of[found[0].id]}. Keep one of them."
            errors.append(LineError(row.line, "", also))
        else:
            one = found[0]
            line_of[one.id] = row.line
            differences = differences_of(row, one, known)
            if differences and one.state not in CURRENT:
                said = f"{one.name} is {say_state(one.state)} here, so nothing of it changes. Take the line out."
                errors.append(LineError(row.line, "", said))
            elif differences:
                changed.append(Change(row, one.id, differences))
            else:
                same.append(row)
    errors.sort(key=lambda each: each.line)
    return Preview(tuple(new), tuple(changed), tuple(same), tuple(likely), tuple(errors))


def differences_of(row: PartnerRow, one: Organisation, known: Known) -> tuple[tuple[str, object, object], ...]:
    """What the line says otherwise than the record: field, old, new. A blank cell says nothing."""
    before = row_from(one)
    found: list[tuple[str, object, object]] = []
    for name in FACTS:
        old, new = getattr(before, name), getattr(row, name)
        if name == "also_in":
            old, new = ({*each} - {row.borough} for each in (old, new))
            old, new = ", ".join(sorted(old)), ", ".join(sorted(new))
        if new not in ("", None) and old != new:
            words = SAID.get(name, {})
            found.append((name, words.get(old, old), words.get(new, new)))
    met = {each.person.email_key for each in known.contacts[one.id]}
    if row.contact_email and row.contact_email not in met:
        found.append(("contact_email", "", row.contact_email))
    return tuple(found)


def _offered(row: PartnerRow, likeness: Likeness, known: Known) -> tuple[tuple[str, str, str], ...]:
    domains = filter(None, [domain_of(row.contact_email), website_of(row.website)])
    like = likeness.like(Seen(0, row.name, row.charity_number, row.company_number, frozenset(domains)))
    named = ((known.organisations[key], why) for key, why in [*like.items()][:MOST_OFFERED])
    return tuple((each.public_id, f"{each.name}, {each.borough}", why) for each, why in named)


class _Finder:
    """Which records a line is about for sure."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self._by: dict[str, dict[object, Organisation]] = defaultdict(dict)
        for each in sorted(organisations, key=lambda each: (each.state not in CURRENT, each.id)):
            for name in NUMBERS:
                if getattr(each, name):
                    self._by[name].setdefault(getattr(each, name), each)
            self._by["place"].setdefault(row_from(each).place, each)

    def all_of(self, row: PartnerRow) -> list[Organisation]:
        """By its reference and numbers; where it has none that is known, by its name and borough."""
        return list({each.id: each for each in self._sure(row) or self._named(row)}.values())

    def was_merged(self, row: PartnerRow) -> bool:
        """Whether the line tells of one that is part of another now, which stays as it is."""
        return any(each.merged_into_id is not None for each in (*self._sure(row), *self._named(row)))

    def _sure(self, row: PartnerRow) -> list[Organisation]:
        return [each for name in NUMBERS if (each := self._by[name].get(getattr(row, name)))]

    def _named(self, row: PartnerRow) -> list[Organisation]:
        one = self._by["place"].get(row.place)
        return [one] if one else []


def _said_twice(rows: Iterable[PartnerRow]) -> Iterator[LineError]:
    """Lines that tell of what an earlier line tells of."""
    first: dict[tuple[str, object], int] = {}
    for row in rows:
        keys = {name: getattr(row, name) for name in NUMBERS}
        for name, value in {**keys, "name": row.place}.items():
            line = first.setdefault((name, value), row.line) if value else row.line
            if line != row.line:
                yield LineError(row.line, HEADINGS[name], f"This is also on line {line}. Keep one of them.")
                break
