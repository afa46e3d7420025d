"""Late policies, as short as tests want to say them."""

from placements.assessment.rules import PASS_MARK, LateKind, LatePolicy


def capped_within(days: int, cap: int = PASS_MARK) -> LatePolicy:
    """Late work is accepted for so many days, with at most `cap`."""
    return LatePolicy(LateKind.CAPPED_WITHIN, days, cap=cap)


def sliding(points_per_day: int, days: int) -> LatePolicy:
    """Late work is accepted for so many days and loses points for each that has begun, down to 0."""
    return LatePolicy(LateKind.SLIDING, days, points_per_day=points_per_day)
