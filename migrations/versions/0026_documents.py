"""documents that the system makes: copies of Agreements, records of achievement, certificates; a year's end"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

ANSWERS = "'yes', 'changed', 'not_next_year', 'never'"


def upgrade():
    with op.batch_alter_table("stored_file") as batch:  # what the system makes is nobody's upload
        batch.alter_column("uploaded_by_id", existing_type=sa.Integer(), nullable=True)
    _make_papers()
    op.create_table(
        "closing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("academic_year", sa.String(length=7), nullable=False),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.Column("asked_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("students > 0", name=op.f("ck_closing_students_positive")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_closing_organisation_id")),
        sa.ForeignKeyConstraint(["asked_id"], ["person.id"], name=op.f("fk_closing_asked_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_closing_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing")),
        sa.UniqueConstraint("public_id", name=op.f("uq_closing_public_id")),
        sa.UniqueConstraint(
            "organisation_id", "academic_year", name=op.f("uq_closing_organisation_id_academic_year")
        ),
    )
    op.create_table(
        "closing_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("closing_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(f"answer IN ({ANSWERS})", name=op.f("ck_closing_answer_answer_known")),
        sa.ForeignKeyConstraint(["closing_id"], ["closing.id"], name=op.f("fk_closing_answer_closing_id")),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_closing_answer_challenge_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_closing_answer_by_id")),
        sa.ForeignKeyConstraint(["draft_id"], ["challenge.id"], name=op.f("fk_closing_answer_draft_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_answer")),
        sa.UniqueConstraint(
            "closing_id", "challenge_id", name=op.f("uq_closing_answer_closing_id_challenge_id")
        ),
    )


def downgrade():
    op.execute("DELETE FROM notification WHERE notice LIKE 'closing.%'")
    op.execute("DELETE FROM link WHERE purpose LIKE 'closing.%'")
    for table in ("closing_answer", "closing", "student_record", "agreement_copy"):
        op.drop_table(table)
    op.execute("DELETE FROM stored_file WHERE uploaded_by_id IS NULL")
    with op.batch_alter_table("stored_file") as batch:
        batch.alter_column("uploaded_by_id", existing_type=sa.Integer(), nullable=False)


def _make_papers():
    op.create_table(
        "agreement_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_copy_agreement_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_agreement_copy_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_copy")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_agreement_copy_agreement_id")),
    )
    op.create_table(
        "student_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_student_record_placement_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_student_record_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_record")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_student_record_placement_id")),
    )
