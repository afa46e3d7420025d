"""the tutor's desk: what was read, phrases, a run's checkpoints, nudges; grades belong to a checkpoint of the run"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime, new_public_id

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MOVED = ("grade", "decided")  # notices that the logbook sent before the reading did


def upgrade():
    _make_tables()
    with op.batch_alter_table("logbook_grade") as batch:
        batch.add_column(sa.Column("settled_at", UTCDateTime()))
        batch.add_column(sa.Column("checkpoint_id", sa.Integer()))
    _fill_checkpoints()
    with op.batch_alter_table("logbook_grade") as batch:
        batch.alter_column("checkpoint_id", existing_type=sa.Integer(), nullable=False)
        batch.drop_constraint("uq_logbook_grade_placement_id_checkpoint", type_="unique")
        batch.drop_column("checkpoint")
        batch.create_unique_constraint(
            batch.f("uq_logbook_grade_placement_id_checkpoint_id"), ["placement_id", "checkpoint_id"]
        )
        batch.create_foreign_key(
            batch.f("fk_logbook_grade_checkpoint_id"), "checkpoint", ["checkpoint_id"], ["id"]
        )
    _rename_notices("logbook", "reading")


def downgrade():
    _rename_notices("reading", "logbook")
    op.execute("DELETE FROM notification WHERE notice = 'reading.nudge'")
    with op.batch_alter_table("logbook_grade") as batch:
        batch.add_column(sa.Column("checkpoint", sa.String(length=40)))
    op.execute(
        "UPDATE logbook_grade SET checkpoint = "
        "(SELECT title FROM checkpoint WHERE checkpoint.id = logbook_grade.checkpoint_id)"
    )
    with op.batch_alter_table("logbook_grade") as batch:
        batch.drop_constraint("fk_logbook_grade_checkpoint_id", type_="foreignkey")
        batch.drop_constraint("uq_logbook_grade_placement_id_checkpoint_id", type_="unique")
        batch.alter_column("checkpoint", existing_type=sa.String(length=40), nullable=False)
        batch.drop_column("checkpoint_id")
        batch.drop_column("settled_at")
        batch.create_unique_constraint(
            batch.f("uq_logbook_grade_placement_id_checkpoint"), ["placement_id", "checkpoint"]
        )
    for table in ("nudge_recipient", "nudge", "comment_phrase", "entry_read", "checkpoint"):
        op.drop_table(table)


def _make_tables():
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["module_run.id"], name=op.f("fk_checkpoint_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkpoint")),
        sa.UniqueConstraint("public_id", name=op.f("uq_checkpoint_public_id")),
        sa.UniqueConstraint("run_id", "title", name=op.f("uq_checkpoint_run_id_title")),
    )
    final = sa.text("is_final")
    op.create_index(
        "uq_checkpoint_final", "checkpoint", ["run_id"], unique=True, sqlite_where=final, postgresql_where=final
    )
    op.create_table(
        "entry_read",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reader_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["log_entry.id"], name=op.f("fk_entry_read_entry_id")),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_entry_read_reader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_read")),
        sa.UniqueConstraint("reader_id", "entry_id", "version", name=op.f("uq_entry_read_reader_id_entry_id_version")),
    )
    op.create_index(op.f("ix_entry_read_entry_id"), "entry_read", ["entry_id"])
    op.create_table(
        "comment_phrase",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_comment_phrase_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_phrase")),
        sa.UniqueConstraint("owner_id", "text", name=op.f("uq_comment_phrase_owner_id_text")),
        sa.UniqueConstraint("public_id", name=op.f("uq_comment_phrase_public_id")),
    )
    _make_nudges()


def _make_nudges():
    op.create_table(
        "nudge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=40), nullable=False),
        sa.Column("why", sa.String(length=40), nullable=False),
        sa.Column("sent_by_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("why IN ('silent', 'behind', 'queried', 'unanswered')", name=op.f("ck_nudge_why_known")),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_nudge_sent_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge")),
        sa.UniqueConstraint("form_key", name=op.f("uq_nudge_form_key")),
    )
    op.create_table(
        "nudge_recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nudge_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["nudge_id"], ["nudge.id"], name=op.f("fk_nudge_recipient_nudge_id")),
        sa.ForeignKeyConstraint(["placement_id"], ["placement.id"], name=op.f("fk_nudge_recipient_placement_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_nudge_recipient_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nudge_recipient")),
        sa.UniqueConstraint("nudge_id", "placement_id", name=op.f("uq_nudge_recipient_nudge_id_placement_id")),
    )


def _fill_checkpoints():
    """Two for every run. A “Final check” that students were shown stays one on the way: the final is another then."""
    bind = op.get_bind()
    made = sa.table("checkpoint", *map(sa.column, ("public_id", "run_id", "title", "is_final")))
    graded = bind.execute(
        sa.text(
            "SELECT DISTINCT enrolment.run_id, logbook_grade.checkpoint FROM logbook_grade "
            "JOIN placement ON placement.id = logbook_grade.placement_id "
            "JOIN enrolment ON enrolment.id = placement.enrolment_id"
        )
    ).all()
    for (run_id,) in bind.execute(sa.text("SELECT id FROM module_run ORDER BY id")).all():
        shown = {title for of, title in graded if of == run_id}
        final = next(each for each in ("Final check", "Final grade", "Final logbook grade") if each not in shown)
        for title in [*sorted(shown | {"Mid-point"}), final]:
            row = {"public_id": new_public_id(), "run_id": run_id, "title": title, "is_final": title == final}
            bind.execute(made.insert().values(**row))
    op.execute(
        "UPDATE logbook_grade SET checkpoint_id = (SELECT checkpoint.id FROM checkpoint "
        "JOIN enrolment ON enrolment.run_id = checkpoint.run_id "
        "JOIN placement ON placement.enrolment_id = enrolment.id "
        "WHERE placement.id = logbook_grade.placement_id AND checkpoint.title = logbook_grade.checkpoint)"
    )


def _rename_notices(old, new):
    for name in MOVED:
        op.execute(f"UPDATE notification SET notice = '{new}.{name}' WHERE notice = '{old}.{name}'")  # noqa: S608
