"""who holds the clock; when it stood still, and how much was late by then; what waits is found by one index alone"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("ticked_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "stoppage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("late", sa.Integer(), nullable=True),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stoppage")),
    )


    _index_messages(is_partial=True)


def downgrade():
    _index_messages(is_partial=False)
    op.drop_table("stoppage")
    op.drop_table("lease")


def _index_messages(*, is_partial):
    where = sa.text("message_id IS NOT NULL") if is_partial else None
    op.drop_index("ix_notification_message_id", "notification")
    op.create_index(
        "ix_notification_message_id", "notification", ["message_id"], sqlite_where=where, postgresql_where=where
    )
