"""what an Agreement lists: its objectives, and its hours week by week"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "agreement_objective",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_objective_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_objective")),
        sa.UniqueConstraint("agreement_id", "position", name=op.f("uq_agreement_objective_agreement_id_position")),
    )
    op.create_table(
        "agreement_week",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_agreement_week_minutes_positive")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_agreement_week_agreement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_week")),
        sa.UniqueConstraint("agreement_id", "monday", name=op.f("uq_agreement_week_agreement_id_monday")),
    )


def downgrade():
    op.drop_table("agreement_week")
    op.drop_table("agreement_objective")
