"""A run on paper: what it starts from, its hours and weights, its academic year."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placements.cohorts.presets import RUBRICS
from placements.cohorts.rules import (
    DEFAULT_HOURS,
    MODULES,
    ComponentKind,
    Hours,
    academic_year,
    academic_year_span,
    hours_problems,
    read_academic_year,
)

pytestmark = pytest.mark.pure


def test_a_run_starts_from_the_modules_own_hours():
    assert Hours(target=2700, minimum=2400, ceiling=4200) == DEFAULT_HOURS


@pytest.mark.parametrize(("code", "level", "weights"), [("WL5W50", 5, [0, 0, 100]), ("WL6W50", 6, [25, 0, 75])])
def test_the_components_of_each_module_are_those_of_its_specification(code, level, weights):
    module = MODULES[code]
    assert (module.level, module.credits) == (level, 15)
    assert [component.weight for component in module.components] == weights
    assert [(component.name, component.marked_by.value) for component in module.components] == [
        ("Empowering London Challenge Agreement", "tutor"),
        ("Project Supervisor Feedback", "supervisor"),
        ("Final Project Portfolio", "tutor"),
    ]


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        (Hours(2700, 2400, 4200), None),
        (Hours(2400, 2400, 2400), None),
        (Hours(2399, 2400, 4200), "target"),
        (Hours(2700, 2400, 2699), "ceiling"),
        (Hours(2700, 0, 4200), "minimum"),
    ],
)
def test_hours_go_up_from_minimum_to_target_to_ceiling(hours, field):
    assert list(hours_problems(hours)) == ([field] if field else [])


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 8, 1), "2026/27"),
        (date(2027, 7, 31), "2026/27"),
        (date(2026, 7, 31), "2025/26"),
        (date(2099, 12, 1), "2099/00"),
    ],
)
def test_an_academic_year_turns_on_1_august(day, label):
    assert academic_year(day) == label


def test_the_span_of_an_academic_year():
    assert academic_year_span("2026/27") == (date(2026, 8, 1), date(2027, 7, 31))


@pytest.mark.parametrize("label", ["2026/28", "2026-27", "26/27", ""])
def test_only_one_writing_names_a_span(label):
    with pytest.raises(ValueError):
        academic_year_span(label)


@pytest.mark.parametrize("text", ["2026/27", " 2026/27 ", "2026-27", "2026–27", "2026/2027", "2026 / 27", "2026/7"])
def test_writings_of_an_academic_year_that_leave_no_doubt(text):
    assert read_academic_year(text) == "2026/27"


@pytest.mark.parametrize(
    "text", ["2026/28", "2026", "26/27", "2026/027", "Jul-26", "46230", "", "1926/27", "２０２６/27", "2026/26"]
)
def test_anything_else_is_not_an_academic_year(text):
    with pytest.raises(ValueError):
        read_academic_year(text)


@given(day=st.dates(date(2000, 8, 1), date(2099, 7, 31)))
@settings(max_examples=100)
def test_every_day_lies_in_the_span_of_its_own_year(day):
    first, last = academic_year_span(academic_year(day))
    assert first <= day <= last


@pytest.mark.parametrize("kind", list(RUBRICS))
def test_the_criteria_of_a_component_make_up_the_whole_of_it(kind):
    assert sum(criterion.weight for criterion in RUBRICS[kind]) == 100


@pytest.mark.parametrize("level", [5, 6])
def test_every_marked_criterion_says_what_work_of_each_band_shows(level):
    criteria = [*RUBRICS[ComponentKind.AGREEMENT], *RUBRICS[ComponentKind.PORTFOLIO]]
    for criterion in criteria:
        bands = criterion.bands(level)
        assert list(bands) == ["70", "60", "50", "40", "0"], criterion.title
        assert len(set(bands.values())) == 5, criterion.title
    assert [criterion.title for criterion in criteria if criterion.is_about_logbook] == [
        "Logbook: what was done, and the evidence of it",
        "Logbook: reflection",
    ]


def test_nobody_marks_what_the_supervisor_says():
    assert [criterion.bands(6) for criterion in RUBRICS[ComponentKind.FEEDBACK]] == [{}, {}, {}, {}]
