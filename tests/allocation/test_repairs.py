"""Repairing a published round: nobody who accepted is touched, everybody else keeps what they can, one mail says all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.allocation import actions
from placements.allocation.queries import all_matches, taken_by_matches
from placements.allocation.results import changes_of
from placements.allocation.solving import solve_next
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.mail.models import Notification
from placements.offers import actions as offers
from placements.offers import refusing
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.queries import open_clearing
from placements.offers.unplaced import found_a_place
from placements.offers.workflow import OfferState
from placements.people.models import Person
from placements.rounds.entrants import field_of
from placements.rounds.inputs import instance_of
from placements.rounds.models import Round
from placements.rounds.repairing import open_repair
from placements.rounds.workflow import RoundState
from tests import factories as make
from tests.allocation.scene import BY_ON, DEADLINE, Scene, match_of, placed, publish
from tests.client import PageClient
from tests.databases import Copy
from tests.factories import NOW
from tests.offers.hosts import host_refusal

TO_ORGANISATIONS = "offers.students_offered"


class Given(Scene):
    """Places are given out: Ada is offered the food bank, Ben the park, Eve has accepted the library; Cyd waits."""

    def __init__(self) -> None:
        super().__init__()
        self.reading_room = self.challenge("The library", places_max=1)
        self.eve = self.student("Eve", self.reading_room, self.park)
        self.round = make.allocation_round(self.run, name="Main round", state=RoundState.PUBLISHED, published_at=NOW)
        self.adas = make.offer(self.ada, self.food)
        self.bens = make.offer(self.ben, self.park)
        self.eves = make.offer(self.eve, self.reading_room, state=OfferState.ACCEPTED)
        self.waits(self.cyd)

    def waits(self, enrolment: Enrolment) -> None:
        make.clearing(enrolment, self.tom)

    def repaired(self) -> Round:
        """A repair, opened, run and staged; commits, as the worker does."""
        attempt = actions.run(open_repair(self.round, actor=self.leader, now=NOW), actor=self.leader, now=NOW)
        db.session.commit()
        assert solve_next(NOW, NOW)
        actions.stage(attempt, actor=self.leader, now=NOW)
        db.session.flush()
        return attempt.round


@pytest.fixture
def scene(session: Any) -> Given:
    return Given()


def told() -> dict[str, list[str]]:
    """The notices of offers, by who gets them."""
    named = select(Notification.notice, Person.given_name).join(Person, Person.id == Notification.recipient_id)
    found: dict[str, list[str]] = {}
    of_staff_and_students = Notification.notice.startswith("offers.") & (Notification.notice != TO_ORGANISATIONS)
    for notice, name in db.session.execute(named.where(of_staff_and_students)):
        found.setdefault(name, []).append(notice.removeprefix("offers."))
    return {name: sorted(notices) for name, notices in found.items()}


def organisations_told() -> list[int]:
    """The challenges of which it is said that students are offered places."""
    rows = select(Notification.about_id).where(Notification.notice == TO_ORGANISATIONS)
    return sorted(db.session.scalars(rows))


def live(enrolment: Enrolment) -> str | None:
    """What the student is offered, or has."""
    states = (OfferState.MADE, OfferState.ACCEPTED)
    offer = db.session.scalar(select(Offer).where(Offer.enrolment_id == enrolment.id, Offer.state.in_(states)))
    return offer.challenge.title if offer else None


def test_a_place_that_became_free_goes_to_who_waits_and_moves_nobody(scene: Given) -> None:
    scene.park.places_max = 2
    round = scene.repaired()
    assert placed(round) == {"Ada": "The food bank", "Ben": "The park", "Cyd": "The park"}
    publish(scene, round)
    assert [(each.id, each.state, each.deadline_at) for each in (scene.adas, scene.bens)] == [
        (scene.adas.id, OfferState.MADE, NOW + 6 * make.DAY),
        (scene.bens.id, OfferState.MADE, NOW + 6 * make.DAY),
    ]
    assert (live(scene.cyd), live(scene.eve)) == ("The park", "The library")
    assert told() == {"Cyd": ["made"]}
    assert organisations_told() == [scene.park.id]
    publish(scene, round)  # pressed twice
    assert len(db.session.scalars(select(Offer)).all()) == 4
    cyd = match_of(round, scene.cyd).offer
    assert cyd is not None and cyd.deadline_at == DEADLINE
    offers.accept(cyd, actor=Principal(scene.cyd.person_id), now=NOW)
    assert open_clearing([scene.cyd.id]) == {}


def test_whoever_must_move_is_told_once_what_has_changed(scene: Given) -> None:
    scene.waits(scene.student("Dee", scene.food))
    scene.park.places_max = 3
    round = scene.repaired()
    assert placed(round) == {"Ada": "The park", "Ben": "The park", "Cyd": "The park", "Dee": "The food bank"}
    publish(scene, round)
    assert told() == {"Ada": ["changed"], "Cyd": ["made"], "Dee": ["made"]}
    assert organisations_told() == sorted([scene.park.id, scene.food.id])
    assert (scene.adas.state, scene.adas.reason) == (OfferState.WITHDRAWN, "This way more students have a place.")
    assert [live(each) for each in (scene.ada, scene.ben, scene.cyd)] == ["The park"] * 3
    assert scene.bens.state is OfferState.MADE
    assert open_clearing([scene.ada.id]) == {}


def test_who_loses_an_offer_and_gets_no_other_is_looked_after(scene: Given) -> None:
    scene.food.state = ChallengeState.PAUSED
    round = scene.repaired()
    publish(scene, round)
    assert told() == {"Ada": ["withdrawn"], "Tom": ["your_clearing_list"]}
    assert (scene.adas.state, scene.adas.reason) == (
        OfferState.WITHDRAWN,
        "“The food bank” is not open to students any more.",
    )
    row = db.session.scalars(select(Clearing).where(Clearing.enrolment_id == scene.ada.id)).one()
    assert (row.why, row.owner_id, row.by_on) == (ClearingReason.WITHDRAWN, scene.tom.id, BY_ON)


def test_a_challenge_that_takes_fewer_keeps_whom_it_can(scene: Given) -> None:
    scene.park.places_max = 2
    found_a_place(scene.cyd, actor=scene.leader, now=NOW)
    cyds = make.offer(scene.cyd, scene.park)
    scene.park.places_max = 1
    publish(scene, scene.repaired())
    lost = next(each for each in (cyds, scene.bens) if each.state is OfferState.WITHDRAWN)
    assert lost.reason == "“The park” can take fewer students than were offered a place there."
    assert sorted(each.state for each in (cyds, scene.bens)) == [OfferState.MADE, OfferState.WITHDRAWN]


def test_a_challenge_closed_to_new_choices_is_on_for_those_alone_who_are_offered_it(scene: Given) -> None:
    scene.food.state = ChallengeState.CLOSED
    scene.park.places_max, scene.food.places_max = 2, 3
    dee = scene.student("Dee", scene.food)
    scene.waits(dee)
    assert placed(scene.repaired()) == {"Ada": "The food bank", "Ben": "The park", "Cyd": "The park", "Dee": None}


def test_what_an_organisation_says_takes_nothing_away_until_it_is_decided(scene: Given) -> None:
    refusal = host_refusal(scene.food)
    with pytest.raises(Refused, match="There is nothing to repair"):  # Ada can keep her offer
        open_repair(scene.round, actor=scene.leader, now=NOW)
    scene.park.places_max, scene.food.places_max = 2, 3
    dee = scene.student("Dee", scene.food)
    scene.waits(dee)
    round = scene.repaired()
    assert placed(round) == {"Ada": "The food bank", "Ben": "The park", "Cyd": "The park", "Dee": "The food bank"}
    says = "The food bank: its organisation has said that it cannot take students"
    with pytest.raises(Refused, match=says), db.session.begin_nested():
        publish(scene, round)  # nobody new is sent there
    refusing.let_stand(refusal, "They found somebody.", actor=scene.leader, now=NOW)
    publish(scene, round)
    assert (live(scene.ada), live(dee), scene.adas.state) == ("The food bank", "The food bank", OfferState.MADE)


def test_what_a_leader_agreed_with_is_gone(scene: Given) -> None:
    refusing.take_back(host_refusal(scene.food), actor=scene.leader, now=NOW)
    scene.park.places_max = 3
    round = scene.repaired()
    assert scene.food.id not in [each.id for each in field_of(round, NOW).challenges]
    assert placed(round) == {"Ada": "The park", "Ben": "The park", "Cyd": "The park"}
    publish(scene, round)
    assert live(scene.ada) == "The park"


def test_a_group_that_has_begun_is_not_closed_for_its_minimum(scene: Given) -> None:
    """Eve has accepted the library, which wants three: she is there, so Fay may come as the second."""
    scene.reading_room.places_min, scene.reading_room.places_max = 3, 4
    fay = scene.student("Fay", scene.reading_room)
    scene.waits(fay)
    round = scene.repaired()
    frozen = next(
        each for each in instance_of(round, field_of(round, NOW)).challenges if each.id == scene.reading_room.public_id
    )
    assert (frozen.maximum, frozen.minimum) == (3, 0)
    assert placed(round)["Fay"] == "The library"
    publish(scene, round)
    assert (live(fay), scene.eves.state) == ("The library", OfferState.ACCEPTED)


def test_offers_that_nobody_has_accepted_are_no_group_yet(scene: Given) -> None:
    """Ada alone is offered the food bank, which now wants two: she would be there by herself."""
    scene.food.places_min, scene.food.places_max, scene.park.places_max = 2, 2, 3
    round = scene.repaired()
    assert placed(round) == {"Ada": "The park", "Ben": "The park", "Cyd": "The park"}


def test_only_who_has_not_answered_is_in_it(scene: Given) -> None:
    by_hand = scene.student("Fay", scene.park)
    make.offer(by_hand, scene.challenge("Elsewhere"), why_made="Near her home.")
    scene.park.places_max = 2
    opened = open_repair(scene.round, actor=scene.leader, now=NOW)
    field = field_of(opened, NOW)
    assert {each.enrolment.person.given_name: each.held for each in field.entrants} == {
        "Ada": scene.adas,
        "Ben": scene.bens,
        "Cyd": None,
    }
    rooms = {each.title: field.taken.room(each).left for each in field.challenges}
    assert rooms == {"Elsewhere": 1, "The food bank": 1, "The library": 0, "The park": 2}


def test_an_offer_by_hand_of_what_is_gone_is_in_it(scene: Given) -> None:
    elsewhere = scene.challenge("Elsewhere")
    fays = make.offer(scene.student("Fay"), elsewhere, why_made="Near her home.")
    elsewhere.state = ChallengeState.PAUSED
    publish(scene, scene.repaired())
    assert fays.state is OfferState.WITHDRAWN
    assert told()["Fay"] == ["withdrawn"]


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_what_was_answered_since_it_was_staged_is_not_changed(scene: Given, answer: str) -> None:
    scene.food.state = ChallengeState.PAUSED
    round = scene.repaired()
    scene.food.state = ChallengeState.PUBLISHED
    ada = Principal(scene.ada.person_id)
    if answer == "accept":
        offers.accept(scene.adas, actor=ada, now=NOW)
    else:
        offers.decline(scene.adas, "", actor=ada, now=NOW)
    with pytest.raises(Refused, match=r"Ada Student no longer has an offer to answer\. Run the allocation again"):
        publish(scene, round)
    assert scene.adas.state is not OfferState.WITHDRAWN


def test_who_keeps_their_offer_may_accept_it_meanwhile(scene: Given) -> None:
    scene.park.places_max = 2
    round = scene.repaired()
    offers.accept(scene.bens, actor=Principal(scene.ben.person_id), now=NOW)
    publish(scene, round)
    assert scene.bens.state is OfferState.ACCEPTED


def test_a_change_by_hand_says_so(scene: Given) -> None:
    scene.park.places_max = 3
    round = scene.repaired()
    match = match_of(round, scene.ada)
    assert taken_by_matches(round, but=match).room(scene.park).left == 1  # Ben’s offer and match are one place
    actions.override(match, scene.park, "She lives there.", actor=scene.leader, now=NOW)
    publish(scene, round)
    assert scene.adas.reason == "The module team had to change it by hand."
    assert told()["Ada"] == ["changed"]


def test_where_nothing_can_be_better_no_repair_is_opened(scene: Given) -> None:
    with pytest.raises(Refused, match="There is nothing to repair"):
        open_repair(scene.round, actor=scene.leader, now=NOW)
    scene.challenge("Wide", places_max=9)  # nobody chose it
    with pytest.raises(Refused, match="There is nothing to repair"):
        open_repair(scene.round, actor=scene.leader, now=NOW)


def test_one_repair_at_a_time(scene: Given) -> None:
    scene.park.places_max = 2
    first = open_repair(scene.round, actor=scene.leader, now=NOW)
    db.session.flush()
    assert open_repair(scene.round, actor=scene.leader, now=NOW) is first
    first.state = RoundState.DISCARDED
    other = make.allocation_round(scene.run, name="Late round")
    with pytest.raises(Refused, match="The round “Late round” is not over yet"):
        open_repair(scene.round, actor=scene.leader, now=NOW)
    assert other.repairs_id is None


def test_a_repair_can_be_repaired(scene: Given) -> None:
    scene.park.places_max = 2
    first = scene.repaired()
    publish(scene, first)
    scene.food.state = ChallengeState.PAUSED
    scene.round = first
    second = scene.repaired()
    changes = changes_of(all_matches(second))
    assert [len(each) for each in (changes.kept, changes.moved, changes.placed, changes.lost)] == [2, 0, 0, 1]


def test_pressed_twice_at_once_one_repair_is_opened(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        scene = Given()
        scene.park.places_max = 2
        key, leader = scene.round.id, scene.leader
        db.session.commit()
    ready = Barrier(2)

    def press(_: int) -> int:
        with fresh_database.app.app_context():
            ready.wait(timeout=20)
            begin_to_write()
            opened = open_repair(db.session.get_one(Round, key), actor=leader, now=NOW)
            db.session.flush()
            found = opened.id
            db.session.commit()
            return found

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(press, range(2)))) == 1


# On pages


@pytest.fixture
def build(database: Flask) -> Callable[..., Given]:
    """The scene, with accounts, and whatever `more` does to it; committed."""

    def build(more: Callable[[Given], object]) -> Given:
        with database.app_context():
            made = Given()
            more(made)
            made.account = make.account(made.lea)  # type: ignore[attr-defined]
            db.session.commit()
            db.session.refresh(made.account)  # type: ignore[attr-defined]
            db.session.refresh(made.lea)
            db.session.expunge_all()
            return made

    return build


def test_the_leader_repairs_a_round(database: Flask, client: PageClient, build: Callable[..., Given]) -> None:
    def more(scene: Given) -> None:
        scene.waits(scene.student("Dee", scene.food))
        scene.park.places_max = 3
        scene.waits(scene.student("Gus", scene.challenge("Gone", state=ChallengeState.PAUSED)))
        make.offer(scene.student("Fay"), scene.challenge("Shut", state=ChallengeState.PAUSED))

    client.sign_in_as(build(more).account)  # type: ignore[attr-defined]
    main = client.page(client.page("/rounds").link("Main round"))
    opened = client.submit(main.form("Repair this round"))
    assert "6 in this round" in opened.text
    assert "3 of them with an offer to answer" in opened.text
    running = client.submit(opened.form("Run the allocation"))
    with database.app_context():
        while solve_next(NOW, NOW):
            pass
    solved = client.page(running.link("Check again"))
    assert [row for row in solved.rows if row[0] in ("No place", "Students moved")] == [
        *(["No place", "2"], ["Students moved", "1", "1"])
    ]
    staged = client.submit(solved.form("Stage this result"))
    check = client.submit(client.page(staged.link("Check and publish")).form("Continue"))
    assert "1 student keeps the offer that they have and is told nothing." in check.text
    assert check.rows == [
        ["Ada Student", "The food bank", "The park", "that their offer has changed, and why"],
        ["Cyd Student", "No place", "The park", "that they are offered a place"],
        ["Dee Student", "No place", "The food bank", "that they are offered a place"],
        [*("Fay Student", "Shut", "No place"), "that their offer is taken back, and who looks for another place"],
    ]
    assert (
        "Their offer changes 1 student They are newly offered a place 2 students Their offer is taken back 1 student"
    ) in check.text
    assert "Looked after by Tom Tutor 1 student" in check.text
    published = client.submit(check.form("Publish this repair"))
    assert client.page(published.link("Main round")).h1 == "Main round"
    with database.app_context():
        assert told() == {
            "Ada": ["changed"],
            "Cyd": ["made"],
            "Dee": ["made"],
            "Fay": ["withdrawn"],
            "Tom": ["your_clearing_list"],
        }


def test_the_leader_is_told_where_there_is_nothing_to_repair(client: PageClient, build: Callable[..., Given]) -> None:
    client.sign_in_as(build(lambda scene: None).account)  # type: ignore[attr-defined]
    main = client.page(client.page("/rounds").link("Main round"))
    refused = client.submit(main.form("Repair this round"), follow=False)
    assert "There is nothing to repair: every offer can stay as it is" in refused.text
