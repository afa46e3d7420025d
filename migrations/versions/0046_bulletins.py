"""messages that staff write to many, and each person that they go to"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

AUDIENCES = "'students', 'supervisors', 'contacts', 'tutors', 'partners'"
STATES = "'draft', 'scheduled', 'sending', 'held', 'sent', 'stopped', 'discarded'"
NOTICES = "notice IN ('bulletins.bulletin', 'bulletins.to_organisations')"


def upgrade():
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(12), nullable=False),
        sa.Column("form_key", sa.String(40), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.String(40), nullable=False),
        sa.Column("run_id", sa.Integer()),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        *(sa.Column(f"{name}_at", UTCDateTime()) for name in ("send", "begun", "resumed", "ended")),
        sa.CheckConstraint(f"audience IN ({AUDIENCES})", name=op.f("ck_bulletin_audience_known")),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_bulletin_state_known")),
        sa.CheckConstraint("(audience = 'partners') = (run_id IS NULL)", name=op.f("ck_bulletin_has_a_run")),
        sa.CheckConstraint(
            "state IN ('draft', 'discarded') OR send_at IS NOT NULL", name=op.f("ck_bulletin_has_its_moment")
        ),
        sa.ForeignKeyConstraint(["sender_id"], ["person.id"], name=op.f("fk_bulletin_sender_id")),
        sa.ForeignKeyConstraint(["run_id"], ["module_run.id"], name=op.f("fk_bulletin_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulletin_public_id")),
        sa.UniqueConstraint("form_key", name=op.f("uq_bulletin_form_key")),
    )
    op.create_index(op.f("ix_bulletin_run_id"), "bulletin", ["run_id"])
    op.create_index(op.f("ix_bulletin_sender_id"), "bulletin", ["sender_id"])
    op.create_index(op.f("ix_bulletin_state_send_at"), "bulletin", ["state", "send_at"])
    op.create_table(
        "bulletin_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("told_at", UTCDateTime()),
        sa.Column("outcome", sa.String(40)),
        sa.Column("settled_at", UTCDateTime()),
        sa.CheckConstraint(
            "outcome IN ('sent', 'left', 'muted', 'stopped')", name=op.f("ck_bulletin_recipient_outcome_known")
        ),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_recipient_bulletin_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulletin_recipient_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin_recipient")),
        sa.UniqueConstraint(
            "bulletin_id", "person_id", name=op.f("uq_bulletin_recipient_bulletin_id_person_id")
        ),
    )
    op.create_index(op.f("ix_bulletin_recipient_person_id"), "bulletin_recipient", ["person_id"])
    op.create_index(
        "ix_bulletin_recipient_unsettled",
        "bulletin_recipient",
        ["bulletin_id", "id"],
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )


def downgrade():
    """What was not sent yet cannot be said any more."""
    op.drop_table("bulletin_recipient")
    op.drop_table("bulletin")
    op.execute(f"DELETE FROM notification WHERE {NOTICES}")  # noqa: S608
