"""what a mark was before, numbers of scripts, comments kept for the next script, and who marks how many"""

import secrets

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
KIND = sa.String(length=40)


def upgrade():
    _number_scripts()
    _keep_versions()
    op.create_table(
        "bank_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("criterion", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("shared_run_id", sa.Integer()),
        sa.CheckConstraint("kind IN ('agreement', 'feedback', 'portfolio')", name=op.f("ck_bank_comment_kind_known")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_bank_comment_owner_id")),
        sa.ForeignKeyConstraint(["shared_run_id"], ["module_run.id"], name=op.f("fk_bank_comment_shared_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_comment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bank_comment_public_id")),
        sa.UniqueConstraint("owner_id", "kind", "criterion", "text", name=op.f("uq_bank_comment_owner_id_kind_criterion_text")),
    )
    op.create_index(op.f("ix_bank_comment_shared_run_id"), "bank_comment", ["shared_run_id"])
    op.create_table(
        "marker_share",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("component_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer()),
        sa.CheckConstraint("weight BETWEEN 0 AND 100", name=op.f("ck_marker_share_weight_in_range")),
        sa.CheckConstraint("most BETWEEN 0 AND 1000", name=op.f("ck_marker_share_most_in_range")),
        sa.ForeignKeyConstraint(["component_id"], ["component.id"], name=op.f("fk_marker_share_component_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_marker_share_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marker_share")),
        sa.UniqueConstraint("component_id", "person_id", name=op.f("uq_marker_share_component_id_person_id")),
    )
    op.create_table(
        "script_fix",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("fixed_by_id", sa.Integer(), nullable=False),
        sa.Column("fixed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["mark_id"], ["mark.id"], name=op.f("fk_script_fix_mark_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["fixed_by_id"], ["person.id"], name=op.f("fk_script_fix_fixed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_script_fix")),
        sa.UniqueConstraint("mark_id", name=op.f("uq_script_fix_mark_id")),
    )


def _number_scripts():
    """Each script a number of its own, which says nothing of its student."""
    with op.batch_alter_table("mark") as batch:
        batch.add_column(sa.Column("script", sa.String(length=5)))
    mark = sa.table("mark", sa.column("id", sa.Integer()), sa.column("script", sa.String()))
    here = op.get_bind()
    for (key,) in here.execute(sa.select(mark.c.id)).all():
        number = "".join(secrets.choice(LETTERS) for _ in range(5))
        here.execute(mark.update().where(mark.c.id == key).values(script=number))
    with op.batch_alter_table("mark") as batch:
        batch.alter_column("script", existing_type=sa.String(length=5), nullable=False)


def _keep_versions():
    op.create_table(
        "mark_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("why", KIND, nullable=False),
        sa.Column("marker_id", sa.Integer()),
        sa.Column("by_id", sa.Integer()),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("mark", sa.Integer()),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "why IN ('handover', 'submitted', 'reopened', 'recomputed', 'moderated')",
            name=op.f("ck_mark_version_why_known"),
        ),
        sa.ForeignKeyConstraint(["mark_id"], ["mark.id"], name=op.f("fk_mark_version_mark_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["marker_id"], ["person.id"], name=op.f("fk_mark_version_marker_id")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_mark_version_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_version")),
        sa.UniqueConstraint("mark_id", "version", name=op.f("uq_mark_version_mark_id_version")),
    )


def downgrade():
    for name in ("mark_version", "script_fix", "marker_share"):
        op.drop_table(name)
    op.drop_index(op.f("ix_bank_comment_shared_run_id"), "bank_comment")
    op.drop_table("bank_comment")
    with op.batch_alter_table("mark") as batch:
        batch.drop_column("script")
