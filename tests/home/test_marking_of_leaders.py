"""What marks wait for of a module leader, said on their home: claims without an outcome, scripts without a marker."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask

from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import ClosedDay, MarkedBy, RunRole
from placements.cohorts.workflow import EnrolmentState
from placements.core.clock import in_london
from placements.db import db
from placements.home.marking_steps import waiting_in
from placements.home.steps import Step
from placements.moderation.actions import draw
from placements.reassessment.models import Mitigation
from placements.reassessment.workflow import ClaimState
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.factories import NOW

TUESDAY = date(2026, 10, 20)


def claimed(of: Scene, place: int, on: date, **said: Any) -> Mitigation:
    attempt = make.submission(of.enrolments[place], of.agreement, state=SubmissionState.OPEN)
    given = {"form_key": f"{place}", "reference": "MC-1", "recorded_by": of.leader.person, "recorded_at": NOW, **said}
    made = Mitigation(submission=attempt, claimed_on=on, **given)
    db.session.add(made)
    db.session.flush()
    return made


def steps(of: Scene) -> list[Step]:
    return waiting_in(of.who(of.leader), [of.run], NOW)


def test_claims_that_wait_are_said_with_when_the_first_is_due(session: Any) -> None:
    of = scene(3, due=NOW + timedelta(days=3))
    claimed(of, 0, date(2026, 10, 7))
    claimed(of, 1, date(2026, 10, 19))
    claimed(of, 2, date(2026, 9, 1), state=ClaimState.REFUSED, decided_on=TUESDAY)
    [step] = steps(of)
    assert step.what == f"{of.run.title}: 2 claims of mitigation wait for the outcome"
    assert (step.by, step.values["stands"]) == (in_london(date(2026, 10, 21), time(17)), "pending")


@pytest.mark.parametrize(
    ("claimed_on", "said"),
    [
        ([date(2026, 10, 6)], "1 claim of mitigation waits for the outcome"),
        ([date(2026, 10, 5)], "1 claim of mitigation waits for the outcome, past ten working days"),
        (
            [date(2026, 10, 5), date(2026, 10, 6)],
            "2 claims of mitigation wait for the outcome, 1 of them past ten working days",
        ),
    ],
    ids=["none", "all", "one"],
)
def test_past_ten_working_days_it_says_so(session: Any, claimed_on: list[date], said: str) -> None:
    of = scene(2, due=NOW + timedelta(days=3))
    for place, on in enumerate(claimed_on):
        claimed(of, place, on)
    [step] = steps(of)
    assert step.what == f"{of.run.title}: {said}"


def test_closed_days_are_not_counted(session: Any) -> None:
    of = scene(1, due=NOW + timedelta(days=3))
    db.session.add(ClosedDay(day=date(2026, 10, 12), name="A day off"))
    claimed(of, 0, date(2026, 10, 5))
    [step] = steps(of)
    assert step.what == f"{of.run.title}: 1 claim of mitigation waits for the outcome"


def test_scripts_that_nobody_was_given_are_counted_and_no_others(session: Any) -> None:
    of = scene(4, marked_by=MarkedBy.SHARED)
    marks = [hand_in(of, place).mark for place in range(4)]
    marks[0].allocated = of.tutor.person  # type: ignore[union-attr]
    mark_it(of, marks[1].submission, 50, 50, 50)  # type: ignore[union-attr]
    found = [(each.what, each.endpoint) for each in steps(of)]
    assert found == [
        (f"{of.run.title}: 2 scripts need a marker", "scripts.component"),
        (f"{of.run.title}: 1 mark is ready to release", "board.run_marks"),
    ]


def test_a_sample_is_to_be_drawn_once_all_of_a_set_are_in(session: Any) -> None:
    of = scene(3, moderation={"kind": "sample", "within": 2})
    work = [hand_in(of, place) for place in range(3)]
    mark_it(of, work[0], 50, 50, 50)
    mark_it(of, work[1], 60, 60, 60)
    assert steps(of) == []
    mark_it(of, work[2], 70, 70, 70)
    [step] = steps(of)
    assert (step.what, step.endpoint) == (
        f"{of.run.title}: 3 marks wait for a moderator’s sample",
        "moderation.overview",
    )
    moderator = make.run_role(RunRole.MODERATOR, make.person(), of.run)
    draw(of.portfolio, moderator.person_id, actor=of.who(of.leader), now=NOW)
    assert steps(of) == []


def test_who_left_keeps_no_sample_waiting(session: Any) -> None:
    of = scene(2, moderation={"kind": "all", "within": 2})
    mark_it(of, hand_in(of, 0), 50, 50, 50)
    hand_in(of, 1)
    of.enrolments[1].state = EnrolmentState.WITHDRAWN
    assert [step.what for step in steps(of)] == [f"{of.run.title}: 1 mark waits for a moderator’s sample"]


def test_the_links_open(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = scene(2, marked_by=MarkedBy.SHARED)
        hand_in(of, 0)
        claimed(of, 1, date(2026, 10, 19))
        return of

    of: Scene = seeded(database, build)
    client.sign_in_as(of.leader)
    home = client.page("/home")
    assert client.page(home.link("Share them out")).h1
    assert [row[0] for row in client.page(home.link("See whose")).rows if "Student" in row[0]] == [
        "Student2 Okoro 26120001"
    ]
