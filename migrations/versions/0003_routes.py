"""routes: where enquiries can go in the university, as far as its own pages name it; staff add the others

Written by hand. Going down keeps them: by then they may have a receiver, and things that were passed on. Going up again
adds those whose names are not there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROUTES = {
    "Business Clinic": "at-business1",
    "Charities and Social Enterprise Clinic": "at-charities",
    "Another clinic of the university": "at-a-clinic1",
    "CARES research centre": "at-cares-res",
    "Student volunteering": "at-volunteer",
    "Research": "at-research1",
    "Consultancy": "at-consultan",
}


def upgrade():
    route = sa.table("route", *(sa.column(name) for name in ("name", "public_id")), sa.column("is_open", sa.Boolean))
    known = set(op.get_bind().scalars(sa.select(route.c.name)))
    new = [{"name": name, "public_id": key, "is_open": True} for name, key in ROUTES.items() if name not in known]
    op.bulk_insert(route, new)


def downgrade():
    pass
