"""when students are expected: planned days, closures of organisations, contact points"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "host_closed_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_host_closed_day_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_host_closed_day_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_host_closed_day")),
        sa.UniqueConstraint(
            "organisation_id", "from_on", "to_on", name=op.f("uq_host_closed_day_organisation_id_from_on_to_on")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_host_closed_day_public_id")),
    )
    op.create_table(
        "contact_point",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_university", sa.Text(), nullable=False),
        sa.Column("note_host", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('visit', 'call')", name=op.f("ck_contact_point_kind_known")),
        sa.CheckConstraint("state IN ('planned', 'done', 'missed')", name=op.f("ck_contact_point_state_known")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_contact_point_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_point")),
        sa.UniqueConstraint("form_key", name=op.f("uq_contact_point_form_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_contact_point_public_id")),
    )
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_point_placement_id"), ["placement_id"], unique=False)

    op.create_table(
        "planned_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("cancelled_by_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state IN ('planned', 'cancelled')", name=op.f("ck_planned_visit_state_known")),
        sa.ForeignKeyConstraint(["cancelled_by_id"], ["person.id"], name=op.f("fk_planned_visit_cancelled_by_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_planned_visit_placement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_visit")),
        sa.UniqueConstraint("placement_id", "on", name=op.f("uq_planned_visit_placement_id_on")),
        sa.UniqueConstraint("public_id", name=op.f("uq_planned_visit_public_id")),
    )
    op.create_table(
        "visit_plan",
        sa.Column("placement_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_visit_plan_agreement_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_visit_plan_placement_id")),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_visit_plan")),
    )


def downgrade():
    op.drop_table("visit_plan")
    op.drop_table("planned_visit")
    with op.batch_alter_table("contact_point", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_point_placement_id"))

    op.drop_table("contact_point")
    op.drop_table("host_closed_day")
