"""What runs out: approvals, places, checks and memoranda, by day."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, String, cast, func, literal, select, union_all

from placements.db import COUNTED, db
from placements.partners.models import Organisation, Site
from placements.partners.workflow import CURRENT, OrganisationState
from placements.people.models import Person
from placements.vetting.models import Check, Memorandum
from placements.vetting.rules import ASKED, CheckKind
from placements.vetting.workflow import HOLDS, MemorandumState


class Kind(enum.StrEnum):
    APPROVAL = "approval"
    PLACE = "place"
    CHECK = "check"
    MEMORANDUM = "memorandum"


KINDS = {
    Kind.APPROVAL: "Approval",
    Kind.PLACE: "Place",
    Kind.CHECK: "Check",
    Kind.MEMORANDUM: "Memorandum",
}


@dataclass(frozen=True)
class Expiry:
    """One thing that runs out: its last day, what it is, whose, and who looks after them."""

    day: date
    kind: Kind
    detail: str
    organisation: str
    public_id: str
    owner: str | None

    @property
    def what(self) -> str:
        """“Approval”, “Place: The hall”, “Check: Insurance”."""
        detail = ASKED[CheckKind(self.detail)].title if self.kind is Kind.CHECK else self.detail
        return f"{KINDS[self.kind]}: {detail}" if detail else KINDS[self.kind]


@dataclass(frozen=True)
class Search:
    """What is looked for: last days from `first` to `last`; None narrows nothing."""

    first: date
    last: date
    kind: Kind | None = None
    owner: str | None = None  # a person's public_id


def span(within: str | None, day: date) -> tuple[date, date]:
    """From today on for so many days; “over”: what ran out in the last ninety."""
    if within == "over":
        return day - timedelta(days=90), day - timedelta(days=1)
    return day, day + timedelta(days=int(within or "30"))


def _found(search: Search) -> Select[Any]:
    """Every row, the soonest first."""
    everything = union_all(*_parts()).subquery()
    rows = (
        select(
            everything.c.day,
            everything.c.kind,
            everything.c.detail,
            Organisation.name,
            Organisation.public_id,
            Person.given_name,
            Person.family_name,
        )
        .select_from(everything)
        .join(Organisation, Organisation.id == everything.c.organisation_id)
        .outerjoin(Person, Person.id == Organisation.owner_id)
        .where(Organisation.state.in_(CURRENT), everything.c.day.between(search.first, search.last))
    )
    if search.kind is not None:
        rows = rows.where(everything.c.kind == search.kind.value)
    if search.owner is not None:
        rows = rows.where(Person.public_id == search.owner)
    return rows.order_by(everything.c.day, Organisation.name_key, everything.c.kind, everything.c.detail)


def _parts() -> list[Select[Any]]:
    """A place runs out when its one check does, so that is said once; of several memoranda the last counts."""
    nothing = literal("")
    return [
        _part(Kind.APPROVAL, Organisation.approved_until, Organisation.id, nothing).where(
            Organisation.state == OrganisationState.APPROVED
        ),
        _part(Kind.PLACE, Site.cleared_until, Site.organisation_id, Site.name),
        _part(Kind.CHECK, Check.valid_until, Check.organisation_id, cast(Check.kind, String)).where(
            Check.state.in_(HOLDS), Check.site_id.is_(None)
        ),
        _part(Kind.MEMORANDUM, func.max(Memorandum.expires_on), Memorandum.organisation_id, nothing)
        .where(Memorandum.state == MemorandumState.SIGNED)
        .group_by(Memorandum.organisation_id),
    ]


def _part(kind: Kind, day: Any, organisation_id: Any, detail: Any) -> Select[Any]:
    return select(
        day.label("day"),
        literal(kind.value).label("kind"),
        detail.label("detail"),
        organisation_id.label("organisation_id"),
    )


def _expiry(row: Any) -> Expiry:
    day, kind, detail, organisation, public_id, given, family = row
    owner = f"{given} {family}".strip() if given is not None else None
    return Expiry(day, Kind(kind), detail, organisation, public_id, owner)


def expiries(search: Search, size: int, number: int) -> tuple[list[Expiry], int]:
    """One page of what runs out, and how many there are: COUNTED + 1 says "more". Two queries."""
    found = _found(search)
    count = db.session.scalar(select(func.count()).select_from(found.limit(COUNTED + 1).subquery())) or 0
    rows = db.session.execute(found.offset(size * (number - 1)).limit(size))
    return [_expiry(row) for row in rows], count


def all_expiries(search: Search) -> list[Expiry]:
    """All of it. One query."""
    return [_expiry(row) for row in db.session.execute(_found(search))]


def owners() -> Sequence[Person]:
    """Everybody who looks after an organisation, by name. One query."""
    held = select(Organisation.owner_id).where(Organisation.state.in_(CURRENT))
    found = select(Person).where(Person.id.in_(held)).order_by(Person.family_name, Person.given_name)
    return db.session.scalars(found).all()
