"""clearing: what was called after offers is called after the area that says it, in mail that is queued or was sent

Written by hand. Reminders are queued once for each name, so none is said again under its new one.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NOTICES = ("alternative", "asked", "date_near", "date_passed", "dates_passed_in_run")


def upgrade():
    _rename("offers", "clearing")


def downgrade():
    _rename("clearing", "offers")


def _rename(before, after):
    for name in NOTICES:
        op.execute(f"UPDATE notification SET notice = '{after}.{name}' WHERE notice = '{before}.{name}'")
