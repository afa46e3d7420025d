"""Mark arithmetic: a rubric's scores to a component mark, moderation, lateness, cap; and the clocks that hang on them.

One rounding rule everywhere: exact Decimal arithmetic, then half up to a whole mark. The order is fixed:
mark → moderation → late policy → cap → weight → module mark, rounded once; see outcomes.py from the weight on. Each
rule is in docs/marks.md in words, with its source.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from placements.core import clock

PASS_MARK = 40
REASSESSMENT_CAP = 40  # university; student union advice
BANDS = (70, 60, 50, 40, 0)  # UK norm; each by its lowest mark
FEEDBACK_WEEKS = 3  # student charter
MITIGATION_WORKING_DAYS = 10  # from the published date


def half_up(value: Decimal) -> int:
    """The nearest whole mark; a half goes up."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def band(mark: int) -> int:
    """The band of a mark, as its lowest mark: 70, 60, 50, 40 or 0 (a fail)."""
    return next(lowest for lowest in BANDS if mark >= lowest)


@dataclass(frozen=True)
class Score:
    """One criterion of a rubric: its weight in per cent of the component, and the score (0–100) it was given."""

    weight: int
    score: int


def rubric_mark(scores: Sequence[Score]) -> int:
    """The component mark (0–100) of a rubric. Raises ValueError where weights do not make 100 or a score is out."""
    if sum(each.weight for each in scores) != 100 or any(each.weight < 0 for each in scores):
        raise ValueError("the weights of a rubric add up to 100")
    if any(not 0 <= each.score <= 100 for each in scores):
        raise ValueError("a score is from 0 to 100")
    return weighted_mark((each.weight, each.score) for each in scores)


def weighted_mark(parts: Iterable[tuple[int, int]]) -> int:
    """The mark of (weight, mark) pairs by their share of all the weights, rounded half up once.

    Where the weights add up to less than 100, because a component is waived, they are so scaled to 100. What is divided
    is exact to 28 digits, and no share of at most 100 parts lies that near to a half without being one.
    """
    known = list(parts)
    return half_up(Decimal(sum(weight * mark for weight, mark in known)) / sum(weight for weight, _ in known))


class LateKind(StrEnum):
    """What a run does with work after its deadline."""

    NOT_ACCEPTED = "not_accepted"
    CAPPED_WITHIN = "capped_within"
    SLIDING = "sliding"


@dataclass(frozen=True)
class LatePolicy:
    """A run's rule for late work. Past `days`, and always where it is not accepted, it is a non-submission."""

    kind: LateKind
    days: int = 0
    cap: int = PASS_MARK
    points_per_day: int = 0


NOT_ACCEPTED = LatePolicy(LateKind.NOT_ACCEPTED)  # the university's rule, and the default


def read_late_policy(said: Mapping[str, Any]) -> LatePolicy:
    """The policy as a component keeps it: {"kind": "sliding", "points_per_day": 5, "days": 5}. Raises on any other."""
    return LatePolicy(**{**said, "kind": LateKind(said["kind"])})


def last_accepted_at(due_at: datetime, policy: LatePolicy) -> datetime:
    """The last instant at which work is not a non-submission: the deadline, or days later at the same London time."""
    days = 0 if policy.kind is LateKind.NOT_ACCEPTED else policy.days
    due = clock.london(due_at)
    return clock.in_london(due.date() + timedelta(days=days), due.time())


def own_deadline(own: datetime | None, everybodys: datetime | None, *, is_apart: bool) -> datetime | None:
    """The deadline that counts for one student: the later of their own and everybody's, as far as there are any.

    `is_apart`: the attempt was put off, or is a second one. Then its own day counts, whatever everybody's is.
    """
    if own is None or everybodys is None or is_apart:
        return own or everybodys
    return max(own, everybodys)


def is_on_time(arrived_at: datetime, due_at: datetime) -> bool:
    """Whether work arrived by its deadline. The very instant of the deadline is on time; anything after it is late."""
    return arrived_at <= due_at


def days_late(arrived_at: datetime, due_at: datetime) -> int:
    """Days late, each one begun counting whole: 0 on time, 1 until the same London time on the next day, and so on."""
    if is_on_time(arrived_at, due_at):
        return 0
    due = clock.london(due_at)
    days = (clock.london(arrived_at).date() - due.date()).days
    return days + (arrived_at > clock.in_london(due.date() + timedelta(days=days), due.time()))


@dataclass(frozen=True)
class Attempt:
    """One attempt at a component. A deferral keeps the attempt's number, so a deferred first attempt stays uncapped."""

    given: int | None  # the marker's mark, 0–100; None: not marked
    due_at: datetime  # the student's own deadline, extension or deferral included
    arrived_at: datetime | None  # None: nothing came
    number: int = 1
    adjustment: int = 0  # what moderation adds to the whole set


@dataclass(frozen=True)
class AttemptMark:
    """What an attempt is worth, with the steps that a page may show in order; `mark` None: waiting for its marker."""

    mark: int | None
    is_submission: bool
    days_late: int
    after_lateness: int | None
    cap: int | None
    given: int | None = None
    after_moderation: int | None = None


def attempt_mark(attempt: Attempt, policy: LatePolicy = NOT_ACCEPTED) -> AttemptMark:
    """Mark → moderation → late policy → cap. A non-submission (nothing, or later than is accepted) is 0 in any case."""
    cap = REASSESSMENT_CAP if attempt.number > 1 else None
    late = days_late(attempt.arrived_at, attempt.due_at) if attempt.arrived_at else 0
    accepted = 0 if policy.kind is LateKind.NOT_ACCEPTED else policy.days
    if attempt.arrived_at is None or late > accepted:
        return AttemptMark(0, is_submission=False, days_late=late, after_lateness=0, cap=cap)
    if attempt.given is None:
        return AttemptMark(None, is_submission=True, days_late=late, after_lateness=None, cap=cap)
    adjusted = max(0, min(100, attempt.given + attempt.adjustment))
    mark = _after_lateness(adjusted, late, policy)
    return AttemptMark(
        mark if cap is None else min(mark, cap),
        is_submission=True,
        days_late=late,
        after_lateness=mark,
        cap=cap,
        given=attempt.given,
        after_moderation=adjusted,
    )


def _after_lateness(mark: int, late: int, policy: LatePolicy) -> int:
    if late and policy.kind is LateKind.CAPPED_WITHIN:
        return min(mark, policy.cap)
    if late and policy.kind is LateKind.SLIDING:
        return max(0, mark - policy.points_per_day * late)
    return mark


def feedback_due_at(due_at: datetime, weeks: int = FEEDBACK_WEEKS) -> datetime:
    """When feedback is due: the same London time, `weeks` after the student's own deadline."""
    there = clock.london(due_at)
    return clock.in_london(there.date() + timedelta(weeks=weeks), there.time())


def mitigation_closes_on(published_due_at: datetime, closed: Collection[date] = ()) -> date:
    """The last day to claim mitigation: ten working days after the published (not the student's own) deadline."""
    return clock.add_working_days(clock.london(published_due_at).date(), MITIGATION_WORKING_DAYS, closed)
