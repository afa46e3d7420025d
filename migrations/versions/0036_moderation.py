"""draws for moderation: the set as it was, the sample with its record, and what was added to whole sets"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

KIND = sa.String(length=40)


def upgrade():
    op.create_table(
        "moderation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(length=40), nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("drawn_at", UTCDateTime(), nullable=False),
        sa.Column("outcome", KIND),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("closed_at", UTCDateTime()),
        sa.CheckConstraint(
            "state IN ('drawn', 'in_progress', 'closed', 'settled', 'discarded')",
            name=op.f("ck_moderation_state_known"),
        ),
        sa.CheckConstraint("outcome IN ('stand', 'adjust', 'remark')", name=op.f("ck_moderation_outcome_known")),
        sa.ForeignKeyConstraint(["component_id"], ["component.id"], name=op.f("fk_moderation_component_id")),
        sa.ForeignKeyConstraint(["moderator_id"], ["person.id"], name=op.f("fk_moderation_moderator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_moderation_public_id")),
        sa.UniqueConstraint(
            "component_id", "attempt", "number", name=op.f("uq_moderation_component_id_attempt_number")
        ),
    )
    op.create_index(op.f("ix_moderation_moderator_id"), "moderation", ["moderator_id"])
    is_open = sa.text("state IN ('drawn', 'in_progress')")
    op.create_index(
        "uq_moderation_open",
        "moderation",
        ["component_id", "attempt"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "moderated_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("moderation_id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer(), nullable=False),
        sa.Column("given", sa.Integer(), nullable=False),
        sa.Column("is_first_time", sa.Boolean(), nullable=False),
        sa.Column("why", KIND),
        sa.Column("agrees", sa.Boolean()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("noted_at", UTCDateTime()),
        sa.CheckConstraint(
            "why IN ('fail', 'borderline', 'spread', 'first_time', 'all', 'asked')",
            name=op.f("ck_moderated_mark_why_known"),
        ),
        sa.ForeignKeyConstraint(["moderation_id"], ["moderation.id"], name=op.f("fk_moderated_mark_moderation_id")),
        sa.ForeignKeyConstraint(["mark_id"], ["mark.id"], name=op.f("fk_moderated_mark_mark_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_moderated_mark_marker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderated_mark")),
        sa.UniqueConstraint("public_id", name=op.f("uq_moderated_mark_public_id")),
        sa.UniqueConstraint("moderation_id", "mark_id", name=op.f("uq_moderated_mark_moderation_id_mark_id")),
    )
    op.create_index(op.f("ix_moderated_mark_mark_id"), "moderated_mark", ["mark_id"])
    op.create_table(
        "set_adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("moderation_id", sa.Integer(), nullable=False),
        sa.Column("marker_id", sa.Integer()),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("points BETWEEN -100 AND 100", name=op.f("ck_set_adjustment_points_in_range")),
        sa.ForeignKeyConstraint(["moderation_id"], ["moderation.id"], name=op.f("fk_set_adjustment_moderation_id")),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_set_adjustment_marker_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_set_adjustment_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_adjustment")),
    )
    op.create_index(op.f("ix_set_adjustment_moderation_id"), "set_adjustment", ["moderation_id"])


def downgrade():
    op.execute("DELETE FROM notification WHERE notice LIKE 'moderation.%'")
    op.drop_table("set_adjustment")
    op.drop_table("moderated_mark")
    op.drop_table("moderation")
