"""A place that comes free goes to the student whose turn it is, and to nobody whom it does not fit."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from placements.applications.models import Application, HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState, ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment
from placements.core.errors import Refused
from placements.core.policy import NOBODY
from placements.db import db
from placements.mail.models import Notification
from placements.offers import actions
from placements.offers.models import Clearing, Offer
from placements.offers.workflow import OfferState
from tests import factories as make
from tests.applications.scene import needs
from tests.factories import DAY, NOW


class Scene:
    """Ada is offered the only place of `park`; whoever else wants it is made by the test."""

    def __init__(self) -> None:
        self.leader = make.person()
        self.group = make.group(tutor=make.person())
        self.park = make.challenge(title="The park", places_max=1, public_id="park-park-12")
        self.offer = make.offer(make.enrolment(self.group), self.park, made_by_id=self.leader.id)

    def waits(self, *ranked: Challenge, **said: Any) -> Enrolment:
        """Somebody on the clearing list who chose these."""
        enrolment = make.enrolment(said.pop("group", self.group), **said)
        make.application(enrolment, list(ranked))
        make.clearing(enrolment)
        return enrolment

    def frees(self, how: str = "decline") -> None:
        """Ada's place comes free."""
        if how == "decline":
            actions.decline(self.offer, "", actor=NOBODY, now=NOW)
        elif how == "lapse":
            self.offer.deadline_at = NOW
            assert actions.lapse_due(NOW) == 1
        elif how == "leave":
            move_enrolment(self.offer.enrolment, "withdraw", actor=NOBODY, now=NOW)
            assert actions.lapse_due(NOW) == 1
            assert actions.lapse_due(NOW) == 0  # passed on once
        else:
            actions.withdraw(self.offer, "A mistake.", actor=NOBODY, now=NOW)

    def offered(self) -> list[Enrolment]:
        """To whom the place is offered now."""
        live = select(Offer).where(Offer.challenge_id == self.park.id, Offer.state == OfferState.MADE)
        return [each.enrolment for each in db.session.scalars(live.order_by(Offer.id))]


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def answered(enrolment: Enrolment, state: AnswerState, challenge: Challenge) -> None:
    rows = select(HostAnswer).join(HostAnswer.application).where(HostAnswer.challenge_id == challenge.id)
    answer = db.session.scalars(rows.filter_by(enrolment_id=enrolment.id)).one()
    answer.state = state
    if state in (AnswerState.NOT_SUITABLE, AnswerState.AGREED):
        answer.reason, answer.sentence = Unsuitable.DAYS, "Only on Fridays."


@pytest.mark.parametrize("how", ["decline", "lapse", "withdraw", "leave"])
def test_a_place_that_comes_free_is_offered_to_who_waits_for_it(scene: Scene, how: str) -> None:
    ben = scene.waits(scene.park)
    scene.frees(how)
    [made] = db.session.scalars(select(Offer).where(Offer.enrolment_id == ben.id))
    assert (made.challenge_id, made.state, made.made_by_id, made.why_made) == (
        scene.park.id,
        OfferState.MADE,
        None,
        None,
    )
    assert made.deadline_at.isoformat() == "2026-10-27T17:00:00+00:00"  # a week on, at 5pm in London
    told = select(Notification.notice).where(Notification.recipient_id == ben.person_id)
    assert db.session.scalars(told).all() == ["offers.place_free"]


def test_one_place_is_offered_once(scene: Scene) -> None:
    for _ in range(3):
        scene.waits(scene.park)
    scene.frees()
    scene.frees()
    assert len(scene.offered()) == 1


def test_the_rank_comes_first_then_what_the_organisation_said(scene: Scene) -> None:
    other = make.challenge()
    keen_second, happy_first, keen_first = (
        scene.waits(other, scene.park),
        scene.waits(scene.park),
        scene.waits(scene.park),
    )
    answered(keen_second, AnswerState.KEEN, scene.park)
    answered(keen_first, AnswerState.KEEN, scene.park)
    turns = []
    for _ in range(3):
        [offer] = db.session.scalars(select(Offer).where(Offer.state == OfferState.MADE))
        actions.decline(offer, "", actor=NOBODY, now=NOW)
        turns += scene.offered()
    assert turns == [keen_first, happy_first, keen_second]


def elsewhere(scene: Scene, ben: Enrolment) -> None:
    make.offer(ben)


def had(state: OfferState) -> Callable[[Scene, Enrolment], None]:
    def had_it(scene: Scene, ben: Enrolment) -> None:
        make.offer(ben, scene.park, state=state, made_at=NOW - 9 * DAY, deadline_at=NOW - 2 * DAY)

    return had_it


def application_withdrawn(scene: Scene, ben: Enrolment) -> None:
    db.session.scalars(select(Application).filter_by(enrolment=ben)).one().state = ApplicationState.WITHDRAWN


def on_another_day(scene: Scene, ben: Enrolment) -> None:
    needs(ben, days=1)
    scene.park.days = 2


