"""an external examiner's role ends on a day"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade():
    _role_end()


def _role_end():
    """Those there are end as usual: on the 30 September after the academic year of their run."""
    with op.batch_alter_table("role_on_run") as batch:
        batch.add_column(sa.Column("until_on", sa.Date()))
    connection = op.get_bind()
    run = sa.table("module_run", sa.column("id"), sa.column("academic_year"))
    role = sa.table("role_on_run", sa.column("run_id"), sa.column("role"), sa.column("until_on", sa.Date()))
    for run_id, year in connection.execute(sa.select(run.c.id, run.c.academic_year)).all():
        ends_on = date(int(year[:4]) + 1, 9, 30)
        ended = sa.update(role).where(role.c.run_id == run_id, role.c.role == "external")
        connection.execute(ended.values(until_on=ends_on))
    with op.batch_alter_table("role_on_run") as batch:
        batch.create_check_constraint(
            batch.f("ck_role_on_run_externals_have_an_end"), "(role = 'external') = (until_on IS NOT NULL)"
        )


def downgrade():
    with op.batch_alter_table("role_on_run") as batch:
        batch.drop_constraint("ck_role_on_run_externals_have_an_end", type_="check")
        batch.drop_column("until_on")
