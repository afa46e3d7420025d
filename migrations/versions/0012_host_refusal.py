"""what organisations say of offers whose students they cannot take"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('host_refusal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('challenge_id', sa.Integer(), nullable=False),
    sa.Column('said_by_id', sa.Integer(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('words', sa.String(length=500), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('settled_by_id', sa.Integer(), nullable=True),
    sa.Column('decision', sa.String(length=500), nullable=False),
    sa.CheckConstraint("kind IN ('time', 'person', 'place', 'work', 'other')", name=op.f('ck_host_refusal_kind_known')),
    sa.CheckConstraint("state IN ('open', 'taken_back', 'stands')", name=op.f('ck_host_refusal_state_known')),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_host_refusal_challenge_id')),
    sa.ForeignKeyConstraint(['said_by_id'], ['person.id'], name=op.f('fk_host_refusal_said_by_id')),
    sa.ForeignKeyConstraint(['settled_by_id'], ['person.id'], name=op.f('fk_host_refusal_settled_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host_refusal')),
    sa.UniqueConstraint('public_id', name=op.f('uq_host_refusal_public_id'))
    )
    with op.batch_alter_table('host_refusal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_host_refusal_challenge_id'), ['challenge_id'], unique=False)
        batch_op.create_index('uq_host_refusal_open', ['challenge_id'], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))


def downgrade():
    with op.batch_alter_table('host_refusal', schema=None) as batch_op:
        batch_op.drop_index('uq_host_refusal_open', sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
        batch_op.drop_index(batch_op.f('ix_host_refusal_challenge_id'))

    op.drop_table('host_refusal')
