"""an attempt has a deadline of its own where it is not the component's; what decides a mark beside its rubric"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade():
    op.execute("UPDATE notification SET notice = 'board.mark_ready' WHERE notice = 'assessment.mark_ready'")
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("due_at", UTCDateTime()))
        batch.add_column(sa.Column("deferred_at", UTCDateTime()))
        batch.add_column(sa.Column("waived_at", UTCDateTime()))
        batch.add_column(sa.Column("text", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("agreement_id", sa.Integer()))
        batch.create_foreign_key(batch.f("fk_submission_agreement_id"), "agreement", ["agreement_id"], ["id"])
    with op.batch_alter_table("mark") as batch:
        batch.add_column(sa.Column("allocated_id", sa.Integer()))
        batch.add_column(sa.Column("agreed", sa.Integer()))
        batch.add_column(sa.Column("adjustment", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("withheld_at", UTCDateTime()))
        batch.create_foreign_key(batch.f("fk_mark_allocated_id"), "person", ["allocated_id"], ["id"])
        batch.create_check_constraint(batch.f("ck_mark_agreed_in_range"), "agreed BETWEEN 0 AND 100")
        batch.create_index(batch.f("ix_mark_allocated_id"), ["allocated_id"])
    for table, column, kind in (("submission", "text", sa.Text()), ("mark", "adjustment", sa.Integer())):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade():
    with op.batch_alter_table("mark") as batch:
        batch.drop_index(batch.f("ix_mark_allocated_id"))
        batch.drop_constraint(batch.f("ck_mark_agreed_in_range"), type_="check")
        batch.drop_constraint(batch.f("fk_mark_allocated_id"), type_="foreignkey")
        for name in ("withheld_at", "adjustment", "agreed", "allocated_id"):
            batch.drop_column(name)
    with op.batch_alter_table("submission") as batch:
        batch.drop_constraint(batch.f("fk_submission_agreement_id"), type_="foreignkey")
        for name in ("agreement_id", "text", "waived_at", "deferred_at", "due_at"):
            batch.drop_column(name)
    op.execute("UPDATE notification SET notice = 'assessment.mark_ready' WHERE notice = 'board.mark_ready'")
