"""why a mark was kept: by rule, agreed, corrected too; second attempts and claims that were withdrawn"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

VERSION = sa.table("mark_version", sa.column("why"))
NEW = ("by_rule", "agreed", "corrected")
KNOWN = {  # table, column: what it could hold before, and what else it can now
    ("mark_version", "why"): (("handover", "submitted", "reopened", "recomputed", "moderated"), NEW),
    ("submission", "state"): (("open", "received", "late", "not_submitted"), ("withdrawn",)),
    ("mitigation", "state"): (("pending", "accepted", "refused"), ("withdrawn",)),
}


def upgrade():
    """Only what was corrected after a board was kept as worked out anew until now."""
    for (table, column), (before, more) in KNOWN.items():
        _known(table, column, (*before, *more))
    op.execute(sa.update(VERSION).where(VERSION.c.why == "recomputed").values(why="corrected"))


def downgrade():
    """That something was withdrawn cannot be said any more: the claim was not accepted, the attempt is put off."""
    op.execute(sa.update(VERSION).where(VERSION.c.why.in_(NEW)).values(why="recomputed"))
    op.execute("UPDATE mitigation SET state = 'refused' WHERE state = 'withdrawn'")
    op.execute("UPDATE submission SET state = 'open', deferred_at = due_at, due_at = NULL WHERE state = 'withdrawn'")
    for (table, column), (before, _) in KNOWN.items():
        _known(table, column, before)


def _known(table, column, values):
    said, name = ", ".join(f"'{each}'" for each in values), f"ck_{table}_{column}_known"
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(batch.f(name), type_="check")
        batch.create_check_constraint(batch.f(name), f"{column} IN ({said})")
