"""Who looks after mitigation, reassessment and waivers: the module leader alone. Students read what is theirs."""

from datetime import datetime

from placements.assessment.models import Submission
from placements.assessment.policy import leads
from placements.assessment.workflow import SUBMISSION, SubmissionState
from placements.core.policy import Abilities, Principal, has_role, state
from placements.reassessment.models import Waiver
from placements.reassessment.workflow import MITIGATION


@state
def is_in_force(who: Principal, waiver: Waiver, now: datetime) -> bool:
    """It was not ended."""
    return waiver.ended_at is None


@state
def is_to_come(who: Principal, submission: Submission, now: datetime) -> bool:
    """The attempt is asked for and nothing is in; it is a second one, or was put off."""
    is_later = submission.attempt > 1 or submission.deferred_at is not None
    return submission.state is SubmissionState.OPEN and submission.is_asked and is_later


@state
def is_second(who: Principal, submission: Submission, now: datetime) -> bool:
    """It is a second attempt."""
    return submission.attempt > 1


ABILITIES: Abilities = {
    "reassessment.run": leads,
    "reassessment.student": leads,
    "reassessment.claim": leads,
    "reassessment.decide": leads & (MITIGATION.can("accept") | MITIGATION.can("refuse")),
    "reassessment.open_again": leads,
    "reassessment.task": leads,
    "reassessment.give_task": leads & is_to_come,
    "reassessment.withdraw_attempt": leads & is_second & SUBMISSION.can("withdraw"),
    "reassessment.withdraw_claim": leads & MITIGATION.can("withdraw"),
    "reassessment.waive": leads,
    "reassessment.end_waiver": leads & is_in_force,
    "reassessment.mine": has_role("student"),
    "reassessment.read_claim": leads,
}
