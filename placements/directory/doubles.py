"""Organisations that are likely the same as another, and what hangs on each of two that are looked at together."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Select, Table, case, false, func, literal, or_, select, union_all

from placements.core.policy import Principal
from placements.db import Model, db
from placements.directory.likeness import Likeness, Seen
from placements.directory.models import NotTheSame
from placements.partners.models import Contact, Organisation
from placements.partners.queries import OrganisationSearch, listed, visible_to
from placements.partners.rules import domain_of, telling_words, website_of
from placements.partners.workflow import CURRENT
from placements.people.models import Person
from placements.search import matches

MOST_PAIRS = 100
MOST_LOOKED_AT = 60
MOST_NAMED = 5
MOST_FOUND = 12
WHAT_MOVES = {  # a table's rows as people say them; others are called by their table's name
    "challenge": "Challenges",
    "contact": "People",
    "enquiry": "Enquiries",
    "interest": "Declared interests",
    "memorandum": "Memoranda",
    "organisation_borough": "Other boroughs",
    "partner_check": "Checks",
    "proposal": "Places that students found",
    "referral": "Referrals",
    "site": "Places",
}
LEFT_OUT = {"not_the_same", "organisation"}  # what they hold is about the two themselves


@dataclass(frozen=True)
class Pair:
    """Two organisations that may be the same, and why."""

    one: Organisation
    other: Organisation
    why: str


def seen_of(organisation: Organisation, addresses: Iterable[str]) -> Seen:
    """An organisation with the mail addresses of its people, as it is compared."""
    domains = {*map(domain_of, addresses), website_of(organisation.website)}
    charity, company = organisation.charity_number, organisation.company_number
    return Seen(organisation.id, organisation.name, charity, company, frozenset(filter(None, domains)))


def known_by(chosen: Select[int] | None = None) -> list[Seen]:
    """The current organisations, or those with the chosen keys, as they are compared. Two queries."""
    those = select(Organisation).where(Organisation.state.in_(CURRENT)).order_by(Organisation.id)
    addresses = select(Contact.organisation_id, Person.email_key).join(Person, Person.id == Contact.person_id)
    if chosen is not None:
        those = those.where(Organisation.id.in_(chosen))
        addresses = addresses.where(Contact.organisation_id.in_(chosen))
    people: dict[int, list[str]] = defaultdict(list)
    for organisation_id, address in db.session.execute(addresses.where(Contact.left_on.is_(None))):
        people[organisation_id].append(address)
    return [seen_of(each, people[each.id]) for each in db.session.scalars(those)]


def likely_pairs() -> tuple[list[Pair], int]:
    """The first of all pairs that may be the same and were not kept apart, and how many there are. Four queries."""
    apart = {frozenset(pair) for pair in db.session.execute(select(NotTheSame.one_id, NotTheSame.other_id))}
    found = [pair for pair in Likeness(known_by()).pairs() if frozenset(pair[:2]) not in apart]
    shown = found[:MOST_PAIRS]
    keys = {key for one, other, _ in shown for key in (one, other)}
    named = {each.id: each for each in db.session.scalars(select(Organisation).where(Organisation.id.in_(keys)))}
    return [Pair(named[one], named[other], why) for one, other, why in shown], len(found)


def doubles_of(organisation: Organisation) -> list[tuple[Organisation, str]]:
    """Those that an organisation may be the same as, with why; few are looked at. Four queries."""
    addresses = select(Person.email_key).join(Contact, Contact.person_id == Person.id)
    here = addresses.where(Contact.organisation_id == organisation.id, Contact.left_on.is_(None))
    me = seen_of(organisation, db.session.scalars(here).all())
    near = _near(organisation, me.domains).where(Organisation.id != organisation.id, ~_is_apart_from(organisation))
    likely = Likeness(known_by(near)).like(me)
    named = (
        select(Organisation)
        .where(Organisation.id.in_([*likely][:MOST_NAMED]))
        .order_by(Organisation.name_key, Organisation.id)
    )
    return [(each, likely[each.id]) for each in db.session.scalars(named)]


def kept_apart_from(organisation: Organisation) -> Sequence[Organisation]:
    """Those that somebody found to be others than it, by name. One query."""
    found = select(Organisation).where(_is_apart_from(organisation), Organisation.state.in_(CURRENT))
    return db.session.scalars(found.order_by(Organisation.name_key, Organisation.id)).all()


def others_found(who: Principal, organisation: Organisation, text: str) -> Sequence[Organisation]:
    """Current ones beside it, by words of their names or by number, the first few. One query."""
    found = listed(who, OrganisationSearch(text=text))
    others = found.where(Organisation.id != organisation.id, Organisation.state.in_(CURRENT))
    return db.session.scalars(others.limit(MOST_FOUND)).all()


def _is_apart_from(organisation: Organisation) -> ColumnElement[bool]:
    one, other = NotTheSame.one_id, NotTheSame.other_id
    marks = union_all(select(other).where(one == organisation.id), select(one).where(other == organisation.id))
    return Organisation.id.in_(marks)


def _near(organisation: Organisation, domains: Iterable[str]) -> Select[int]:
    """Current ones that share a number, a domain or a telling word of the name; those that share most come first."""
    sure: list[ColumnElement[bool]] = [false()]
    for column in (Organisation.charity_number, Organisation.company_number):
        value = getattr(organisation, column.key)
        sure += [column == value] if value else []
    for domain in sorted(domains):
        at_domain = Contact.person.has(Person.email_key.endswith(f"@{domain}", autoescape=True))
        sure += [Organisation.contacts.any(at_domain), Organisation.website.icontains(domain, autoescape=True)]
    alike = [matches(word, Organisation) for word in telling_words(organisation.name)[:3]]
    found = select(Organisation.id).where(or_(*sure, *alike), Organisation.state.in_(CURRENT))
    shared = sum((case((sign, 1), else_=0) for sign in alike), literal(0))
    return found.order_by(case((or_(*sure), 0), else_=1), shared.desc(), Organisation.id).limit(MOST_LOOKED_AT)


def other_of(who: Principal, public_id: str) -> Organisation | None:
    """The second of two that are looked at together."""
    return db.session.scalar(visible_to(who).where(Organisation.public_id == public_id))


def pointing_to(table: Table) -> list[tuple[Table, Column[int]]]:
    """Every column of the whole schema that points to a table's key, in a fixed order."""
    return [
        (each, key.parent)
        for each in Model.metadata.sorted_tables
        for key in sorted(each.foreign_keys, key=lambda key: key.parent.name)
        if key.column is table.c.id
    ]


def what_moves(organisations: Sequence[Organisation]) -> list[tuple[str, list[int]]]:
    """How many rows of each kind hang on each organisation, where any do. One query."""
    keys = [each.id for each in organisations]
    counts = union_all(
        *(
            select(literal(table.name).label("kind"), column.label("held_by"), func.count().label("count"))
            .where(column.in_(keys))
            .group_by(column)
            for table, column in pointing_to(Organisation.__table__)  # type: ignore[arg-type]
            if table.name not in LEFT_OUT
        )
    )
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for kind, held_by, count in db.session.execute(counts):
        found[kind][held_by] = found[kind].get(held_by, 0) + count
    said = {WHAT_MOVES.get(kind, kind.replace("_", " ").capitalize()): by for kind, by in found.items()}
    return [(kind, [said[kind].get(key, 0) for key in keys]) for kind in sorted(said)]
