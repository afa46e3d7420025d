"""how a component is marked: by whom, by what scale, moderated how; locked since when; what too few hours do"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime, new_public_id

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KIND = sa.String(length=40)
ADDED = (  # name, type, what rows have that were there before
    ("marked_by", KIND, "tutor"),
    ("is_anonymous", sa.Boolean(), sa.false()),
    ("is_double_marked", sa.Boolean(), sa.false()),
    ("agree_within", sa.Integer(), "5"),
    ("feedback_weeks", sa.Integer(), "3"),
    ("moderation", sa.JSON(), '{"kind": "sample", "within": 2}'),
    ("scale", KIND, "numeric"),
    ("points", sa.JSON(), "[85, 75, 68, 65, 62, 58, 55, 52, 48, 45, 42, 35, 20, 0]"),
)
CHECKS = (
    ("marked_by_known", "marked_by IN ('tutor', 'shared', 'supervisor')"),
    ("scale_known", "scale IN ('numeric', 'points')"),
    ("agree_within_in_range", "agree_within BETWEEN 0 AND 100"),
    ("feedback_weeks_in_range", "feedback_weeks BETWEEN 1 AND 52"),
    ("days_after_placing_in_range", "days_after_placing BETWEEN 1 AND 365"),
)


def upgrade():
    with op.batch_alter_table("component") as batch:
        for name, kind, was in ADDED:
            batch.add_column(sa.Column(name, kind, server_default=was, nullable=False))
        batch.add_column(sa.Column("days_after_placing", sa.Integer()))
        batch.add_column(sa.Column("locked_at", UTCDateTime()))
        for name, what in CHECKS:
            batch.create_check_constraint(batch.f(f"ck_component_{name}"), what)
    with op.batch_alter_table("component") as batch:
        for name, kind, _ in ADDED:
            batch.alter_column(name, existing_type=kind, server_default=None)
    op.execute("UPDATE component SET marked_by = 'supervisor' WHERE kind = 'feedback'")
    op.execute("UPDATE component SET days_after_placing = 28 WHERE kind = 'agreement'")
    _lock_what_was_judged()
    _name_criteria()
    with op.batch_alter_table("module_run") as batch:
        batch.add_column(sa.Column("shortfall", KIND, server_default="reported", nullable=False))
        batch.create_check_constraint(
            batch.f("ck_module_run_shortfall_known"), "shortfall IN ('reported', 'capped', 'deferred')"
        )
    with op.batch_alter_table("module_run") as batch:
        batch.alter_column("shortfall", existing_type=KIND, server_default=None)


def _lock_what_was_judged():
    """Since the first mark that a person gave, or the first final grade of a logbook."""
    op.execute(
        "UPDATE component SET locked_at = (SELECT min(coalesce(mark.submitted_at, submission.received_at)) "
        "FROM mark JOIN submission ON submission.component_id = mark.component_id "
        "AND submission.enrolment_id = mark.enrolment_id AND submission.attempt = mark.attempt "
        "WHERE mark.component_id = component.id AND mark.marker_id IS NOT NULL)"
    )
    op.execute(
        "UPDATE component SET locked_at = (SELECT min(logbook_grade.at) FROM logbook_grade "
        "JOIN checkpoint ON checkpoint.id = logbook_grade.checkpoint_id "
        "WHERE checkpoint.run_id = component.run_id AND checkpoint.is_final) "
        "WHERE kind = 'portfolio' AND locked_at IS NULL"
    )


def _name_criteria():
    with op.batch_alter_table("criterion") as batch:
        batch.add_column(sa.Column("public_id", sa.String(length=12)))
    connection = op.get_bind()
    named = sa.text("UPDATE criterion SET public_id = :name WHERE id = :id")
    for (key,) in connection.execute(sa.text("SELECT id FROM criterion")).all():
        connection.execute(named, {"name": new_public_id(), "id": key})
    with op.batch_alter_table("criterion") as batch:
        batch.alter_column("public_id", existing_type=sa.String(length=12), nullable=False)
        batch.create_unique_constraint(batch.f("uq_criterion_public_id"), ["public_id"])


def downgrade():
    with op.batch_alter_table("criterion") as batch:
        batch.drop_constraint(batch.f("uq_criterion_public_id"), type_="unique")
        batch.drop_column("public_id")
    with op.batch_alter_table("module_run") as batch:
        batch.drop_constraint(batch.f("ck_module_run_shortfall_known"), type_="check")
        batch.drop_column("shortfall")
    with op.batch_alter_table("component") as batch:
        for name, _ in CHECKS:
            batch.drop_constraint(batch.f(f"ck_component_{name}"), type_="check")
        for name in ("locked_at", "days_after_placing", *(name for name, _, _ in ADDED)):
            batch.drop_column(name)
