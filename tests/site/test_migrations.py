"""Migrations: one line of numbered steps, each two-way with rows in the tables, whole or not at all, equal to the models."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, MetaData, func, inspect, select, text

from placements.config import ROOT
from placements.db import db
from tests.databases import Copy, Databases, copy_of
from tests.fill import fill_empty_tables, reflect

MIGRATIONS = ROOT / "migrations"


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def revisions() -> list[str]:
    """Every revision, the first first."""
    return [script.revision for script in scripts().walk_revisions()][::-1]


def tables(copy: Copy) -> set[str]:
    with copy.app.app_context():
        return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def count_rows(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in reflect(connection)
    }


# One line


@pytest.mark.pure
def test_there_is_one_head():
    assert len(scripts().get_heads()) == 1


@pytest.mark.pure
def test_files_are_numbered_without_a_gap():
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [name[:5] for name in names] == [f"{number:04}_" for number in range(1, len(names) + 1)]
    assert revisions() == [name[:4] for name in names]


# Two ways


def test_every_migration_goes_up_and_down_and_up_with_rows(empty_database: Copy):
    with empty_database.app.app_context():
        for before, revision in zip([None, *revisions()], revisions(), strict=False):
            flask_migrate.upgrade(revision=revision)
            with db.engine.begin() as connection:
                fill_empty_tables(connection)
                rows = count_rows(connection)
            assert 0 not in rows.values(), f"{revision}: a table has no row to try the way back with"
            flask_migrate.downgrade(revision=before or "base")
            with db.engine.connect() as connection:
                kept = count_rows(connection)
            assert kept == {name: rows[name] for name in kept}, f"{revision}: the way back lost rows"
            flask_migrate.upgrade(revision=revision)
            with db.engine.begin() as connection:
                fill_empty_tables(connection)
                assert count_rows(connection) == rows, f"{revision}: going up again lost rows"
        flask_migrate.downgrade(revision="base")
    assert tables(empty_database) == set()


# Equal to the models


def schema(metadata: MetaData | None, copy: Copy) -> dict[str, Any]:
    """What the copy's database says of its tables, one entry for each part, once `metadata`'s are created in it."""
    with copy.app.app_context(), db.engine.begin() as connection:
        if metadata:
            metadata.create_all(connection)
        found = inspect(connection)
        parts: dict[str, Callable[[str], Sequence[Any]]] = {
            "columns": found.get_columns,
            "checks": found.get_check_constraints,
            "unique keys": found.get_unique_constraints,
            "indexes": found.get_indexes,
            "foreign keys": found.get_foreign_keys,
            "primary key": lambda table: [found.get_pk_constraint(table)],
        }
        return {
            f"{table} {part}": {each["name"]: _plain(each) for each in of(table)}
            for table in set(found.get_table_names()) - {"alembic_version"}
            for part, of in parts.items()
        }


def _plain(described: Any) -> Any:
    if isinstance(described, dict):
        return {key: _plain(value) for key, value in described.items()}
    return str(described)


def differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """The parts of tables in which two schemas differ."""
    return sorted(part for part in found.keys() | wanted.keys() if found.get(part) != wanted.get(part))


def test_the_migrated_tables_are_those_of_the_models(fresh_database: Copy, empty_database: Copy):
    assert differences(schema(None, fresh_database), schema(db.metadata, empty_database)) == []


def test_autogenerate_finds_nothing_to_do(fresh_database: Copy):
    with fresh_database.app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_a_changed_check_is_noticed(databases: Databases, tmp_path: Path):
    """The planted fault: a role more in one than in the other, which autogenerate does not see."""
    planted = MetaData(naming_convention=db.metadata.naming_convention)
    for table in db.metadata.tables.values():
        table.to_metadata(planted)
    check = next(each for each in planted.tables["role"].constraints if isinstance(each, CheckConstraint))
    check.sqltext = text("name IN ('administrator', 'emperor')")
    with copy_of(databases, None, tmp_path) as one, copy_of(databases, None, tmp_path) as other:
        assert differences(schema(planted, one), schema(db.metadata, other)) == ["role checks"]
