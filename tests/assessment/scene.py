"""One run at the end of its year, small enough to read: its leader, its tutor, and students with their placements.

`due` moves the portfolio's deadline: an hour ago unless a test says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, current_app

from placements.accounts.models import Account
from placements.accounts.queries import principal_of
from placements.assessment.actions import submit
from placements.assessment.agreeing import take_agreements
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import Task
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun, RunRole, TimeslotGroup
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import Received
from placements.marking.actions import Judgement, submit_mark
from placements.people.models import Person
from placements.placing.models import Placement
from tests import factories as make
from tests.databases import seeding
from tests.factories import NOW

HOUR = timedelta(hours=1)
FILE = Received("ab" * 32, "Portfolio.pdf", "application/pdf", 1200)
OTHER_FILE = Received("cd" * 32, "Portfolio final.pdf", "application/pdf", 1300)


@dataclass
class Scene:
    """What a test of assessment needs, by name; students and what is theirs in the order they were enrolled."""

    run: ModuleRun
    leader: Account
    tutor: Account
    group: TimeslotGroup
    agreement: Component
    portfolio: Component
    students: list[Account] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    numbers: str = "2612"  # what the students' numbers begin with; a second scene wants others

    def task(self, place: int = 0) -> Task:
        """The portfolio of one student, at their latest attempt."""
        found = [each for each in db.session.query(Submission) if each.enrolment_id == self.enrolments[place].id]
        attempts = [each for each in found if each.component_id == self.portfolio.id]
        mine = max(attempts, key=lambda each: each.attempt, default=None)
        return Task(self.portfolio, self.enrolments[place], mine)

    def who(self, account: Account) -> Principal:
        """The principal of an account, with every role."""
        return principal_of(account, current_app.extensions["placements.roles_of"], today(NOW))


def scene(students: int = 1, due: datetime = NOW - HOUR, numbers: str = "2612", **component: Any) -> Scene:
    """Build it in the current session."""
    run = make.run(academic_year="2026/27")
    leader = make.account(make.person(given_name="Lena", family_name="Leader"))
    tutor = make.account(make.person(given_name="Tariq", family_name="Tutor"))
    make.run_role(RunRole.LEADER, leader.person, run)
    group = make.group(run, tutor.person, occurrence="A")
    built = Scene(
        run,
        leader,
        tutor,
        group,
        make.component(
            ComponentKind.AGREEMENT, run, title="Empowering London Challenge Agreement", weight=25, due_at=None
        ),
        make.component(ComponentKind.PORTFOLIO, run, weight=75, due_at=due, **component),
        numbers=numbers,
    )
    make.component(ComponentKind.FEEDBACK, run, title="Project Supervisor Feedback", weight=0, due_at=None)
    for place in range(students):
        add_student(built, f"Student{place + 1}")
    return built


def add_student(to: Scene, name: str, who: Person | None = None) -> Enrolment:
    """One more student of the group, on a placement that is not agreed yet."""
    who = who or make.person(given_name=name, family_name="Okoro", student_number=f"{to.numbers}{len(to.students):04}")
    enrolment = make.enrolment(to.group, who)
    to.students.append(make.account(who))
    to.enrolments.append(enrolment)
    to.placements.append(make.placement(enrolment))
    return enrolment


def hand_in(of: Scene, place: int = 0, at: datetime | None = None, *files: Received) -> Submission:
    """Hand one student's portfolio in; two hours before the deadline unless `at` says when."""
    assert of.portfolio.due_at is not None
    actor = Principal(of.enrolments[place].person_id)
    made = submit(of.task(place), files or (FILE,), actor=actor, now=at or of.portfolio.due_at - 2 * HOUR)
    db.session.flush()
    db.session.refresh(made)
    return made


def judgement(component: Component, *scores: int | None, feedback: str = "Good work.") -> Judgement:
    """A score for each criterion in order, each with a comment."""
    parts = zip(component.criteria, scores, strict=True)
    return Judgement({each.id: (score, f"On {each.title}.") for each, score in parts}, feedback)


def mark_it(of: Scene, submission: Submission, *scores: int) -> Mark:
    """The tutor submits a mark."""
    db.session.refresh(submission)
    mark = submission.mark
    assert mark is not None
    said = judgement(mark.component, *scores)
    submit_mark(mark, said, seen=mark.version, actor=Principal(of.tutor.person_id), now=NOW)
    db.session.flush()
    return mark


def agree(of: Scene, place: int = 0, at: datetime = NOW - 5 * HOUR) -> Submission:
    """One student's Challenge Agreement comes into force, and is taken for marking."""
    placement = of.placements[place]
    placement.agreed_at = at
    make.agreement(placement, proposed_at=at, in_force_at=at)
    db.session.flush()
    take_agreements(NOW)
    db.session.flush()
    return (
        db.session.query(Submission).filter_by(component_id=of.agreement.id, enrolment_id=placement.enrolment_id).one()
    )


def seeded(app: Flask, build: Callable[[], Any]) -> Any:
    """Build, commit, and detach with everything loaded, for tests that then make requests."""
    with seeding(app):
        return build()
