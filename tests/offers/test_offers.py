"""What becomes of an offer: made, accepted, declined, lapsed, reinstated, withdrawn, given back."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges.workflow import ChallengeState
from placements.cohorts.actions import move_enrolment
from placements.cohorts.models import Enrolment, RunRole
from placements.cohorts.workflow import EnrolmentState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.offers import actions
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.workflow import OfferState
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from tests import factories as make
from tests.factories import DAY, NOW

DEADLINE = NOW + 6 * DAY


@pytest.fixture
def leader(session: Any) -> Principal:
    return Principal(make.person(given_name="Lea").id)


def student_of(enrolment: Enrolment) -> Principal:
    return Principal(enrolment.person_id)


def queued() -> list[tuple[str, int]]:
    """What is to be said, and to whom."""
    rows = db.session.execute(select(Notification.notice, Notification.recipient_id).order_by(Notification.id))
    return [(notice, recipient) for notice, recipient in rows]


def done(about: Any) -> list[tuple[str, int | None]]:
    """What the history says was done to a thing, and by whom."""
    rows = select(History).where(History.about_kind == about.__tablename__, History.about_id == about.id)
    return [(row.verb, row.actor_id) for row in db.session.scalars(rows.order_by(History.id))]


def offer_by_hand(leader: Principal, enrolment: Enrolment, challenge: Any, **said: Any) -> Offer:
    given = {"why": "Lives next door.", "actor": leader, "now": NOW, **said}
    return actions.make_offers([(enrolment, challenge.id)], DEADLINE, **given)[0]


# Making


def test_an_offer_holds_a_place_and_tells_the_student(leader: Principal) -> None:
    enrolment, challenge = make.enrolment(), make.challenge()
    offer = offer_by_hand(leader, enrolment, challenge)
    assert (offer.state, offer.deadline_at, offer.why_made) == (OfferState.MADE, DEADLINE, "Lives next door.")
    assert queued() == [("offers.made", enrolment.person_id)]
    assert done(offer) == [("offered", leader.person_id)]


@pytest.mark.parametrize(
    ("challenge", "organisation", "sentence"),
    [
        ({"state": ChallengeState.PAUSED}, {}, "This challenge is not open to students now."),
        ({"state": ChallengeState.CLOSED}, {}, "This challenge is not open to students now."),
        ({"academic_year": "2025/26"}, {}, "This challenge is not open to students now."),
        ({}, {"state": OrganisationState.PAUSED}, "This challenge is not open to students now."),
        ({}, {"approved_until": date(2026, 10, 19)}, "This challenge is not open to students now."),
        ({"suits_level_6": False}, {}, "This challenge is for the other level."),
    ],
)
def test_a_challenge_that_is_not_open_to_the_student_is_refused(
    leader: Principal, challenge: dict[str, Any], organisation: dict[str, Any], sentence: str
) -> None:
    shut = make.challenge(make.organisation(**organisation), title="The allotment", **challenge)
    with pytest.raises(Refused, match=f"The allotment: {sentence}"):
        offer_by_hand(leader, make.enrolment(), shut)


def test_no_more_offers_than_places(leader: Principal) -> None:
    challenge = make.challenge(places_max=2)
    make.offer(to=challenge)
    make.offer(to=challenge, state=OfferState.DECLINED)
    make.offer(to=challenge, state=OfferState.EXPIRED)
    offer_by_hand(leader, make.enrolment(), challenge)
    with pytest.raises(Refused, match="Every place in this challenge is taken"):
        offer_by_hand(leader, make.enrolment(), challenge)


def test_no_more_offers_than_the_organisation_takes_over_all_its_challenges(leader: Principal) -> None:
    organisation = make.organisation(ceiling=2)
    one, other = (make.challenge(organisation, places_max=5) for _ in range(2))
    make.offer(to=one)
    offer_by_hand(leader, make.enrolment(), other)
    with pytest.raises(Refused, match="as many students as it can take"):
        offer_by_hand(leader, make.enrolment(), other)


def test_several_offers_at_once_are_counted_together_and_made_all_or_none(leader: Principal) -> None:
    challenge = make.challenge(places_max=2)
    pairs = [(make.enrolment(), challenge.id) for _ in range(3)]
    with pytest.raises(Refused):
        actions.make_offers(pairs, DEADLINE, actor=leader, now=NOW)
    assert db.session.scalars(select(Offer)).all() == []
    assert len(actions.make_offers(pairs[:2], DEADLINE, actor=leader, now=NOW)) == 2


def test_a_student_with_an_offer_or_without_need_of_a_place_gets_none(leader: Principal) -> None:
    offer = make.offer()
    with pytest.raises(Refused, match="has an offer already"):
        offer_by_hand(leader, offer.enrolment, make.challenge())
    left = make.enrolment(state=EnrolmentState.WITHDRAWN)
    with pytest.raises(Refused, match="does not need a place now"):
        offer_by_hand(leader, left, make.challenge())


def test_nobody_gives_a_place_by_hand_in_an_organisation_of_their_own(leader: Principal) -> None:
    challenge = make.challenge()
    who = Principal(leader.person_id, frozenset({("interest", challenge.organisation_id)}))
    with pytest.raises(Refused, match="somebody else has to decide this"):
        offer_by_hand(who, make.enrolment(), challenge)
    offer_by_hand(who, make.enrolment(), challenge, why=None)  # a round that they only publish


def test_a_deadline_that_is_past_is_refused(leader: Principal) -> None:
    with pytest.raises(Refused, match="still to come"):
        actions.make_offers([(make.enrolment(), make.challenge().id)], NOW, actor=leader, now=NOW)


# Answering


def accepting() -> Offer:
    group = make.group(tutor=make.person())
    return make.offer(make.enrolment(group, state=EnrolmentState.SEEKING), make.challenge(places_max=1))


def accept(offer: Offer, **said: Any) -> None:
    actions.accept(offer, **{"actor": student_of(offer.enrolment), "now": NOW, **said})


def test_accepting_places_the_student_and_tells_everybody_concerned(session: Any) -> None:
    offer = accepting()
    make.clearing(offer.enrolment)
    heard: list[tuple[Offer, Principal, Any]] = []

    def hear(sender: Offer, *, actor: Principal, now: Any) -> None:
        heard.append((sender, actor, now))

    with actions.offer_accepted.connected_to(hear):
        accept(offer)
    assert (offer.state, offer.answered_at) == (OfferState.ACCEPTED, NOW)
    assert offer.enrolment.state is EnrolmentState.PLACED
    assert heard == [(offer, student_of(offer.enrolment), NOW)]
    assert queued() == [
        ("offers.accepted", offer.enrolment.person_id),
        ("offers.student_accepted", offer.enrolment.group.tutor_id),
        ("offers.student_is_coming", offer.challenge.supervisor_id),
    ]
    assert session.scalars(select(Clearing)).one().closed_at == NOW


def test_accepting_twice_changes_nothing_more(session: Any) -> None:
    offer = accepting()
    accept(offer)
    said = queued()
    accept(offer, now=NOW + DAY)
    assert queued() == said
    assert offer.answered_at == NOW


def test_the_deadline_is_asked_again_at_the_moment_of_accepting(session: Any) -> None:
    offer = accepting()
    with pytest.raises(Refused, match="ran out on Mon 26 Oct 2026, 8am"):
        accept(offer, now=offer.deadline_at)
    assert offer.state is OfferState.MADE


def test_the_last_place_goes_to_whoever_accepts_first(session: Any) -> None:
    challenge = make.challenge(places_max=2)
    first, second = (make.offer(to=challenge) for _ in range(2))
    challenge.places_max = 1
    accept(first)
    with pytest.raises(Refused, match="Every place in this challenge is taken"):
        accept(second)
    assert second.enrolment.state is EnrolmentState.REGISTERED


def test_a_challenge_that_is_closed_keeps_its_offers_and_one_that_is_paused_does_not(session: Any) -> None:
    closed, paused = accepting(), accepting()
    closed.challenge.state, paused.challenge.state = ChallengeState.CLOSED, ChallengeState.PAUSED
    accept(closed)
    with pytest.raises(Refused, match="not open to students now"):
        accept(paused)


def test_declining_frees_the_place_and_puts_the_student_on_the_clearing_list(session: Any) -> None:
    offer = accepting()
    actions.decline(offer, "Too far from home.", actor=student_of(offer.enrolment), now=NOW)
    assert (offer.state, offer.reason) == (OfferState.DECLINED, "Too far from home.")
    row = session.scalars(select(Clearing)).one()
    assert (row.enrolment_id, row.why, row.by_on) == (offer.enrolment_id, ClearingReason.DECLINED, date(2026, 11, 3))
    assert row.owner_id == offer.enrolment.group.tutor_id
    assert queued() == [("offers.your_clearing_list", row.owner_id)]


# What time does


def test_offers_lapse_when_their_deadline_has_passed_and_not_before(session: Any) -> None:
    offer = accepting()
    assert actions.lapse_due(offer.deadline_at - timedelta(seconds=1)) == 0
    assert actions.lapse_due(offer.deadline_at) == 1
    assert offer.state is OfferState.EXPIRED
    assert done(offer) == [("lapsed", None)]
    tutor = offer.enrolment.group.tutor_id
    assert sorted(queued()) == sorted(
        [
            ("offers.your_clearing_list", tutor),
            ("offers.lapsed", offer.enrolment.person_id),
            ("offers.student_lapsed", tutor),
        ]
    )
    assert actions.lapse_due(offer.deadline_at) == 0


def test_where_the_group_has_no_tutor_the_leaders_hear_that_an_offer_ran_out(leader: Principal) -> None:
    offer = make.offer()
    make.run_role(RunRole.LEADER, db.session.get_one(Person, leader.person_id), offer.enrolment.run)
    actions.lapse_due(offer.deadline_at)
    assert ("offers.student_lapsed", leader.person_id) in queued()


def test_an_expired_offer_can_be_opened_again_while_its_place_is_free(leader: Principal) -> None:
    offer = make.offer(to=make.challenge(places_max=1), state=OfferState.EXPIRED, deadline_at=NOW - DAY)
    actions.reinstate(offer, DEADLINE, "Was ill.", actor=leader, now=NOW)
    assert (offer.state, offer.deadline_at) == (OfferState.MADE, DEADLINE)
    assert queued() == [("offers.made", offer.enrolment.person_id)]


def test_an_expired_offer_stays_so_once_somebody_else_has_the_place_or_the_student_another(leader: Principal) -> None:
    challenge = make.challenge(places_max=1)
    offer = make.offer(to=challenge, state=OfferState.EXPIRED, deadline_at=NOW - DAY)
    make.offer(to=challenge, made_by_id=leader.person_id)
    with pytest.raises(Refused, match="Every place in this challenge is taken"):
        actions.reinstate(offer, DEADLINE, "Was ill.", actor=leader, now=NOW)
    elsewhere = make.offer(state=OfferState.EXPIRED, deadline_at=NOW - DAY)
    make.offer(elsewhere.enrolment)
    with pytest.raises(Refused, match="has an offer already"):
        actions.reinstate(elsewhere, DEADLINE, "Was ill.", actor=leader, now=NOW)


# Taking back


def test_an_offer_taken_back_tells_the_student_and_puts_them_on_the_list(leader: Principal) -> None:
    offer = accepting()
    actions.withdraw(offer, "The organisation has closed.", actor=leader, now=NOW)
    assert (offer.state, offer.reason) == (OfferState.WITHDRAWN, "The organisation has closed.")
    row = db.session.scalars(select(Clearing)).one()
    assert row.why is ClearingReason.WITHDRAWN
    assert queued() == [
        ("offers.your_clearing_list", row.owner_id),
        ("offers.withdrawn", offer.enrolment.person_id),
    ]


def test_a_place_given_back_is_free_and_the_student_seeks_again(leader: Principal) -> None:
    placement = make.placement()
    offer = db.session.get_one(Offer, placement.offer_id)
    make.run_role(RunRole.LEADER, make.person(), offer.enrolment.run)
    actions.give_back(offer, "The placement ended early.", actor=leader, now=NOW)
    assert offer.state is OfferState.WITHDRAWN
    assert offer.enrolment.state is EnrolmentState.SEEKING
    assert db.session.scalars(select(Clearing)).one().why is ClearingReason.PLACEMENT_ENDED


@pytest.mark.parametrize("verb", ["withdraw", "defer"])
@pytest.mark.parametrize("state", [OfferState.MADE, OfferState.ACCEPTED])
def test_whoever_leaves_the_module_holds_no_place_and_needs_none(
    leader: Principal, verb: str, state: OfferState
) -> None:
    offer = make.offer(state=state)
    row = make.clearing(offer.enrolment)
    move_enrolment(offer.enrolment, verb, actor=leader, now=NOW)
    assert offer.state is OfferState.WITHDRAWN
    assert row.closed_at == NOW
    assert queued() == []
