"""A placement on paper: dates, gates and stages, by tables."""

from datetime import UTC, date, datetime

import pytest

from placements.placing.rules import (
    Gate,
    Story,
    date_problems,
    dates_for,
    first_day,
    gates,
    last_day_problem,
    say_names,
    stages,
    told_at,
)

pytestmark = pytest.mark.pure

MONDAY = date(2026, 11, 16)
FRIDAY = date(2027, 4, 30)


@pytest.mark.parametrize(
    ("today", "dates"),
    [
        (date(2026, 10, 20), (MONDAY, FRIDAY)),
        (MONDAY, (MONDAY, FRIDAY)),
        (date(2027, 1, 6), (date(2027, 1, 6), FRIDAY)),  # late, from the clearing list
        (date(2027, 5, 3), (date(2027, 5, 3), date(2027, 5, 3))),
    ],
)
def test_dates_are_the_runs_but_never_past(today, dates):
    assert dates_for(MONDAY, FRIDAY, today) == dates


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (0b0000000, date(2026, 11, 16)),  # any day
        (0b0000001, date(2026, 11, 16)),  # Mondays
        (0b0000100, date(2026, 11, 18)),  # Wednesdays
        (0b1000000, date(2026, 11, 22)),  # Sundays
        (0b0010100, date(2026, 11, 18)),  # Wednesdays and Fridays
        (0b1111111, date(2026, 11, 16)),
    ],
)
def test_the_first_day_is_the_first_of_the_challenges_days(days, first):
    assert first_day(MONDAY, days) == first


def test_it_is_told_at_nine_in_london_winter_and_summer():
    assert told_at(MONDAY, 3) == datetime(2026, 11, 13, 9, 0, tzinfo=UTC)
    assert told_at(date(2027, 4, 30)) == datetime(2027, 4, 30, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "has_begun", "field"),
    [
        (MONDAY, FRIDAY, False, None),
        (date(2026, 12, 1), FRIDAY, False, None),
        (date(2026, 10, 20), FRIDAY, False, None),  # today
        (date(2026, 10, 19), FRIDAY, False, "starts_on"),
        (MONDAY, date(2026, 11, 15), False, "ends_on"),
        (MONDAY, date(2027, 11, 17), False, None),  # a year on
        (MONDAY, date(2027, 11, 18), False, "ends_on"),
        (date(2026, 12, 1), FRIDAY, True, "starts_on"),
        (MONDAY, date(2027, 1, 29), True, None),
    ],
)
def test_which_dates_can_be(starts_on, ends_on, has_begun, field):
    problems = date_problems(starts_on, ends_on, date(2026, 10, 20), was=MONDAY, has_begun=has_begun)
    assert list(problems) == ([] if field is None else [field])


def test_a_placement_that_is_held_up_keeps_its_past_first_day_while_its_end_moves():
    assert date_problems(MONDAY, FRIDAY, date(2026, 12, 1), was=MONDAY, has_begun=False) == {}
    found = date_problems(MONDAY, date(2026, 11, 30), date(2026, 12, 1), was=MONDAY, has_begun=True)
    assert list(found) == ["ends_on"]


@pytest.mark.parametrize(
    ("last_on", "can_be"),
    [(MONDAY, True), (date(2027, 1, 6), True), (date(2027, 1, 7), False), (date(2026, 11, 15), False)],
)
def test_a_last_day_lies_between_the_first_and_today(last_on, can_be):
    assert (last_day_problem(last_on, MONDAY, date(2027, 1, 6)) is None) == can_be


@pytest.mark.parametrize(
    ("names", "said"),
    [((), ""), (("Ana",), "Ana"), (("Ana", "Ben"), "Ana and Ben"), (("Ana", "Ben", "Cem"), "Ana, Ben and Cem")],
)
def test_names_read_as_people_say_them(names, said):
    assert say_names(names) == said


