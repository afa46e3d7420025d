"""why: reasons of matches, rounds that repair another, and how a student's choices look on samples"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('outlook',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('unplaced', sa.Integer(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.Column('inputs', sa.String(length=64), nullable=False),
    sa.Column('worked_out_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('unplaced BETWEEN 0 AND samples', name=op.f('ck_outlook_unplaced_of_samples')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_outlook_enrolment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outlook')),
    sa.UniqueConstraint('enrolment_id', name=op.f('uq_outlook_enrolment_id'))
    )
    op.create_table('less_chosen',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('challenge_id', sa.Integer(), nullable=False),
    sa.Column('free', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_less_chosen_challenge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_less_chosen')),
    sa.UniqueConstraint('challenge_id', name=op.f('uq_less_chosen_challenge_id'))
    )
    op.create_table('match_reason',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('match_id', sa.Integer(), nullable=False),
    sa.Column('challenge_id', sa.Integer(), nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('why', sa.String(length=40), nullable=False),
    sa.Column('unsuitable', sa.String(length=40), nullable=True),
    sa.CheckConstraint("unsuitable IN ('skill', 'days', 'check', 'conflict', 'same_work')", name=op.f('ck_match_reason_unsuitable_known')),
    sa.CheckConstraint("why IN ('unplaced', 'moved', 'lower', 'fewer', 'more', 'keener', 'lottery', 'closed', 'needed', 'taken', 'forbidden', 'locked', 'not_open', 'host', 'not_fit', 'by_hand')", name=op.f('ck_match_reason_why_known')),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_match_reason_challenge_id')),
    sa.ForeignKeyConstraint(['match_id'], ['match.id'], name=op.f('fk_match_reason_match_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_match_reason')),
    sa.UniqueConstraint('match_id', 'challenge_id', name=op.f('uq_match_reason_match_id_challenge_id'))
    )
    with op.batch_alter_table('allocation_round', schema=None) as batch_op:
        batch_op.add_column(sa.Column('repairs_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_allocation_round_repairs_id'), 'allocation_round', ['repairs_id'], ['id'])

    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reasons', sa.Text(), nullable=True))

    with op.batch_alter_table('match', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_match_held_id'), 'offer', ['held_id'], ['id'])



def downgrade():
    with op.batch_alter_table('match', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_match_held_id'), type_='foreignkey')
        batch_op.drop_column('held_id')

    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_column('reasons')

    with op.batch_alter_table('allocation_round', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_allocation_round_repairs_id'), type_='foreignkey')
        batch_op.drop_column('repairs_id')

    op.drop_table('match_reason')
    op.drop_table('less_chosen')
    op.drop_table('outlook')
