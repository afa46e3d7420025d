"""How migrations run, on small ones planted here: whole or not at all, nothing lost on the way, one start at a time."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import flask_migrate
import pytest
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

from placements.config import ROOT
from placements.db import BEGIN_TO_WRITE, db
from tests.databases import Copy
from tests.fill import walk_with_rows

Plant = Callable[..., str]

FAMILY = """
op.create_table("parent", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(10)))
op.create_table("child", sa.Column("id", sa.Integer, primary_key=True), sa.Column("parent_id", sa.Integer,
    sa.ForeignKey("parent.id", name="fk_child_parent_id", ondelete="CASCADE"), nullable=False))
op.execute("INSERT INTO parent (id, name) VALUES (1, 'Ada')")
op.execute("INSERT INTO child (id, parent_id) VALUES (1, 1)")
# down
op.drop_table("child")
op.drop_table("parent")
"""
HALF_WAY = """
op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
op.execute("UPDATE parent SET name = 'Bea'")
"""
FAILS = "raise LookupError('half-way')"
ALTERS_PARENT = """
with op.batch_alter_table("parent") as parent:
    parent.alter_column("name", existing_type=sa.String(10), nullable=False)
"""
LOSES_ROWS_ON_THE_WAY_BACK = """
# down
op.execute("DELETE FROM child")
"""
BREAKS_A_REFERENCE = "op.execute('UPDATE child SET parent_id = 77')"


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Writes planted migrations, the first as 0001, beside a copy of our env.py. Returns their folder."""
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("versions", "__pycache__"))
    (folder / "versions").mkdir()

    def write(*bodies: str, env: tuple[str, str] | None = None) -> str:
        for number, body in enumerate(bodies, 1):
            before = f"{number - 1:04}" if number > 1 else None
            up, _, down = (indent(part, "    ") for part in body.partition("# down\n"))
            (folder / "versions" / f"{number:04}_planted.py").write_text(
                f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{number:04}'\n"
                f"down_revision = {before!r}\n"
                f"def upgrade():\n    pass\n{up}\ndef downgrade():\n    pass\n{down}\n"
            )
        if env:
            source = (folder / "env.py").read_text()
            assert env[0] in source
            (folder / "env.py").write_text(source.replace(*env))
        return str(folder)

    return write


def seen(copy: Copy) -> dict[str, object]:
    """The tables, the version, the name of the parent and the number of its children, as they stand now."""
    with copy.app.app_context(), db.engine.connect() as connection:
        return {
            "tables": set(inspect(connection).get_table_names()) - {"alembic_version"},
            "version": connection.scalar(text("SELECT version_num FROM alembic_version")),
            "name": connection.scalar(text("SELECT name FROM parent")),
            "children": connection.scalar(text("SELECT count(*) FROM child")),
        }


BEFORE = {"tables": {"parent", "child"}, "version": "0001", "name": "Ada", "children": 1}


def test_a_failure_half_way_leaves_nothing_and_can_be_tried_again(empty_database: Copy, plant: Plant):
    with empty_database.app.app_context():
        flask_migrate.upgrade(plant(FAMILY))
        with pytest.raises(LookupError, match="half-way"):
            flask_migrate.upgrade(plant(FAMILY, HALF_WAY + FAILS))
        assert seen(empty_database) == BEFORE
        flask_migrate.upgrade(plant(FAMILY, HALF_WAY))
    assert seen(empty_database) == {
        "tables": {"parent", "child", "extra"},
        "version": "0002",
        "name": "Bea",
        "children": 1,
    }


def test_several_steps_are_one_transaction(empty_database: Copy, plant: Plant):
    with empty_database.app.app_context():
        with pytest.raises(LookupError, match="half-way"):
            flask_migrate.upgrade(plant(FAMILY, FAILS))
        assert inspect(db.engine).get_table_names() == []


