"""Groups that one of their students has left: when somebody has to decide, what each decision does, who is told."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.queries import principal_of
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.groups import notices
from placements.groups.actions import decide
from placements.groups.models import Course, GroupDecision
from placements.groups.queries import group, waits
from placements.mail.actions import remind
from placements.offers.models import Clearing, Offer
from placements.offers.workflow import OfferState
from placements.placing.endings import end_early
from placements.placing.models import EndedBy, Placement
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.factories import NOW
from tests.golden import check_golden, said
from tests.placing.scene import Scene, scene_in

P = PlacementState
ACTIVE = {"state": P.ACTIVE, "starts_on": date(2026, 10, 5)}


def in_twos(made: Scene) -> Placement:
    """Ada's challenge needs two, and Ben is the other."""
    made.challenge.places_min = 2
    mate = make.person(given_name="Mo", family_name="Mate", email="mo@example.org")
    return make.placement(make.enrolment(made.group, mate), made.challenge)


def leaves(placement: Placement, app: Flask, made: Scene, now: datetime = NOW) -> None:
    last_on = today(now) - timedelta(days=1)
    actor = made.who(app, "leader")
    end_early(placement, EndedBy.STUDENT, "Ill.", last_on, needs_another=False, actor=actor, now=now)
    db.session.flush()


def open_ones() -> set[str]:
    return set(db.session.scalars(select(Challenge.title).where(waits())))


def decided(made: Scene, app: Flask, course: Course, now: datetime = NOW) -> None:
    decide(group(made.challenge), course, "They can manage.", actor=made.who(app, "leader"), now=now)
    db.session.flush()


@pytest.fixture
def shrunk(app: Flask, session: Any) -> Scene:
    """Mo has left Ada."""
    made = Scene(**ACTIVE)
    leaves(in_twos(made), app, made)
    return made


def test_somebody_has_to_decide_only_once_one_has_left_and_too_few_stay(app: Flask, session: Any) -> None:
    made = Scene(**ACTIVE)
    mate = in_twos(made)
    assert open_ones() == set()
    leaves(mate, app, made)
    assert open_ones() == {"Count the stock"}
    made.challenge.places_min = 1
    session.flush()
    assert open_ones() == set()


def test_where_nobody_stays_there_is_nothing_to_decide(app: Flask, shrunk: Scene) -> None:
    leaves(shrunk.placement, app, shrunk)
    assert open_ones() == set()


def test_going_on_with_fewer_holds_until_the_next_one_leaves(app: Flask, shrunk: Scene, session: Any) -> None:
    shrunk.challenge.places_min = 3
    shrunk.challenge.places_max = 4
    another = make.placement(make.enrolment(shrunk.group), shrunk.challenge)
    for _ in range(2):
        decided(shrunk, app, Course.FEWER)
    assert session.scalar(select(func.count(GroupDecision.id))) == 1
    assert open_ones() == set()
    assert {"student", "supervisor", "tutor"} <= shrunk.told("groups.decided")
    leaves(another, app, shrunk, now=NOW + timedelta(days=2))
    assert open_ones() == {"Count the stock"}


def test_another_is_offered_the_place_where_somebody_waits_for_it(app: Flask, shrunk: Scene, session: Any) -> None:
    waiting = make.enrolment(shrunk.group)
    make.application(waiting, [shrunk.challenge])
    make.clearing(waiting)
    decided(shrunk, app, Course.ANOTHER)
    offered = session.scalars(select(Offer).where(Offer.state == OfferState.MADE)).all()
    assert [(offer.enrolment_id, offer.challenge_id) for offer in offered] == [(waiting.id, shrunk.challenge.id)]
    assert open_ones() == set()


def test_nobody_new_comes_to_a_closed_challenge(app: Flask, shrunk: Scene, session: Any) -> None:
    shrunk.challenge.state = ChallengeState.CLOSED
    session.flush()
    with pytest.raises(Refused, match="takes no new students"):
        decided(shrunk, app, Course.ANOTHER)
    assert open_ones() == {"Count the stock"}


def test_ended_for_all_they_need_another_place(app: Flask, shrunk: Scene, session: Any) -> None:
    decided(shrunk, app, Course.END)
    assert shrunk.placement.state is P.TRANSFERRED
    assert session.scalar(select(Clearing.enrolment_id)) == shrunk.enrolment.id
    assert shrunk.told("groups.decided") == set()
    assert {"student", "supervisor", "tutor"} <= shrunk.told("placing.ended")


def test_who_leads_another_run_does_not_end_it(app: Flask, shrunk: Scene) -> None:
    stranger = Principal(shrunk.leader.person_id, frozenset({("leader", shrunk.run.id + 1)}))
    with pytest.raises(Refused, match="another run"):
        decide(group(shrunk.challenge), Course.END, "No.", actor=stranger, now=NOW)


def test_the_leader_is_reminded_once_and_reads_what_to_decide(shrunk: Scene) -> None:
    shrunk.challenge.public_id = "challenge-pu"
    for _ in range(2):
        remind(NOW)
    assert shrunk.told("groups.shrunk") == {"leader"}
    check_golden("groups/shrunk", said(notices.SHRUNK, shrunk.challenge.id, shrunk.leader.person) or "")


@pytest.mark.parametrize("course", [Course.FEWER, Course.ANOTHER])
def test_what_those_who_stay_read(app: Flask, shrunk: Scene, session: Any, course: Course) -> None:
    decided(shrunk, app, course)
    made = session.scalars(select(GroupDecision)).one()
    name = "groups/decided" if course is Course.FEWER else "groups/decided-another"
    check_golden(name, said(notices.DECIDED, made.id, shrunk.student.person) or "")
    assert said(notices.SHRUNK, shrunk.challenge.id, shrunk.leader.person) is None


def test_the_leader_decides_from_home(database: Flask, client: PageClient) -> None:
    def mo_has_left(made: Scene) -> None:
        mate = in_twos(made)
        roles = database.extensions["placements.roles_of"]
        actor = principal_of(made.leader, roles, today(NOW))
        end_early(mate, EndedBy.STUDENT, "Ill.", date(2026, 10, 19), needs_another=False, actor=actor, now=NOW)

    made = scene_in(database, mo_has_left, **ACTIVE)
    client.sign_in_as(made.leader)
    home = client.page("/home")
    assert "1 group has too few students left" in home.text
    page = client.page(home.link("Decide"))
    assert "Mo Mate, whose last day was Mon 19 Oct 2026" in page.text
    page = client.submit(page.form("Decide, and tell everybody"), course="fewer", reason="They can manage.")
    assert "That is decided" in page.text
    assert "too few students left" not in page.text
