"""After the release of the others, a withheld mark is to tutors, examiners and other students one not released yet.

That before release nothing tells of any mark is proved by `test_twins.py`.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from placements.accounts.models import Account
from placements.assessment.models import Mark
from placements.board.releasing import fingerprint_of, release
from placements.board.withholding import withhold
from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import receive
from placements.mail.actions import remind
from placements.marking.actions import save_draft, submit_mark
from tests import factories as make
from tests.assessment.scene import Scene, agree, hand_in, judgement, scene, seeded
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


def where_it_shows(before: list[Any], after: list[Any]) -> list[str]:
    """The pages that differ, and “mail” where the mails do."""
    pages: list[tuple[dict[str, Answer], dict[str, Answer]]] = list(zip(before[:-1], after[:-1], strict=True))
    found = [url for one, other in pages for url in differences(one, other)]
    return [*found, *(["mail"] if before[-1] != after[-1] else [])]


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
