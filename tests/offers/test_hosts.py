"""What organisations are told when places are given out: how many may come and until when, or why nobody does."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges.models import Challenge, ChallengeSite
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.links.models import Link
from placements.mail.models import Notification
from placements.offers import actions, notices
from placements.offers.hosts import who_speaks_for
from placements.offers.models import Offer, RefusalKind
from placements.offers.refusing import refuse, tell_organisations
from placements.offers.rules import WhyNobody, why_nobody
from placements.offers.workflow import OfferState
from placements.partners.models import ContactRole
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.offers.hosts import Hosts


@pytest.fixture
def hosts(session: Any) -> Hosts:
    return Hosts()


def tell(hosts: Hosts) -> list[tuple[str, int]]:
    """Publish the offers that there are; which notices are due about which challenge, whoever gets them."""
    tell_organisations([hosts.ada, hosts.ben], [hosts.run], now=NOW)
    rows = select(Notification.notice, Notification.about_id).order_by(Notification.id)
    return [(notice, about) for notice, about in db.session.execute(rows)]


def test_the_supervisor_is_told_how_many_and_until_when_and_gets_a_link(hosts: Hosts) -> None:
    assert tell(hosts) == [("offers.students_offered", hosts.challenge.id)]
    link = db.session.scalars(select(Link)).one()
    assert (link.purpose, link.about_id, link.holder_id) == (
        "offers.refuse_by_link",
        hosts.challenge.id,
        hosts.sue.person_id,
    )
    assert link.expires_at == hosts.ada.deadline_at
    text = said(notices.STUDENTS_OFFERED, hosts.challenge.id, hosts.sue.person) or ""
    assert "Student" not in text.replace("Students are offered", "")  # nobody's name
    before, _, after = text.partition("/cannot-take-students/")
    check_golden("offers/students_offered", f"{before}/cannot-take-students/…\n{after.partition(chr(10))[2]}")


@pytest.mark.parametrize(("more", "number"), [(2, "fewer than 5 students"), (3, "5 students")])
def test_small_numbers_are_not_said(hosts: Hosts, more: int, number: str) -> None:
    tell(hosts)
    for each in range(more):
        hosts.offered(f"More{each}")
    text = said(notices.STUDENTS_OFFERED, hosts.challenge.id, hosts.sue.person) or ""
    assert f"Places have been given out: {number} are offered a place" in text


def all_answered(hosts: Hosts) -> None:
    for offer in (hosts.ada, hosts.ben):
        offer.state = OfferState.DECLINED


def said_already(hosts: Hosts) -> None:
    refuse(hosts.challenge, RefusalKind.TIME, "I am ill.", actor=Principal(hosts.con.person_id), now=NOW)


def has_left(hosts: Hosts) -> None:
    hosts.supervising.left_on = NOW.date()


@pytest.mark.parametrize("happens", [all_answered, said_already, has_left])
def test_what_is_no_longer_true_is_not_said(hosts: Hosts, happens: Callable[[Hosts], None]) -> None:
    tell(hosts)
    happens(hosts)
    db.session.flush()
    assert said(notices.STUDENTS_OFFERED, hosts.challenge.id, hosts.sue.person) is None


def test_who_speaks_for_a_challenge(hosts: Hosts) -> None:
    deputy = make.contact(hosts.organisation, role=ContactRole.SUPERVISOR)
    gone = make.contact(hosts.organisation, role=ContactRole.SUPERVISOR, left_on=date(2026, 10, 1))
    for each in (deputy, gone):
        place = ChallengeSite(site=make.site(hosts.organisation), supervisor=each.person)
        hosts.challenge.further_sites.append(place)
    assert spoken_for(hosts) == {hosts.sue.person_id, deputy.person_id}
    hosts.supervising.left_on = deputy.left_on = date(2026, 10, 1)
    assert spoken_for(hosts) == {hosts.con.person_id}
    hosts.contact.left_on = date(2026, 10, 1)
    assert spoken_for(hosts) == set()


def spoken_for(hosts: Hosts) -> set[int]:
    db.session.flush()
    return set(who_speaks_for([hosts.challenge])[hosts.challenge.id])


@pytest.mark.parametrize(
    ("about", "is_told"),
    [
        ({}, True),
        ({"state": ChallengeState.PAUSED}, True),
        ({"state": ChallengeState.CLOSED}, False),
        ({"state": ChallengeState.APPROVED}, False),
        ({"suits_level_6": False}, False),
        ({"academic_year": "2025/26"}, False),
    ],
)
def test_a_challenge_that_took_part_and_got_nobody_is_told_so(
    hosts: Hosts, about: dict[str, Any], is_told: bool
) -> None:
    challenge = make.challenge(**about)
    assert (("offers.nobody_came", challenge.id) in tell(hosts)) is is_told


def empty(hosts: Hosts, **said: Any) -> Challenge:
    """A challenge of the same organisation of which nothing is offered."""
    about = {"title": "Map the taps", "public_id": "map-the-taps", "supervisor": hosts.sue.person, **said}
    return make.challenge(hosts.organisation, **about)


def chosen(challenge: Challenge, enrolment: Enrolment, at: datetime | None = NOW) -> None:
    make.application(enrolment, [challenge], decided_at=at)


def why_none(hosts: Hosts, challenge: Challenge) -> str:
    return said(notices.NOBODY_CAME, challenge.id, hosts.sue.person) or ""


def test_nobody_chose_it(hosts: Hosts) -> None:
    challenge = empty(hosts)
    chosen(challenge, hosts.student("Cyd"), at=None)  # too late for the round
    check_golden("offers/nobody_came", why_none(hosts, challenge))


def test_those_who_chose_it_are_offered_other_places(hosts: Hosts) -> None:
    challenge = empty(hosts)
    chosen(challenge, hosts.ada.enrolment)
    make.offer(hosts.ada.enrolment, state=OfferState.DECLINED)  # one student, however many offers they had
    check_golden("offers/nobody_came_elsewhere", why_none(hosts, challenge))


def test_some_who_chose_it_have_no_place(hosts: Hosts) -> None:
    challenge = empty(hosts)
    for each in (hosts.ada.enrolment, *(hosts.student(f"Also{number}") for number in range(4))):
        chosen(challenge, each)
    check_golden("offers/nobody_came_not_given", why_none(hosts, challenge))


def test_it_was_not_open(hosts: Hosts) -> None:
    challenge = empty(hosts, state=ChallengeState.PAUSED)
    chosen(challenge, hosts.ada.enrolment)
    check_golden("offers/nobody_came_not_open", why_none(hosts, challenge))


def test_that_nobody_comes_is_not_said_once_somebody_may_or_to_who_has_left(hosts: Hosts) -> None:
    challenge = empty(hosts)
    assert why_none(hosts, challenge)
    has_left(hosts)
    assert not why_none(hosts, challenge)
    assert not said(notices.NOBODY_CAME, hosts.challenge.id, hosts.con.person)


@pytest.mark.parametrize(
    ("is_open", "chose", "elsewhere", "why"),
    [
        (False, 3, 3, WhyNobody.NOT_OPEN),
        (True, 0, 0, WhyNobody.NOT_CHOSEN),
        (True, 3, 3, WhyNobody.ELSEWHERE),
        (True, 3, 2, WhyNobody.NOT_GIVEN),
    ],
)
def test_why_nobody_came(is_open: bool, chose: int, elsewhere: int, why: WhyNobody) -> None:
    assert why_nobody(is_open=is_open, chose=chose, offered_elsewhere=elsewhere) is why


def test_who_is_offered_a_place_that_came_free_is_no_news_to_the_organisation(hosts: Hosts) -> None:
    tell(hosts)
    cyd = hosts.student("Cyd")
    make.application(cyd, [hosts.challenge])
    make.clearing(cyd)
    actions.decline(hosts.ada, "", actor=Principal(hosts.ada.enrolment.person_id), now=NOW + DAY)
    assert db.session.scalars(select(Offer).where(Offer.enrolment_id == cyd.id)).one().state is OfferState.MADE
    told = select(Notification).where(Notification.recipient_id == hosts.sue.person_id)
    assert len(db.session.scalars(told).all()) == 1
