"""second marks beside the first, and what became of the two; since when a mark is fixed, and moderated"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

KIND = sa.String(length=40)


def upgrade():
    with op.batch_alter_table("mark") as batch:
        batch.add_column(sa.Column("second_id", sa.Integer()))
        batch.add_column(sa.Column("fixed_at", UTCDateTime()))
        batch.add_column(sa.Column("moderated_at", UTCDateTime()))
        batch.create_foreign_key(batch.f("fk_mark_second_id"), "person", ["second_id"], ["id"])
        batch.create_index(batch.f("ix_mark_second_id"), ["second_id"])
    op.create_table(
        "second_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("role", KIND, nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("given", sa.Integer()),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("allotted_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_at", UTCDateTime()),
        sa.CheckConstraint("role IN ('second', 'third')", name=op.f("ck_second_mark_role_known")),
        sa.CheckConstraint(
            "state IN ('allotted', 'drafted', 'submitted')", name=op.f("ck_second_mark_state_known")
        ),
        sa.CheckConstraint("given BETWEEN 0 AND 100", name=op.f("ck_second_mark_given_in_range")),
        sa.ForeignKeyConstraint(["mark_id"], ["mark.id"], name=op.f("fk_second_mark_mark_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_second_mark_marker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_mark")),
        sa.UniqueConstraint("mark_id", "role", name=op.f("uq_second_mark_mark_id_role")),
        sa.UniqueConstraint("public_id", name=op.f("uq_second_mark_public_id")),
    )
    op.create_index(op.f("ix_second_mark_marker_id_state"), "second_mark", ["marker_id", "state"])
    op.create_table(
        "second_score",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("criterion_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_second_score_score_in_range")),
        sa.ForeignKeyConstraint(
            ["second_id"], ["second_mark.id"], name=op.f("fk_second_score_second_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["criterion_id"], ["criterion.id"], name=op.f("fk_second_score_criterion_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_score")),
        sa.UniqueConstraint("second_id", "criterion_id", name=op.f("uq_second_score_second_id_criterion_id")),
    )
    op.create_table(
        "settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("how", KIND, nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer()),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("answered_by_id", sa.Integer()),
        sa.Column("answered_at", UTCDateTime()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("how IN ('automatic', 'discussed', 'third_marker')", name=op.f("ck_settlement_how_known")),
        sa.CheckConstraint(
            "state IN ('proposed', 'settled', 'declined', 'overtaken')", name=op.f("ck_settlement_state_known")
        ),
        sa.CheckConstraint("given BETWEEN 0 AND 100", name=op.f("ck_settlement_given_in_range")),
        sa.CheckConstraint("proposed_by_id != answered_by_id", name=op.f("ck_settlement_two_people")),
        sa.ForeignKeyConstraint(["mark_id"], ["mark.id"], name=op.f("fk_settlement_mark_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["person.id"], name=op.f("fk_settlement_proposed_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_settlement_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("public_id", name=op.f("uq_settlement_public_id")),
    )
    op.create_index(op.f("ix_settlement_mark_id"), "settlement", ["mark_id"])
    is_open = sa.text("state IN ('proposed', 'settled')")
    op.create_index(
        "uq_settlement_open", "settlement", ["mark_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )


def downgrade():
    op.execute("DELETE FROM notification WHERE notice LIKE 'double_marking.%'")
    op.drop_table("settlement")
    op.drop_table("second_score")
    op.drop_table("second_mark")
    with op.batch_alter_table("mark") as batch:
        batch.drop_index(batch.f("ix_mark_second_id"))
        batch.drop_constraint(batch.f("fk_mark_second_id"), type_="foreignkey")
        batch.drop_column("moderated_at")
        batch.drop_column("fixed_at")
        batch.drop_column("second_id")
