"""What was submitted before organisations could answer, after the migration that lets them."""

import flask_migrate
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from placements.config import ROOT
from placements.db import db
from tests.databases import Copy
from tests.fill import fill_empty_tables

MIGRATIONS = str(ROOT / "migrations")
STAGED = "2026-10-20 08:00:00.000000+00:00"


def before_and_after() -> tuple[str, str]:
    """The revisions on both sides of it."""
    config = Config()
    config.set_main_option("script_location", MIGRATIONS)
    found = next(each for each in ScriptDirectory.from_config(config).walk_revisions() if "host_answers" in each.path)
    return str(found.down_revision), found.revision


def carried_over(copy: Copy, *changes: str) -> list[tuple[int, int, str]]:
    """The answers that are there for the one choice of the old database: whose, about what, and how they stand."""
    before, after = before_and_after()
    with copy.app.app_context():
        flask_migrate.upgrade(MIGRATIONS, before)
        with db.engine.begin() as connection:
            fill_empty_tables(connection)
            for change in changes:
                connection.execute(text(change))
        flask_migrate.upgrade(MIGRATIONS, after)
        with db.engine.connect() as connection:
            rows = connection.execute(text("SELECT application_id, challenge_id, state FROM host_answer")).all()
            return [(row[0], row[1], row[2]) for row in rows]


def closed(copy: Copy) -> bool:
    with copy.app.app_context(), db.engine.connect() as connection:
        return connection.scalar(text("SELECT answers_closed_at FROM application")) is not None


def test_each_submitted_choice_waits_for_an_answer(empty_database: Copy) -> None:
    found = carried_over(empty_database, "UPDATE application SET state = 'submitted'")
    assert found == [(1, 1, "waiting")]
    assert not closed(empty_database)


def test_what_was_withdrawn_waits_for_none(empty_database: Copy) -> None:
    assert carried_over(empty_database, "UPDATE application SET state = 'withdrawn'") == []


def test_answers_about_students_in_a_staged_round_are_closed(empty_database: Copy) -> None:
    found = carried_over(
        empty_database,
        "UPDATE application SET state = 'submitted', decided_at = NULL",
        "UPDATE allocation_round SET state = 'staged'",
        f"UPDATE attempt SET staged_at = '{STAGED}'",
    )
    assert found == [(1, 1, "waiting")]
    assert closed(empty_database)
