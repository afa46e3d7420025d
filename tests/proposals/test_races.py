"""Two presses at the same moment: one proposal, one placement; and hostile posts, which come to nothing."""

from datetime import datetime
from functools import partial
from itertools import islice
from random import Random
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import Model, db
from placements.offers.models import Offer
from placements.placing.models import Placement
from placements.proposals import actions, deciding
from placements.proposals.forms import ProposeForm
from placements.proposals.models import Proposal
from placements.proposals.rules import Tie
from placements.proposals.workflow import ProposalState
from tests.client import PageClient
from tests.databases import Copy
from tests.factories import NOW
from tests.proposals.conftest import Build
from tests.proposals.scene import TYPED, Scene
from tests.races import at_once, let_go_until
from tests.site.hostile import LEFT_OPEN, hostile_forms, hostile_problems, post_hostile

POSTS = 150
SEED = 20261020


def count(copy: Copy, model: type[Model]) -> int:
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("is_same_form", [True, False])
def test_two_presses_propose_one_place(fresh_database: Copy, is_same_form: bool) -> None:
    with fresh_database.app.app_context():
        made = Scene()
        db.session.commit()
        enrolment_id, person_id = made.enrolment.id, made.enrolment.person_id
    facts = {**TYPED, "tie": Tie.NONE, "tied_to": "", "duties_now": "", "duties_differ": ""}

    def press(number: int) -> None:
        key = "one-form" if is_same_form else f"form-{number}"
        enrolment = db.session.get_one(Enrolment, enrolment_id)
        actions.propose(enrolment, facts, form_key=key, actor=Principal(person_id), now=NOW)

    answers = at_once(fresh_database, partial(press, 1), partial(press, 2))
    assert answers.count(None) == (2 if is_same_form else 1)
    assert {str(each).partition(".")[0] for each in answers if each} <= {"You have proposed a place already"}
    assert count(fresh_database, Proposal) == 1


def test_asked_before_the_student_is_held_two_forms_clash(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whether there is a proposal is asked in a transaction that ends before the one that writes."""
    both_have_asked, why_not = Barrier(2), actions.why_not

    def ask_and_let_go(enrolment: Enrolment, now: datetime) -> str | None:
        said = why_not(enrolment, now)
        let_go_until(both_have_asked)
        return said

    monkeypatch.setattr(actions, "why_not", ask_and_let_go)
    monkeypatch.setattr(actions, "hold_row", lambda row, *columns: None)
    with fresh_database.app.app_context():
        made = Scene()
        db.session.commit()
        enrolment_id, person_id = made.enrolment.id, made.enrolment.person_id
    facts = {**TYPED, "tie": Tie.NONE, "tied_to": "", "duties_now": "", "duties_differ": ""}

    def press(number: int) -> None:
        db.session.rollback()  # what held everybody else off
        enrolment = db.session.get_one(Enrolment, enrolment_id)
        actions.propose(enrolment, facts, form_key=f"form-{number}", actor=Principal(person_id), now=NOW)

    answers = at_once(fresh_database, partial(press, 1), partial(press, 2))
    assert [type(each) for each in answers if each] == [IntegrityError]
    assert count(fresh_database, Proposal) == 1  # the database keeps it so, but says it to nobody


def test_two_presses_place_the_student_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        made = Scene()
        key, run_id, leader = made.checked().id, made.run.id, made.leader.person_id
        db.session.commit()

    def approve() -> None:
        leads = Principal(leader, frozenset({("leader", run_id)}))
        deciding.approve(db.session.get_one(Proposal, key), actor=leads, now=NOW)

    assert at_once(fresh_database, approve, approve) == [None, None]
    assert (count(fresh_database, Offer), count(fresh_database, Placement)) == (1, 1)


def test_approved_and_withdrawn_at_once_is_one_of_the_two(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        made = Scene()
        key, leader, student = made.checked().id, made.leader.person_id, made.student.person_id
        db.session.commit()

    def approve() -> None:
        deciding.approve(db.session.get_one(Proposal, key), actor=Principal(leader), now=NOW)

    def withdraw() -> None:
        actions.withdraw(db.session.get_one(Proposal, key), actor=Principal(student), now=NOW)

    answers = at_once(fresh_database, approve, withdraw)
    assert answers.count(None) == 1
    with fresh_database.app.app_context():
        state = db.session.get_one(Proposal, key).state
    assert count(fresh_database, Placement) == (1 if state is ProposalState.APPROVED else 0)


@pytest.mark.filterwarnings(LEFT_OPEN)
@pytest.mark.usefixtures("files_closed_here")
def test_no_hostile_post_breaks_the_form(database: Flask, client: PageClient, scene: Build) -> None:
    client.sign_in_as(scene().student)
    form = client.page("/own-place/propose").form("Propose this place")
    problems = [
        f"{post.label}: {each}"
        for post in islice(hostile_forms(form, Random(SEED)), POSTS)
        for each in hostile_problems(post_hostile(client, form, post))
    ]
    assert problems[:10] == []


def test_every_question_of_the_form_is_kept(database: Flask) -> None:
    with database.test_request_context():
        asked = {field.name for field in ProposeForm("ada@example.org")} - {"form_key", "is_agreed", "csrf_token"}
        assert asked == {*TYPED, "tied_to", "duties_now", "duties_differ"}
