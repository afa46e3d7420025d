"""Two records of one organisation become one: everything that hangs on the double moves to the one that stays."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Table, UniqueConstraint, delete, func, or_, select, update

from placements.core.clock import today
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row, insert_new
from placements.directory.doubles import pointing_to
from placements.directory.models import NotTheSame
from placements.history.actions import record
from placements.partners.models import ContactRole, Organisation, OrganisationBorough
from placements.partners.policy import has_no_side
from placements.partners.workflow import CURRENT, ORGANISATION
from placements.vetting.actions import keep_approval_in_step
from placements.vetting.queries import all_hold_until

Values = Mapping[Any, Any]

FILLED = (  # what the one that stays takes over where it says nothing
    *("about", "charity_number", "company_number", "other_identifier", "website", "size", "our_reference"),
    *("ceiling", "owner_id"),
)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
STRENGTH = (ContactRole.SUPERVISOR, ContactRole.SIGNATORY, ContactRole.PRIMARY)
# Where both have a row and only one may be: the one that counts for more stays.
COUNTS_FOR: dict[str, Callable[[Values], tuple[Any, ...]]] = {
    "contact": lambda row: (row["left_on"] is None, STRENGTH.index(row["role"])),
    "interest": lambda row: (row["ended_at"] is None, row["declared_at"]),
    "partner_check": lambda row: (row["verified_at"] or LONG_AGO, row["answered_at"]),
}
NUMBERED = {"memorandum": "version"}  # both stay: the double's are numbered after the others


def merge(survivor: Organisation, double: Organisation, *, actor: Principal, now: datetime) -> None:
    """Make one of two: whatever points to `double` points to `survivor`, which takes over what it did not say itself.

    The double is archived and leads on to the survivor, whose approval, if it has one, lasts as long as the checks that
    it has now. Refused where one is over; NotAllowed with a side in either.
    """
    if survivor.id == double.id:
        raise Refused("Choose another organisation to merge it with.")
    for each in sorted((survivor, double), key=lambda each: each.id):
        hold_row(each)
    if not (has_no_side(actor, survivor.id) and has_no_side(actor, double.id)):
        raise NotAllowed
    if double.merged_into_id == survivor.id:
        return
    if survivor.state not in CURRENT or not ORGANISATION.move(double, "merge"):
        raise Refused("One of the two is over, so they cannot be merged. Open the other one.")
    filled = _fill(survivor, double)
    _forget_marks(survivor, double)
    rested_on_checks = all_hold_until(survivor.id) is not None
    db.session.flush()
    _move_to(Organisation.__table__, double.id, survivor.id)  # type: ignore[arg-type]
    _tell_boroughs(survivor, double)
    db.session.expire_all()
    double.merged_into_id = survivor.id
    _approve_anew(survivor, rested_on_checks, now)
    record("merged with its double", survivor, actor=actor, now=now, reason=double.name, fields=filled)
    record("merged into another record", double, actor=actor, now=now, reason=survivor.name)


def keep_apart(one: Organisation, other: Organisation, *, actor: Principal, now: datetime) -> None:
    """Remember that two are not the same. Refused for one alone; NotAllowed with a side in either."""
    if one.id == other.id:
        raise Refused("Choose two organisations.")
    if not (has_no_side(actor, one.id) and has_no_side(actor, other.id)):
        raise NotAllowed
    first, second = sorted((one, other), key=lambda each: each.id)
    pair = (NotTheSame.one_id == first.id, NotTheSame.other_id == second.id)
    if db.session.scalar(select(NotTheSame.id).where(*pair)) is None:
        insert_new(NotTheSame, [{"one_id": first.id, "other_id": second.id}])
        record("found to be another organisation", first, actor=actor, now=now, reason=second.name)


def _fill(survivor: Organisation, double: Organisation) -> list[str]:
    """Returns the names of what the survivor took over."""
    filled = [name for name in FILLED if not getattr(survivor, name) and getattr(double, name)]
    found = {name: getattr(double, name) for name in filled}
    if "our_reference" in filled:
        double.our_reference = None
        db.session.flush()  # no two may have it, not even for a moment
    for name, value in found.items():
        setattr(survivor, name, value)
    return filled


def _approve_anew(survivor: Organisation, rested_on_checks: bool, now: datetime) -> None:
    """Checks that came with the double may carry its approval, or end it; one that none ever carried is not lost."""
    until = all_hold_until(survivor.id)
    if rested_on_checks or (until is not None and until >= today(now)):
        keep_approval_in_step(survivor, now)


def _forget_marks(survivor: Organisation, double: Organisation) -> None:
    """That they are not the same turned out to be wrong."""
    both = {survivor.id, double.id}
    db.session.execute(delete(NotTheSame).where(NotTheSame.one_id.in_(both), NotTheSame.other_id.in_(both)))


def _tell_boroughs(survivor: Organisation, double: Organisation) -> None:
    """Where the double mainly worked, the survivor works too; its own main borough is not another one."""
    row = {"organisation_id": survivor.id, "borough": double.borough}
    insert_new(OrganisationBorough, [row])
    main = OrganisationBorough.borough == survivor.borough
    db.session.execute(delete(OrganisationBorough).where(OrganisationBorough.organisation_id == survivor.id, main))


def _move_to(table: Table, gone: int, kept: int) -> None:
    """Let every row of any table that points to the row `gone` point to the row `kept`."""
    for other, column in pointing_to(table):
        if other.name in NUMBERED:
            _number_anew(other, column, other.c[NUMBERED[other.name]], gone, kept)
        for theirs, ours in _clashes(other, column, gone, kept):
            counts = COUNTS_FOR.get(other.name, lambda row: ())
            loser, winner = (ours, theirs) if counts(theirs) > counts(ours) else (theirs, ours)
            _move_to(other, loser["id"], winner["id"])
            db.session.execute(delete(other).where(other.c.id == loser["id"]))
        db.session.execute(update(other).where(column == gone).values({column: kept}))


def _clashes(table: Table, column: Column[int], gone: int, kept: int) -> Iterator[tuple[Values, Values]]:
    """Pairs of rows, one of each, that could not both point to `kept`."""
    for columns, where in _unique(table):
        if column not in columns:
            continue
        rest = [each for each in columns if each is not column]
        rows = db.session.execute(select(table).where(column.in_((gone, kept)), *where).order_by(table.c.id))
        found: dict[tuple[Any, ...], dict[int, Values]] = {}
        for row in rows.mappings():
            key = tuple(row[each] for each in rest)
            if None not in key:  # to the database no two unknowns are equal
                found.setdefault(key, {})[row[column]] = row
        yield from ((both[gone], both[kept]) for both in found.values() if len(both) == 2)


def _unique(table: Table) -> Iterator[tuple[list[Column[Any]], list[Any]]]:
    """The sets of columns that only one row may hold, each with the condition it holds under."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns), []
    for index in table.indexes:
        if index.unique:
            where = index.dialect_options["sqlite"].get("where")
            yield list(index.columns), [] if where is None else [where]


def _number_anew(table: Table, column: Column[int], number: Column[int], gone: int, kept: int) -> None:
    """Number the rows of `gone` after those of `kept`, in their order."""
    highest = db.session.scalar(select(func.max(number)).where(or_(column == gone, column == kept))) or 0
    for key in db.session.scalars(select(table.c.id).where(column == gone).order_by(number)).all():
        highest += 1
        db.session.execute(update(table).where(table.c.id == key).values({number: highest}))
