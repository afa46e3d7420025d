"""signing is an area of its own: its notices have its name; who signs in a supervisor's place"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

MOVED = ("please_sign", "unsigned", "changes_asked", "taken_back", "in_force")  # notices that agreements sent before


def upgrade():
    _rename_notices("agreements", "signing")
    with op.batch_alter_table("agreement") as batch:
        batch.add_column(sa.Column("signatory_id", sa.Integer()))
        batch.create_foreign_key(batch.f("fk_agreement_signatory_id"), "person", ["signatory_id"], ["id"])


def downgrade():
    with op.batch_alter_table("agreement") as batch:
        batch.drop_constraint("fk_agreement_signatory_id", type_="foreignkey")
        batch.drop_column("signatory_id")
    _rename_notices("signing", "agreements")


def _rename_notices(old, new):
    for name in MOVED:
        op.execute(f"UPDATE notification SET notice = '{new}.{name}' WHERE notice = '{old}.{name}'")  # noqa: S608
