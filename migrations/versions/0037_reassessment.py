"""mitigation as reference and outcome alone; components waived; what is asked instead of a component"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

STATE = sa.String(length=40)


def upgrade():
    op.create_table(
        "mitigation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("claimed_on", sa.Date(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("decided_on", sa.Date()),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'refused')", name=op.f("ck_mitigation_state_known")),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_on IS NULL)", name=op.f("ck_mitigation_decided_on_a_day")
        ),
        *_submission_and_person("mitigation", "recorded_by_id"),
        *_keys("mitigation", "public_id", "form_key"),
    )
    _one_at_a_time("mitigation", "uq_mitigation_pending", "state = 'pending'")
    op.create_table(
        "waiver",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waived_by_id", sa.Integer(), nullable=False),
        sa.Column("waived_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime()),
        *_submission_and_person("waiver", "waived_by_id"),
        *_keys("waiver", "public_id", "form_key"),
    )
    _one_at_a_time("waiver", "uq_waiver_in_force", "ended_at IS NULL")
    op.create_table(
        "reassessment_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["component_id"], ["component.id"], name=op.f("fk_reassessment_task_component_id")),
        *_keys("reassessment_task", "component_id"),
    )
    op.create_table(
        "given_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        *_submission_and_person("given_task", "given_by_id"),
        *_keys("given_task", "submission_id"),
    )


def _submission_and_person(table, person):
    return (
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f(f"fk_{table}_submission_id")),
        sa.ForeignKeyConstraint([person], ["person.id"], name=op.f(f"fk_{table}_{person}")),
    )


def _keys(table, *unique):
    return (
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(each, name=op.f(f"uq_{table}_{each}")) for each in unique),
    )


def _one_at_a_time(table, name, where):
    there = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
    op.create_index(name, table, ["submission_id"], unique=True, **there)
    op.create_index(op.f(f"ix_{table}_submission_id"), table, ["submission_id"])


def downgrade():
    op.execute("DELETE FROM notification WHERE notice IN ('reassessment.news', 'reassessment.opened')")
    for table in ("given_task", "reassessment_task", "waiver", "mitigation"):
        op.drop_table(table)
