"""What must hold of every module mark: it goes up with each mark, stays in bounds, and nothing odd moves it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from placements.assessment.outcomes import (
    ComponentMark,
    Outcome,
    Result,
    SecondAttempt,
    module_mark,
    module_outcome,
)
from placements.assessment.rules import NOT_ACCEPTED, Attempt, attempt_mark
from tests.assessment.policies import capped_within, sliding

pytestmark = pytest.mark.pure

MARKS = st.integers(0, 100)
CAPPED = st.integers(0, 40)
DUE = datetime(2027, 5, 12, 14, tzinfo=UTC)
POLICIES = (NOT_ACCEPTED, capped_within(7), sliding(5, 5), sliding(20, 5))
REASSESSED = (Result.REASSESS_1, Result.REASSESS_2)


@st.composite
def modules(draw: st.DrawFn) -> list[ComponentMark]:
    """Two or three components whose weights make 100, each marked, some taken again, some with a qualifying mark."""
    edges = sorted(draw(st.lists(st.integers(0, 100), min_size=1, max_size=2)))
    weights = [high - low for low, high in zip([0, *edges], [*edges, 100], strict=True)]
    return [
        ComponentMark(
            f"part {place}",
            weight,
            draw(MARKS),
            draw(st.none() | MARKS),
            second=draw(st.none() | st.builds(SecondAttempt, st.none() | CAPPED)),
        )
        for place, weight in enumerate(weights)
    ]


def mark_of(components: list[ComponentMark], short: str | None = None) -> int:
    outcome = module_outcome(components, short)
    assert outcome is not None
    assert outcome.mark is not None
    return outcome.mark


@given(agreement=MARKS, portfolio=MARKS, weight=st.integers(0, 100))
@settings(max_examples=200)
def test_a_module_mark_is_the_nearest_whole_mark_and_lies_between_its_components(
    agreement: int, portfolio: int, weight: int
) -> None:
    mark = module_mark([ComponentMark("a", weight, agreement), ComponentMark("p", 100 - weight, portfolio)])
    exact = Fraction(weight * agreement + (100 - weight) * portfolio, 100)
    assert Fraction(-1, 2) < mark - exact <= Fraction(1, 2)
    assert min(agreement, portfolio) <= mark <= max(agreement, portfolio)


@given(components=modules(), data=st.data(), more=st.integers(1, 100))
@settings(max_examples=400)
def test_a_better_mark_never_makes_a_worse_module(
    components: list[ComponentMark], data: st.DataObject, more: int
) -> None:
    place = data.draw(st.integers(0, len(components) - 1))
    one = components[place]
    better = replace(one, mark=min(100, (one.mark or 0) + more))
    assert mark_of([*components[:place], better, *components[place + 1 :]]) >= mark_of(components)
    if one.second and one.second.mark is not None:
        again = replace(one, second=SecondAttempt(min(40, one.second.mark + more)))
        assert mark_of([*components[:place], again, *components[place + 1 :]]) >= mark_of(components)


@given(components=modules(), short=st.sampled_from([None, "reported", "capped"]))
@settings(max_examples=300)
def test_a_module_mark_lies_between_0_and_100_and_between_its_counted_marks(
    components: list[ComponentMark], short: str | None
) -> None:
    mark = mark_of(components, short)
    counted = [max(each.mark or 0, each.counted or 0) for each in components if each.weight]
    assert 0 <= mark <= max(counted) <= 100
    assert mark >= min([each.mark or 0 for each in components if each.weight] + ([40] if short == "capped" else []))


@given(components=modules(), order=st.randoms(use_true_random=False), short=st.sampled_from([None, "capped"]))
@settings(max_examples=200)
def test_the_order_of_components_is_irrelevant(
    components: list[ComponentMark], order: object, short: str | None
) -> None:
    mixed = [*components]
    order.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = module_outcome(components, short), module_outcome(mixed, short)
    assert one is not None
    assert other is not None
    assert (one.mark, one.result, {*one.reassess}) == (other.mark, other.result, {*other.reassess})


@given(components=modules(), instead=MARKS)
@settings(max_examples=200)
def test_what_a_waived_component_was_given_is_irrelevant(components: list[ComponentMark], instead: int) -> None:
    waived = replace(components[0], is_waived=True)
    assume(any(each.weight for each in components[1:]))
    otherwise = replace(waived, mark=instead, qualifying=100, second=None, is_deferred=True)
    assert module_outcome([waived, *components[1:]]) == module_outcome([otherwise, *components[1:]])


@given(components=modules())
@settings(max_examples=300)
def test_whoever_is_reassessed_has_something_to_take_again_and_whoever_passes_has_40(
    components: list[ComponentMark],
) -> None:
    outcome = module_outcome(components)
    assert outcome is not None
    assert bool(outcome.reassess) == (outcome.result in REASSESSED)
    if outcome.result is Result.PASS:
        assert (outcome.mark or 0) >= 40
        assert all(each.is_qualified for each in components if each.weight)


@given(components=modules())
@settings(max_examples=200)
def test_taking_a_component_again_never_costs_anything(components: list[ComponentMark]) -> None:
    before = [replace(each, second=None) for each in components]
    assert mark_of(components) >= mark_of(before)


@given(mark=MARKS, minutes=st.integers(-2000, 20_000), number=st.integers(1, 2), adjustment=st.integers(-20, 20))
@settings(max_examples=200)
def test_no_cap_and_no_lateness_lifts_a_mark_and_no_extension_lowers_it(
    mark: int, minutes: int, number: int, adjustment: int
) -> None:
    arrived_at = DUE + timedelta(minutes=minutes)
    moderated = max(0, min(100, mark + adjustment))
    for policy in POLICIES:

        def worth(due_at: datetime, at: datetime = arrived_at, rule=policy) -> int:  # type: ignore[no-untyped-def]
            found = attempt_mark(Attempt(mark, due_at, at, number, adjustment), rule).mark
            assert found is not None
            return found

        assert 0 <= worth(DUE) <= min(moderated, 40 if number > 1 else 100)
        assert worth(DUE, arrived_at + timedelta(hours=7)) <= worth(DUE)
        assert worth(DUE + timedelta(days=5)) >= worth(DUE)


@given(mark=MARKS, low=st.integers(-30, 30), more=st.integers(0, 30), late=st.integers(0, 6000))
@settings(max_examples=200)
def test_moderation_upwards_never_lowers_a_mark(mark: int, low: int, more: int, late: int) -> None:
    at = DUE + timedelta(minutes=late)
    for policy in POLICIES:
        one, other = (attempt_mark(Attempt(mark, DUE, at, 1, low + extra), policy).mark for extra in (0, more))
        assert one is not None
        assert other is not None
        assert one <= other


def test_what_is_waived_leaves_its_weight_to_the_others_by_their_share() -> None:
    parts = [ComponentMark("a", 40, 10, is_waived=True), ComponentMark("b", 40, 61), ComponentMark("c", 20, 60)]
    assert module_mark(parts) == 61  # (2 × 61 + 60) / 3 = 60.67
    parts[1] = replace(parts[1], weight=30)
    parts[2] = replace(parts[2], weight=30)
    assert module_mark(parts) == 61  # 60.5
    assert module_outcome([replace(each, is_waived=True) for each in parts]) is None


@pytest.mark.parametrize(
    "components",
    [
        [],
        [ComponentMark("portfolio", 75, 50)],
        [ComponentMark("portfolio", 100, None)],
        [ComponentMark("portfolio", 100, 50, is_waived=True)],
    ],
    ids=["none", "weights", "mark", "all waived"],
)
def test_a_module_mark_needs_every_weighted_mark(components: list[ComponentMark]) -> None:
    with pytest.raises(ValueError, match="needs every weighted mark"):
        module_mark(components)


def test_a_reassessment_that_is_not_asked_for_any_more_still_counts_where_it_is_better() -> None:
    corrected = ComponentMark("portfolio", 100, 40, second=SecondAttempt(None, is_deferred=True))
    assert module_outcome([corrected]) == Outcome(40, Result.PASS)
