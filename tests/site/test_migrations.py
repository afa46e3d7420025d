"""Migrations: one line of numbered steps, each two-way with rows in the tables, whole or not at all, equal to the models."""

from collections.abc import Callable, Sequence
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, MetaData, inspect, text

from placements.config import ROOT
from placements.db import db
from tests.databases import Copy
from tests.fill import walk_with_rows

MIGRATIONS = ROOT / "migrations"

# What the database keeps for searching: a table with its parts on SQLite, a column and its index on PostgreSQL.
SEARCHED = ("organisation", "enquiry", "challenge", "challenge_skills")
SEARCH_TABLES = {f"{name}_search{part}" for name in SEARCHED for part in ("", "_data", "_idx", "_docsize", "_config")}
SEARCH_PARTS = {
    "words_search",
    "skills_search",
    "ix_challenge_skills_search",
    *(f"ix_{name}_words_search" for name in SEARCHED),
}


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)


def revisions() -> list[str]:
    """Every revision, the first first."""
    return [script.revision for script in scripts().walk_revisions()][::-1]


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


@pytest.mark.long
def test_every_migration_goes_up_and_down_and_up_with_rows(empty_database: Copy):
    with empty_database.app.app_context():
        walk_with_rows(MIGRATIONS, revisions())
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}


# Equal to the models


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("allocation_lock", ("0015", "allocation.lock"), ("0016", "rounds.lock")),
        ("component", ("0039", "components.rules"), ("0040", "specification.rules")),
    ],
)
def test_what_was_written_of_an_area_with_another_name_keeps_its_readers(
    empty_database: Copy, kind: str, before: tuple[str, str], after: tuple[str, str]
):
    row = "INSERT INTO history (at, verb, about_kind, about_id, ability, fields) VALUES (:at, :verb, :kind, 1, :who, '[]')"
    said = {"at": "2026-10-20 08:00:00+00:00", "verb": "locked", "kind": kind, "who": before[1]}
    with empty_database.app.app_context():
        flask_migrate.upgrade(str(MIGRATIONS), before[0])
        with db.engine.begin() as connection:
            connection.execute(text(row), said)
        for step, revision, ability in (("up", *after), ("down", *before)):
            (flask_migrate.upgrade if step == "up" else flask_migrate.downgrade)(str(MIGRATIONS), revision)
            with db.engine.connect() as connection:
                assert connection.scalar(text("SELECT ability FROM history")) == ability


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
            f"{table} {part}": {each["name"]: _plain(each) for each in of(table) if each["name"] not in SEARCH_PARTS}
            for table in set(found.get_table_names()) - {"alembic_version"} - SEARCH_TABLES
            for part, of in parts.items()
        }


def _plain(described: Any) -> Any:
    if isinstance(described, dict):
        return {key: _plain(value) for key, value in described.items()}
    return str(described)


def is_of_the_models(_item: Any, name: str | None, kind: str, *_: Any) -> bool:
    return name not in (SEARCH_TABLES if kind == "table" else SEARCH_PARTS)


def differences(found: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """The parts of tables in which two schemas differ."""
    return sorted(part for part in found.keys() | wanted.keys() if found.get(part) != wanted.get(part))


def test_the_migrated_tables_are_those_of_the_models(fresh_database: Copy, empty_database: Copy):
    assert differences(schema(None, fresh_database), schema(db.metadata, empty_database)) == []


def test_autogenerate_finds_nothing_to_do(fresh_database: Copy):
    with fresh_database.app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": is_of_the_models}
        )
        assert compare_metadata(context, db.metadata) == []


def test_a_changed_check_is_noticed(fresh_database: Copy, empty_database: Copy):
    """The planted fault: a role more in the models than in the migrations, which autogenerate does not see."""
    planted = MetaData(naming_convention=db.metadata.naming_convention)
    for table in db.metadata.tables.values():
        table.to_metadata(planted)
    check = next(each for each in planted.tables["role"].constraints if isinstance(each, CheckConstraint))
    check.sqltext = text("name IN ('administrator', 'emperor')")
    assert "role checks" in differences(schema(None, fresh_database), schema(planted, empty_database))
