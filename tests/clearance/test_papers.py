"""Checks that ran out and are not renewed go up to the module leaders before placements stop for them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from placements.clearance import notices
from placements.core.clock import LONDON
from placements.db import db
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.placing.scene import Scene
from tests.reminders import reminded

RAN_OUT_ON = date(2026, 11, 30)  # a Monday
A_WEEK_ON = datetime(2026, 12, 7, 9, tzinfo=LONDON)


@pytest.fixture
def scene(session: Any) -> Scene:
    made = Scene(state=PlacementState.ACTIVE, agreed_at=NOW)
    made.run.period = "YEAR"
    made.organisation.approved_until = RAN_OUT_ON
    return made


def told(now: datetime) -> list[tuple[int, int, datetime]]:
    return reminded("clearance.papers_run_out", now)


def test_the_leader_reads_how_many_are_where_and_until_when(scene: Scene) -> None:
    text = said(notices.PAPERS_RUN_OUT, scene.run.id, scene.leader.person, A_WEEK_ON) or ""
    check_golden("clearance/papers_run_out", text)
    assert "Ada" not in text


def test_the_leaders_of_the_run_hear_once_a_week_after_and_nobody_else(scene: Scene) -> None:
    make.placement(make.enrolment(scene.group), scene.challenge, state=PlacementState.ACTIVE, agreed_at=NOW)
    assert told(A_WEEK_ON - timedelta(minutes=1)) == []
    expected = [(scene.run.id, scene.leader.person_id, A_WEEK_ON)]
    assert told(A_WEEK_ON) == told(A_WEEK_ON + 3 * DAY) == expected


def test_of_a_place_whose_check_ran_out_they_hear_too(scene: Scene) -> None:
    scene.organisation.approved_until = date(2027, 9, 1)
    assert told(A_WEEK_ON) == []
    assert scene.placement.site is not None
    scene.placement.site.cleared_until = RAN_OUT_ON
    assert told(A_WEEK_ON) == [(scene.run.id, scene.leader.person_id, A_WEEK_ON)]
    assert said(notices.PAPERS_RUN_OUT, scene.run.id, scene.leader.person, A_WEEK_ON) is not None


@pytest.mark.parametrize("why", ["renewed", "paused", "not begun", "ended"])
def test_nothing_is_said_of_what_is_renewed_or_not_at_work(scene: Scene, why: str) -> None:
    states = {
        "paused": PlacementState.PAUSED,
        "not begun": PlacementState.PREPARING,
        "ended": PlacementState.COMPLETED,
    }
    if why == "renewed":
        scene.organisation.approved_until = date(2027, 9, 1)
    else:
        scene.placement.state = states[why]
    assert told(A_WEEK_ON) == []
    assert said(notices.PAPERS_RUN_OUT, scene.run.id, scene.leader.person, A_WEEK_ON) is None


def test_it_is_not_said_on_the_last_day_of_the_papers(scene: Scene) -> None:
    last_day = datetime(2026, 11, 30, 12, tzinfo=LONDON)
    assert said(notices.PAPERS_RUN_OUT, scene.run.id, scene.leader.person, last_day) is None


@pytest.mark.parametrize(
    ("steps", "day", "due"),
    [((2, 10), 3, [2]), ((2, 10), 11, [10]), ((2, 10), 8, [2]), ((10,), 9, []), ((10,), 12, [10]), ((0, -3), 1, [])],
)
def test_a_run_may_have_it_said_on_days_of_its_own(
    scene: Scene, steps: tuple[int, ...], day: int, due: list[int]
) -> None:
    [timed] = [each for each in notices.REMINDERS if each.notice is notices.PAPERS_RUN_OUT]
    db.session.flush()
    nine = A_WEEK_ON - 7 * DAY
    rows = db.session.execute(timed.due(nine + day * DAY, steps)).all()  # type: ignore[call-arg]
    assert [at for _, _, at, _, _ in rows] == [nine + each * DAY for each in due]
