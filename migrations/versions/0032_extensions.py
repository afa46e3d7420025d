"""later deadlines of single students, each kept as it was granted"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

IN_FORCE = sa.text("ended_at IS NULL")


def upgrade():
    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=50), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("due_before", UTCDateTime(), nullable=False),
        sa.Column("own_before", UTCDateTime()),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("granted_by_id", sa.Integer(), nullable=False),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime()),
        sa.Column("ended_by_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "cause IN ('adjustment', 'placed_late', 'organisation_lost', 'university')",
            name=op.f("ck_extension_cause_known"),
        ),
        sa.CheckConstraint("due_before < due_at", name=op.f("ck_extension_later_than_before")),
        sa.CheckConstraint(
            "cause <> 'adjustment' OR reference <> ''", name=op.f("ck_extension_adjustment_has_reference")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_extension_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_extension_submission_id")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["person.id"], name=op.f("fk_extension_granted_by_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["person.id"], name=op.f("fk_extension_ended_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
        sa.UniqueConstraint("form_key", name=op.f("uq_extension_form_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_extension_public_id")),
    )
    op.create_index(op.f("ix_extension_submission_id"), "extension", ["submission_id"])
    op.create_index(
        "uq_extension_in_force",
        "extension",
        ["submission_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def downgrade():
    op.execute(
        "UPDATE submission SET due_at = (SELECT own_before FROM extension WHERE extension.submission_id = submission.id "
        "AND extension.ended_at IS NULL) WHERE id IN (SELECT submission_id FROM extension WHERE ended_at IS NULL)"
    )
    op.execute("DELETE FROM notification WHERE notice IN ('extensions.deadline_moved', 'assessment.mark_corrected')")
    op.drop_table("extension")