@pytest.mark.parametrize(
    ("has_tutor", "is_agreed", "is_approved", "who"),
    [
        (True, True, True, []),
        (False, True, True, ["the module leader"]),
        (True, False, True, ["Ada and Sue"]),
        (True, True, False, ["the engagement team"]),
        (False, False, False, ["the module leader", "Ada and Sue", "the engagement team"]),
    ],
)
def test_each_gate_names_who_must_act(has_tutor, is_agreed, is_approved, who):
    found = gates(has_tutor=has_tutor, is_agreed=is_agreed, is_approved=is_approved, awaits=["Ada", "Sue"])
    assert [gate.who for gate in found if not gate.holds] == who


@pytest.mark.parametrize(
    ("missing", "who"),
    [
        ({"is_cleared": False}, "the engagement team"),
        ({"is_assessed": False}, "the safety officer"),
        ({"is_too_risky": True}, "the safety officer"),
    ],
)
def test_a_place_without_checks_and_a_risk_wait_for_whoever_sees_to_them(missing, who):
    found = gates(has_tutor=True, is_agreed=True, is_approved=True, **missing)
    assert [gate.who for gate in found if not gate.holds] == [who]


def test_without_names_all_three_are_asked_to_agree():
    found = gates(has_tutor=True, is_agreed=False, is_approved=True)
    assert [gate.who for gate in found if not gate.holds] == ["student, supervisor and tutor"]


AGREE, APPROVE = Gate("Agreement", False, "Ada"), Gate("Approval", False, "the engagement team")
ON = {"accepted_on": date(2026, 10, 20), "starts_on": MONDAY, "ends_on": FRIDAY}
AGREED = {**ON, "agreed_on": date(2026, 10, 30)}


@pytest.mark.parametrize(
    ("story", "open_gates", "states", "current"),
    [
        (Story("preparing", **ON), [AGREE, APPROVE], "dcaaa", ("Challenge Agreement", "Ada")),
        (Story("preparing", **AGREED), [APPROVE], "ddcaa", ("Ready to start", "the engagement team")),
        (Story("cleared", **AGREED), [], "dddca", ("On placement", "")),
        (Story("cleared", **AGREED), [APPROVE], "ddcaa", ("Ready to start", "the engagement team")),
        (Story("active", **AGREED), [], "dddca", ("On placement", "")),
        (Story("paused", **AGREED), [], "dddca", ("Paused", "")),
    ],
)
def test_one_stage_is_current_while_a_placement_goes_on(story, open_gates, states, current):
    strip = stages(story, open_gates)
    assert "".join(stage.state[0] for stage in strip) == states
    [now] = [stage for stage in strip if stage.state == "current"]
    assert (now.label, now.who) == current
    assert [stage.who for stage in strip if stage is not now] == [""] * 4


@pytest.mark.parametrize(
    ("story", "labels"),
    [
        (Story("not_started", **ON, ended_on=MONDAY), ["Place accepted", "Called off before it began"]),
        (
            Story("ended_early", **AGREED, ended_on=date(2027, 1, 6)),
            ["Place accepted", "Challenge Agreement", "Ended early"],
        ),
        (Story("completed", **AGREED, ended_on=FRIDAY), ["Place accepted", "Challenge Agreement", "Completed"]),
        (
            Story("transferred", **AGREED, ended_on=FRIDAY),
            ["Place accepted", "Challenge Agreement", "Ended early, to move to another placement"],
        ),
    ],
)
def test_all_stages_are_done_once_it_has_ended(story, labels):
    strip = stages(story)
    assert [stage.label for stage in strip] == labels
    assert {stage.state for stage in strip} == {"done"}


def test_stages_say_when():
    said = [stage.said for stage in stages(Story("active", **AGREED))]
    assert said == ["Tue 20 Oct 2026", "in force since Fri 30 Oct 2026", "", "until Fri 30 Apr 2027", ""]
    assert stages(Story("cleared", **AGREED))[3].said == "from Mon 16 Nov 2026"
