"""An organisation that cannot take its students: said by link or signed in, decided by a module leader, told to each."""

from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.mail.models import Notification
from placements.offers import actions, notices, refusing
from placements.offers.hosts import asked_by
from placements.offers.models import Clearing, ClearingReason, HostRefusal, RefusalKind
from placements.offers.workflow import OfferState, RefusalState
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.offers.hosts import Hosts, host_refusal


@pytest.fixture
def hosts(session: Any) -> Hosts:
    return Hosts()


def refuse(hosts: Hosts, **given: Any) -> HostRefusal:
    """Sue says that she has no time; what stands then."""
    actor = Principal(hosts.sue.person_id)
    refusing.refuse(hosts.challenge, RefusalKind.TIME, "We move house.", **{"actor": actor, "now": NOW, **given})
    return db.session.scalars(select(HostRefusal).order_by(HostRefusal.id.desc())).first()  # type: ignore[return-value]


def told(notice: str) -> list[int]:
    rows = select(Notification.recipient_id).where(Notification.notice == notice)
    return list(db.session.scalars(rows.order_by(Notification.id)))


# Saying it


def test_saying_it_decides_nothing_and_tells_the_leaders_of_those_students(hosts: Hosts) -> None:
    make.run_role(RunRole.LEADER, make.person(), make.run())  # of another run
    answered = make.offer(make.enrolment(make.group()), hosts.challenge, state=OfferState.ACCEPTED)
    make.run_role(RunRole.LEADER, make.person(), answered.enrolment.run)  # of who has accepted
    refusal = refuse(hosts)
    assert (refusal.state, refusal.kind, refusal.words) == (RefusalState.OPEN, RefusalKind.TIME, "We move house.")
    assert told("offers.refused") == [hosts.lea.person_id]
    assert {hosts.ada.state, hosts.ben.state} == {OfferState.MADE}
    assert hosts.challenge.state is ChallengeState.PUBLISHED


UNDECIDED = (
    "Count the stock: its organisation has said that it cannot take students. "
    "The module leader has to decide about that first."
)


def test_nobody_new_is_offered_a_place_until_it_is_decided(hosts: Hosts) -> None:
    refusal = refuse(hosts)
    cyd, lapsed = hosts.student("Cyd"), hosts.offered("Dee", state=OfferState.EXPIRED)
    later = {"actor": hosts.leader, "now": NOW}
    with pytest.raises(Refused) as by_hand:
        actions.make_offers([(cyd, hosts.challenge.id)], NOW + DAY, why="Near.", **later)
    with pytest.raises(Refused) as again:
        actions.reinstate(lapsed, NOW + DAY, "Was ill.", **later)
    assert str(by_hand.value) == str(again.value) == UNDECIDED
    actions.accept(hosts.ada, actor=Principal(hosts.ada.enrolment.person_id), now=NOW)  # what is offered holds
    refusing.let_stand(refusal, "Sue is back.", **later)
    actions.reinstate(lapsed, NOW + DAY, "Was ill.", **later)
    [offer] = actions.make_offers([(cyd, hosts.challenge.id)], NOW + DAY, why="Near.", **later)
    assert {hosts.ada.state, lapsed.state, offer.state} == {OfferState.ACCEPTED, OfferState.MADE}


def test_said_again_it_is_one(hosts: Hosts) -> None:
    assert refuse(hosts) is refuse(hosts, now=NOW + DAY)
    assert len(told("offers.refused")) == 1


def test_once_it_was_decided_it_can_be_said_again(hosts: Hosts) -> None:
    first = refuse(hosts)
    refusing.let_stand(first, "We agreed on two.", actor=hosts.leader, now=NOW)
    assert refuse(hosts, now=NOW + DAY).id != first.id


def test_where_every_student_has_answered_there_is_nothing_to_say_it_about(hosts: Hosts) -> None:
    for offer in (hosts.ada, hosts.ben):
        offer.state = OfferState.ACCEPTED
    with pytest.raises(Refused, match="No student has an offer to answer now"):
        refuse(hosts)


def by_link(hosts: Hosts, **given: Any) -> None:
    if not db.session.scalars(select(Link)).all():
        hosts.link()
    asked = asked_by(db.session.scalars(select(Link)).one())
    refusing.refuse_by_link(asked, RefusalKind.TIME, "We move house.", **{"now": NOW, **given})


def test_a_link_is_used_up_and_acts_for_its_holder(hosts: Hosts) -> None:
    by_link(hosts)
    refusal = db.session.scalars(select(HostRefusal)).one()
    assert refusal.said_by_id == hosts.sue.person_id
    refusing.let_stand(refusal, "We agreed.", actor=hosts.leader, now=NOW)
    with pytest.raises(Refused, match="Nothing waits for this answer any more"):
        by_link(hosts)


