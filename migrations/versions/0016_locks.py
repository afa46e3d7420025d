"""locks: what they were told and written by is of rounds now, no more of the allocation"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

MOVED = (
    ("history", "ability", "allocation.lock", "rounds.lock"),
    ("notification", "notice", "allocation.lock_undone", "rounds.lock_undone"),
)


def upgrade():
    for table, column, before, after in MOVED:
        op.execute(f"UPDATE {table} SET {column} = '{after}' WHERE {column} = '{before}'")


def downgrade():
    for table, column, before, after in MOVED:
        op.execute(f"UPDATE {table} SET {column} = '{before}' WHERE {column} = '{after}'")
