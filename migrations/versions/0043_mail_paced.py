"""how soon each thing is said, one mail a person a day, who wants what and when, and what a run says otherwise"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

NOTICE = sa.String(60)


def upgrade():
    with op.batch_alter_table("notification") as batch:
        batch.add_column(sa.Column("pace", sa.String(40), nullable=False, server_default="soon"))
        batch.add_column(sa.Column("deadline_at", UTCDateTime()))
        batch.create_check_constraint(batch.f("ck_notification_pace_known"), "pace IN ('now', 'soon', 'daily')")
    with op.batch_alter_table("notification") as batch:
        batch.alter_column("pace", server_default=None)
    with op.batch_alter_table("message") as batch:
        batch.add_column(sa.Column("digest_on", sa.Date))
        batch.create_unique_constraint(batch.f("uq_message_recipient_id_digest_on"), ["recipient_id", "digest_on"])
        batch.drop_index(batch.f("ix_message_recipient_id"))
    op.create_table(
        "mail_choice",
        sa.Column("person_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_choice")),
    )
    op.create_table(
        "mute",
        sa.Column("person_id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("notice", NOTICE, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mute_person_id")),
        sa.PrimaryKeyConstraint("person_id", "notice", name=op.f("pk_mute")),
    )
    op.create_table(
        "own_notice",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("notice", NOTICE, nullable=False),
        sa.Column("is_off", sa.Boolean, nullable=False),
        sa.Column("steps", sa.String(60)),
        sa.Column("subject", sa.String(200)),
        sa.Column("words", sa.Text),
        sa.ForeignKeyConstraint(["run_id"], ["module_run.id"], name=op.f("fk_own_notice_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_notice")),
        sa.UniqueConstraint("run_id", "notice", name=op.f("uq_own_notice_run_id_notice")),
    )


def downgrade():
    for table in ("own_notice", "mute", "mail_choice"):
        op.drop_table(table)
    with op.batch_alter_table("message") as batch:
        batch.create_index(batch.f("ix_message_recipient_id"), ["recipient_id"])
        batch.drop_constraint(batch.f("uq_message_recipient_id_digest_on"), type_="unique")
        batch.drop_column("digest_on")
    with op.batch_alter_table("notification") as batch:
        batch.drop_constraint(batch.f("ck_notification_pace_known"), type_="check")
        batch.drop_column("deadline_at")
        batch.drop_column("pace")
