"""Keeping what is handed in as it arrives: text, files, and the evidence that stands beside it at that instant."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from placements.assessment.evidence import agreements_in_force, feedback_given
from placements.assessment.models import LETTERS, HandIn, HandInEvidence, Submission, SubmissionFile
from placements.cohorts.models import ComponentKind
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import Received, keep
from placements.files.models import StoredFile
from placements.reading.freezing import freeze
from placements.reading.frozen import content_of, snapshot_at


def keep_hand_in(
    submission: Submission, text: str, files: Sequence[Received | StoredFile], *, actor: Principal, now: datetime
) -> HandIn:
    """Keep it under a receipt of its own, in the place of what was in before, which stays.

    With a portfolio its evidence is kept as it stands: logbook, Agreement in force, supervisor's feedback.
    """
    kept = HandIn(receipt=_receipt_number(), at=now, due_at=submission.own_due_at, text=text)
    submission.hand_ins.append(kept)
    for old in submission.current_files:
        old.replaced_at = now
    for each in files:
        stored = each if isinstance(each, StoredFile) else keep(each, actor=actor, now=now)
        submission.files.append(SubmissionFile(file=stored, received_at=now, hand_in=kept))
    submission.received_at, submission.receipt, submission.text = now, kept.receipt, text
    if submission.component.kind is ComponentKind.PORTFOLIO:
        _freeze_evidence(kept, submission, now)
    db.session.flush()
    return kept


def is_evidence_the_same(submission: Submission) -> bool:
    """Whether what would be kept beside the work now is what was kept when it was handed in last."""
    if submission.component.kind is not ComponentKind.PORTFOLIO or not submission.hand_ins:
        return True
    last = submission.hand_ins[-1]
    now = (
        content_of(submission.enrolment_id),
        {each.id for each in agreements_in_force(submission.enrolment_id)},
        {each.id for each in feedback_given(submission.enrolment_id)},
    )
    book = last.snapshot.content if last.snapshot else None
    return now == (book, {each.id for each in last.agreements}, {each.id for each in last.versions})


def _freeze_evidence(kept: HandIn, submission: Submission, now: datetime) -> None:
    freeze(submission.enrolment_id, now=now)
    kept.snapshot = snapshot_at(submission.enrolment_id, now)
    agreements = agreements_in_force(submission.enrolment_id)
    submission.agreement_id = agreements[-1].id if agreements else None
    kept.evidence = [
        *(HandInEvidence(agreement_id=each.id) for each in agreements),
        *(HandInEvidence(feedback_version_id=each.id) for each in feedback_given(submission.enrolment_id)),
    ]


def _receipt_number() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
