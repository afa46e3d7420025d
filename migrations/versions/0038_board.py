"""marks are withheld, released at a moment, confirmed by a board that is recorded, corrected after it by two people"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

KIND = sa.String(length=40)


def upgrade():
    _withholding()
    _staged_release()
    _board_meeting()
    _board_decision()
    _correction()
    with op.batch_alter_table("mark") as batch:
        batch.add_column(sa.Column("corrected_at", UTCDateTime()))
    with op.batch_alter_table("mark_export") as batch:
        batch.add_column(sa.Column("since_id", sa.Integer()))
        batch.create_foreign_key(batch.f("fk_mark_export_since_id"), "mark_export", ["since_id"], ["id"])


def _key(table):
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _points(table, column, at):
    return sa.ForeignKeyConstraint([column], [f"{at}.id"], name=op.f(f"fk_{table}_{column}"))


def _withholding():
    op.create_table(
        "withholding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("ended_by_id", sa.Integer()),
        sa.Column("ended_at", UTCDateTime()),
        sa.Column("end_reason", sa.Text()),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_withholding_ended_by_somebody")
        ),
        _points("withholding", "mark_id", "mark"),
        _points("withholding", "by_id", "person"),
        _points("withholding", "ended_by_id", "person"),
        _key("withholding"),
    )
    where = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_withholding_once", "withholding", ["mark_id"], unique=True, sqlite_where=where, postgresql_where=where
    )


def _staged_release():
    op.create_table(
        "staged_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("marks", sa.JSON(), nullable=False),
        sa.Column("release_at", UTCDateTime(), nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("staged_by_id", sa.Integer(), nullable=False),
        sa.Column("staged_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime()),
        sa.Column("changed", sa.Integer()),
        sa.CheckConstraint(
            "state IN ('staged', 'released', 'stopped', 'cancelled')", name=op.f("ck_staged_release_state_known")
        ),
        _points("staged_release", "run_id", "module_run"),
        _points("staged_release", "component_id", "component"),
        _points("staged_release", "staged_by_id", "person"),
        _key("staged_release"),
        sa.UniqueConstraint("public_id", name=op.f("uq_staged_release_public_id")),
    )
    op.create_index(op.f("ix_staged_release_run_id"), "staged_release", ["run_id"])
    where = sa.text("state = 'staged'")
    op.create_index(
        "ix_staged_release_due", "staged_release", ["release_at"], sqlite_where=where, postgresql_where=where
    )


def _board_meeting():
    op.create_table(
        "board_meeting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=False),
        sa.Column("chair", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=False),
        sa.Column("recorded_at", UTCDateTime(), nullable=False),
        _points("board_meeting", "run_id", "module_run"),
        _points("board_meeting", "recorded_by_id", "person"),
        _key("board_meeting"),
        sa.UniqueConstraint("public_id", name=op.f("uq_board_meeting_public_id")),
    )
    op.create_index(op.f("ix_board_meeting_run_id"), "board_meeting", ["run_id"])


def _board_decision():
    op.create_table(
        "board_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Integer(), nullable=False),
        _points("board_decision", "meeting_id", "board_meeting"),
        _points("board_decision", "mark_id", "mark"),
        _key("board_decision"),
        sa.UniqueConstraint("mark_id", name=op.f("uq_board_decision_mark_id")),
    )
    op.create_index(op.f("ix_board_decision_meeting_id"), "board_decision", ["meeting_id"])


def _correction():
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("from_mark", sa.Integer(), nullable=False),
        sa.Column("to_mark", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", KIND, nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Integer()),
        sa.Column("decided_at", UTCDateTime()),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('asked', 'agreed', 'refused', 'withdrawn')", name=op.f("ck_correction_state_known")
        ),
        sa.CheckConstraint("to_mark BETWEEN 0 AND 100", name=op.f("ck_correction_to_mark_in_range")),
        sa.CheckConstraint("from_mark <> to_mark", name=op.f("ck_correction_changes_something")),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_by_id IS NULL)", name=op.f("ck_correction_decided_by_somebody")
        ),
        sa.CheckConstraint(
            "state = 'withdrawn' OR decided_by_id <> asked_by_id", name=op.f("ck_correction_two_people")
        ),
        _points("correction", "mark_id", "mark"),
        _points("correction", "asked_by_id", "person"),
        _points("correction", "decided_by_id", "person"),
        _key("correction"),
        sa.UniqueConstraint("public_id", name=op.f("uq_correction_public_id")),
    )
    op.create_index(op.f("ix_correction_mark_id"), "correction", ["mark_id"])
    where = sa.text("state = 'asked'")
    op.create_index(
        "uq_correction_once", "correction", ["mark_id"], unique=True, sqlite_where=where, postgresql_where=where
    )


def downgrade():
    with op.batch_alter_table("mark_export") as batch:
        batch.drop_constraint(batch.f("fk_mark_export_since_id"), type_="foreignkey")
        batch.drop_column("since_id")
    with op.batch_alter_table("mark") as batch:
        batch.drop_column("corrected_at")
    for table in ("correction", "board_decision", "board_meeting", "staged_release", "withholding"):
        op.drop_table(table)