def test_a_link_that_ran_out_or_whose_holder_has_left_says_nothing(hosts: Hosts) -> None:
    with pytest.raises(Refused):
        by_link(hosts, now=NOW + 6 * DAY)
    hosts.supervising.left_on = NOW.date()
    with pytest.raises(Refused):
        by_link(hosts)
    assert db.session.scalars(select(HostRefusal)).all() == []


# Deciding


def test_taking_back_tells_each_student_closes_the_challenge_and_promotes_nobody(hosts: Hosts) -> None:
    accepted = hosts.offered("Cyd", state=OfferState.ACCEPTED)
    elsewhere = make.offer(make.enrolment(hosts.group))
    waiting = hosts.student("Dan")
    make.application(waiting, [hosts.challenge])
    make.clearing(waiting)
    refusal = refuse(hosts)
    refusing.take_back(refusal, actor=hosts.leader, now=NOW)
    assert (refusal.state, refusal.settled_at, refusal.settled_by_id) == (
        RefusalState.TAKEN_BACK,
        NOW,
        hosts.lea.person_id,
    )
    assert {each.state for each in (hosts.ada, hosts.ben)} == {OfferState.WITHDRAWN}
    assert (accepted.state, elsewhere.state) == (OfferState.ACCEPTED, OfferState.MADE)
    students = [each.enrolment.person_id for each in (hosts.ada, hosts.ben)]
    assert told("offers.withdrawn") == students
    assert told("offers.refusal_settled") == [hosts.sue.person_id]
    assert told("offers.place_free") == []
    rows = select(Clearing).where(Clearing.why == ClearingReason.WITHDRAWN)
    assert [row.enrolment.person_id for row in db.session.scalars(rows)] == students
    assert hosts.challenge.state is ChallengeState.CLOSED
    refusing.take_back(refusal, actor=hosts.leader, now=NOW + DAY)
    assert refusal.settled_at == NOW


def test_while_it_is_not_decided_a_place_that_comes_free_is_offered_to_nobody(hosts: Hosts) -> None:
    waiting = hosts.student("Dan")
    make.application(waiting, [hosts.challenge])
    make.clearing(waiting)
    refuse(hosts)
    refusing.withdraw(hosts.ada, "A mistake.", actor=hosts.leader, now=NOW)
    assert told("offers.place_free") == []


def test_letting_stand_changes_nothing_for_students_and_tells_the_organisation(hosts: Hosts) -> None:
    refusal = refuse(hosts)
    refusing.let_stand(refusal, "Con looks after them.", actor=hosts.leader, now=NOW)
    assert (refusal.state, refusal.decision) == (RefusalState.STANDS, "Con looks after them.")
    assert {hosts.ada.state, hosts.ben.state} == {OfferState.MADE}
    assert told("offers.refusal_settled") == [hosts.sue.person_id]
    with pytest.raises(Refused):
        refusing.take_back(refusal, actor=hosts.leader, now=NOW)


@pytest.mark.parametrize("state", [ChallengeState.CLOSED, ChallengeState.WITHDRAWN, ChallengeState.PAUSED])
def test_whatever_became_of_the_challenge_its_offers_can_be_taken_back(hosts: Hosts, state: ChallengeState) -> None:
    refusal = refuse(hosts)
    hosts.challenge.state = state
    refusing.take_back(refusal, actor=hosts.leader, now=NOW)
    assert hosts.ada.state is OfferState.WITHDRAWN


# What is written


def test_what_leaders_and_organisations_read(hosts: Hosts) -> None:
    refusal = host_refusal(hosts.challenge, hosts.sue.person)
    check_golden("offers/refused", said(notices.REFUSED, refusal.id, hosts.lea.person) or "")
    assert said(notices.REFUSAL_SETTLED, refusal.id, hosts.sue.person) is None
    refusal.state, refusal.settled_at, refusal.settled_by = RefusalState.TAKEN_BACK, NOW, hosts.lea.person
    check_golden("offers/refusal_settled", said(notices.REFUSAL_SETTLED, refusal.id, hosts.sue.person) or "")
    assert said(notices.REFUSED, refusal.id, hosts.lea.person) is None
    refusal.state, refusal.decision = RefusalState.STANDS, "We agreed that Con looks after them."
    check_golden("offers/refusal_settled_stands", said(notices.REFUSAL_SETTLED, refusal.id, hosts.sue.person) or "")
