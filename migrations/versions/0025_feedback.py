"""supervisors' feedback: asked for half way and at the end, each version that was given, and its ratings"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "supervisor_feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("draft", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("read_number", sa.Integer(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("occasion IN ('interim', 'final')", name=op.f("ck_supervisor_feedback_occasion_known")),
        sa.CheckConstraint(
            "state IN ('requested', 'received', 'not_obtainable', 'waived')",
            name=op.f("ck_supervisor_feedback_state_known"),
        ),
        sa.ForeignKeyConstraint(["asked_id"], ["person.id"], name=op.f("fk_supervisor_feedback_asked_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_supervisor_feedback_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_feedback")),
        sa.UniqueConstraint(
            "placement_id", "occasion", name=op.f("uq_supervisor_feedback_placement_id_occasion")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_supervisor_feedback_public_id")),
    )
    op.create_index(op.f("ix_supervisor_feedback_state_asked_at"), "supervisor_feedback", ["state", "asked_at"])
    op.create_table(
        "feedback_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("strengths", sa.Text(), nullable=False),
        sa.Column("next_steps", sa.Text(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("is_by_link", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["supervisor_feedback.id"], name=op.f("fk_feedback_version_feedback_id")
        ),
        sa.ForeignKeyConstraint(["given_by_id"], ["person.id"], name=op.f("fk_feedback_version_given_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_version")),
        sa.UniqueConstraint("feedback_id", "number", name=op.f("uq_feedback_version_feedback_id_number")),
    )
    op.create_table(
        "feedback_rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("objective_id", sa.Integer(), nullable=False),
        sa.Column("rating", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "rating IN ('more', 'fully', 'partly', 'not_yet', 'not_seen')",
            name=op.f("ck_feedback_rating_rating_known"),
        ),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["agreement_objective.id"], name=op.f("fk_feedback_rating_objective_id")
        ),
        sa.ForeignKeyConstraint(["version_id"], ["feedback_version.id"], name=op.f("fk_feedback_rating_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_rating")),
        sa.UniqueConstraint("version_id", "objective_id", name=op.f("uq_feedback_rating_version_id_objective_id")),
    )


def downgrade():
    op.execute("DELETE FROM notification WHERE notice LIKE 'feedback.%'")
    for table in ("feedback_rating", "feedback_version", "supervisor_feedback"):
        op.drop_table(table)
