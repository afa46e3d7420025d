"""asked places: what students on the clearing list ask for, and by when a run has placed everybody"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "asked_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("clearing_id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_asked_place_challenge_id")),
        sa.ForeignKeyConstraint(["clearing_id"], ["clearing.id"], name=op.f("fk_asked_place_clearing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked_place")),
        sa.UniqueConstraint("clearing_id", "challenge_id", name=op.f("uq_asked_place_clearing_id_challenge_id")),
    )
    op.create_index(op.f("ix_asked_place_challenge_id"), "asked_place", ["challenge_id"])
    op.execute("ALTER TABLE module_run ADD COLUMN placed_by_on DATE")


def downgrade():
    op.execute("ALTER TABLE module_run DROP COLUMN placed_by_on")
    op.drop_index(op.f("ix_asked_place_challenge_id"), "asked_place")
    op.drop_table("asked_place")
