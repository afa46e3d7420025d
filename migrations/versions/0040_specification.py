"""the area `components` is called `specification`: what its history may be read by goes with it"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

HISTORY = sa.table("history", sa.column("ability"))


def upgrade():
    _call("components.rules", "specification.rules")


def downgrade():
    _call("specification.rules", "components.rules")


def _call(was, now):
    op.execute(sa.update(HISTORY).where(HISTORY.c.ability == was).values(ability=now))
