"""Mark arithmetic: a rubric's scores to a component mark, lateness, cap, weight, module mark and result code.

One rounding rule everywhere: exact Decimal arithmetic, then half up to a whole mark. The order is fixed:
mark → late policy → cap → weight → module mark, rounded once.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from placements.core import clock

PASS_MARK = 40
REASSESSMENT_CAP = 40  # university; student union advice
R1_FROM = 25  # results guide: R1 and F1 are 25–39, R2 and F2 0–24
BANDS = (70, 60, 50, 40, 0)  # UK norm; each by its lowest mark
FEEDBACK_WEEKS = 3  # student charter
MITIGATION_WORKING_DAYS = 10  # from the published date
REMINDED_DAYS_BEFORE = (0, 2, 7)
REMINDED_AT = time(9)  # London


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
    return half_up(_weighted((each.weight, each.score) for each in scores))


def _weighted(parts: Iterable[tuple[int, int]]) -> Decimal:
    """The exact weighted mark of (weight in per cent, mark) pairs."""
    return Decimal(sum(weight * mark for weight, mark in parts)) / 100


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
    due_at: datetime  # the student's own deadline, extension included
    arrived_at: datetime | None  # None: nothing came
    number: int = 1


@dataclass(frozen=True)
class AttemptMark:
    """What an attempt is worth, with the steps that a student may be shown; `mark` None: waiting for its marker."""

    mark: int | None
    is_submission: bool
    days_late: int
    after_lateness: int | None
    cap: int | None


def attempt_mark(attempt: Attempt, policy: LatePolicy = NOT_ACCEPTED) -> AttemptMark:
    """Mark → late policy → cap. A non-submission (nothing, or later than the policy accepts) is 0 in any case."""
    cap = REASSESSMENT_CAP if attempt.number > 1 else None
    late = days_late(attempt.arrived_at, attempt.due_at) if attempt.arrived_at else 0
    accepted = 0 if policy.kind is LateKind.NOT_ACCEPTED else policy.days
    if attempt.arrived_at is None or late > accepted:
        return AttemptMark(0, is_submission=False, days_late=late, after_lateness=0, cap=cap)
    if attempt.given is None:
        return AttemptMark(None, is_submission=True, days_late=late, after_lateness=None, cap=cap)
    mark = _after_lateness(attempt.given, late, policy)
    capped = mark if cap is None else min(mark, cap)
    return AttemptMark(capped, is_submission=True, days_late=late, after_lateness=mark, cap=cap)


def _after_lateness(mark: int, late: int, policy: LatePolicy) -> int:
    if late and policy.kind is LateKind.CAPPED_WITHIN:
        return min(mark, policy.cap)
    if late and policy.kind is LateKind.SLIDING:
        return max(0, mark - policy.points_per_day * late)
    return mark


class Result(StrEnum):
    """A module's result code on the student record."""

    PASS = ""
    REASSESS_1 = "R1"
    REASSESS_2 = "R2"
    FAIL_1 = "F1"
    FAIL_2 = "F2"
    DEFERRED = "DF"


@dataclass(frozen=True)
class ComponentMark:
    """A component in a module: weight in per cent, mark after lateness and cap (None: not known yet)."""

    component: str
    weight: int
    mark: int | None
    qualifying: int | None = None  # the least mark needed in it; None: none is set
    is_deferred: bool = False


@dataclass(frozen=True)
class Outcome:
    """A module's mark (None while deferred), its result, and the components to be taken again, capped."""

    mark: int | None
    result: Result
    reassess: tuple[str, ...] = ()


def module_mark(components: Iterable[ComponentMark]) -> int:
    """The weighted sum, rounded half up once. Raises ValueError where weights do not make 100 or a mark is missing."""
    weighted = [each for each in components if each.weight]
    if sum(each.weight for each in weighted) != 100 or any(each.mark is None for each in weighted):
        raise ValueError("a module mark needs every weighted mark, and weights that add up to 100")
    return half_up(_weighted((each.weight, each.mark or 0) for each in weighted))


def module_outcome(components: Sequence[ComponentMark], is_after_reassessment: bool = False) -> Outcome | None:
    """The mark and result code of a module, or None while a weighted mark is waited for.

    A component of 0 % decides nothing. A missed qualifying mark in a module of 40 or more reassesses that component
    alone, under R1 or F1 (ours: the results guide says nothing of it).
    """
    weighted = [each for each in components if each.weight]
    if any(each.is_deferred for each in weighted):
        return Outcome(None, Result.DEFERRED)
    if any(each.mark is None for each in weighted):
        return None
    mark = module_mark(weighted)
    missed = [each.component for each in weighted if (each.mark or 0) < (each.qualifying or 0)]
    if mark >= PASS_MARK and not missed:
        return Outcome(mark, Result.PASS)
    if is_after_reassessment:
        return Outcome(mark, Result.FAIL_1 if mark >= R1_FROM else Result.FAIL_2)
    failed = [each.component for each in weighted if (each.mark or 0) < PASS_MARK or each.component in missed]
    again = tuple(missed if mark >= PASS_MARK else failed)
    return Outcome(mark, Result.REASSESS_1 if mark >= R1_FROM else Result.REASSESS_2, again)


def feedback_due_at(due_at: datetime, weeks: int = FEEDBACK_WEEKS) -> datetime:
    """When feedback is due: the same London time, `weeks` after the student's own deadline."""
    there = clock.london(due_at)
    return clock.in_london(there.date() + timedelta(weeks=weeks), there.time())


def mitigation_closes_on(published_due_at: datetime, closed: Collection[date] = ()) -> date:
    """The last day to claim mitigation: ten working days after the published (not the student's own) deadline."""
    return clock.add_working_days(clock.london(published_due_at).date(), MITIGATION_WORKING_DAYS, closed)


def reminded_at(due_at: datetime, now: datetime) -> datetime | None:
    """The latest moment up to `now` to remind of a deadline: 9am 7 days before, 2 days before, and on the day.

    None before the first of them, and once the deadline has passed.
    """
    day = clock.london(due_at).date()
    moments = (clock.in_london(day - timedelta(days=days), REMINDED_AT) for days in REMINDED_DAYS_BEFORE)
    return next((moment for moment in moments if moment <= now <= due_at and moment < due_at), None)
