"""tutoring: who takes on how much, plans, and what is fixed by hand"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('tutor_load',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('load', sa.Integer(), nullable=False),
    sa.Column('themes', sa.JSON(), nullable=False),
    sa.CheckConstraint('load BETWEEN 0 AND 200', name=op.f('ck_tutor_load_load_in_range')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_tutor_load_person_id')),
    sa.ForeignKeyConstraint(['run_id'], ['module_run.id'], name=op.f('fk_tutor_load_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tutor_load')),
    sa.UniqueConstraint('run_id', 'person_id', name=op.f('uq_tutor_load_run_id_person_id'))
    )
    with op.batch_alter_table('tutor_load', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tutor_load_person_id'), ['person_id'], unique=False)

    op.create_table('tutor_plan',
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('instance', sa.Text(), nullable=False),
    sa.Column('instance_sha256', sa.String(length=64), nullable=False),
    sa.Column('result', sa.Text(), nullable=True),
    sa.Column('reasons', sa.Text(), nullable=True),
    sa.Column('problem', sa.String(length=500), nullable=True),
    sa.Column('progress', sa.String(length=200), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("state IN ('queued', 'solving', 'solved', 'failed')", name=op.f('ck_tutor_plan_state_known')),
    sa.ForeignKeyConstraint(['run_id'], ['module_run.id'], name=op.f('fk_tutor_plan_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tutor_plan')),
    sa.UniqueConstraint('public_id', name=op.f('uq_tutor_plan_public_id'))
    )
    with op.batch_alter_table('tutor_plan', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tutor_plan_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_tutor_plan_state'), ['state'], unique=False)

    op.create_table('tutor_fix',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('placement_id', sa.Integer(), nullable=False),
    sa.Column('tutor_id', sa.Integer(), nullable=False),
    sa.Column('fixed_by_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('fixed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['fixed_by_id'], ['person.id'], name=op.f('fk_tutor_fix_fixed_by_id')),
    sa.ForeignKeyConstraint(['placement_id'], ['placement.id'], name=op.f('fk_tutor_fix_placement_id')),
    sa.ForeignKeyConstraint(['tutor_id'], ['person.id'], name=op.f('fk_tutor_fix_tutor_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tutor_fix')),
    sa.UniqueConstraint('placement_id', name=op.f('uq_tutor_fix_placement_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_tutor_fix_public_id'))
    )
    with op.batch_alter_table('tutor_fix', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_tutor_fix_tutor_id'), ['tutor_id'], unique=False)


def downgrade():
    with op.batch_alter_table('tutor_fix', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tutor_fix_tutor_id'))

    op.drop_table('tutor_fix')
    with op.batch_alter_table('tutor_plan', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tutor_plan_state'))
        batch_op.drop_index(batch_op.f('ix_tutor_plan_run_id'))

    op.drop_table('tutor_plan')
    with op.batch_alter_table('tutor_load', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_tutor_load_person_id'))

    op.drop_table('tutor_load')
