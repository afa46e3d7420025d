"""talks with supervisors who do not answer for hours, and what came of each"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

NOTICES = "'confirming.link', 'confirming.please_telephone', 'confirming.not_telephoned'"


def upgrade():
    op.create_table(
        "supervisor_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supervisor_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('will_answer', 'new_link', 'somebody_else')",
            name=op.f("ck_supervisor_call_outcome_known"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_supervisor_call_by_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["person.id"], name=op.f("fk_supervisor_call_supervisor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisor_call")),
    )
    op.create_index(op.f("ix_supervisor_call_supervisor_id"), "supervisor_call", ["supervisor_id"])


def downgrade():
    op.drop_index(op.f("ix_supervisor_call_supervisor_id"), table_name="supervisor_call")
    op.drop_table("supervisor_call")
    op.execute(f"DELETE FROM notification WHERE notice IN ({NOTICES})")  # noqa: S608
