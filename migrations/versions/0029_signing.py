"""signing is an area of its own: its notices have its name"""

from alembic import op

revision = "0029"
down_revision = "0024"
branch_labels = None
depends_on = None

MOVED = ("please_sign", "unsigned", "changes_asked", "taken_back", "in_force")  # notices that agreements sent before


def upgrade():
    _rename_notices("agreements", "signing")


def downgrade():
    _rename_notices("signing", "agreements")


def _rename_notices(old, new):
    for name in MOVED:
        op.execute(f"UPDATE notification SET notice = '{new}.{name}' WHERE notice = '{old}.{name}'")  # noqa: S608
