"""safe_until: the last day on which a brief's organisation is approved and its places are cleared, beside the brief

Lists of what students may choose ask for it a thousand times; it follows from rows of other tables, so the database
itself keeps it in step, by the same triggers on SQLite and PostgreSQL. Written by hand, since models know the column
and not what keeps it. A later migration that alters one of these tables in batch mode on SQLite makes its triggers
anew: the copy of the table has none.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEVER, NO_END = "0001-01-01", "9999-12-31"
KEEP = f"""
UPDATE challenge SET safe_until = (
  SELECT min(last_day) FROM (
    SELECT CASE WHEN state = 'approved' THEN coalesce(approved_until, '{NO_END}') ELSE '{NEVER}' END AS last_day
      FROM organisation WHERE organisation.id = challenge.organisation_id
    UNION ALL SELECT coalesce(cleared_until, '{NEVER}') FROM site WHERE site.id = challenge.site_id
    UNION ALL SELECT coalesce(cleared_until, '{NEVER}')
      FROM site JOIN challenge_site ON challenge_site.site_id = site.id
      WHERE challenge_site.challenge_id = challenge.id
  ) AS last_days
)"""
# Trigger → after what, and which briefs it is about. A change of a brief's own state counts too: whoever approved its
# organisation while it was first being written saw no row of it.
TRIGGERS = {
    "challenge_made": ("INSERT ON challenge", "id = new.id"),
    "challenge_changed": ("UPDATE OF state, organisation_id, site_id ON challenge", "id = new.id"),
    "organisation_changed": ("UPDATE OF state, approved_until ON organisation", "organisation_id = new.id"),
    "site_changed": ("UPDATE OF cleared_until ON site", "organisation_id = new.organisation_id"),
    "further_site_made": ("INSERT ON challenge_site", "id = new.challenge_id"),
    "further_site_changed": ("UPDATE ON challenge_site", "id IN (old.challenge_id, new.challenge_id)"),
    "further_site_gone": ("DELETE ON challenge_site", "id = old.challenge_id"),
}


def upgrade():
    op.execute(f"ALTER TABLE challenge ADD COLUMN safe_until DATE DEFAULT '{NEVER}' NOT NULL")
    op.execute(KEEP)
    for name, (event, about) in TRIGGERS.items():
        keep = f"{KEEP} WHERE {about};"
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION safe_until_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN {keep} RETURN NULL; END $$"
            )
            keep = f"EXECUTE FUNCTION safe_until_{name}()"
        else:
            keep = f"BEGIN {keep} END"
        op.execute(f"CREATE TRIGGER safe_until_{name} AFTER {event} FOR EACH ROW {keep}")


def downgrade():
    for name in TRIGGERS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(f"DROP FUNCTION safe_until_{name} CASCADE")  # its trigger goes with it
        else:
            op.execute(f"DROP TRIGGER safe_until_{name}")
    op.execute("ALTER TABLE challenge DROP COLUMN safe_until")
