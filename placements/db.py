"""The database: one naming convention, the column types every area shares, and what SQLite and PostgreSQL each need."""

import enum
import logging
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    Engine,
    Enum,
    Index,
    MetaData,
    Select,
    String,
    UniqueConstraint,
    event,
    func,
    inspect,
    join,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, selectinload
from sqlalchemy.orm import registry as orm_registry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from placements.turns import TURN, Turns

log = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite libraries whose WAL mode can corrupt a database shared by several processes: everything before these.
WAL_IS_SAFE_FROM = ((3, 51, 3), (3, 50, 7), (3, 44, 6))

BEGIN_TO_WRITE = {"begin_to_write": True}
COUNTED = 1000  # an exact count of a long list costs more than the page; "1,000+" says enough


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values on the way in; always answers in UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; an instant needs one")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = orm_registry(metadata=MetaData(naming_convention=NAMING), type_annotation_map={datetime: UTCDateTime()})


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model  # the same thing, which a type checker cannot follow

Key = Annotated[int, mapped_column(primary_key=True)]


class Dated:
    """A row with dates that stand in calendars. `moves` counts how often one of `DATES` was set, whoever sets it.

    It never falls, so the sum of several rows' tells calendars which state of an entry is the newest. It counts what is
    set on rows; a bulk update of such a date would go uncounted, and a test keeps those out. A state is among the dates
    where a thing is gone from calendars in one, and comes back in another.
    """

    DATES: ClassVar[tuple[str, ...]]
    moves: Mapped[int] = mapped_column(default=0, server_default="0")


@event.listens_for(Dated, "before_insert", propagate=True)
def _count_first(_mapper: Any, _connection: Any, row: Any) -> None:
    row.moves = int(any(getattr(row, name) is not None for name in row.DATES))


@event.listens_for(Dated, "before_update", propagate=True)
def _count_move(_mapper: Any, _connection: Any, row: Any) -> None:
    state = inspect(row)
    if any(state.attrs[name].history.has_changes() for name in row.DATES):
        row.moves = type(row).moves + 1  # by the database: of two at the same time, both count


def new_public_id() -> str:
    """Twelve URL-safe random characters: what a URL shows instead of a key."""
    return secrets.token_urlsafe(9)


def public_id() -> Mapped[str]:
    """The column that every thing with a URL has."""
    return mapped_column(String(12), unique=True, default=new_public_id)


def one_of(members: type[enum.StrEnum], **options: Any) -> Mapped[Any]:
    """A column that holds one member of `members` by its value. Pair it with `check_one_of` in `__table_args__`."""
    values = Enum(
        members,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda found: [member.value for member in found],
        validate_strings=True,
    )
    return mapped_column(values, **options)


def check_one_of(column: str, members: type[enum.StrEnum]) -> CheckConstraint:
    """The named CHECK behind `one_of`: Alembic sees it change when a member is added."""
    allowed = ", ".join(f"'{member.value}'" for member in members)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows that meet `where`, on both databases; unique, it lets at most one of them stand."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class _Shifted(FunctionElement[datetime]):
    type = UTCDateTime()
    inherit_cache = True


