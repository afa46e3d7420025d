"""An extension granted whenever: all is as if the deadline had been the later one from the start."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.assessment.lateness import remade
from placements.assessment.models import CriterionScore, Mark, Submission
from placements.assessment.queries import worth
from placements.assessment.rules import last_accepted_at, read_late_policy
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, Criterion

pytestmark = pytest.mark.pure

DUE = datetime(2027, 3, 24, 15, 0, tzinfo=UTC)  # the clocks go forward four days later
POLICIES: list[dict[str, object]] = [
    {"kind": "not_accepted"},
    {"kind": "capped_within", "days": 7, "cap": 40},
    {"kind": "sliding", "points_per_day": 5, "days": 5},
]
SPANS = st.integers(min_value=-3 * 24 * 3600, max_value=20 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))
LATER = st.integers(min_value=1, max_value=20 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds))


def handed_in(policy: dict[str, object], due_at: datetime, arrived_at: datetime, score: int | None) -> Mark:
    """A mark as it stands by that deadline; a score, where a marker could give one."""
    component = Component(late_policy=policy, due_at=DUE, criteria=[Criterion(weight=100, position=1)])
    submission = Submission(component=component, due_at=due_at, received_at=arrived_at)
    counts = arrived_at <= last_accepted_at(due_at, read_late_policy(policy))
    given = score is not None and counts
    mark = Mark(
        component=component,
        submission=submission,
        attempt=1,
        adjustment=0,
        marker_id=1 if given else None,
        state=MarkState.SUBMITTED if given or not counts else MarkState.DRAFTED,
        scores=[CriterionScore(criterion=component.criteria[0], score=score)] if given else [],
    )
    found = worth(mark) if given else None
    mark.mark = found.mark if found else None if counts else 0
    return mark


@settings(max_examples=300)
@given(
    policy=st.sampled_from(POLICIES),
    arrives=SPANS,
    moves=LATER,
    score=st.none() | st.integers(min_value=0, max_value=100),
)
def test_the_mark_is_as_if_the_deadline_had_always_been_that(
    policy: dict[str, Any], arrives: timedelta, moves: timedelta, score: int | None
) -> None:
    arrived_at, due_at = DUE + arrives, DUE + moves
    mark = handed_in(policy, DUE, arrived_at, score)
    from_the_start = handed_in(policy, due_at, arrived_at, score if mark.marker_id else None)
    made = remade(mark, due_at, arrived_at)
    after = made.after if made else mark.mark
    assert after == from_the_start.mark


def test_a_rule_that_forgot_the_penalty_would_be_found() -> None:
    late = handed_in(POLICIES[1], DUE, DUE + timedelta(hours=1), 62)
    assert late.mark == 40
    made = remade(late, DUE + timedelta(days=1), DUE)
    assert made is not None
    assert (made.before, made.after) == (40, 62)
