"""proposals: places that students found themselves, and until when the students of a run may propose one"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('proposal_lead',
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('working_days', sa.Integer(), nullable=False),
    sa.CheckConstraint('working_days BETWEEN 0 AND 60', name=op.f('ck_proposal_lead_lead_in_range')),
    sa.ForeignKeyConstraint(['run_id'], ['module_run.id'], name=op.f('fk_proposal_lead_run_id')),
    sa.PrimaryKeyConstraint('run_id', name=op.f('pk_proposal_lead'))
    )
    op.create_table('proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('form_key', sa.String(length=40), nullable=False),
    sa.Column('enrolment_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('organisation_name', sa.String(length=200), nullable=False),
    sa.Column('organisation_about', sa.Text(), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('postcode', sa.String(length=10), nullable=False),
    sa.Column('borough', sa.String(length=40), nullable=False),
    sa.Column('supervisor_name', sa.String(length=200), nullable=False),
    sa.Column('supervisor_email', sa.String(length=254), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('need', sa.Text(), nullable=False),
    sa.Column('theme', sa.String(length=40), nullable=False),
    sa.Column('mode', sa.String(length=40), nullable=False),
    sa.Column('times', sa.String(length=200), nullable=False),
    sa.Column('tie', sa.String(length=40), nullable=False),
    sa.Column('tied_to', sa.String(length=200), nullable=False),
    sa.Column('duties_now', sa.Text(), nullable=False),
    sa.Column('duties_differ', sa.Text(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('asked_by_team', sa.Boolean(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=True),
    sa.Column('site_id', sa.Integer(), nullable=True),
    sa.Column('verified_email', sa.String(length=254), nullable=True),
    sa.Column('verified_means', sa.String(length=40), nullable=True),
    sa.Column('verified_how', sa.Text(), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('verified_by_id', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=True),
    sa.CheckConstraint("mode IN ('on_site', 'hybrid', 'remote')", name=op.f('ck_proposal_mode_known')),
    sa.CheckConstraint("offer_id IS NULL OR state = 'approved'", name=op.f('ck_proposal_offered_is_approved')),
    sa.CheckConstraint("state IN ('proposed', 'more_asked', 'organisation_checked', 'approved', 'refused', 'withdrawn')", name=op.f('ck_proposal_state_known')),
    sa.CheckConstraint("theme IN ('crime', 'poverty', 'environment', 'social_wealth', 'discrimination', 'health')", name=op.f('ck_proposal_theme_known')),
    sa.CheckConstraint("tie IN ('none', 'employed', 'volunteer', 'related')", name=op.f('ck_proposal_tie_known')),
    sa.CheckConstraint("verified_means IN ('website', 'register', 'known', 'visit')", name=op.f('ck_proposal_verified_means_known')),
    sa.CheckConstraint('(verified_at IS NULL) = (verified_email IS NULL)', name=op.f('ck_proposal_verified_whole')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_proposal_enrolment_id')),
    sa.ForeignKeyConstraint(['offer_id'], ['offer.id'], name=op.f('fk_proposal_offer_id')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_proposal_organisation_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_proposal_site_id')),
    sa.ForeignKeyConstraint(['verified_by_id'], ['person.id'], name=op.f('fk_proposal_verified_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal')),
    sa.UniqueConstraint('form_key', name=op.f('uq_proposal_form_key')),
    sa.UniqueConstraint('offer_id', name=op.f('uq_proposal_offer_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_proposal_public_id'))
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_enrolment_id'), ['enrolment_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposal_state_due_at'), ['state', 'due_at'], unique=False)
        batch_op.create_index('uq_proposal_open', ['enrolment_id'], unique=True, sqlite_where=sa.text("state IN ('proposed', 'more_asked', 'organisation_checked')"), postgresql_where=sa.text("state IN ('proposed', 'more_asked', 'organisation_checked')"))



def downgrade():
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.drop_index('uq_proposal_open', sqlite_where=sa.text("state IN ('proposed', 'more_asked', 'organisation_checked')"), postgresql_where=sa.text("state IN ('proposed', 'more_asked', 'organisation_checked')"))
        batch_op.drop_index(batch_op.f('ix_proposal_state_due_at'))
        batch_op.drop_index(batch_op.f('ix_proposal_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_proposal_enrolment_id'))

    op.drop_table('proposal')
    op.drop_table('proposal_lead')
