"""From an accepted offer to the first day: prepared, cleared and started by themselves, and changed on the way."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from placements.challenges.models import BriefRisk
from placements.cohorts.actions import set_group, tutor_changed
from placements.cohorts.models import RunRole
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.history.models import History
from placements.offers.actions import accept
from placements.offers.workflow import OfferState
from placements.partners.models import InterestKind
from placements.partners.workflow import OrganisationState
from placements.placing import actions
from placements.placing.models import Placement
from placements.placing.queries import open_gates
from placements.placing.workflow import PlacementState
from placements.vetting.models import Risk, SiteRisk
from tests import factories as make
from tests.factories import DAY, NOW
from tests.factories.placing import risk_assessed
from tests.placing.scene import Scene, a_person

P = PlacementState
FIRST_DAY = datetime.fromisoformat("2026-11-16T09:00Z")


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def agreed(scene: Scene, now: datetime = NOW) -> None:
    actions.come_to_agreement(scene.placement, actor=Principal(scene.student.person_id), now=now)


def verbs(session: Any, placement: Placement) -> list[str]:
    rows = select(History.verb).where(History.about_kind == "placement", History.about_id == placement.id)
    return list(session.scalars(rows.order_by(History.id)))


def test_an_accepted_offer_becomes_a_placement(session: Any) -> None:
    run = make.run(minutes_target=45 * 60)
    tutor = make.person()
    offer = make.offer(make.enrolment(make.group(run, tutor)), make.challenge())
    accept(offer, actor=Principal(offer.enrolment.person_id), now=NOW)
    placement = session.scalars(select(Placement)).one()
    assert (placement.offer, placement.enrolment, placement.challenge) == (offer, offer.enrolment, offer.challenge)
    assert (placement.site, placement.supervisor) == (offer.challenge.site, offer.challenge.supervisor)
    assert (placement.tutor, placement.state, placement.minutes_agreed) == (tutor, P.PREPARING, 2700)
    assert (placement.starts_on, placement.ends_on) == (date(2026, 11, 16), date(2027, 4, 30))


def test_a_group_tutor_with_a_side_in_the_organisation_is_not_named(session: Any) -> None:
    tutor, challenge = make.person(), make.challenge()
    make.interest(challenge.organisation, tutor, InterestKind.TRUSTEE)
    offer = make.offer(make.enrolment(make.group(tutor=tutor)), challenge)
    accept(offer, actor=Principal(offer.enrolment.person_id), now=NOW)
    placement = session.scalars(select(Placement)).one()
    assert placement.tutor_id is None
    assert next(gate.what for gate in open_gates(placement, NOW)) == "A tutor is named"


def test_accepting_twice_makes_one_placement(session: Any) -> None:
    offer = make.offer(state=OfferState.ACCEPTED)
    first = actions.prepare_placement(offer, actor=NOBODY, now=NOW)
    assert actions.prepare_placement(offer, actor=NOBODY, now=NOW) is first
    assert verbs(session, first) == ["prepared"]


def test_with_the_agreement_in_force_it_is_cleared_and_starts_on_its_first_day(scene: Scene, session: Any) -> None:
    agreed(scene)
    assert (scene.placement.state, scene.placement.agreed_at) == (P.CLEARED, NOW)
    assert actions.start_due(FIRST_DAY - DAY) == 0
    assert scene.placement.state is P.CLEARED
    assert actions.start_due(FIRST_DAY) == 1
    assert scene.placement.state is P.ACTIVE
    assert actions.start_due(FIRST_DAY + DAY) == 0
    assert verbs(session, scene.placement) == ["agreed by all three", "cleared to start", "started"]


def test_nothing_starts_without_an_agreement(scene: Scene) -> None:
    assert actions.start_due(FIRST_DAY) == 0
    assert scene.placement.state is P.PREPARING


@pytest.mark.parametrize(
    ("state", "until"),
    [
        (OrganisationState.PAUSED, date(2027, 8, 31)),
        (OrganisationState.APPROVED, date(2026, 11, 15)),  # approved now, but not on the first day
        (OrganisationState.PROSPECTIVE, None),
    ],
)
def test_nothing_starts_at_an_organisation_that_is_not_approved_on_the_day(
    scene: Scene, state: OrganisationState, until: date | None
) -> None:
    scene.organisation.state, scene.organisation.approved_until = state, until
    agreed(scene)
    assert scene.placement.state is P.PREPARING
    scene.organisation.state, scene.organisation.approved_until = OrganisationState.APPROVED, date(2027, 8, 31)
    assert actions.start_due(NOW) == 1
    assert scene.placement.state is P.CLEARED


def test_an_approval_that_is_lost_before_the_first_day_holds_it_up(scene: Scene) -> None:
    agreed(scene)
    scene.organisation.state = OrganisationState.PAUSED
    assert actions.start_due(FIRST_DAY) == 0
    scene.organisation.state = OrganisationState.APPROVED
    assert actions.start_due(FIRST_DAY + DAY) == 1


def test_whoever_is_cleared_after_the_first_day_starts_at_once_and_is_told(scene: Scene) -> None:
    agreed(scene, FIRST_DAY + 5 * DAY)
    assert scene.placement.state is P.ACTIVE
    assert scene.told("placing.first_day") == {"student", "supervisor"}


def test_a_second_agreement_moves_neither_the_first_instant_nor_the_state(scene: Scene) -> None:
    agreed(scene)
    agreed(scene, NOW + DAY)
    assert (scene.placement.agreed_at, scene.placement.state) == (NOW, P.CLEARED)


def test_a_batch_starts_only_what_is_due(session: Any) -> None:
    due = Scene(agreed_at=NOW, state=P.CLEARED)
    later = make.placement(state=P.CLEARED, agreed_at=NOW, starts_on=date(2026, 12, 1))
    assert actions.start_due(FIRST_DAY) == 1
    assert (due.placement.state, later.state) == (P.ACTIVE, P.CLEARED)


# Changes


def change_dates(scene: Scene, starts_on: date, ends_on: date, now: datetime = NOW) -> None:
    tutor = Principal(scene.tutor.person_id)
    actions.change_dates(scene.placement, starts_on, ends_on, "The hall is closed.", actor=tutor, now=now)


def test_new_dates_are_told_to_the_others_with_the_reason_kept(scene: Scene, session: Any) -> None:
    change_dates(scene, date(2026, 11, 23), date(2027, 5, 7))
    assert (scene.placement.starts_on, scene.placement.ends_on) == (date(2026, 11, 23), date(2027, 5, 7))
    assert scene.told("placing.dates_changed") == {"student", "supervisor"}
    row = session.scalars(select(History).where(History.verb == "given other dates")).one()
    assert (row.reason, row.ability, row.person_id) == ("The hall is closed.", None, scene.student.person_id)


def test_the_same_dates_again_change_nothing(scene: Scene, session: Any) -> None:
    change_dates(scene, date(2026, 11, 16), date(2027, 4, 30))
    assert scene.told("placing.dates_changed") == set()
    assert verbs(session, scene.placement) == []


def test_a_first_day_agreed_for_today_starts_it_at_once(scene: Scene) -> None:
    agreed(scene)
    student, dates = Principal(scene.student.person_id), (date(2026, 10, 20), date(2027, 4, 30))
    actions.come_to_agreement(scene.placement, dates, actor=student, now=NOW)
    assert (scene.placement.starts_on, scene.placement.state) == (date(2026, 10, 20), P.ACTIVE)


def test_dates_that_are_agreed_change_with_the_agreement_alone(scene: Scene) -> None:
    agreed(scene)
    with pytest.raises(Refused, match="The Challenge Agreement names the dates"):
        change_dates(scene, date(2026, 11, 23), date(2027, 5, 7))
    assert scene.placement.ends_on == date(2027, 4, 30)


def test_impossible_dates_are_refused_at_their_field(scene: Scene) -> None:
    with pytest.raises(Refused) as refusal:
        change_dates(scene, date(2026, 10, 19), date(2027, 4, 30))
    assert refusal.value.field == "starts_on"
    assert scene.placement.starts_on == date(2026, 11, 16)


def test_another_supervisor_is_told_with_the_old_one_the_student_and_the_tutor(scene: Scene) -> None:
    leader = Principal(scene.leader.person_id)
    actions.change_supervisor(scene.placement, scene.contact.person, "Sue is away.", actor=leader, now=NOW)
    assert scene.placement.supervisor == scene.contact.person
    assert scene.told("placing.supervisor_changed") == {"student", "supervisor", "contact", "tutor"}


def test_only_somebody_who_works_there_and_stands_nowhere_else_can_supervise(scene: Scene) -> None:
    make.contact(scene.organisation, scene.student.person)
    make.contact(scene.organisation, scene.tutor.person)
    gone = make.contact(scene.organisation, left_on=date(2026, 10, 1)).person
    for person in (a_person("Neo"), gone, scene.student.person, scene.tutor.person):
        with pytest.raises(Refused):
            actions.change_supervisor(scene.placement, person, "Why not.", actor=NOBODY, now=NOW)
    assert scene.placement.supervisor == scene.supervisor.person


def test_another_tutor_is_told_with_the_old_one_and_the_others(scene: Scene) -> None:
    newcomer = a_person("Neo")
    make.run_role(RunRole.TUTOR, newcomer, scene.run)
    leader = Principal(scene.leader.person_id)
    actions.change_tutor(scene.placement, newcomer, "Tom is away.", actor=leader, now=NOW)
    assert scene.placement.tutor == newcomer
    assert scene.told("placing.tutor_changed") == {"student", "supervisor", "tutor", "Neo"}


def test_whoever_has_an_interest_in_the_organisation_cannot_be_its_tutor(scene: Scene, session: Any) -> None:
    for name in ("interested", "working"):
        person = a_person(name)
        make.run_role(RunRole.TUTOR, person, scene.run)
        if name == "working":
            make.contact(scene.organisation, person)
        else:
            make.interest(scene.organisation, person, InterestKind.TRUSTEE)
        with pytest.raises(Refused):
            actions.change_tutor(scene.placement, person, "Why not.", actor=NOBODY, now=NOW)
    assert scene.placement.tutor == scene.tutor.person


def test_the_placement_follows_its_groups_tutor_with_its_history(scene: Scene, session: Any) -> None:
    newcomer, leader = a_person("Neo"), Principal(scene.leader.person_id)
    make.run_role(RunRole.TUTOR, newcomer, scene.run)
    set_group(scene.group, scene.group.name, newcomer, actor=leader, now=NOW)
    assert scene.placement.tutor == newcomer
    assert scene.told("placing.tutor_changed") == {"student", "supervisor", "tutor", "Neo"}
    [row] = session.scalars(select(History).where(History.verb == "given another tutor"))
    assert (row.about_id, row.actor_id, row.reason) == (
        scene.placement.id,
        scene.leader.person_id,
        "The timeslot group has another tutor.",
    )


@pytest.mark.parametrize(
    "stays", ["ended", "tutored by somebody else", "an interest", "no tutor at all", "only another name"]
)
def test_it_does_not_follow_where_it_must_not(session: Any, stays: str) -> None:
    scene = Scene(state=P.ENDED_EARLY if stays == "ended" else P.PREPARING)
    newcomer = a_person("Neo")
    if stays == "tutored by somebody else":
        scene.placement.tutor = scene.other_tutor.person
    if stays == "an interest":
        make.interest(scene.organisation, newcomer, InterestKind.TRUSTEE)
    before, named = scene.placement.tutor, {"no tutor at all": None, "only another name": scene.tutor.person}
    set_group(scene.group, "Friday", named.get(stays, newcomer), actor=NOBODY, now=NOW)
    assert scene.placement.tutor == before
    assert scene.told("placing.tutor_changed") == set()


def test_a_student_whom_the_roster_moves_to_another_group_has_that_groups_tutor(scene: Scene, session: Any) -> None:
    students = [scene.enrolment.id]
    scene.enrolment.group = make.group(scene.run, scene.other_tutor.person)
    tutor_changed.send(students, was=scene.tutor.person_id, actor=NOBODY, now=NOW)
    assert scene.placement.tutor == scene.other_tutor.person


def test_a_tutor_named_at_last_lets_it_go_on(session: Any) -> None:
    scene = Scene(tutor=None, agreed_at=NOW)
    assert actions.start_due(NOW) == 0
    leader = Principal(scene.leader.person_id)
    make.run_role(RunRole.TUTOR, scene.tutor.person, scene.run)
    actions.change_tutor(scene.placement, scene.tutor.person, "Named.", actor=leader, now=NOW + timedelta(hours=1))
    assert scene.placement.state is P.CLEARED


def test_roles_follow_the_placement(database: Flask, scene: Scene) -> None:
    key = scene.placement.id
    assert scene.who(database, "supervisor").has("supervisor", key)
    assert scene.who(database, "tutor").has("placement_tutor", key)
    actions.change_supervisor(scene.placement, scene.contact.person, "Sue is away.", actor=NOBODY, now=NOW)
    assert not scene.who(database, "supervisor").has("supervisor", key)
    assert scene.who(database, "contact").has("supervisor", key)


HIGH = {"residual": Risk.HIGH, "actions": "Nobody works alone."}


@pytest.mark.parametrize("of", ["work", "place"])
def test_it_does_not_start_while_what_is_left_of_the_risk_is_high(scene: Scene, session: Any, of: str) -> None:
    place = scene.placement.site
    risk = make.brief_risk(scene.challenge, **HIGH) if of == "work" else make.site_risk(place, **HIGH)  # type: ignore[arg-type]
    agreed(scene)
    assert actions.start_due(FIRST_DAY) == 0
    assert [gate.what for gate in open_gates(scene.placement, NOW)] == ["What is left of the risk is not high"]
    risk.residual = Risk.MEDIUM
    session.flush()
    session.expire_all()
    assert actions.start_due(FIRST_DAY) == 1
    assert scene.placement.state is P.ACTIVE


def test_it_does_not_start_at_a_place_whose_own_checks_have_run_out(scene: Scene) -> None:
    assert scene.placement.site is not None
    scene.placement.site.cleared_until = FIRST_DAY.date() - DAY
    agreed(scene)
    assert actions.start_due(FIRST_DAY) == 0
    scene.placement.site.cleared_until = FIRST_DAY.date()
    assert actions.start_due(FIRST_DAY) == 1


@pytest.mark.parametrize("of", [BriefRisk, SiteRisk])
def test_it_does_not_start_while_nobody_has_looked_at_the_risk(scene: Scene, session: Any, of: Any) -> None:
    session.execute(delete(of))
    session.expire_all()
    agreed(scene)
    assert actions.start_due(FIRST_DAY) == 0
    assert [gate.what for gate in open_gates(scene.placement, NOW)] == ["The risk is assessed"]
    risk_assessed(scene.challenge, scene.placement.site)
    session.expire_all()
    assert actions.start_due(FIRST_DAY) == 1


def test_a_place_that_is_nowhere_has_no_risk_of_its_own(session: Any) -> None:
    scene = Scene(site=None)
    agreed(scene)
    assert scene.placement.state is P.CLEARED
