"""What the worker asks while students choose, when, of whom, and what is kept of the answer."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from placements.applications.models import LessChosen, Outlook
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.rounds import outlooks
from placements.rounds.outlooks import SAMPLES, work_out
from placements.solver.chances import Chances
from placements.solver.instance import Instance
from placements.solver.process import Unsolved
from tests import factories as make
from tests.factories import DAY, NOW

HOUR = DAY / 24


class Asked:
    """Answers that the first student has no place in 8 samples, and the others in 50; notes what it was asked."""

    def __init__(self) -> None:
        self.questions: list[tuple[Instance, int, int]] = []

    def __call__(self, inputs: str, cohort: int, samples: int, seed: str) -> Chances:
        assert not db.session().in_transaction()
        instance = Instance.from_json(inputs)
        self.questions.append((instance, cohort, samples))
        unplaced = {student.key: 8 if not place else 50 for place, student in enumerate(instance.students)}
        free = dict(zip((each.id for each in instance.challenges), (50, 51, 100), strict=False))
        return Chances(instance.sha256(), samples, unplaced, free)


class Year:
    """Ten of twelve students of a level 6 run have ranked, two of five of a level 5 run; both choose now."""

    def __init__(self) -> None:
        self.challenges = sorted((make.challenge() for _ in range(3)), key=lambda each: each.public_id)
        self.six, self.five = make.run(), make.run(level=5, code="WL5W50")
        self.ranked = self.students(self.six, ranked=10, others=2)
        self.of_five = self.students(self.five, ranked=2, others=3)
        db.session.commit()

    def students(self, of: ModuleRun, *, ranked: int, others: int) -> list[Enrolment]:
        group = make.group(of)
        for _ in range(others):
            make.enrolment(group)
        found = [make.enrolment(group) for _ in range(ranked)]
        for each in found:
            make.application(each, [self.challenges[0]])
        return found


@pytest.fixture
def year(session: Any) -> Year:
    return Year()


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Stands for the process that works it out."""
    asked = Asked()
    monkeypatch.setattr(outlooks, "chances", asked)
    return asked


def test_one_question_for_both_runs_is_answered_to_those_of_the_run_that_is_half_done(year: Year, ask: Asked) -> None:
    assert work_out(NOW) == 1
    [(instance, cohort, samples)] = ask.questions
    assert (len(instance.students), cohort, samples) == (12, 17, SAMPLES)
    rows = db.session.scalars(select(Outlook)).all()
    assert {row.enrolment_id for row in rows} == {each.id for each in year.ranked}
    assert {(row.samples, row.worked_out_at) for row in rows} == {(SAMPLES, NOW)}
    assert {row.unplaced for row in rows} <= {8, 50}
    free = {row.challenge_id: row.free for row in db.session.scalars(select(LessChosen))}
    assert free == {year.challenges[1].id: 51, year.challenges[2].id: 100}  # not the one that has one in just half


def test_what_has_not_changed_is_not_asked_again_and_counts_as_new(year: Year, ask: Asked) -> None:
    work_out(NOW)
    assert work_out(NOW + HOUR) == 0
    assert len(ask.questions) == 1
    assert set(db.session.scalars(select(Outlook.worked_out_at))) == {NOW + HOUR}


def test_what_has_changed_is_asked_again_and_replaces_what_was_known(year: Year, ask: Asked) -> None:
    work_out(NOW)
    gone = year.ranked[0].id
    year.ranked[0].state = EnrolmentState.WITHDRAWN
    db.session.commit()
    assert work_out(NOW + HOUR) == 1
    known = {row.enrolment_id: row.worked_out_at for row in db.session.scalars(select(Outlook))}
    assert known == {each.id: NOW if each.id == gone else NOW + HOUR for each in year.ranked}


def shut(year: Year) -> None:
    for run in (year.six, year.five):
        run.ranking_closes_at = NOW


def not_half(year: Year) -> None:
    year.students(year.six, ranked=0, others=9)


def few(year: Year) -> None:
    for each in year.ranked[:3]:
        each.state = EnrolmentState.WITHDRAWN


@pytest.mark.parametrize("change", [shut, not_half, few])
def test_nothing_is_asked_when_it_is_too_early_or_too_late(
    year: Year, ask: Asked, change: Callable[[Year], None]
) -> None:
    change(year)
    db.session.commit()
    assert work_out(NOW) == 0
    assert ask.questions == []
    assert db.session.scalars(select(Outlook)).all() == []


def test_what_cannot_be_answered_is_left_until_the_next_time(year: Year, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Chances:
        raise Unsolved("There was no result after 2 minutes.")

    monkeypatch.setattr(outlooks, "chances", fails)
    assert work_out(NOW) == 0
    assert db.session.scalars(select(Outlook)).all() == []


def test_the_answer_itself_is_true_of_a_crowd_and_two_places(year: Year) -> None:
    assert work_out(NOW) == 1
    times = sorted(db.session.scalars(select(Outlook.unplaced)))
    assert len(times) == 10
    assert 70 < sum(times) / 10 < 97  # 17 want two places: about 88 of 100 go without one
    assert {row.free for row in db.session.scalars(select(LessChosen))} == {SAMPLES}
