"""Before release, cohorts that differ only in marks give equal pages, mails and files to every student and supervisor.

The same cohort is taken through its marking by the real verbs, and everybody's world is crawled after each step. After
the release of the others, a withheld mark is to tutors, examiners and other students what one not released yet is.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from placements.accounts.models import Account
from placements.assessment import work
from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.board.readiness import releasable
from placements.board.releasing import fingerprint_of, release, stage
from placements.board.withholding import end_withholding, withhold
from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import receive
from placements.mail.actions import remind
from placements.marking.actions import reopen, save_draft, submit_mark
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, agree, hand_in, judgement, scene, seeded
from tests.board.crawling import Answer, differences, everything, mails
from tests.client import PageClient
from tests.factories import NOW
from tests.files.samples import PDF

pytestmark = pytest.mark.long

Cohort = tuple[Scene, dict[str, Account]]


def cohort() -> Cohort:
    """Two students with work in and unmarked, their supervisors, a moderator and an external examiner."""
    of = scene(2)
    people = {f"student {place}": account for place, account in enumerate(of.students)}
    for place, placement in enumerate(of.placements):
        agree(of, place)
        hand_in(of, place, None, receive(FileStorage(BytesIO(PDF), filename="Portfolio.pdf")))
        people[f"supervisor {place}"] = make.account(placement.supervisor)
    for role in (RunRole.MODERATOR, RunRole.EXTERNAL):
        people[role.value] = make.account(make.person(given_name=role.value.title()))
        make.run_role(role, people[role.value].person, of.run)
    people["tutor"] = of.tutor
    remind(NOW)
    return of, people


@pytest.fixture
def made(database: Flask) -> Cohort:
    found: Cohort = seeded(database, cohort)
    return found


def marks() -> list[Mark]:
    return list(db.session.scalars(select(Mark).order_by(Mark.id)))


def drafted(of: Scene, *scores: int) -> None:
    """The tutor keeps a draft of every mark: one number a student."""
    for mark in marks():
        score = scores[[each.id for each in of.enrolments].index(mark.enrolment_id)]
        said = judgement(mark.component, *[score] * len(mark.component.criteria), feedback="CANARY words")
        save_draft(mark, said, seen=mark.version, actor=Principal(of.tutor.person_id), now=NOW)


def submitted(of: Scene, *scores: int) -> None:
    """The tutor submits them."""
    drafted(of, *scores)
    for mark in marks():
        score = mark.scores[0].score or 0
        said = judgement(mark.component, *[score] * len(mark.component.criteria), feedback="CANARY words")
        submit_mark(mark, said, seen=mark.version, actor=Principal(of.tutor.person_id), now=NOW)


def taken_back(of: Scene) -> None:
    for mark in marks():
        reopen(mark, actor=Principal(of.tutor.person_id), now=NOW)


def withheld(of: Scene) -> None:
    withhold(marks()[-1], "CANARY reason", actor=of.who(of.leader), now=NOW)


def no_longer(of: Scene) -> None:
    end_withholding(marks()[-1], "CANARY reason", actor=of.who(of.leader), now=NOW)


def staged(of: Scene) -> None:
    for component in (of.agreement, of.portfolio):
        found = releasable(of.run, component)
        asked = {"seen": fingerprint_of(found), "actor": of.who(of.leader), "now": NOW}
        stage(db.session.merge(component), found, NOW + 9 * HOUR, **asked)


STEPS: tuple[tuple[str, Callable[[Scene], None]], ...] = (
    ("drafts of 35 and 75", lambda of: drafted(of, 35, 75)),
    ("submitted, 35 and 75", lambda of: submitted(of, 35, 75)),
    ("taken back", taken_back),
    ("submitted, 75 and 35", lambda of: submitted(of, 75, 35)),
    ("one withheld", withheld),
    ("the others staged", staged),
    ("no longer withheld", no_longer),
)


def do(app: Flask, of: Scene, step: Callable[[Scene], None]) -> None:
    with app.app_context():
        step(of)
        remind(NOW)
        db.session.commit()


def seen_by(app: Flask, client: PageClient, people: list[Account]) -> list[Any]:
    """What each of them can load; and what they are mailed."""
    found: list[Any] = [everything(client, each) for each in people]
    with app.app_context():
        return [*found, mails(people, NOW)]


def outside(people: dict[str, Account]) -> list[Account]:
    return [people[name] for name in ("student 0", "student 1", "supervisor 0", "supervisor 1")]


def where_it_shows(before: list[Any], after: list[Any]) -> list[str]:
    """The pages that differ, and “mail” where the mails do."""
    pages: list[tuple[dict[str, Answer], dict[str, Answer]]] = list(zip(before[:-1], after[:-1], strict=True))
    found = [url for one, other in pages for url in differences(one, other)]
    return [*found, *(["mail"] if before[-1] != after[-1] else [])]


def test_nothing_that_students_and_supervisors_get_depends_on_marks_that_are_not_released(
    made: Cohort, database: Flask, client: PageClient
) -> None:
    of, people = made
    before = seen_by(database, client, outside(people))
    assert [len(each) > 15 for each in before[:-1]] == [True] * 4
    assert "/marks" in before[0]
    for name, step in STEPS:
        do(database, of, step)
        assert where_it_shows(before, seen_by(database, client, outside(people))) == [], name


def test_a_planted_leak_is_found(
    made: Cohort, database: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a page that takes submitted marks for released ones; and after release everything differs."""
    of, people = made
    student = [people["student 0"]]
    before = seen_by(database, client, student)
    do(database, of, lambda scene: submitted(scene, 35, 75))
    monkeypatch.setattr(work, "RELEASED", (MarkState.SUBMITTED,))
    assert "/marks" in where_it_shows(before, seen_by(database, client, student))
    monkeypatch.undo()
    assert where_it_shows(before, seen_by(database, client, student)) == []
    do(database, of, lambda scene: released(scene, marks()))
    assert {"/marks", "mail"} <= {*where_it_shows(before, seen_by(database, client, student))}


def released(of: Scene, chosen: list[Mark]) -> None:
    run = chosen[0].enrolment.run
    release(run, chosen, seen=fingerprint_of(chosen), actor=of.who(of.leader), now=NOW)


def test_a_withheld_mark_is_to_all_others_like_one_that_is_not_released_yet(
    made: Cohort, database: Flask, client: PageClient
) -> None:
    of, people = made
    do(database, of, lambda scene: submitted(scene, 55, 65))
    kept_back = of.enrolments[0].id
    do(database, of, lambda scene: released(scene, [each for each in marks() if each.enrolment_id != kept_back]))
    names = ("student 1", "supervisor 0", "supervisor 1", "tutor", "moderator")
    others = [people[name] for name in names]
    own = [people["student 0"]]
    before, own_before = seen_by(database, client, others), seen_by(database, client, own)

    def withhold_all(scene: Scene) -> None:
        for mark in marks():
            if mark.enrolment_id == kept_back:
                withhold(mark, "CANARY reason", actor=scene.who(scene.leader), now=NOW)

    do(database, of, withhold_all)
    assert where_it_shows(before, seen_by(database, client, others)) == []
    assert where_it_shows(own_before, seen_by(database, client, own)) == ["/marks"]
