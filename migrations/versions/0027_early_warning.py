"""early warning: which students need a look, and what was done about each"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KINDS = "'unplaced', 'silent', 'behind', 'unanswered', 'queried', 'paper', 'attendance'"
ACTS = "'talked', 'wrote', 'asked_there', 'replanned', 'passed_on', 'reported', 'fine'"


def upgrade():
    op.create_table(
        "early_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("quiet_until", sa.Date(), nullable=True),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_early_warning_kind_known")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_early_warning_enrolment_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_early_warning_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_warning")),
        sa.UniqueConstraint("public_id", name=op.f("uq_early_warning_public_id")),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_early_warning_open",
        "early_warning",
        ["enrolment_id", "kind"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index(op.f("ix_early_warning_placement_id"), "early_warning", ["placement_id"])
    op.create_table(
        "warning_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("warning_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("quiet_until", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(f"act IN ({ACTS})", name=op.f("ck_warning_action_act_known")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_warning_action_by_id")),
        sa.ForeignKeyConstraint(["warning_id"], ["early_warning.id"], name=op.f("fk_warning_action_warning_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warning_action")),
        sa.UniqueConstraint("form_key", name=op.f("uq_warning_action_form_key")),
    )
    op.create_index(op.f("ix_warning_action_warning_id"), "warning_action", ["warning_id"])


def downgrade():
    op.drop_table("warning_action")
    op.drop_table("early_warning")
