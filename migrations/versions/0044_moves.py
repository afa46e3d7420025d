"""how often the dates that stand in calendars were set, beside the dates"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

DATED = (
    "challenge",
    "checkpoint",
    "component",
    "contact_point",
    "module_run",
    "offer",
    "placement",
    "staged_release",
    "submission",
    "supervisor_feedback",
)


def upgrade():
    for table in DATED:  # no table is made anew: a challenge has triggers, which would be lost
        op.add_column(table, sa.Column("moves", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("planned_visit") as batch:
        batch.alter_column(
            "version", new_column_name="moves", existing_type=sa.Integer(), existing_nullable=False, server_default="0"
        )
    _begin_where_history_was()


def _begin_where_history_was():
    """Calendars were told a number counted from the history until now; from here on it must not be a smaller one."""
    history = sa.table("history", *map(sa.column, ("about_kind", "about_id", "ability")))

    def rows(kind, key):
        found = sa.select(sa.func.count()).select_from(history)
        found = found.where(history.c.about_kind == kind, history.c.about_id == key, history.c.ability.is_(None))
        return found.scalar_subquery()

    component = sa.table("component", *map(sa.column, ("id", "run_id", "moves")))
    submission = sa.table("submission", *map(sa.column, ("id", "moves")))
    both = rows("component", component.c.id) + rows("module_run", component.c.run_id)
    op.execute(sa.update(component).values(moves=both))
    op.execute(sa.update(submission).values(moves=rows("submission", submission.c.id)))


def downgrade():
    with op.batch_alter_table("planned_visit") as batch:
        batch.alter_column(
            "moves", new_column_name="version", existing_type=sa.Integer(), existing_nullable=False, server_default=None
        )
    for table in reversed(DATED):
        op.drop_column(table, "moves")
