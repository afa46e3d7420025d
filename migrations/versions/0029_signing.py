"""signing is an area of its own: its notices have its name; who signs in a supervisor's place; parts of a group"""

import sqlalchemy as sa
from alembic import op

from placements.db import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

MOVED = ("please_sign", "unsigned", "changes_asked", "taken_back", "in_force")  # notices that agreements sent before


def upgrade():
    _rename_notices("agreements", "signing")
    with op.batch_alter_table("agreement") as batch:
        batch.add_column(sa.Column("signatory_id", sa.Integer()))
        batch.create_foreign_key(batch.f("fk_agreement_signatory_id"), "person", ["signatory_id"], ["id"])
    op.create_table(
        "agreement_group_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placement.id"], name=op.f("fk_agreement_group_part_placement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_group_part")),
        sa.UniqueConstraint("placement_id", name=op.f("uq_agreement_group_part_placement_id")),
    )


def downgrade():
    op.drop_table("agreement_group_part")
    op.execute("DELETE FROM notification WHERE notice IN ('agreements.please_read', 'agreements.group_begun', "
        "'agreements.group_changed')")
    with op.batch_alter_table("agreement") as batch:
        batch.drop_constraint("fk_agreement_signatory_id", type_="foreignkey")
        batch.drop_column("signatory_id")
    _rename_notices("signing", "agreements")


def _rename_notices(old, new):
    for name in MOVED:
        op.execute(f"UPDATE notification SET notice = '{new}.{name}' WHERE notice = '{old}.{name}'")  # noqa: S608
