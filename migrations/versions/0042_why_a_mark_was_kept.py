"""a mark is kept each time that it becomes another: set by rule, of a moved deadline, of two markers, after the board"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0040"
branch_labels = None
depends_on = None

VERSION = sa.table("mark_version", sa.column("why"))
NAME = "ck_mark_version_why_known"
BEFORE = ("handover", "submitted", "reopened", "recomputed", "moderated")
NEW = ("by_rule", "agreed", "corrected")


def upgrade():
    """Only what was corrected after a board was kept as worked out anew until now."""
    _known((*BEFORE, *NEW))
    op.execute(sa.update(VERSION).where(VERSION.c.why == "recomputed").values(why="corrected"))


def downgrade():
    op.execute(sa.update(VERSION).where(VERSION.c.why.in_(NEW)).values(why="recomputed"))
    _known(BEFORE)


def _known(whys):
    said = ", ".join(f"'{each}'" for each in whys)
    with op.batch_alter_table("mark_version") as batch:
        batch.drop_constraint(batch.f(NAME), type_="check")
        batch.create_check_constraint(batch.f(NAME), f"why IN ({said})")