@compiles(_Shifted, "sqlite")
def _on_sqlite(element: _Shifted, compiler: Any, **given: Any) -> str:
    instant, seconds = (compiler.process(clause, **given) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f000', {instant}, ({seconds}) || ' seconds')"  # as UTCDateTime stores it


@compiles(_Shifted)
def _on_postgresql(element: _Shifted, compiler: Any, **given: Any) -> str:
    instant, seconds = (compiler.process(clause, **given) for clause in element.clauses)
    return f"({instant} + make_interval(secs => {seconds}))"


def shifted(instant: Any, by: timedelta | ColumnElement[int]) -> ColumnElement[datetime]:
    """The instant of a column, moved by whole seconds, on both databases: `shifted(Offer.deadline_at, -DAY)`.

    By how many may itself be read from the database.
    """
    return _Shifted(instant, int(by.total_seconds()) if isinstance(by, timedelta) else by)


def begin_to_write() -> None:
    """Start a transaction that writes (SQLite: BEGIN IMMEDIATE, in turn), after ending one that has only read.

    Raises RuntimeError where the session holds changes that the end of the old transaction would lose.
    """
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("begin_to_write would lose what this session has not committed")
    session.rollback()
    turns: Turns | None = current_app.extensions["placements.turns"]
    if turns is not None:
        session.info["turn"] = turns.take()
    session.connection(execution_options=BEGIN_TO_WRITE)


def hold_row(row: Base, *columns: str) -> None:
    """Read these columns of the row again, or all, and keep everybody else off it until the transaction ends.

    What is not written yet is written first: reading again would lose it.
    """
    db.session.flush()
    db.session.refresh(row, columns or None, with_for_update={"of": type(row)})


def read_again(row: Base, *others: str) -> None:
    """Read a row again with others that hang on it: which they are by now, and what each of them says.

    To refresh the relationship alone leaves those in memory as they were before the row was held.
    """
    db.session.flush()
    loads = [selectinload(getattr(type(row), name)) for name in others]
    db.session.get_one(type(row), inspect(row).identity, options=loads, populate_existing=True)


def insert_new(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows that no unique key refuses, in one statement; the others are there and stay as they are."""
    if rows:
        db.session.execute(_insert(model).on_conflict_do_nothing(), rows)


def insert_new_from(model: type[Base], columns: Sequence[str], rows: Select[Any]) -> None:
    """The same for the rows of a SELECT, which never leave the database."""
    db.session.execute(_insert(model).from_select(columns, rows).on_conflict_do_nothing())


def _insert(model: type[Base]) -> Any:
    dialect = postgresql if db.session.connection().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)


def slice_of(rows: Select[Any], size: int, number: int, *options: Any) -> tuple[list[Any], int]:
    """The `number`th page (from 1) of the things that `rows` selects, and how many there are: COUNTED + 1 says "more".

    Where `rows` selects more than the thing, each of the page is a tuple of all; what is more is only asked for them.
    A list goes no further than its first COUNTED rows, so that its last page costs what its first does: the database
    walks once over their keys, counts them and answers with those of the page. Where the page holds nothing, so does
    the count. One query, and one more for each `selectinload` given.
    """
    page = _page_of(rows, size, number, options)
    found = db.session.execute(page).unique().all()
    return [row[0] if len(row) == 2 else tuple(row[:-1]) for row in found], found[0][-1] if found else 0


@lru_cache(maxsize=256)  # slower to put together than to answer; `rows` that are made anew are put together anew
def _page_of(rows: Select[Any], size: int, number: int, options: tuple[Any, ...]) -> Select[Any]:
    thing = rows.column_descriptions[0]["entity"]
    first = min(size * (number - 1), COUNTED)
    walk = rows.with_only_columns(thing.id.label("key"), maintain_column_froms=True).limit(COUNTED + 1).subquery()
    counted = select(walk.c.key, func.count().over().label("count"))
    some = counted.limit(min(size, COUNTED - first)).offset(first).subquery()
    page = select(*some.c, func.row_number().over().label("place")).subquery()
    of_page = rows.select_from(join(page, thing, thing.id == page.c.key)).add_columns(page.c.count)
    return of_page.order_by(None).order_by(page.c.place).options(*options)


def refresh_statistics() -> None:
    """Let SQLite look at its tables again: it picks indexes by how many rows it believes there are.

    A sample of each, not all rows. PostgreSQL does this by itself.
    """
    if db.session.connection().dialect.name == "sqlite":
        for statement in ("PRAGMA analysis_limit = 400", "ANALYZE"):
            db.session.execute(text(statement))


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite library may share a WAL database between processes (fixed in 3.44.6, 3.50.7 and 3.51.3)."""
    return version >= WAL_IS_SAFE_FROM[0] or any(
        version[:2] == fixed[:2] and version >= fixed for fixed in WAL_IS_SAFE_FROM[1:]
    )


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    mode = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "DELETE"
    for pragma in ("busy_timeout = 10000", f"journal_mode = {mode}", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _on_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("begin_to_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@event.listens_for(db.session, "after_transaction_end")
def _on_end(session: Any, transaction: Any) -> None:
    turn = session.info.pop("turn", None) if transaction.parent is None else None
    if turn is not None:
        turn.end()


def prepare_sqlite(engine: Engine) -> None:
    """Set up each connection of a SQLite engine: journal, foreign keys, and transactions that begin when we say so."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def init_db(app: Flask) -> None:
    """Bind `db` to the application and prepare its engine."""
    db.init_app(app)
    app.extensions["placements.turns"] = None
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            prepare_sqlite(db.engine)
            place = db.engine.url.database
            app.extensions["placements.turns"] = Turns(Path(f"{place}{TURN}")) if place else None


def constraint_name(refusal: IntegrityError) -> str | None:
    """Which constraint of ours the database refused by, or None where it does not say."""
    diagnosis = getattr(refusal.orig, "diag", None)
    if diagnosis is not None:  # PostgreSQL
        return cast(str | None, diagnosis.constraint_name)
    said, _, what = str(refusal.orig).partition(" constraint failed: ")
    if said == "CHECK":
        return what
    columns = [column.rpartition(".")[2] for column in what.split(", ")]
    table = Base.metadata.tables.get(what.partition(".")[0])
    if said != "UNIQUE" or table is None:
        return None
    unique = (each for each in table.constraints if isinstance(each, UniqueConstraint))
    return next((str(each.name) for each in unique if [column.name for column in each.columns] == columns), None)
