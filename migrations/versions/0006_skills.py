r"""skills: the skills that a challenge welcomes and teaches, indexed by themselves and kept in step by the database

Written by hand, as `0002_search.py` and in its way, beside what that made: a search for a skill does not look in titles.
A later migration that alters `challenge` in batch mode on SQLite makes the triggers anew.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT = "skills || ' ' || skills_learnt"
PLAIN = rf"regexp_replace(regexp_replace(lower(normalize({TEXT}, NFD)), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')"
INDEX = "challenge_skills_search"


def upgrade():
    if op.get_bind().dialect.name == "postgresql":
        made = f"tsvector GENERATED ALWAYS AS (to_tsvector('simple', {PLAIN})) STORED"
        op.execute(f"ALTER TABLE challenge ADD COLUMN skills_search {made}")
        op.execute("CREATE INDEX ix_challenge_skills_search ON challenge USING gin (skills_search)")
        return
    add = f"INSERT INTO {INDEX} (rowid, skills, skills_learnt) VALUES (new.id, new.skills, new.skills_learnt);"
    row = "old.id, old.skills, old.skills_learnt"
    remove = f"INSERT INTO {INDEX} ({INDEX}, rowid, skills, skills_learnt) VALUES ('delete', {row});"
    op.execute(
        f"CREATE VIRTUAL TABLE {INDEX} USING fts5(skills, skills_learnt, content='challenge', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
    op.execute(f"INSERT INTO {INDEX} ({INDEX}) VALUES ('rebuild')")
    changed = "UPDATE OF id, skills, skills_learnt"
    for name, event, act in (
        ("insert", "INSERT", add),
        ("delete", "DELETE", remove),
        ("update", changed, f"{remove} {add}"),
    ):
        op.execute(f"CREATE TRIGGER {INDEX}_{name} AFTER {event} ON challenge BEGIN {act} END")


def downgrade():
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE challenge DROP COLUMN skills_search")  # its index goes with it
        return
    for name in ("insert", "delete", "update"):
        op.execute(f"DROP TRIGGER {INDEX}_{name}")
    op.execute(f"DROP TABLE {INDEX}")
