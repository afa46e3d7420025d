"""adjustments of a round, trials of what a change would cost, the threshold of its rule, and progress

The column of allocation_round is added and dropped by plain SQL: to copy that table would empty those that cascade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('adjustment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=True),
    sa.Column('challenge_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('made_by_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('forbid', 'places', 'minimum', 'ceiling')", name=op.f('ck_adjustment_kind_known')),
    sa.CheckConstraint("(kind = 'forbid') = (number IS NULL)", name=op.f('ck_adjustment_all_but_forbids_have_a_number')),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_adjustment_challenge_id')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_adjustment_enrolment_id')),
    sa.ForeignKeyConstraint(['made_by_id'], ['person.id'], name=op.f('fk_adjustment_made_by_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_adjustment_organisation_id')),
    sa.ForeignKeyConstraint(['round_id'], ['allocation_round.id'], name=op.f('fk_adjustment_round_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adjustment')),
    sa.UniqueConstraint('public_id', name=op.f('uq_adjustment_public_id'))
    )
    with op.batch_alter_table('adjustment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_adjustment_round_id'), ['round_id'], unique=False)

    op.add_column("allocation_round", sa.Column("threshold", sa.Integer(), server_default="3", nullable=False))
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("progress", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("base_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("changes", sa.Text(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_attempt_base_id"), "attempt", ["base_id"], ["id"])


def downgrade():
    op.execute("DELETE FROM attempt WHERE base_id IS NOT NULL")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attempt_base_id"), type_="foreignkey")
        for column in ("changes", "base_id", "progress"):
            batch_op.drop_column(column)
    op.drop_column("allocation_round", "threshold")

    with op.batch_alter_table('adjustment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_adjustment_round_id'))

    op.drop_table('adjustment')
