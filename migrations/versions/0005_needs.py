"""needs: what a student needs of a placement, which nobody else is shown; read by finding, choosing and rounds"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("borough", sa.String(length=40), nullable=False),
        sa.Column("journey", sa.String(length=40), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("times", sa.Text(), nullable=False),
        sa.CheckConstraint("days BETWEEN 0 AND 127", name=op.f("ck_needs_days_are_a_week")),
        sa.CheckConstraint("journey = 'far' OR borough <> ''", name=op.f("ck_needs_journey_starts_somewhere")),
        sa.CheckConstraint("journey IN ('near', 'across', 'far')", name=op.f("ck_needs_journey_known")),
        sa.CheckConstraint("mode IN ('on_site', 'hybrid', 'remote')", name=op.f("ck_needs_mode_known")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_needs_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_needs_enrolment_id")),
    )


def downgrade():
    op.drop_table("needs")
