"""Asking for a script, which opens it at once; and writing down what an examiner read."""

from datetime import datetime

from placements.assessment.models import Submission
from placements.core.policy import Principal
from placements.db import insert_new
from placements.examining.models import ScriptRequest
from placements.history.actions import note_reads, record


def ask(submission: Submission, why: str, *, actor: Principal, now: datetime) -> None:
    """Open a script outside the sample to `actor`, with the logbook behind it; leaders see that. Twice is once."""
    row = {"submission_id": submission.id, "by_id": actor.person_id, "at": now, "why": why}
    insert_new(ScriptRequest, [row])
    record("asked for the script as external examiner", submission, actor=actor, now=now, ability="examining.run")


def note_read(submission: Submission, *, actor: Principal, now: datetime) -> None:
    """Write down that `actor` read the work and what stands beside it. It commits."""
    note_reads(("submission", submission.id, "script"), actor=actor, now=now)
