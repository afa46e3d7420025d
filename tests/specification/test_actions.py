"""Changing how a run is assessed: each verb, what it refuses by field, two people at once, and what a copy takes over."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from placements.cohorts import actions as cohorts
from placements.cohorts.models import Component, ComponentKind
from placements.cohorts.rules import MarkedBy, Scale, Shortfall
from placements.cohorts.workflow import RunState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.history.models import History
from placements.reading import grading
from placements.specification import actions, queries
from placements.specification.rules import Late, Line
from tests import factories as make
from tests.cohorts.people import Cohort, cohort, principal

POINTS = (80, 65, 55, 45, 20)


@pytest.fixture
def made(session: Any) -> Cohort:
    return cohort()


@pytest.fixture
def part(made: Cohort) -> Component:
    return made.run.components[0]


@pytest.fixture
def by(made: Cohort, now: Any) -> dict[str, Any]:
    """Who acts and when."""
    return {"actor": principal(made.leader), "now": now}


def verbs(session: Any, thing: Any) -> list[tuple[str, list[str]]]:
    found = select(History).where(History.about_kind == thing.__tablename__, History.about_id == thing.id)
    return [(row.verb, row.fields) for row in session.scalars(found.order_by(History.id))]


def titles(component: Component) -> list[tuple[int, str, int]]:
    return [(each.position, each.title, each.weight) for each in component.criteria]


def refused(call: Any, *args: Any, **said: Any) -> tuple[str | None, str]:
    with pytest.raises(Refused) as found:
        call(*args, **said)
    return found.value.field, found.value.sentence


# Weights and hours


def three(made: Cohort) -> dict[ComponentKind, int]:
    make.component(ComponentKind.AGREEMENT, made.run, title="Agreement", weight=25, due_at=None)
    make.component(ComponentKind.FEEDBACK, made.run, title="Feedback", weight=0, due_at=None)
    return dict(zip(ComponentKind, (25, 0, 75), strict=True))


def test_weights_make_100_and_feedback_moves_no_mark(session, made, by):
    weights = three(made)
    session.refresh(made.run)
    wrong = {**weights, ComponentKind.PORTFOLIO: 70}
    assert refused(actions.set_weights, made.run, wrong, **by) == (
        "portfolio",
        "The weights add up to 95. Change them to add up to 100.",
    )
    wrong = {**weights, ComponentKind.FEEDBACK: 5, ComponentKind.PORTFOLIO: 70}
    assert refused(actions.set_weights, made.run, wrong, **by) == (
        "feedback",
        "What a supervisor says never moves the mark: keep this at 0.",
    )
    actions.set_weights(made.run, {**weights, ComponentKind.AGREEMENT: 0, ComponentKind.PORTFOLIO: 100}, **by)
    session.flush()
    assert {each.kind.value: each.weight for each in made.run.components} == {
        "agreement": 0,
        "feedback": 0,
        "portfolio": 100,
    }
    assert verbs(session, made.run) == [("weights changed", ["portfolio", "agreement"])]


def test_what_too_few_hours_do_is_the_runs_own(session, made, by):
    assert made.run.shortfall is Shortfall.REPORTED
    for _ in range(2):
        actions.set_shortfall(made.run, Shortfall.CAPPED, **by)
    assert made.run.shortfall is Shortfall.CAPPED
    assert verbs(session, made.run) == [("changed what too few hours do", ["shortfall"])]


# Settings


def test_settings_are_saved_together_and_what_changed_is_recorded_by_name(session, part, by):
    before = queries.settings_of(part)
    wanted = replace(
        before,
        qualifying_mark=35,
        late=Late("sliding", 5, None, 10),
        marked_by=MarkedBy.SHARED,
        is_double_marked=True,
        agree_within=8,
        moderation="all",
        scale=Scale.POINTS,
        points=POINTS,
    )
    for _ in range(2):
        actions.set_settings(part, wanted, seen=queries.seen_settings(part), **by)
        session.flush()
    session.expire(part)
    assert (part.qualifying_mark, part.marked_by, part.is_anonymous, part.is_double_marked) == (
        35,
        MarkedBy.SHARED,
        False,
        True,
    )
    assert part.late_policy == {"kind": "sliding", "days": 5, "points_per_day": 10}
    assert part.moderation == {"kind": "all", "within": 2}
    assert (part.scale, part.points, part.agree_within) == (Scale.POINTS, [80, 65, 55, 45, 20], 8)
    [(verb, fields)] = verbs(session, part)
    assert (verb, sorted(fields)) == (
        "rules changed",
        sorted(
            [
                "qualifying_mark",
                "late",
                "marked_by",
                "is_double_marked",
                "agree_within",
                "moderation",
                "scale",
                "points",
            ]
        ),
    )


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": ""}, "title"),
        ({"marked_by": MarkedBy.SUPERVISOR}, "marked_by"),
        ({"late": Late("capped_within", 7)}, "late_cap"),
        ({"late": Late("sliding", None, None, 5)}, "late_days"),
        ({"points": (85, 65)}, "points"),
        ({"points": ()}, "points"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused_at_their_field(part, by, said, field):
    wanted = replace(queries.settings_of(part), **said)
    assert refused(actions.set_settings, part, wanted, seen=queries.seen_settings(part), **by)[0] == field


def test_feedback_gets_no_mark_and_stays_the_supervisors(session, made, by):
    feedback = make.component(ComponentKind.FEEDBACK, made.run, title="Feedback", weight=0)
    for said, field in (({"qualifying_mark": 40}, "qualifying_mark"), ({"marked_by": MarkedBy.TUTOR}, "marked_by")):
        wanted = replace(queries.settings_of(feedback), **said)
        assert refused(actions.set_settings, feedback, wanted, seen=queries.seen_settings(feedback), **by)[0] == field


def test_two_who_change_the_rules_at_once_are_told(session, part, by):
    seen = queries.seen_settings(part)
    actions.set_settings(part, replace(queries.settings_of(part), feedback_weeks=4), seen=seen, **by)
    with pytest.raises(Conflict, match="Somebody else saved this"):
        actions.set_settings(part, replace(queries.settings_of(part), feedback_weeks=2), seen=seen, **by)
    assert part.feedback_weeks == 4


# The rubric


def test_criteria_are_added_changed_ordered_and_taken_out_in_one_go(session, part, by):
    first, _, third = part.criteria
    wanted = [
        (third, Line("Writing", 30)),
        (None, Line("Evidence", 30)),
        (first, Line("Understanding", 40, False, {"70": "Deep."})),
    ]
    actions.set_rubric(part, wanted, seen=queries.seen_rubric(part), **by)
    session.expire_all()
    assert titles(part) == [(1, "Writing", 30), (2, "Evidence", 30), (3, "Understanding", 40)]
    assert [each.id for each in part.criteria][::2] == [third.id, first.id]
    assert part.criteria[2].bands == {"70": "Deep."}
    assert verbs(session, part) == [("rubric changed", [])]


def test_only_another_order_is_a_change_too(session, part, by):
    lines = [(each, queries.line_of(each)) for each in part.criteria]
    actions.set_rubric(part, lines, seen="", **by)  # nothing to change, whatever was seen
    assert verbs(session, part) == []
    actions.set_rubric(part, lines[::-1], seen=queries.seen_rubric(part), **by)
    assert [each.title for each in part.criteria] == [
        "Writing",
        "Logbook and reflection",
        "Understanding of the challenge",
    ]


def test_a_rubric_that_does_not_add_up_is_refused_with_the_sum_at_its_line(session, part, by):
    lines = [(each, replace(queries.line_of(each), weight=33)) for each in part.criteria]
    assert refused(actions.set_rubric, part, lines, seen=queries.seen_rubric(part), **by) == (
        "weight_3",
        "The weights add up to 99. Change them to add up to 100.",
    )
    assert refused(actions.set_rubric, part, [], seen=queries.seen_rubric(part), **by)[0] == "title_1"


def test_two_who_change_a_rubric_at_once_lose_neither(session, part, by):
    seen = queries.seen_rubric(part)
    first, *others = [(each, queries.line_of(each)) for each in part.criteria]
    actions.set_rubric(part, [(first[0], replace(first[1], title="Mine")), *others], seen=seen, **by)
    with pytest.raises(Conflict):
        actions.set_rubric(part, [(first[0], replace(first[1], title="Yours")), *others], seen=seen, **by)
    assert part.criteria[0].title == "Mine"


def test_two_who_describe_different_criteria_at_once_are_in_nobodys_way(session, part, by):
    first, second, _ = part.criteria
    seen = [queries.seen_bands(each) for each in (first, second)]
    actions.set_bands(first, {"70": " Deep\r\n and  clear. ", "60": ""}, seen=seen[0], **by)
    actions.set_bands(second, {"40": "Thin."}, seen=seen[1], **by)
    assert (first.bands, second.bands) == ({"70": "Deep and clear."}, {"40": "Thin."})
    with pytest.raises(Conflict):
        actions.set_bands(first, {"70": "Other."}, seen=seen[0], **by)
    assert refused(actions.set_bands, first, {"50": "=A1"}, seen=queries.seen_bands(first), **by)[0] == "band_50"
    assert verbs(session, part) == [("rubric changed", ["70"]), ("rubric changed", ["40"])]


def test_a_criterion_that_logbooks_were_graded_against_stays(session, made, part, by):
    placement = make.placement(make.enrolment(made.a))
    by_tutor = {"actor": principal(made.tutor), "now": by["now"]}
    scores = {part.criteria[1].id: (60, "")}
    grading.grade(placement, make.checkpoint(made.run), scores, "", version=0, **by_tutor)
    assert part.locked_at is None  # grades on the way never count
    lines = [(each, replace(queries.line_of(each), weight=50)) for each in part.criteria if not each.is_about_logbook]
    sentence = refused(actions.set_rubric, part, lines, seen=queries.seen_rubric(part), **by)[1]
    assert "“Logbook and reflection” on the way, so it stays." in sentence


def test_a_replaced_rubric_keeps_the_criteria_of_the_same_title(session, part, by):
    key = part.criteria[1].id
    lines = [Line("LOGBOOK and reflection", 60, True, {"70": "Full."}), Line("Poster", 40)]
    seen = queries.seen_replacing(part, lines)
    actions.replace_rubric(part, lines, seen=seen, **by)
    session.expire_all()
    assert titles(part) == [(1, "LOGBOOK and reflection", 60), (2, "Poster", 40)]
    assert part.criteria[0].id == key
    actions.replace_rubric(part, lines, seen="", **by)  # the same again
    assert verbs(session, part) == [("rubric replaced", [])]
    with pytest.raises(Conflict, match="Look at what would change now"):
        actions.replace_rubric(part, [Line("Poster", 100)], seen=seen, **by)


# The lock


EDITS = {
    "settings": lambda part, **by: actions.set_settings(
        part, replace(queries.settings_of(part), title="New"), seen=queries.seen_settings(part), **by
    ),
    "rubric": lambda part, **by: actions.set_rubric(
        part, [(part.criteria[0], Line("All", 100))], seen=queries.seen_rubric(part), **by
    ),
    "bands": lambda part, **by: actions.set_bands(
        part.criteria[0], {"70": "New."}, seen=queries.seen_bands(part.criteria[0]), **by
    ),
    "import": lambda part, **by: actions.replace_rubric(
        part, [Line("All", 100)], seen=queries.seen_replacing(part, [Line("All", 100)]), **by
    ),
    "weights": lambda part, **by: actions.set_weights(part.run, {part.kind: 100}, **by),
    "shortfall": lambda part, **by: actions.set_shortfall(part.run, Shortfall.CAPPED, **by),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_locked_component_refuses_every_change(session, part, by, edit):
    EDITS[edit](part, **by)  # it can be changed
    actions.lock(part, now=by["now"])
    session.flush()
    title, criteria = part.title, titles(part)
    with pytest.raises(Refused, match="has been marked by these rules since Tue 20 Oct 2026, 9am, so they stay"):
        EDITS[edit](part, **by)
    assert (part.title, titles(part)) == (title, criteria)


def test_the_first_judgement_locks_and_the_next_changes_nothing(session, part, now):
    actions.lock(part, now=now)
    actions.lock(part, now=now + make.DAY)
    assert part.locked_at == now
    assert verbs(session, part) == [("locked", [])]


def test_a_deadline_that_hangs_on_placing_may_move_when_all_else_is_locked(session, made, by, now):
    agreement = make.component(ComponentKind.AGREEMENT, made.run, days_after_placing=28, due_at=None)
    actions.lock(agreement, now=now)
    for _ in range(2):
        actions.set_days_after_placing(agreement, 35, **by)
    assert agreement.days_after_placing == 35
    assert verbs(session, agreement) == [("locked", []), ("deadline changed", ["days_after_placing"])]


# What a planned run begins with


def test_a_copied_run_takes_over_every_rule_and_nothing_of_it_is_locked(session, made, part, by, now):
    said = {
        "qualifying_mark": 35,
        "late_policy": {"kind": "capped_within", "days": 7, "cap": 40},
        "marked_by": MarkedBy.SHARED,
        "is_anonymous": True,
        "is_double_marked": True,
        "agree_within": 9,
        "feedback_weeks": 4,
        "days_after_placing": 20,
        "moderation": {"kind": "none", "within": 1},
        "scale": Scale.POINTS,
        "points": [*POINTS],
    }
    for name, value in said.items():
        setattr(part, name, value)
    made.run.shortfall = Shortfall.DEFERRED
    actions.lock(part, now=now)
    session.flush()
    run = cohorts.plan_run("WL6W50", "2027/28", "YEAR", source=made.run, **by)
    session.flush()
    session.expire_all()
    [copy] = run.components
    assert {name: getattr(copy, name) for name in said} == said
    assert (copy.locked_at, run.shortfall, run.state) == (None, Shortfall.DEFERRED, RunState.PLANNED)
    assert copy.criteria[0].public_id != part.criteria[0].public_id
    actions.set_settings(copy, replace(queries.settings_of(copy), title="Mine"), seen=queries.seen_settings(copy), **by)
    assert (copy.title, part.title) == ("Mine", "Final Project Portfolio")


@pytest.mark.parametrize(("code", "weights"), [("WL5W50", [0, 0, 100]), ("WL6W50", [25, 0, 75])])
def test_a_run_from_the_published_specification(session, now, code, weights):
    run = cohorts.plan_run(code, "2026/27", "YEAR", actor=Principal(make.person().id), now=now)
    session.flush()
    session.expire_all()
    assert [each.kind.value for each in run.components] == ["agreement", "feedback", "portfolio"]
    assert [each.weight for each in run.components] == weights
    assert [each.marked_by.value for each in run.components] == ["tutor", "supervisor", "tutor"]
    assert [each.days_after_placing for each in run.components] == [28, None, None]
    assert [each.qualifying_mark for each in run.components] == [None, None, None]
    assert {(each.feedback_weeks, each.agree_within, each.is_anonymous) for each in run.components} == {(3, 5, False)}
    assert {each.late_policy["kind"] for each in run.components} == {"not_accepted"}
    assert run.components[0].moderation == {"kind": "sample", "within": 2}