def off_the_list(scene: Scene, ben: Enrolment) -> None:
    db.session.scalars(select(Clearing).filter_by(enrolment=ben)).one().closed_at = NOW - DAY


NOT_WAITING: dict[str, Callable[[Scene, Enrolment], object]] = {
    "has an offer elsewhere": elsewhere,
    "declined it before": had(OfferState.DECLINED),
    "let it run out before": had(OfferState.EXPIRED),
    "lost it before": had(OfferState.WITHDRAWN),
    "is off the clearing list": off_the_list,
    "withdrew their choices": application_withdrawn,
    "cannot come on that day": on_another_day,
    "is not suitable": lambda scene, ben: answered(ben, AnswerState.AGREED, scene.park),
    "is of the other level": lambda scene, ben: setattr(scene.park, "suits_level_6", False),
    "is of another year": lambda scene, ben: setattr(ben.run, "academic_year", "2025/26"),
}


@pytest.mark.parametrize("why", NOT_WAITING)
def test_who_does_not_wait_for_it_is_passed_over(scene: Scene, why: str) -> None:
    run = make.run()
    NOT_WAITING[why](scene, scene.waits(scene.park, group=make.group(run)))
    db.session.flush()
    scene.frees()
    assert scene.offered() == []


def test_not_suitable_counts_as_happy_until_a_module_leader_agrees(scene: Scene) -> None:
    ben = scene.waits(scene.park)
    answered(ben, AnswerState.NOT_SUITABLE, scene.park)
    scene.frees()
    assert scene.offered() == [ben]


def test_who_only_chose_something_else_does_not_wait_for_it(scene: Scene) -> None:
    scene.waits(make.challenge())
    scene.frees()
    assert scene.offered() == []


@pytest.mark.parametrize("state", [ChallengeState.PAUSED, ChallengeState.CLOSED, ChallengeState.WITHDRAWN])
def test_a_challenge_that_takes_no_more_students_gets_none(scene: Scene, state: ChallengeState) -> None:
    scene.waits(scene.park)
    scene.park.state = state
    scene.frees()
    assert scene.offered() == []


def test_a_place_that_is_needed_elsewhere_is_not_given_out_again(scene: Scene) -> None:
    scene.waits(scene.park)
    scene.park.organisation.ceiling = 1
    make.offer(to=make.challenge(scene.park.organisation))
    scene.frees()
    assert scene.offered() == []


def test_of_two_places_that_come_free_at_once_a_student_gets_the_one_they_ranked_higher(scene: Scene) -> None:
    hall = make.challenge(title="The hall", places_max=1)
    make.offer(make.enrolment(scene.group), hall, deadline_at=NOW)
    ben, cyd = scene.waits(hall, scene.park), scene.waits(scene.park)
    scene.offer.deadline_at = NOW - DAY
    assert actions.lapse_due(NOW) == 2
    made = db.session.scalars(select(Offer).where(Offer.state == OfferState.MADE))
    assert {each.enrolment_id: each.challenge.title for each in made} == {ben.id: "The hall", cyd.id: "The park"}


def test_two_places_of_one_challenge_go_to_two_students(scene: Scene) -> None:
    scene.park.places_max = 2
    make.offer(make.enrolment(scene.group), scene.park, deadline_at=NOW)
    scene.offer.deadline_at = NOW
    three = [scene.waits(scene.park) for _ in range(3)]
    assert actions.lapse_due(NOW) == 2
    assert len({each.id for each in scene.offered()} & {each.id for each in three}) == 2


def test_an_offer_whose_place_has_gone_to_the_next_is_not_opened_again_and_says_so(scene: Scene) -> None:
    ben = scene.waits(scene.park)
    scene.frees("lapse")
    for _ in range(2):
        with pytest.raises(Refused, match="The park: The place has gone to the next student who waited for it"):
            actions.reinstate(scene.offer, NOW + DAY, "She was ill.", actor=NOBODY, now=NOW)
        [made] = db.session.scalars(select(Offer).where(Offer.enrolment_id == ben.id))
        made.state = OfferState.ACCEPTED
    made.state = OfferState.DECLINED
    actions.reinstate(scene.offer, NOW + DAY, "She was ill.", actor=NOBODY, now=NOW)
    assert scene.offer.state is OfferState.MADE


def test_a_student_who_had_accepted_and_leaves_passes_nothing_on(scene: Scene) -> None:
    """The year is under way then: whether the place is given again is for a repair, or by hand."""
    scene.waits(scene.park)
    scene.offer.state, scene.offer.answered_at = OfferState.ACCEPTED, NOW
    move_enrolment(scene.offer.enrolment, "withdraw", actor=NOBODY, now=NOW)
    assert actions.lapse_due(NOW) == 0
    assert scene.offered() == []


def test_who_leaves_gets_no_mail_and_comes_on_no_list(scene: Scene) -> None:
    scene.frees("leave")
    assert db.session.scalars(select(Notification)).all() == []
    assert db.session.scalars(select(Clearing)).all() == []
