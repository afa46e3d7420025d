"""One plausible row in every table that has none, whatever the tables are: read from the database, not from the models."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import flask_migrate
from sqlalchemy import Column, Connection, MetaData, Table, inspect, select, text
from sqlalchemy.exc import IntegrityError

from placements.db import constraint_name, db

Row = dict[str, Any]

MOST_TRIES = 3000

OF_TYPE: dict[type, list[Any]] = {
    int: [1, 0, 60],
    str: ["x", "", "abc123", "x@example.org"],
    bool: [True, False],
    float: [1.5, 0.0],
    Decimal: [Decimal("1.5"), Decimal(0)],
    bytes: [b"x"],
    object: [{}],  # JSON
    date: [date(2026, 10, 20), date(2027, 1, 13)],
    time: [time(9, 0), time(17, 0)],
    datetime: [datetime(2026, 10, 20, 8, 0, tzinfo=UTC), datetime(2027, 1, 13, 8, 0, tzinfo=UTC)],
    timedelta: [timedelta(hours=1)],
}


def reflect(connection: Connection) -> list[Table]:
    """The tables as they stand, without Alembic's own and what SQLite searches by."""
    metadata = MetaData()
    metadata.reflect(connection, only=names(connection))
    return list(metadata.tables.values())


def names(connection: Connection) -> list[str]:
    """The names of those tables: to read what each is made of takes a hundred times as long."""
    found = inspect(connection).get_table_names()
    return [name for name in found if "_search" not in name and name != "alembic_version"]


def walk_with_rows(folder: Path, revisions: Sequence[str]) -> None:
    """Take the current application's database up each migration, back and up again, with a row in every table, then down.

    Raises AssertionError where rows are lost on the way; the database refuses what rows make impossible.
    """
    for before, revision in zip(["base", *revisions], revisions, strict=False):
        flask_migrate.upgrade(str(folder), revision)
        rows = _fill_and_count()
        assert 0 not in rows.values(), f"{revision}: a table has no row to try the way back with"
        flask_migrate.downgrade(str(folder), before)
        kept = _count()
        assert kept == {name: rows[name] for name in kept}, f"{revision}: the way back lost rows"
        flask_migrate.upgrade(str(folder), revision)
        assert _fill_and_count() == rows, f"{revision}: going up again lost rows"
    flask_migrate.downgrade(str(folder), "base")


def _fill_and_count() -> dict[str, int]:
    with db.engine.begin() as connection:
        fill_empty_tables(connection)
    return _count()


def _count() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in names(connection)}


def fill_empty_tables(connection: Connection) -> None:
    """Give each empty table a row that types, NOT NULL, foreign keys and CHECKs accept. Raises LookupError if it can't."""
    waiting = reflect(connection)
    rows: dict[str, Row] = {}
    while waiting:
        ready = [table for table in waiting if _needs(table) <= rows.keys()]
        if not ready:
            raise LookupError(f"each of these tables needs another one first: {[table.name for table in waiting]}")
        for table in ready:
            rows[table.name] = _first_row(connection, table) or _insert(connection, table, rows)
        waiting = [table for table in waiting if table not in ready]


def _needs(table: Table) -> set[str]:
    """The other tables that must have a row before this one can."""
    return {key.column.table.name for key in table.foreign_keys if not key.parent.nullable} - {table.name}


def _first_row(connection: Connection, table: Table) -> Row | None:
    row = connection.execute(select(table).limit(1)).mappings().first()
    return dict(row) if row else None


def _insert(connection: Connection, table: Table, rows: dict[str, Row]) -> Row:
    """Insert a row and return it. While a CHECK refuses, the columns it names take other values by lot."""
    checks = {str(check["name"]): check["sqltext"] for check in inspect(connection).get_check_constraints(table.name)}
    values = {
        column.name: _values(column, checks, rows) for column in table.columns if not _numbers_itself(column, checks)
    }
    row = {name: found[0] for name, found in values.items()}
    lot = Random(table.name)
    for _ in range(MOST_TRIES):
        try:
            with connection.begin_nested():
                connection.execute(table.insert(), row)
            return _first_row(connection, table) or {}
        except IntegrityError as error:
            refused_by = constraint_name(error) or ""
            if refused_by not in checks:
                raise
            row |= {name: lot.choice(found) for name, found in values.items() if _names(checks[refused_by], name)}
    raise LookupError(f"{table.name}: nothing tried pleases {refused_by}: {checks[refused_by]}")


def _numbers_itself(column: Column[Any], checks: dict[str, str]) -> bool:
    is_key = column is column.table.autoincrement_column
    return column.computed is not None or (is_key and not any(_names(check, column.name) for check in checks.values()))


def _names(check: str, column: str) -> bool:
    return re.search(rf"\b{re.escape(column)}\b", check) is not None


def _values(column: Column[Any], checks: dict[str, str], rows: dict[str, Row]) -> list[Any]:
    """What a column may be tried with, the likeliest first: what its CHECKs speak of, then what its type allows."""
    for key in column.foreign_keys:
        parent = rows.get(key.column.table.name)
        found = [parent[key.column.name]] if parent else []
        return [*found, None] if column.nullable or not found else found
    kind = column.type.python_type
    spoken_of = [value for check in checks.values() if _names(check, column.name) for value in _literals(check, kind)]
    found = [*spoken_of, *OF_TYPE[kind]]
    if kind is str:
        found = [value[: getattr(column.type, "length", None)] for value in found]
    return [*found, None] if column.nullable else found


def _literals(check: str, kind: type) -> list[Any]:
    if kind is str:
        return re.findall(r"'([^']*)'", check)
    if kind is int:
        numbers = [int(number) for number in re.findall(r"(?<![\w.'])\d+(?![\w.'])", check)]
        return [near for number in numbers for near in (number, number + 1, number - 1)]
    return []
