"""search: the words of organisations, enquiries and challenges, indexed by the database and kept in step by it

Written by hand, since models do not know of it: on SQLite a full-text table beside each table, kept by triggers; on
PostgreSQL a generated column. A later migration that alters one of these tables in batch mode on SQLite makes the
triggers anew: the copy of the table has none.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = {
    "organisation": ("name", "charity_number", "company_number"),
    "enquiry": ("organisation_name", "challenges_faced"),
    "challenge": ("title", "need"),
}
# As FTS5's tokenizer reads a text: letters and digits make words, marks over letters are no part of them.
PLAIN = r"regexp_replace(regexp_replace(lower(normalize({text}, NFD)), '[\u0300-\u036f]', '', 'g'), '[^[:alnum:]]+', ' ', 'g')"


def upgrade():
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, columns in WORDS.items():
        (_index_on_postgresql if is_postgresql else _index_on_sqlite)(table, columns)


def downgrade():
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in WORDS:
        if is_postgresql:
            op.execute(f"ALTER TABLE {table} DROP COLUMN words_search")  # its index goes with it
            continue
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {table}_search_{event}")
        op.execute(f"DROP TABLE {table}_search")


def _index_on_postgresql(table, columns):
    text = " || ' ' || ".join(f"coalesce({column}, '')" for column in columns)
    plain = PLAIN.format(text=text)
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN words_search tsvector GENERATED ALWAYS AS (to_tsvector('simple', {plain})) STORED"
    )
    op.execute(f"CREATE INDEX ix_{table}_words_search ON {table} USING gin (words_search)")


def _index_on_sqlite(table, columns):
    listed, new, old = (", ".join(f"{row}{column}" for column in columns) for row in ("", "new.", "old."))
    add = f"INSERT INTO {table}_search (rowid, {listed}) VALUES (new.id, {new});"
    remove = f"INSERT INTO {table}_search ({table}_search, rowid, {listed}) VALUES ('delete', old.id, {old});"
    op.execute(
        f"CREATE VIRTUAL TABLE {table}_search USING fts5({listed}, content='{table}', content_rowid='id', "
        "tokenize='unicode61 remove_diacritics 2', prefix='2 3')"
    )
    op.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER {table}_search_insert AFTER INSERT ON {table} BEGIN {add} END")
    op.execute(f"CREATE TRIGGER {table}_search_delete AFTER DELETE ON {table} BEGIN {remove} END")
    op.execute(f"CREATE TRIGGER {table}_search_update AFTER UPDATE OF id, {listed} ON {table} BEGIN {remove} {add} END")
