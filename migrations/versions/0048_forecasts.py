"""what is foreseen of a day"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "forecast",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("made_at", UTCDateTime()),
        sa.Column("problem", sa.String(500)),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_forecast")),
    )
    where = sa.text("is_asked")
    op.create_index("ix_forecast_asked", "forecast", ["asked_at"], sqlite_where=where, postgresql_where=where)
    op.create_table(
        "forecast_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("notice", sa.String(60), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["on"], ["forecast.on"], name=op.f("fk_forecast_line_on"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_forecast_line_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_line")),
    )
    op.create_index(op.f("ix_forecast_line_on_at_message_id"), "forecast_line", ["on", "at", "message", "id"])
    op.create_index(op.f("ix_forecast_line_recipient_id"), "forecast_line", ["recipient_id"])


def downgrade():
    op.drop_table("forecast_line")
    op.drop_table("forecast")
