"""documents that the system makes: copies of Agreements"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("stored_file") as batch:  # what the system makes is nobody's upload
        batch.alter_column("uploaded_by_id", existing_type=sa.Integer(), nullable=True)
    _make_papers()


def downgrade():
    op.drop_table("agreement_copy")
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
