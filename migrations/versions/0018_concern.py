"""concerns, and what their owners did: what people write stands encrypted"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "concern",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("about_id", sa.Integer(), nullable=True),
        sa.Column("readers", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("done", sa.Text(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("own_by_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_by_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("referred_to", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'raised') = (owner_id IS NULL)", name=op.f("ck_concern_owned_once_taken_on")),
        sa.CheckConstraint(
            "about IN ('nobody', 'student', 'supervisor', 'organisation', 'tutor', 'leader', 'safeguarding', 'somebody')",
            name=op.f("ck_concern_about_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('hours', 'supervision', 'fit', 'safety', 'person', 'host', 'accident', 'near_miss')",
            name=op.f("ck_concern_kind_known"),
        ),
        sa.CheckConstraint("readers IN ('team', 'leaders', 'alone')", name=op.f("ck_concern_readers_known")),
        sa.CheckConstraint("severity IN ('can_wait', 'soon', 'harm')", name=op.f("ck_concern_severity_known")),
        sa.CheckConstraint(
            "state <> 'referred' OR referred_to IS NOT NULL", name=op.f("ck_concern_referred_to_somebody")
        ),
        sa.CheckConstraint(
            "state IN ('raised', 'owned', 'in_action', 'resolved', 'referred')", name=op.f("ck_concern_state_known")
        ),
        sa.CheckConstraint(
            "state NOT IN ('resolved', 'referred') OR outcome IS NOT NULL",
            name=op.f("ck_concern_closed_with_an_outcome"),
        ),
        sa.ForeignKeyConstraint(["about_id"], ["person.id"], name=op.f("fk_concern_about_id")),
        sa.ForeignKeyConstraint(["link_id"], ["link.id"], name=op.f("fk_concern_link_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_concern_owner_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_concern_placement_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_concern_reporter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern")),
        sa.UniqueConstraint("form_key", name=op.f("uq_concern_form_key")),
        sa.UniqueConstraint("link_id", name=op.f("uq_concern_link_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_concern_public_id")),
    )
    op.create_index(op.f("ix_concern_owner_id"), "concern", ["owner_id"])
    op.create_index(op.f("ix_concern_placement_id"), "concern", ["placement_id"])
    op.create_index(op.f("ix_concern_reporter_id"), "concern", ["reporter_id"])
    op.create_index(op.f("ix_concern_state_own_by_at"), "concern", ["state", "own_by_at"])
    op.create_table(
        "concern_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("concern_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_concern_note_author_id")),
        sa.ForeignKeyConstraint(["concern_id"], ["concern.id"], name=op.f("fk_concern_note_concern_id")),
        sa.ForeignKeyConstraint(["to_id"], ["person.id"], name=op.f("fk_concern_note_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concern_note")),
        sa.UniqueConstraint("form_key", name=op.f("uq_concern_note_form_key")),
    )
    op.create_index(op.f("ix_concern_note_concern_id"), "concern_note", ["concern_id"])


def downgrade():
    op.drop_index(op.f("ix_concern_note_concern_id"), "concern_note")
    op.drop_table("concern_note")
    op.drop_index(op.f("ix_concern_state_own_by_at"), "concern")
    op.drop_index(op.f("ix_concern_reporter_id"), "concern")
    op.drop_index(op.f("ix_concern_placement_id"), "concern")
    op.drop_index(op.f("ix_concern_owner_id"), "concern")
    op.drop_table("concern")
