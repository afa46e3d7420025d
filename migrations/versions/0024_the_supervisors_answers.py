"""the supervisor's answers: notices that the logbook sent before the area of its own did"""

from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

MOVED = ("week_to_confirm", "confirmation_outstanding", "queried")


def upgrade():
    _rename_notices("logbook", "confirming")


def downgrade():
    _rename_notices("confirming", "logbook")


def _rename_notices(old, new):
    for name in MOVED:
        op.execute(f"UPDATE notification SET notice = '{new}.{name}' WHERE notice = '{old}.{name}'")  # noqa: S608
