"""The arithmetic of a module against worked_cases.csv: typed by hand, each with its source. docs/marks.md reads it."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from placements.assessment.outcomes import ComponentMark, Outcome, Result, SecondAttempt, module_outcome
from placements.assessment.rules import NOT_ACCEPTED, Attempt, LatePolicy, attempt_mark
from placements.core.clock import LONDON
from tests.assessment.policies import capped_within, sliding

pytestmark = pytest.mark.pure

CASES = list(csv.DictReader((Path(__file__).parent / "worked_cases.csv").read_text("utf-8").splitlines()))
POLICIES = {
    "not accepted": NOT_ACCEPTED,
    "capped within 7 at 40": capped_within(7, 40),
    "capped within 7 at 50": capped_within(7, 50),
    "sliding 5 for 5": sliding(5, 5),
    "sliding 10 for 2": sliding(10, 2),
    "sliding 20 for 5": sliding(20, 5),
}
HOURS = {
    "enough": None,
    "too few: reported": "reported",
    "too few: capped": "capped",
    "too few: deferred": "deferred",
}
STANDINGS = {"", "mitigation pending", "mitigation accepted", "mitigation refused", "waived", "withheld"}
SOURCES = ("[", "norm", "ours")


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def number(text: str) -> int | None:
    return int(text) if text else None


def component(case: dict[str, str], name: str) -> ComponentMark:
    """One component as the row tells it: its first attempt, what befell it, and its second attempt."""
    own = case["own deadline"] if name == "portfolio" else ""
    due_at, policy = london(own or case["deadline"]), POLICIES[case["late policy"]]
    adjustment = int(case["moderation"] or 0) if name == "portfolio" else 0
    arrived, standing = case[f"{name} arrived"], case[f"{name} standing"]
    first = None
    if arrived != "not yet":
        attempt = Attempt(number(case[f"{name} mark"]), due_at, arrival(arrived, due_at), adjustment=adjustment)
        first = attempt_mark(attempt, policy).mark
    assert standing in STANDINGS
    return ComponentMark(
        name,
        int(case[f"{name} weight"]),
        first,
        number(case[f"{name} qualifying"]),
        is_deferred=arrived == "not yet" and standing == "mitigation accepted",
        is_waived=standing == "waived",
        is_withheld=standing == "withheld",
        second=second(case, name, policy),
    )


def second(case: dict[str, str], name: str, policy: LatePolicy) -> SecondAttempt | None:
    """What the row's “again” columns say; an Agreement taken again is always on time."""
    said = case[f"{name} again"]
    if said in ("", "not yet", "deferred"):
        return SecondAttempt(None, is_deferred=said == "deferred") if said else None
    due_at = london(case["again deadline"])
    arrived_at = arrival(case.get(f"{name} again arrived") or "on time", due_at)
    given = None if said == "nothing" else int(said)
    return SecondAttempt(
        attempt_mark(Attempt(given, due_at, arrived_at if given is not None else None, 2), policy).mark
    )


def arrival(text: str, due_at: datetime) -> datetime | None:
    return {"on time": due_at, "nothing": None}[text] if text in ("on time", "nothing") else london(text)


def test_the_worked_cases_are_many_and_different_and_name_their_source() -> None:
    assert len(CASES) >= 130
    assert len({case["case"] for case in CASES}) == len(CASES)
    assert all(any(source in case["source"] for source in SOURCES) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_worked_case(case: dict[str, str]) -> None:
    agreement, portfolio = component(case, "agreement"), component(case, "portfolio")
    for each in (agreement, portfolio):
        if not each.is_waived:
            assert each.counted == number(case[f"{each.component} counts"])
    outcome = module_outcome([agreement, ComponentMark("feedback", 0, None), portfolio], HOURS[case["hours"]])
    if case["result"] == "waiting":
        assert outcome is None
    else:
        code = "" if case["result"] == "pass" else case["result"]
        assert outcome == Outcome(number(case["module mark"]), Result(code), tuple(case["reassess"].split()))
