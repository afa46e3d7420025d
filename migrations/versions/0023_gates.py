"""gates of a placement, and who may end a pause"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CLEARED = "UPDATE history SET ability = {} WHERE verb = 'cleared to start' AND about_kind = 'placement'"


def upgrade():
    _make_gates()
    with op.batch_alter_table("placement_pause") as batch:
        batch.add_column(sa.Column("kept_by", sa.String(length=40), server_default="team", nullable=False))
        batch.create_check_constraint(
            batch.f("ck_placement_pause_kept_by_known"), "kept_by IN ('team', 'university', 'safeguarding')"
        )
    with op.batch_alter_table("placement_pause") as batch:
        batch.alter_column("kept_by", existing_type=sa.String(length=40), server_default=None)
    op.execute(  # what safeguarding paused before is safeguarding's to end
        "UPDATE placement_pause SET kept_by = 'safeguarding' WHERE until_at IS NULL AND EXISTS ("
        "SELECT 1 FROM concern JOIN history ON history.about_kind = 'concern' AND history.about_id = concern.id "
        "WHERE concern.placement_id = placement_pause.placement_id AND history.verb = 'had the placement paused' "
        "AND history.at = placement_pause.from_at)"
    )
    op.execute(CLEARED.format("'placing.read_clearance'"))


def downgrade():
    op.execute(CLEARED.format("NULL"))
    with op.batch_alter_table("placement_pause") as batch:
        batch.drop_constraint(batch.f("ck_placement_pause_kept_by_known"), type_="check")
        batch.drop_column("kept_by")
    op.drop_table("placement_gate")


def _make_gates():
    op.create_table(
        "placement_gate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("exit", sa.String(length=40), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(state = 'exited') = (exit IS NOT NULL)", name=op.f("ck_placement_gate_exited_by_an_exit")),
        sa.CheckConstraint(
            "exit IN ('without_dbs', 'not_shared', 'not_needed')", name=op.f("ck_placement_gate_exit_known")
        ),
        sa.CheckConstraint(
            "kind IN ('dbs', 'visa', 'adjustment', 'own_risk')", name=op.f("ck_placement_gate_kind_known")
        ),
        sa.CheckConstraint("level IN ('none', 'basic', 'enhanced')", name=op.f("ck_placement_gate_level_known")),
        sa.CheckConstraint(
            "state IN ('open', 'held', 'barred', 'exited')", name=op.f("ck_placement_gate_state_known")
        ),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_placement_gate_placement_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_placement_gate_settled_by_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_placement_gate_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_gate")),
        sa.UniqueConstraint("placement_id", "kind", name=op.f("uq_placement_gate_placement_id_kind")),
        sa.UniqueConstraint("public_id", name=op.f("uq_placement_gate_public_id")),
    )
    op.create_index(op.f("ix_placement_gate_state_kind_due_on"), "placement_gate", ["state", "kind", "due_on"])
