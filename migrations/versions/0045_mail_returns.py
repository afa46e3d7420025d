"""what comes back of our mail, and what each day's looks into its mailbox found"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

OPEN = sa.text("kind = 'bounced' AND settled_at IS NULL")


def upgrade():
    op.create_table(
        "mail_return",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("diagnostic", sa.String(length=300), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('bounced', 'given_up', 'put_off', 'complained')", name=op.f("ck_mail_return_kind_known")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_mail_return_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_return")),
        sa.UniqueConstraint("message_id", "kind", name=op.f("uq_mail_return_message_id_kind")),
    )
    op.create_index(
        "ix_mail_return_open", "mail_return", ["address"], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_table(
        "mailbox_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("looked_at", UTCDateTime(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("left_aside", sa.Integer(), nullable=False),
        sa.Column("last_read", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox_day")),
        sa.UniqueConstraint("on", name=op.f("uq_mailbox_day_on")),
    )


def downgrade():
    """What came back is forgotten; messages stay in the state that it gave them."""
    op.drop_table("mailbox_day")
    op.drop_table("mail_return")
