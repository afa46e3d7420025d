"""the supervisor's answers: notices that the logbook sent before; logbooks as they were handed in"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

MOVED = ("week_to_confirm", "confirmation_outstanding")
GATHERED = "('logbook.queried', 'reading.decided')"  # said in one mail a day from now on
NEW = "('reading.to_decide', 'confirming.answers', 'confirming.handed_on', 'confirming.target_reached', 'confirming.somebody_else')"


def upgrade():
    _rename_notices("logbook", "confirming")
    unsent = "message_id IS NULL OR message_id IN (SELECT id FROM message WHERE sent_at IS NULL)"
    op.execute(f"DELETE FROM notification WHERE notice IN {GATHERED} AND ({unsent})")  # noqa: S608
    _make_snapshots()
    _make_targets()
    with op.batch_alter_table("log_entry") as batch:
        batch.add_column(sa.Column("handed_to_id", sa.Integer()))
        batch.create_foreign_key(batch.f("fk_log_entry_handed_to_id"), "person", ["handed_to_id"], ["id"])
        batch.create_index(batch.f("ix_log_entry_handed_to_id"), ["handed_to_id"])


def downgrade():
    op.execute(f"DELETE FROM notification WHERE notice IN {NEW}")  # noqa: S608
    with op.batch_alter_table("log_entry") as batch:
        batch.drop_index(batch.f("ix_log_entry_handed_to_id"))
        batch.drop_constraint(batch.f("fk_log_entry_handed_to_id"), type_="foreignkey")
        batch.drop_column("handed_to_id")
    op.drop_table("hours_target")
    op.drop_table("logbook_snapshot")
    _rename_notices("confirming", "logbook")


def _make_snapshots():
    op.create_table(
        "logbook_snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_logbook_snapshot_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logbook_snapshot")),
        sa.UniqueConstraint("enrolment_id", "taken_at", name=op.f("uq_logbook_snapshot_enrolment_id_taken_at")),
        sa.UniqueConstraint("public_id", name=op.f("uq_logbook_snapshot_public_id")),
    )


def _make_targets():
    choice = "IN ('finish', 'go_on')"
    op.create_table(
        "hours_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("reached_at", UTCDateTime(), nullable=False),
        sa.Column("student_choice", sa.String(length=40), nullable=True),
        sa.Column("student_at", UTCDateTime(), nullable=True),
        sa.Column("supervisor_choice", sa.String(length=40), nullable=True),
        sa.Column("supervisor_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(f"student_choice {choice}", name=op.f("ck_hours_target_student_choice_known")),
        sa.CheckConstraint(f"supervisor_choice {choice}", name=op.f("ck_hours_target_supervisor_choice_known")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_hours_target_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_target")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_hours_target_placement_id")),
    )


def _rename_notices(old, new):
    for name in MOVED:
        op.execute(f"UPDATE notification SET notice = '{new}.{name}' WHERE notice = '{old}.{name}'")  # noqa: S608
