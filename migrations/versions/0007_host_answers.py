"""host answers: what the organisation of each submitted choice says of the applicant

Choices that were submitted before get an answer that waits, as a new one does; where a round is staged, answers are
closed. The column of application is added and dropped by plain SQL: to copy that table would empty those that cascade.
"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


COLUMNS = ("application_id", "challenge_id", "public_id", "state", "sentence", "decision")
CHOSEN = """
SELECT preference.application_id, preference.challenge_id FROM preference
  JOIN application ON application.id = preference.application_id AND application.state = 'submitted'
  ORDER BY preference.id"""
CLOSE = """
UPDATE application SET answers_closed_at = (
  SELECT max(attempt.staged_at) FROM attempt
    JOIN allocation_round ON allocation_round.id = attempt.round_id AND allocation_round.state = 'staged'
    JOIN round_run ON round_run.round_id = allocation_round.id
    JOIN enrolment ON enrolment.run_id = round_run.run_id
    WHERE enrolment.id = application.enrolment_id
) WHERE decided_at IS NULL"""


def upgrade():
    op.create_table('host_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=12), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('challenge_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=40), nullable=False),
    sa.Column('reason', sa.String(length=40), nullable=True),
    sa.Column('sentence', sa.String(length=300), nullable=False),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undecided_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.Integer(), nullable=True),
    sa.Column('decision', sa.String(length=300), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("reason IN ('skill', 'days', 'check', 'conflict', 'same_work')", name=op.f('ck_host_answer_reason_known')),
    sa.CheckConstraint("state IN ('waiting', 'keen', 'happy', 'not_suitable', 'agreed', 'disagreed')", name=op.f('ck_host_answer_state_known')),
    sa.CheckConstraint("state NOT IN ('not_suitable', 'agreed', 'disagreed') OR reason IS NOT NULL", name=op.f('ck_host_answer_unsuitable_has_reason')),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_host_answer_answered_by_id')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_host_answer_application_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], name=op.f('fk_host_answer_challenge_id')),
    sa.ForeignKeyConstraint(['decided_by_id'], ['person.id'], name=op.f('fk_host_answer_decided_by_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_host_answer')),
    sa.UniqueConstraint('application_id', 'challenge_id', name=op.f('uq_host_answer_application_id_challenge_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_host_answer_public_id'))
    )
    with op.batch_alter_table('host_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_host_answer_challenge_id'), ['challenge_id'], unique=False)
        batch_op.create_index('ix_host_answer_undecided', ['application_id'], unique=False, sqlite_where=sa.text("undecided_since IS NOT NULL"), postgresql_where=sa.text("undecided_since IS NOT NULL"))

    moment = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(f"ALTER TABLE application ADD COLUMN answers_closed_at {moment}")
    op.execute(CLOSE)
    waiting = sa.table("host_answer", *(sa.column(name) for name in COLUMNS))
    chosen = op.get_bind().execute(sa.text(CHOSEN)).all()
    rows = [dict(zip(COLUMNS, (*pair, secrets.token_urlsafe(9), "waiting", "", ""), strict=True)) for pair in chosen]
    op.bulk_insert(waiting, rows)


def downgrade():
    op.execute("ALTER TABLE application DROP COLUMN answers_closed_at")

    with op.batch_alter_table('host_answer', schema=None) as batch_op:
        batch_op.drop_index('ix_host_answer_undecided', sqlite_where=sa.text("undecided_since IS NOT NULL"), postgresql_where=sa.text("undecided_since IS NOT NULL"))
        batch_op.drop_index(batch_op.f('ix_host_answer_challenge_id'))

    op.drop_table('host_answer')
