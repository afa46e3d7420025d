"""gates of a placement, what was found at them, and who may end a pause"""

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
    _make_findings()
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
    op.execute(
        "DELETE FROM notification WHERE notice IN ("
        "'clearance.waits', 'clearance.yours', 'clearance.shared', 'clearance.move_answered')"
    )
    for table in ("move_asked", "own_risk", "adjustment_agreed", "visa_detail", "dbs_seen", "placement_gate"):
        op.drop_table(table)


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
            "exit IN ('without_dbs', 'not_shared', 'not_needed', 'refused')", name=op.f("ck_placement_gate_exit_known")
        ),
        sa.CheckConstraint(
            "kind IN ('dbs', 'visa', 'adjustment', 'own_risk', 'move')", name=op.f("ck_placement_gate_kind_known")
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


def _make_findings():
    op.create_table(
        "dbs_seen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.CheckConstraint("(level = 'none') = (seen_on IS NULL)", name=op.f("ck_dbs_seen_seen_on_a_day")),
        sa.CheckConstraint("level <> 'none' OR duties <> ''", name=op.f("ck_dbs_seen_duties_without_it")),
        sa.CheckConstraint("level IN ('none', 'basic', 'enhanced')", name=op.f("ck_dbs_seen_level_known")),
        sa.ForeignKeyConstraint(["gate_id"], ["placement_gate.id"], name=op.f("fk_dbs_seen_gate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dbs_seen")),
        sa.UniqueConstraint("gate_id", name=op.f("uq_dbs_seen_gate_id")),
    )
    op.create_table(
        "visa_detail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("hours_a_week", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_visa_detail_dates_in_order")),
        sa.ForeignKeyConstraint(["gate_id"], ["placement_gate.id"], name=op.f("fk_visa_detail_gate_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["person.id"], name=op.f("fk_visa_detail_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visa_detail")),
        sa.UniqueConstraint("form_key", name=op.f("uq_visa_detail_form_key")),
    )
    op.create_index(op.f("ix_visa_detail_gate_id"), "visa_detail", ["gate_id"])
    op.create_table(
        "adjustment_agreed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("to_share", sa.Text(), nullable=False),
        sa.Column("agreed_at", UTCDateTime(), nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("is_shared", sa.Boolean(), nullable=True),
        sa.CheckConstraint(
            "is_shared IS NULL OR answered_at IS NOT NULL", name=op.f("ck_adjustment_agreed_answered_at_an_instant")
        ),
        sa.ForeignKeyConstraint(["gate_id"], ["placement_gate.id"], name=op.f("fk_adjustment_agreed_gate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment_agreed")),
        sa.UniqueConstraint("gate_id", name=op.f("uq_adjustment_agreed_gate_id")),
    )
    op.create_table(
        "own_risk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("residual", sa.String(length=40), nullable=True),
        sa.Column("raised_by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("residual IN ('low', 'medium', 'high')", name=op.f("ck_own_risk_residual_known")),
        sa.ForeignKeyConstraint(["gate_id"], ["placement_gate.id"], name=op.f("fk_own_risk_gate_id")),
        sa.ForeignKeyConstraint(["raised_by_id"], ["person.id"], name=op.f("fk_own_risk_raised_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_risk")),
        sa.UniqueConstraint("gate_id", name=op.f("uq_own_risk_gate_id")),
    )
    op.create_table(
        "move_asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_move_asked_asked_by_id")),
        sa.ForeignKeyConstraint(["gate_id"], ["placement_gate.id"], name=op.f("fk_move_asked_gate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move_asked")),
        sa.UniqueConstraint("gate_id", name=op.f("uq_move_asked_gate_id")),
    )
