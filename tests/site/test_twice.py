"""A button that is pressed twice: the second press is told kindly where it stands, and changes nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.agreements.models import Party
from placements.agreements.workflow import AgreementState
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, RunRole, Theme
from placements.core.policy import NOBODY, Answer, signed_in
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.offers.workflow import OFFER, OfferState
from placements.placing.workflow import PlacementState
from placements.rounds.workflow import RoundState
from tests import factories as make
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.page import Page
from tests.placing.scene import Scene, committed

Made = tuple[str, str, str, dict[str, Any]]  # who presses, the page, the form's action, what is filled in


def _rows(app: Flask) -> tuple[int, int]:
    with app.app_context():
        return tuple(db.session.scalar(select(func.count()).select_from(each)) for each in (History, Notification))  # type: ignore[return-value]


def _enrolment(scene: Scene) -> Enrolment:
    return db.session.scalars(select(Enrolment).filter_by(person_id=scene.other_student.person_id)).one()


def _accept(scene: Scene) -> Made:
    offer = make.offer(_enrolment(scene), scene.challenge)
    url = f"/offers/{offer.public_id}"
    return "other_student", url, f"{url}/accept", {}


def _decline(scene: Scene) -> Made:
    offer = make.offer(_enrolment(scene), scene.challenge)
    url = f"/offers/{offer.public_id}/decline"
    return "other_student", url, url, {}


def _publish(scene: Scene) -> Made:
    make.run_role(RunRole.CHAMPION, scene.other_tutor.person, scene.run, Theme.CRIME)
    brief = make.challenge(theme=Theme.CRIME, state=ChallengeState.APPROVED, published_at=None)
    url = f"/challenges/{brief.public_id}"
    return "other_tutor", url, f"{url}/publish", {}


def _sign(scene: Scene) -> Made:
    going = make.agreement(scene.placement, Party.STUDENT, state=AgreementState.SIGNING)
    url = f"/agreements/{going.public_id}/sign"
    return "supervisor", url, url, {"typed_name": "Sue Supervisor", "has_read": True}


def _pause(scene: Scene) -> Made:
    scene.placement.state, scene.placement.starts_on = PlacementState.ACTIVE, date(2026, 10, 5)
    url = f"/placements/{scene.placement.public_id}/pause"
    return "tutor", url, url, {"reason": "Wait."}


def _confirm_week(scene: Scene) -> Made:
    scene.placement.state, scene.placement.starts_on = PlacementState.ACTIVE, date(2026, 10, 5)
    make.agreement(scene.placement)
    make.entry(scene.placement)
    return "supervisor", "/confirm/hours", "/confirm/hours", {}


def _publish_round(scene: Scene) -> Made:
    staged = make.allocation_round(scene.run, state=RoundState.STAGED)
    make.match(staged, make.enrolment(scene.group), scene.challenge)
    url = f"/rounds/{staged.public_id}/publish"
    return "leader", url, url, {}


SAID = {
    _accept: "The place is yours",
    _decline: "You have declined the offer.",
    _publish: "Students can see this challenge",
    _sign: "You have signed",
    _pause: "The placement is paused",
    _confirm_week: "Nothing waits for you",
    _publish_round: "",
}


@pytest.mark.parametrize("scenario", SAID, ids=lambda scenario: scenario.__name__.strip("_"))
def test_the_second_press_leads_on_and_changes_nothing(
    database: Flask, client: PageClient, scenario: Callable[[Scene], Made]
) -> None:
    with database.app_context():
        scene = Scene()
        name, url, action, filled = scenario(scene)
        committed(scene)
    client.sign_in_as(getattr(scene, name))
    form = client.page(url).form(action)

    def press() -> Page:
        return client.submit(form, filled)

    first = press()
    assert (first.status, first.errors) == (200, [])
    before = _rows(database)
    second = press()
    assert second.status == 200
    assert SAID[scenario] in second.text
    assert _rows(database) == before


def test_what_is_done_shows_no_form_and_says_so(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Scene()
        offer = make.offer(_enrolment(scene), state=OfferState.DECLINED)
        url = f"/offers/{offer.public_id}/decline"
        committed(scene)
    client.sign_in_as(scene.other_student)
    page = client.page(url, status=409)
    assert "This is done already, so nothing more is needed." in page.text


@pytest.mark.pure
@pytest.mark.parametrize(
    ("state", "answer"),
    [
        (OfferState.MADE, Answer.YES),
        (OfferState.ACCEPTED, Answer.DONE),
        (OfferState.EXPIRED, Answer.NOT_NOW),
    ],
)
def test_what_an_ability_answers_before_at_and_beside_its_target(state: OfferState, answer: Answer) -> None:
    thing = type("Thing", (), {"state": state})()
    ability = OFFER.can("accept")
    assert ability.ask(NOBODY, thing, NOW) is answer
    assert ability(NOBODY, thing, NOW) == (answer is Answer.YES)
    assert (ability & signed_in).ask(NOBODY, thing, NOW + DAY) is Answer.NOT_YOU
    assert (signed_in | ability).ask(NOBODY, thing, NOW + DAY) is answer