def test_altering_a_parent_keeps_its_children(empty_database: Copy, plant: Plant):
    with empty_database.app.app_context():
        flask_migrate.upgrade(plant(FAMILY))
        flask_migrate.upgrade(plant(FAMILY, ALTERS_PARENT))
    assert seen(empty_database) == BEFORE | {"version": "0002"}


@pytest.mark.pure
def test_with_foreign_keys_on_sqlite_would_lose_the_children(empty_database: Copy, plant: Plant):
    """The negative control of the test above."""
    env = ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON")
    with empty_database.app.app_context():
        flask_migrate.upgrade(plant(FAMILY))
        flask_migrate.upgrade(plant(FAMILY, ALTERS_PARENT, env=env))
    assert seen(empty_database) == BEFORE | {"version": "0002", "children": 0}


def test_a_row_that_would_point_at_nothing_stops_the_migration(empty_database: Copy, plant: Plant):
    with empty_database.app.app_context():
        flask_migrate.upgrade(plant(FAMILY))
        with pytest.raises((ValueError, IntegrityError), match="child"):
            flask_migrate.upgrade(plant(FAMILY, BREAKS_A_REFERENCE))
    assert seen(empty_database) == BEFORE


def test_foreign_keys_are_on_again_afterwards(empty_database: Copy, plant: Plant):
    with empty_database.app.app_context():
        flask_migrate.upgrade(plant(FAMILY))
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.execute(text("INSERT INTO child (id, parent_id) VALUES (2, 77)"))


def wait_for_nothing(copy: Copy) -> None:
    """Make this copy's new connections refuse at once where they would wait for a lock."""

    @event.listens_for(db.engine, "connect")
    def _set(connection, _record):
        if db.engine.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout = 0").close()
        else:
            connection.execute("SET lock_timeout = '50ms'")
            connection.commit()


def test_a_migration_waits_for_another_one(empty_database: Copy, plant: Plant):
    """Another start holds what `env.py` takes first; a migration that did not ask for it would go ahead."""
    with empty_database.app.app_context():
        wait_for_nothing(empty_database)
        with db.engine.connect().execution_options(**BEGIN_TO_WRITE) as other, other.begin():
            if db.engine.dialect.name == "postgresql":
                other.execute(text("SELECT pg_advisory_xact_lock(20261020)"))
            with pytest.raises(OperationalError, match="lock"):
                flask_migrate.upgrade(plant(FAMILY))
        flask_migrate.upgrade(plant(FAMILY))
    assert seen(empty_database) == BEFORE


def test_a_way_back_that_loses_rows_is_found(empty_database: Copy, plant: Plant):
    with empty_database.app.app_context():
        walk_with_rows(Path(plant(FAMILY)), ["0001"])
        with pytest.raises(AssertionError, match="0002: the way back lost rows"):
            walk_with_rows(Path(plant(FAMILY, LOSES_ROWS_ON_THE_WAY_BACK)), ["0001", "0002"])


def test_two_starts_migrate_once(empty_database: Copy):
    command = [sys.executable, "-m", "placements", "migrate"]
    starts = [
        subprocess.Popen(command, cwd=ROOT, env=empty_database.environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [start.communicate(timeout=60)[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    with empty_database.app.app_context():
        assert "person" in inspect(db.engine).get_table_names()


def test_a_new_migration_is_numbered_and_names_no_class_of_ours(empty_database: Copy, plant: Plant):
    folder = plant()
    with empty_database.app.app_context():
        flask_migrate.migrate(folder, message="Who they are")
        flask_migrate.upgrade(folder)
        flask_migrate.migrate(folder, message="Nothing is new")
    [script] = Path(folder, "versions").glob("*.py")
    assert script.name == "0001_who_they_are.py"
    source = script.read_text()
    assert "revision = '0001'" in source
    assert "sa.Column('created_at', sa.DateTime(timezone=True), nullable=False)" in source
    assert "sa.Column('state', sa.String(length=40), nullable=False)" in source
    assert "placements." not in source
