"""who covers for a tutor, what becomes of a group that shrinks, and when a pause ends by itself"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "tutor_cover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("tutor_id", sa.Integer(), nullable=False),
        sa.Column("cover_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_tutor_cover_days_in_order")),
        sa.ForeignKeyConstraint(["run_id"], ["module_run.id"], name=op.f("fk_tutor_cover_run_id")),
        sa.ForeignKeyConstraint(["tutor_id"], ["person.id"], name=op.f("fk_tutor_cover_tutor_id")),
        sa.ForeignKeyConstraint(["cover_id"], ["person.id"], name=op.f("fk_tutor_cover_cover_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_tutor_cover_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tutor_cover")),
        sa.UniqueConstraint("public_id", name=op.f("uq_tutor_cover_public_id")),
        sa.UniqueConstraint("form_key", name=op.f("uq_tutor_cover_form_key")),
    )
    op.create_index(op.f("ix_tutor_cover_run_id_tutor_id"), "tutor_cover", ["run_id", "tutor_id"])
    op.create_index(op.f("ix_tutor_cover_cover_id"), "tutor_cover", ["cover_id"])
    op.create_table(
        "group_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Integer(), nullable=False),
        sa.Column("course", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("course IN ('fewer', 'another', 'end')", name=op.f("ck_group_decision_course_known")),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_group_decision_challenge_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_group_decision_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_decision")),
    )
    op.create_index(
        op.f("ix_group_decision_challenge_id_decided_at"), "group_decision", ["challenge_id", "decided_at"]
    )
    with op.batch_alter_table("placement_pause") as batch:
        batch.add_column(sa.Column("until_on", sa.Date(), nullable=True))


def downgrade():
    with op.batch_alter_table("placement_pause") as batch:
        batch.drop_column("until_on")
    op.drop_table("group_decision")
    op.drop_table("tutor_cover")
    op.execute("DELETE FROM notification WHERE notice IN ('tutoring.covered', 'tutoring.back', 'placing.moved', 'groups.shrunk', 'groups.decided')")
