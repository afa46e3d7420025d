"""What another deadline makes of a mark that there is."""

from dataclasses import dataclass
from datetime import datetime

from placements.assessment.models import Mark
from placements.assessment.queries import worth
from placements.assessment.rules import is_on_time, last_accepted_at, read_late_policy
from placements.assessment.workflow import MarkState

BY_RULE = (MarkState.SUBMITTED, MarkState.PROVISIONAL)


@dataclass(frozen=True)
class Remade:
    """A mark before and after; None after: to be given by a marker, or with nothing in, once something is."""

    before: int | None
    after: int | None
    was_by_rule: bool
    is_on_time: bool
    is_in: bool

    @property
    def is_new(self) -> bool:
        """Whether it is another mark than before."""
        return self.before != self.after


def remade(mark: Mark, due_at: datetime | None, now: datetime) -> Remade | None:
    """What a deadline at `due_at` makes of work that was late or missed; None where all stays as it is.

    What was missed may be handed in again while it counts; what was late counts as late as it then is.
    """
    at = mark.submission.received_at
    if due_at is None or (at or now) > last_accepted_at(due_at, read_late_policy(mark.component.late_policy)):
        return None
    was_by_rule = mark.marker_id is None and mark.state in BY_RULE
    is_in_time = at is not None and is_on_time(at, due_at)
    result = worth(mark, due_at) if mark.scores or mark.agreed is not None else None
    is_other = result is not None and result.mark != mark.mark
    if not (was_by_rule or is_in_time or is_other):
        return None
    return Remade(mark.mark, result.mark if result else None, was_by_rule, is_in_time, at is not None)
