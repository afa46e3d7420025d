"""Late policies as a component keeps them, their last moment, and when people are reminded."""

from datetime import UTC, datetime, timedelta

import pytest

from placements.assessment.rules import (
    NOT_ACCEPTED,
    LatePolicy,
    days_late,
    last_accepted_at,
    read_late_policy,
)
from tests.assessment.policies import capped_within, sliding

pytestmark = pytest.mark.pure

DUE = datetime(2027, 5, 12, 14, 0, tzinfo=UTC)
BEFORE_THE_CLOCKS_GO_BACK = datetime(2026, 10, 22, 14, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("kept", "policy"),
    [
        ({"kind": "not_accepted"}, NOT_ACCEPTED),
        ({"kind": "capped_within", "days": 7}, capped_within(7)),
        ({"kind": "capped_within", "days": 2, "cap": 50}, capped_within(2, 50)),
        ({"kind": "sliding", "points_per_day": 5, "days": 5}, sliding(5, 5)),
    ],
)
def test_a_policy_is_read_as_it_is_kept(kept: dict[str, object], policy: LatePolicy) -> None:
    assert read_late_policy(kept) == policy


@pytest.mark.parametrize("kept", [{}, {"kind": "generous"}, {"kind": "sliding", "hours": 3}])
def test_what_is_no_policy_is_a_fault(kept: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        read_late_policy(kept)


@pytest.mark.parametrize(
    ("due", "policy", "last"),
    [
        (DUE, NOT_ACCEPTED, DUE),
        (DUE, LatePolicy(NOT_ACCEPTED.kind, days=7), DUE),
        (DUE, capped_within(7), datetime(2027, 5, 19, 14, 0, tzinfo=UTC)),
        (BEFORE_THE_CLOCKS_GO_BACK, sliding(5, 5), datetime(2026, 10, 27, 15, 0, tzinfo=UTC)),
    ],
)
def test_the_last_moment_that_counts(due: datetime, policy: LatePolicy, last: datetime) -> None:
    assert last_accepted_at(due, policy) == last
    accepted = 0 if policy.kind is NOT_ACCEPTED.kind else policy.days
    assert days_late(last, due) == accepted
    assert days_late(last + MOMENT, due) == accepted + 1
