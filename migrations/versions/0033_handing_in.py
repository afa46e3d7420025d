"""each handing in is kept with its receipt, and with what stood beside it; what is not handed in yet is a draft"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime, new_public_id

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "hand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=12), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_hand_in_submission_id")),
        sa.ForeignKeyConstraint(["snapshot_id"], ["logbook_snapshot.id"], name=op.f("fk_hand_in_snapshot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in")),
        sa.UniqueConstraint("public_id", name=op.f("uq_hand_in_public_id")),
    )
    op.create_index(op.f("ix_hand_in_submission_id"), "hand_in", ["submission_id"])
    op.create_table(
        "hand_in_evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_in_id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=True),
        sa.Column("feedback_version_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(agreement_id IS NULL) <> (feedback_version_id IS NULL)", name=op.f("ck_hand_in_evidence_one_thing")
        ),
        sa.ForeignKeyConstraint(["hand_in_id"], ["hand_in.id"], name=op.f("fk_hand_in_evidence_hand_in_id")),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_hand_in_evidence_agreement_id")),
        sa.ForeignKeyConstraint(
            ["feedback_version_id"], ["feedback_version.id"], name=op.f("fk_hand_in_evidence_feedback_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_in_evidence")),
        sa.UniqueConstraint(
            "hand_in_id", "agreement_id", name=op.f("uq_hand_in_evidence_hand_in_id_agreement_id")
        ),
        sa.UniqueConstraint(
            "hand_in_id", "feedback_version_id", name=op.f("uq_hand_in_evidence_hand_in_id_feedback_version_id")
        ),
    )
    with op.batch_alter_table("submission_file") as batch:
        batch.add_column(sa.Column("hand_in_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(batch.f("fk_submission_file_hand_in_id"), "hand_in", ["hand_in_id"], ["id"])
        batch.create_index(batch.f("ix_submission_file_hand_in_id"), ["hand_in_id"])
    _keep_what_is_in()
    op.create_table(
        "submission_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["component_id"], ["component.id"], name=op.f("fk_submission_draft_component_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name=op.f("fk_submission_draft_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_draft")),
        sa.UniqueConstraint(
            "component_id",
            "enrolment_id",
            "attempt",
            name=op.f("uq_submission_draft_component_id_enrolment_id_attempt"),
        ),
    )
    op.create_table(
        "submission_draft_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["submission_draft.id"],
            name=op.f("fk_submission_draft_file_draft_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_submission_draft_file_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_draft_file")),
        sa.UniqueConstraint("public_id", name=op.f("uq_submission_draft_file_public_id")),
        sa.UniqueConstraint("draft_id", "file_id", name=op.f("uq_submission_draft_file_draft_id_file_id")),
    )
    with op.batch_alter_table("submission") as batch:
        batch.add_column(sa.Column("placed_due_at", UTCDateTime()))


def downgrade():
    with op.batch_alter_table("submission") as batch:
        batch.drop_column("placed_due_at")
    op.drop_table("submission_draft_file")
    op.drop_table("submission_draft")
    with op.batch_alter_table("submission_file") as batch:
        batch.drop_index(batch.f("ix_submission_file_hand_in_id"))
        batch.drop_constraint(batch.f("fk_submission_file_hand_in_id"), type_="foreignkey")
        batch.drop_column("hand_in_id")
    op.drop_table("hand_in_evidence")
    op.drop_table("hand_in")


def _keep_what_is_in():
    """What stands under a receipt now becomes the first that is kept; of what it replaced no receipt is known."""
    connection = op.get_bind()
    there = connection.execute(
        sa.text(
            "SELECT s.id, s.receipt, s.received_at AS at, COALESCE(s.due_at, c.due_at) AS due_at, s.text, "
            "(SELECT k.id FROM logbook_snapshot k WHERE k.enrolment_id = s.enrolment_id AND k.taken_at = s.received_at)"
            " AS snapshot_id FROM submission s JOIN component c ON c.id = s.component_id WHERE s.receipt IS NOT NULL"
        ).columns(at=UTCDateTime(), due_at=UTCDateTime())
    ).all()
    hand_in = sa.table(
        "hand_in",
        *(sa.column(name) for name in ("public_id", "submission_id", "receipt", "text", "snapshot_id")),
        sa.column("at", UTCDateTime()),
        sa.column("due_at", UTCDateTime()),
    )
    for row in there:
        said = {"submission_id": row.id, "receipt": row.receipt, "at": row.at, "due_at": row.due_at}
        more = {"text": row.text, "snapshot_id": row.snapshot_id, "public_id": new_public_id()}
        connection.execute(hand_in.insert().values(**said, **more))
    op.execute(
        "UPDATE submission_file SET hand_in_id = (SELECT h.id FROM hand_in h WHERE h.submission_id = "
        "submission_file.submission_id) WHERE replaced_at IS NULL"
    )
