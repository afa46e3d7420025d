"""Runs migrations, each run whole or not at all on either database, and writes new ones as `0007_what_it_does.py`.

    .venv/bin/flask --app placements db migrate -m "what it does"     then read and mend the file
    .venv/bin/flask --app placements db upgrade                       (`placements run` does this too)

A migration names plain column types only, never a class of ours: it must still run when that class has moved.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import click
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Enum, text

from placements.db import BEGIN_TO_WRITE, UTCDateTime, db
from placements.secret import Secret

MIGRATING = 20261020  # the advisory lock that PostgreSQL migrations hold; any number that is ours alone


@contextmanager
def sqlite_transaction(engine: Engine) -> Iterator[Connection]:
    """A writing transaction that checks foreign keys at its end, not on the way.

    Altering a table on SQLite copies it, drops it and renames the copy; with foreign keys on, the drop would delete
    the rows of cascading children. The setting only changes outside a transaction, so it is made before BEGIN, on a
    connection that never returns to the pool.
    """
    with engine.connect() as connection:
        connection.detach()
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF").close()
        with connection.execution_options(**BEGIN_TO_WRITE).begin():
            yield connection
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            if broken:
                rows = "; ".join(f"{table} row {row} → {parent}" for table, row, parent, _ in broken[:20])
                raise ValueError(f"{len(broken)} rows would point at nothing, so nothing was migrated: {rows}")


@contextmanager
def postgresql_transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that waits for any other migration to end, and then sees what that one did."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATING})
        yield connection


def render_plain_types(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """How a new migration writes a column's type: our own classes as the plain type beneath."""
    if kind == "type" and isinstance(item, Secret):
        return "sa.Text()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"  # its members stand in a named CHECK
    return False


def is_of_the_models(_item: Any, name: str | None, _kind: str, is_found: bool, equal: Any) -> bool:
    """What the database has for searching (`0002_search.py`) no model knows: that is no reason to drop it."""
    return not (is_found and equal is None and "_search" in (name or ""))


def number_new_script(context: MigrationContext, _revision: Any, scripts: list[MigrationScript]) -> None:
    """Give a new migration the next number; write none where models and tables already agree."""
    [script] = scripts
    options = context.config.cmd_opts if context.config else None
    if getattr(options, "autogenerate", False) and script.upgrade_ops and script.upgrade_ops.is_empty():
        click.echo("Models and tables agree: no migration is needed.")
        scripts.clear()
        return
    assert context.config is not None
    head = ScriptDirectory.from_config(context.config).get_current_head()
    script.rev_id = f"{int(head or 0) + 1:04}"


def run() -> None:
    """Run what the Alembic command asks for, inside one transaction."""
    begin = sqlite_transaction if db.engine.dialect.name == "sqlite" else postgresql_transaction
    with begin(db.engine) as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            transactional_ddl=True,
            compare_type=True,
            render_as_batch=True,
            render_item=render_plain_types,
            include_object=is_of_the_models,
            process_revision_directives=number_new_script,
        )
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: --sql is not supported.")
run()
