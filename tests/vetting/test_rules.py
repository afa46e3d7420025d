"""What counts as an answer, how long it holds, what an organisation's word renews, and how risk is weighed: on paper."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placements.vetting.rules import (
    ASKED,
    ASKED_OF_PLACE,
    Answer,
    CheckKind,
    Risk,
    Standing,
    goes_on_holding,
    holds_until,
    kept_until,
    lacks,
    last_day,
    renewed_until,
    residual_suggested,
    standing,
    worst,
    years_later,
)

pytestmark = pytest.mark.pure

K, A = CheckKind, Answer
TODAY = date(2026, 10, 20)
DAY = timedelta(days=1)
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
ASKEDS = st.sampled_from([*ASKED.values(), ASKED_OF_PLACE])


def test_each_kind_is_asked_and_the_three_policies_have_a_page() -> None:
    assert [kind for kind in CheckKind if ASKED[kind].has_template] == [
        K.HEALTH_AND_SAFETY,
        K.SAFEGUARDING,
        K.DATA_SHARING,
    ]
    assert {kind: asked.years for kind, asked in ASKED.items() if asked.years != 1} == {K.IDENTITY: 3}
    assert [kind for kind in CheckKind if ASKED[kind].ends_with_paper] == [K.INSURANCE]


def test_a_leap_day_comes_back_as_the_last_of_february() -> None:
    assert years_later(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert years_later(date(2026, 10, 20), 3) == date(2029, 10, 20)


LACKS = [
    (K.SAFEGUARDING, A.INSTEAD, {}, ("words", "Write what you do instead")),
    (K.SAFEGUARDING, A.INSTEAD, {"words": "We tell Dev."}, None),
    (K.SAFEGUARDING, A.TEMPLATE, {}, None),
    (K.INSURANCE, A.TEMPLATE, {}, ("answer", "Choose one that is on the list")),
    (K.SAFEGUARDING, A.PAPER, {}, ("files", "Choose the file. A photograph will do")),
    (K.SAFEGUARDING, A.PAPER, {"has_file": True}, None),
    (K.SAFEGUARDING, A.PAPER, {"is_registered": True}, ("files", "Choose the file. A photograph will do")),
    (K.IDENTITY, A.PAPER, {"is_registered": True}, None),
    (K.INSURANCE, A.PAPER, {"has_file": True}, ("paper_until", "Enter the last day on the certificate")),
    (
        K.INSURANCE,
        A.PAPER,
        {"has_file": True, "paper_until": TODAY - DAY},
        ("paper_until", "This certificate has run out. Send the one that holds now"),
    ),
    (K.INSURANCE, A.PAPER, {"has_file": True, "paper_until": TODAY}, None),
    (K.INSURANCE, A.PAPER, {"paper_until": TODAY}, ("files", "Choose the file. A photograph will do")),
]


@pytest.mark.parametrize(("kind", "answer", "said", "found"), LACKS)
def test_what_counts_as_an_answer(
    kind: CheckKind, answer: Answer, said: dict[str, object], found: tuple[str, str] | None
) -> None:
    given_ = {"words": "", "paper_until": None, "has_file": False, "is_registered": False, **said}
    assert lacks(ASKED[kind], answer, day=TODAY, **given_) == found  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "answer", "paper_until", "until"),
    [
        (K.IDENTITY, A.PAPER, None, date(2029, 10, 20)),
        (K.SAFEGUARDING, A.TEMPLATE, None, date(2027, 10, 20)),
        (K.INSURANCE, A.PAPER, date(2027, 3, 5), date(2027, 3, 5)),
        (K.INSURANCE, A.INSTEAD, None, date(2027, 10, 20)),
    ],
)
def test_how_long_a_verified_check_holds(
    kind: CheckKind, answer: Answer, paper_until: date | None, until: date
) -> None:
    assert holds_until(ASKED[kind], answer, paper_until, TODAY) == until


RENEWALS = [  # kind, answer, paper until, valid until, verified on, renewed until
    (K.SAFEGUARDING, A.PAPER, None, date(2026, 11, 19), date(2025, 11, 19), date(2027, 11, 19)),
    (K.SAFEGUARDING, A.PAPER, None, date(2026, 11, 20), date(2025, 11, 20), None),  # more than a month off
    (
        K.SAFEGUARDING,
        A.PAPER,
        None,
        date(2026, 6, 1),
        date(2025, 6, 1),
        date(2027, 10, 20),
    ),  # from today, if it ran out
    (K.SAFEGUARDING, A.PAPER, None, date(2026, 11, 1), date(2024, 3, 1), date(2027, 3, 1)),  # we look again by then
    (K.SAFEGUARDING, A.PAPER, None, date(2026, 11, 1), date(2023, 11, 1), None),
    (K.IDENTITY, A.PAPER, None, date(2026, 11, 1), date(2023, 11, 1), None),
    (K.INSURANCE, A.PAPER, date(2026, 11, 1), date(2026, 11, 1), date(2025, 11, 1), None),  # the new certificate
    (K.INSURANCE, A.PAPER, date(2027, 2, 1), date(2026, 11, 1), date(2025, 11, 1), date(2027, 2, 1)),
    (K.INSURANCE, A.INSTEAD, None, date(2026, 11, 1), date(2025, 11, 1), date(2027, 11, 1)),
]


@pytest.mark.parametrize("case", RENEWALS)
def test_what_an_organisations_word_renews(case: tuple[Any, ...]) -> None:
    kind, answer, paper_until, until, verified, renewed = case
    found = renewed_until(
        ASKED[kind], answer, paper_until=paper_until, valid_until=until, verified_on=verified, day=TODAY
    )
    assert found == renewed


@given(st.tuples(ASKEDS, st.sampled_from(Answer), st.none() | DAYS, DAYS, DAYS, DAYS))
def test_renewing_always_gains_and_never_outlasts_our_look_or_the_certificate(
    case: tuple[Any, ...],
) -> None:
    asked, answer, paper, until, verified, day = case
    found = renewed_until(asked, answer, paper_until=paper, valid_until=until, verified_on=verified, day=day)
    if found is not None:
        assert until < found <= years_later(verified, 3)
        assert day <= found
        assert day >= until - timedelta(days=30)
        if asked is ASKED[K.INSURANCE] and answer is A.PAPER:
            assert paper is not None and found <= paper


def test_a_paper_holds_on_while_we_look_and_giving_one_up_does_not() -> None:
    assert goes_on_holding((A.PAPER, ""), (A.PAPER, ""))
    assert goes_on_holding((A.INSTEAD, "We tell Dev."), (A.TEMPLATE, ""))
    assert goes_on_holding((A.INSTEAD, "We tell Dev."), (A.INSTEAD, "We tell Dev."))
    assert not goes_on_holding((A.INSTEAD, "We tell Dev."), (A.INSTEAD, "Nobody any more."))
    assert not goes_on_holding((A.PAPER, ""), (A.INSTEAD, "It has ended."))


def test_approval_lasts_as_long_as_the_first_check_and_is_over_where_one_fails() -> None:
    first, second = date(2027, 3, 5), date(2028, 1, 1)
    assert last_day([second, first]) == first
    assert last_day([first, None]) is None
    assert last_day([]) is None
    assert kept_until([second, first], None, TODAY) == first
    assert kept_until([first, None], second, TODAY) == date(2026, 10, 19)
    assert kept_until([None], date(2026, 9, 1), TODAY) == date(2026, 9, 1)


@given(st.lists(st.none() | DAYS, min_size=1), st.none() | DAYS, DAYS)
def test_approval_never_outlasts_a_check(days: list[date | None], before: date | None, day: date) -> None:
    found = kept_until(days, before, day)
    assert found == min(day for day in days if day) if None not in days else found < day


STANDINGS = [
    (None, None, Standing.DUE),
    ("answered", None, Standing.WAITS),
    ("answered", TODAY, Standing.WAITS),
    ("passed", TODAY, Standing.PASSED),
    ("passed", TODAY - DAY, Standing.RUN_OUT),
    ("conditional", TODAY, Standing.CONDITIONAL),
    ("conditional", TODAY - DAY, Standing.RUN_OUT),
    ("failed", None, Standing.FAILED),
]


@pytest.mark.parametrize(("state", "until", "found"), STANDINGS)
def test_how_a_check_stands(state: str | None, until: date | None, found: Standing) -> None:
    assert standing(state, until, TODAY) is found


def test_the_worst_of_its_parts_and_one_step_less_once_something_is_done() -> None:
    assert worst([Risk.LOW, Risk.HIGH, Risk.MEDIUM]) is Risk.HIGH
    assert worst([]) is Risk.LOW
    assert residual_suggested([Risk.LOW, Risk.HIGH], "") is Risk.HIGH
    assert residual_suggested([Risk.LOW, Risk.HIGH], "Two of us are there") is Risk.MEDIUM
    assert residual_suggested([Risk.LOW], "Nothing") is Risk.LOW
