"""what shows a visit, what it said before, which objective it is about, and what is typed and not sent"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What each visit says now, of those that were ever sent. What they said before was not kept.
SAID = 'entry_id, number, "on", starts, ends, break_minutes, mode, activity, reflection, at'
NOW_SAYS = 'id, 1, "on", starts, ends, break_minutes, mode, activity, reflection, submitted_at'


def upgrade():
    with op.batch_alter_table("log_entry") as batch_op:
        batch_op.add_column(sa.Column("objective_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_log_entry_objective_id"), "agreement_objective", ["objective_id"], ["id"]
        )
    op.create_table(
        "entry_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("reflection", sa.Text(), nullable=False),
        sa.Column("objective_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("mode IN ('on_site', 'hybrid', 'remote')", name=op.f("ck_entry_version_mode_known")),
        sa.ForeignKeyConstraint(["entry_id"], ["log_entry.id"], name=op.f("fk_entry_version_entry_id")),
        sa.ForeignKeyConstraint(
            ["objective_id"], ["agreement_objective.id"], name=op.f("fk_entry_version_objective_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_version")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_entry_version_entry_id_number")),
    )
    op.execute(f"INSERT INTO entry_version ({SAID}) SELECT {NOW_SAYS} FROM log_entry WHERE submitted_at IS NOT NULL")
    op.create_table(
        "entry_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["log_entry.id"], name=op.f("fk_entry_evidence_entry_id")),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_entry_evidence_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_evidence")),
        sa.UniqueConstraint("public_id", name=op.f("uq_entry_evidence_public_id")),
    )
    op.create_index(op.f("ix_entry_evidence_entry_id"), "entry_evidence", ["entry_id"])
    op.create_table(
        "entry_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_entry_draft_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_draft")),
        sa.UniqueConstraint("form_key", name=op.f("uq_entry_draft_form_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_entry_draft_public_id")),
    )
    op.create_index(op.f("ix_entry_draft_placement_id"), "entry_draft", ["placement_id"])


def downgrade():
    op.drop_table("entry_draft")
    op.drop_table("entry_evidence")
    op.drop_table("entry_version")
    with op.batch_alter_table("log_entry") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_log_entry_objective_id"), type_="foreignkey")
        batch_op.drop_column("objective_id")
