"""Who is asked, who takes it on, what closes it, and what the clock does meanwhile."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from placements.accounts.models import GlobalRole
from placements.cohorts.models import RunRole
from placements.concerns import actions
from placements.concerns.queries import could_take_over
from placements.concerns.rules import About, Kind, Severity
from placements.concerns.workflow import ConcernState
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.people.models import Person
from placements.placing.endings import resume
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.concerns.scene import Concerned
from tests.factories import DAY, NOW

WAITS = "concerns.waits"
S = ConcernState


@pytest.fixture
def scene(session: Any) -> Concerned:
    return Concerned()


def told_at(notice: str, due_at: datetime) -> set[str]:
    found = select(Person.given_name).join(Notification, Notification.recipient_id == Person.id)
    return set(db.session.scalars(found.where(Notification.notice == notice, Notification.due_at == due_at)))


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ({}, {"tutor"}),
        ({"by": "supervisor", "about": "student"}, {"tutor"}),
        ({"by": "tutor"}, {"leader"}),  # whoever tells it does not own it
        ({"about": "tutor"}, {"leader"}),
        ({"about": "leader"}, {"safeguarding"}),
        ({"kind": Kind.SAFETY}, {"safeguarding"}),
        ({"kind": Kind.PERSON, "about": "supervisor"}, {"safeguarding"}),
        ({"kind": Kind.HOST}, {"safeguarding"}),
        ({"kind": Kind.ACCIDENT}, {"tutor"}),
        ({"kind": Kind.ACCIDENT, "severity": Severity.HARM}, {"safeguarding"}),
    ],
)
def test_whoever_can_own_it_first_is_asked(scene: Concerned, said: dict[str, Any], asked: set[str]) -> None:
    if "about" in said:
        said = {**said, "about": About(said["about"]), "about_id": getattr(scene, said["about"]).person_id}
    scene.tell(**said)
    assert (scene.told(WAITS), scene.told("concerns.nobody")) == (asked, set())


def test_about_the_safeguarding_lead_it_goes_to_another_or_the_administrator_hears_that_nobody_can(
    scene: Concerned,
) -> None:
    about = {"about": About.SAFEGUARDING, "about_id": scene.safeguarding.person_id, "kind": Kind.PERSON}
    scene.tell(**about)
    assert (scene.told(WAITS), scene.told("concerns.nobody")) == (set(), {"administrator"})
    scene.other = scene._somebody("Sol", "Guard", GlobalRole.SAFEGUARDING)
    scene.tell(**about)
    assert scene.told(WAITS) == {"other"}


def test_a_side_in_the_organisation_leaves_one_out(scene: Concerned) -> None:
    make.interest(scene.organisation, scene.leader.person)
    scene.tell(by="tutor")
    assert scene.told(WAITS) == {"safeguarding"}


def test_from_told_to_resolved(scene: Concerned) -> None:
    concern, tutor = scene.tell(), scene.as_("tutor")
    actions.own(concern, actor=tutor, now=NOW + DAY)
    assert (concern.state, concern.owner_id, concern.owned_at) == (S.OWNED, tutor.person_id, NOW + DAY)
    assert told_at("concerns.news", NOW + DAY) == {"Ada"}
    actions.note(concern, "I rang Sue.", "note", actor=tutor, now=NOW + 2 * DAY)
    actions.note(concern, "She found work for Ada.", "another", actor=tutor, now=NOW + 3 * DAY)
    assert (concern.state, concern.acted_at, len(concern.notes)) == (S.IN_ACTION, NOW + 2 * DAY, 2)
    actions.resolve(concern, "The hours are as agreed again.", actor=tutor, now=NOW + 4 * DAY)
    actions.resolve(concern, "Pressed again", actor=tutor, now=NOW + 5 * DAY)
    assert (concern.state, concern.closed_at) == (S.RESOLVED, NOW + 4 * DAY)
    assert concern.outcome == "The hours are as agreed again."
    rows = db.session.execute(select(History.verb, History.reason, History.ability).order_by(History.id)).all()
    assert [tuple(row) for row in rows if row.ability == "concerns.concern"] == [
        ("told us something", None, "concerns.concern"),
        ("took it on", None, "concerns.concern"),
        ("kept a note", None, "concerns.concern"),
        ("kept a note", None, "concerns.concern"),
        ("closed it", None, "concerns.concern"),
    ]


def test_whoever_refers_it_says_to_whom(scene: Concerned) -> None:
    concern = scene.owned("safeguarding", kind=Kind.SAFETY)
    actions.refer(concern, "The council", "They inspect the site.", actor=scene.as_("safeguarding"), now=NOW)
    assert (concern.state, concern.referred_to, concern.acted_at) == (S.REFERRED, "The council", NOW)


@pytest.mark.parametrize("state", [S.RESOLVED, S.REFERRED])
def test_the_database_closes_nothing_without_an_outcome(scene: Concerned, state: S) -> None:
    concern = scene.owned()
    with pytest.raises(IntegrityError):
        db.session.execute(update(type(concern)).values(state=state))


def test_two_do_not_own_it(scene: Concerned) -> None:
    concern = scene.owned("tutor")
    actions.own(concern, actor=scene.as_("tutor"), now=NOW + DAY)  # pressed again
    with pytest.raises(Refused, match="Somebody else has taken this on"):
        actions.own(concern, actor=scene.as_("leader"), now=NOW)
    with pytest.raises(Refused, match="Somebody else owns this"):
        actions.note(concern, "Mine", "note", actor=scene.as_("leader"), now=NOW)
    assert (concern.owner_id, concern.owned_at) == (scene.tutor.person_id, NOW)
    assert db.session.scalar(select(func.count()).where(History.verb == "took it on")) == 1


def test_whoever_told_it_or_has_no_part_cannot_own_it(scene: Concerned) -> None:
    by_tutor, restricted = scene.tell(by="tutor"), scene.tell(kind=Kind.SAFETY)
    for concern, name in ((by_tutor, "tutor"), (restricted, "leader"), (restricted, "tutor")):
        with pytest.raises(Refused, match="Somebody else has to own this"):
            actions.own(concern, actor=scene.as_(name), now=NOW)


def test_it_is_passed_on_with_a_reason_and_the_clock_runs_on(scene: Concerned) -> None:
    concern, act_by = scene.owned(), None
    act_by, leader = concern.act_by_at, scene.leader.person_id
    actions.pass_on(concern, leader, "I am away.", "pass", actor=scene.as_("tutor"), now=NOW + DAY)
    actions.pass_on(concern, leader, "I am away.", "again", actor=scene.as_("tutor"), now=NOW + DAY)
    assert (concern.owner_id, concern.act_by_at, len(concern.notes)) == (leader, act_by, 1)
    assert (concern.notes[0].text, concern.notes[0].to_id) == ("I am away.", leader)
    assert told_at(WAITS, NOW + DAY) == {"Lea"}
    with pytest.raises(Refused, match="this person cannot own it"):
        actions.pass_on(concern, scene.student.person_id, "No.", "no", actor=scene.as_("leader"), now=NOW)


@pytest.mark.parametrize(
    ("said", "people"),
    [
        ({}, {"Tom", "Lea", "Sage"}),
        ({"kind": Kind.SAFETY}, {"Lea", "Sage"}),
        ({"kind": Kind.HOST}, {"Sage"}),
        ({"kind": Kind.FIT, "about": "tutor"}, {"Lea", "Sage"}),
        ({"kind": Kind.PERSON, "about": "leader"}, {"Sage"}),
    ],
)
def test_to_whom_it_can_be_passed_on(scene: Concerned, said: dict[str, Any], people: set[str]) -> None:
    if "about" in said:
        said = {**said, "about": About(said["about"]), "about_id": getattr(scene, said["about"]).person_id}
    assert {person.given_name for person in could_take_over(scene.tell(**said), NOW)} == people


HOUR = timedelta(hours=1)
OWN_BY, ACT_BY = NOW + DAY + 8 * HOUR, NOW + 7 * DAY + 9 * HOUR  # the clocks went back


def test_the_clock_reminds_and_goes_to_the_next_above(scene: Concerned) -> None:
    scene.tell()
    for _ in range(2):
        actions.chase(OWN_BY - 8 * HOUR - timedelta(seconds=1))
    assert told_at(WAITS, OWN_BY - 8 * HOUR) == set()
    for moment, people in (
        (OWN_BY - 8 * HOUR, {"Tom"}),
        (OWN_BY, {"Tom", "Lea"}),
        (ACT_BY, {"Tom", "Lea", "Sage"}),
    ):
        for _ in range(2):
            actions.chase(moment)
        assert told_at(WAITS, moment) == people


def test_an_owner_who_does_not_act_is_reminded_then_the_next_above_hears(scene: Concerned) -> None:
    concern = scene.owned()
    actions.chase(OWN_BY)
    assert told_at(WAITS, OWN_BY) == set()
    actions.chase(ACT_BY - 8 * HOUR)
    actions.chase(ACT_BY)
    assert told_at(WAITS, ACT_BY - 8 * HOUR) == {"Tom"}
    assert told_at(WAITS, ACT_BY) == {"Tom", "Lea"}
    actions.note(concern, "I rang Sue.", "note", actor=scene.as_("tutor"), now=ACT_BY)
    before = db.session.scalar(select(func.count()).select_from(Notification))
    actions.chase(ACT_BY + 30 * DAY)
    assert db.session.scalar(select(func.count()).select_from(Notification)) == before


def test_safeguarding_stops_the_placement_in_nobodys_name(scene: Concerned) -> None:
    concern = scene.owned("safeguarding", kind=Kind.SAFETY)
    actions.stop(concern, actor=scene.as_("safeguarding"), now=NOW)
    actions.stop(concern, actor=scene.as_("safeguarding"), now=NOW)
    assert (scene.placement.state, concern.state, concern.acted_at) == (PlacementState.PAUSED, S.IN_ACTION, NOW)
    rows = db.session.scalars(select(History).where(History.about_kind == "placement")).all()
    said = [(row.verb, row.actor_id, row.reason) for row in rows if row.verb.startswith("paused")]
    assert said == [("paused", None, None), ("paused, because", None, "For the time being.")]
    assert scene.told("placing.paused") == {"student", "supervisor", "tutor"}
    with pytest.raises(Refused, match="It cannot go on yet"):
        resume(scene.placement, actor=scene.as_("tutor"), now=NOW)
    for _ in range(2):
        actions.let_go_on(concern, actor=scene.as_("safeguarding"), now=NOW + DAY)
    assert scene.placement.state is PlacementState.ACTIVE
    rows = db.session.scalars(select(History).where(History.verb.in_(("resumed", "had the placement go on")))).all()
    assert [(row.verb, row.actor_id) for row in rows] == [
        ("resumed", None),
        ("had the placement go on", scene.safeguarding.person_id),
    ]


def test_another_leader_of_the_run_can_own_what_is_about_one(scene: Concerned) -> None:
    make.run_role(RunRole.LEADER, scene.tutor.person, scene.run)
    concern = scene.tell(about=About.TUTOR, about_id=scene.tutor.person_id)
    with pytest.raises(Refused, match="Somebody else has to own this"):
        actions.own(concern, actor=Principal(scene.tutor.person_id), now=NOW)
