"""one student's whole case as a file: asked for with a reason, made by the worker, deleted after a year"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "case_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_at", UTCDateTime()),
        sa.Column("file_id", sa.Integer()),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("size", sa.Integer()),
        sa.Column("kept_until", sa.Date()),
        sa.CheckConstraint(
            "state IN ('asked', 'made', 'stopped', 'deleted')", name=op.f("ck_case_export_state_known")
        ),
        sa.CheckConstraint("(state = 'made') = (file_id IS NOT NULL)", name=op.f("ck_case_export_made_has_file")),
        sa.CheckConstraint("(made_at IS NULL) = (sha256 IS NULL)", name=op.f("ck_case_export_made_has_hash")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_case_export_enrolment_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_case_export_asked_by_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_case_export_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_export")),
        sa.UniqueConstraint("public_id", name=op.f("uq_case_export_public_id")),
    )
    op.create_index(op.f("ix_case_export_enrolment_id"), "case_export", ["enrolment_id"])
    op.create_index(op.f("ix_case_export_state_kept_until"), "case_export", ["state", "kept_until"])
    op.create_index(
        "uq_case_export_asked",
        "case_export",
        ["enrolment_id", "asked_by_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )


def downgrade():
    op.drop_table("case_export")
