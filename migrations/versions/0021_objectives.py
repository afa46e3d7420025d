"""an Agreement's objectives are rows, it may bring other dates, and a signature may be carried to the next version"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOST = 6  # objectives of a draft: as many as its form has boxes

agreement = sa.table("agreement", sa.column("id"), sa.column("objectives"), sa.column("sha256"))
objective = sa.table("agreement_objective", sa.column("agreement_id"), sa.column("position"), sa.column("text"))


def in_lines(text):
    """The lines with something in them, each with the empty ones after it: joined again they are the very text."""
    lines = []
    for line in text.split("\n"):
        if lines and (not line.strip() or not lines[-1].strip()):
            lines[-1] += f"\n{line}"
        else:
            lines.append(line)
    return lines if text.strip() else []


def of_a_draft(text):
    """The same without numbers and dashes in front, and no more of them than the form has boxes."""
    lines = [re.sub(r"^\s*(?:\d+[.)]|[-–•*])\s+", "", line).strip() for line in in_lines(text)]
    return [*lines[: MOST - 1], " ".join(lines[MOST - 1 :])] if len(lines) > MOST else lines


def upgrade():
    connection = op.get_bind()
    connection.execute(objective.delete())  # nothing has filled it yet; after the way back they stand in the text
    for row in connection.execute(sa.select(agreement.c.id, agreement.c.objectives, agreement.c.sha256)).all():
        lines = in_lines(row.objectives) if row.sha256 else of_a_draft(row.objectives)
        rows = [{"agreement_id": row.id, "position": place, "text": text} for place, text in enumerate(lines, 1)]
        if rows:
            connection.execute(objective.insert(), rows)
    op.drop_column("agreement", "objectives")
    op.add_column("agreement", sa.Column("starts_on", sa.Date(), nullable=True))
    op.add_column("agreement", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("agreement", sa.Column("format", sa.Integer(), nullable=True))
    connection.execute(sa.text("UPDATE agreement SET format = 1 WHERE sha256 IS NOT NULL"))
    with op.batch_alter_table("signature") as batch_op:
        batch_op.add_column(sa.Column("carried_from_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_signature_carried_from_id"), "signature", ["carried_from_id"], ["id"]
        )


def downgrade():
    connection = op.get_bind()
    with op.batch_alter_table("signature") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_signature_carried_from_id"), type_="foreignkey")
        batch_op.drop_column("carried_from_id")
    for name in ("format", "ends_on", "starts_on"):
        op.drop_column("agreement", name)
    op.add_column("agreement", sa.Column("objectives", sa.Text(), nullable=False, server_default=""))
    texts = {}
    for row in connection.execute(sa.select(objective).order_by(objective.c.agreement_id, objective.c.position)):
        texts.setdefault(row.agreement_id, []).append(row.text)
    for agreement_id, lines in texts.items():
        written = sa.update(agreement).where(agreement.c.id == agreement_id)
        connection.execute(written.values(objectives="\n".join(lines)))
