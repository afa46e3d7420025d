"""an external examiner's role ends on a day; scripts that they ask for, and their report"""

from datetime import date

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade():
    _role_end()
    _script_request()
    _examiner_report()


def _role_end():
    """Those there are end as usual: on the 30 September after the placements of their run."""
    with op.batch_alter_table("role_on_run") as batch:
        batch.add_column(sa.Column("until_on", sa.Date()))
    connection = op.get_bind()
    run = sa.table("module_run", sa.column("id"), sa.column("placements_end_on", sa.Date()))
    role = sa.table("role_on_run", sa.column("run_id"), sa.column("role"), sa.column("until_on", sa.Date()))
    for run_id, last_on in connection.execute(sa.select(run.c.id, run.c.placements_end_on)).all():
        ended = sa.update(role).where(role.c.run_id == run_id, role.c.role == "external")
        connection.execute(ended.values(until_on=date(last_on.year, 9, 30)))
    with op.batch_alter_table("role_on_run") as batch:
        batch.create_check_constraint(
            batch.f("ck_role_on_run_externals_have_an_end"), "(role = 'external') = (until_on IS NOT NULL)"
        )


def _script_request():
    op.create_table(
        "script_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_script_request_submission_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_script_request_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_request")),
        sa.UniqueConstraint("submission_id", "by_id", name=op.f("uq_script_request_submission_id_by_id")),
    )
    op.create_index(op.f("ix_script_request_by_id"), "script_request", ["by_id"])


def _examiner_report():
    op.create_table(
        "examiner_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_at", UTCDateTime()),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Integer()),
        sa.Column("answered_at", UTCDateTime()),
        sa.CheckConstraint(
            "state IN ('drafted', 'submitted', 'answered')", name=op.f("ck_examiner_report_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'drafted') = (submitted_at IS NULL)", name=op.f("ck_examiner_report_submitted_at_some_time")
        ),
        sa.CheckConstraint(
            "(state = 'answered') = (answered_by_id IS NOT NULL)",
            name=op.f("ck_examiner_report_answered_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["module_run.id"], name=op.f("fk_examiner_report_run_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_examiner_report_by_id")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_examiner_report_answered_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examiner_report")),
        sa.UniqueConstraint("run_id", "by_id", name=op.f("uq_examiner_report_run_id_by_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_examiner_report_public_id")),
    )


def downgrade():
    op.drop_table("examiner_report")
    op.drop_table("script_request")
    with op.batch_alter_table("role_on_run") as batch:
        batch.drop_constraint(batch.f("ck_role_on_run_externals_have_an_end"), type_="check")
        batch.drop_column("until_on")
