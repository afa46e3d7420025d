"""What stops a placement that has begun: at once for safety, ten working days after a paper ran out; and who may end it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.core.errors import Refused
from placements.core.policy import NOBODY, Answer, Principal
from placements.history.models import History
from placements.partners.rules import stopping_papers, work_stops_after
from placements.partners.workflow import OrganisationState
from placements.placing.endings import pause, resume
from placements.placing.models import Keeper, Pause
from placements.placing.policy import ABILITIES
from placements.placing.stopping import stop_and_go
from placements.placing.workflow import PlacementState
from placements.vetting.models import Risk
from tests import factories as make
from tests.factories import DAY, NOW
from tests.placing.scene import Scene

P, K = PlacementState, Keeper
ACTIVE = {"state": P.ACTIVE, "starts_on": date(2026, 10, 5), "agreed_at": NOW - 15 * DAY}
TEN_DAYS_AGO = date(2026, 10, 6)  # ten working days before Tuesday 20 October
HIGH, LOW = {"residual": Risk.HIGH, "actions": "Nobody works alone."}, {"residual": Risk.LOW}
Fault = Callable[[Scene], object]


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene(**ACTIVE)


def high_work(scene: Scene) -> None:
    make.brief_risk(scene.challenge, **HIGH)


def high_place(scene: Scene) -> None:
    make.site_risk(scene.placement.site, **HIGH)  # type: ignore[arg-type]


def paused_there(scene: Scene) -> None:
    scene.organisation.state = OrganisationState.PAUSED


def paper(until: date) -> Fault:
    return lambda scene: setattr(scene.organisation, "approved_until", until)


def paper_of_place(until: date) -> Fault:
    return lambda scene: setattr(scene.placement.site, "cleared_until", until)


STOPS = [high_work, high_place, paused_there, paper(TEN_DAYS_AGO - DAY), paper_of_place(TEN_DAYS_AGO - DAY)]
GOES_ON = [lambda scene: None, paper(TEN_DAYS_AGO), paper_of_place(TEN_DAYS_AGO), paper(NOW.date())]


def mend(scene: Scene) -> None:
    make.brief_risk(scene.challenge, **LOW, actions="")
    make.site_risk(scene.placement.site, **LOW, actions="")  # type: ignore[arg-type]
    scene.organisation.state, scene.organisation.approved_until = OrganisationState.APPROVED, date(2027, 8, 31)
    scene.placement.site.cleared_until = date(2027, 8, 31)  # type: ignore[union-attr]


@pytest.mark.parametrize("fault", STOPS, ids=["work", "place", "organisation", "approval", "place's check"])
def test_it_stops_at_the_next_minute_and_goes_on_once_nothing_stops_it(scene: Scene, fault: Fault) -> None:
    fault(scene)
    assert [stop_and_go(NOW), stop_and_go(NOW)] == [1, 0]
    assert (scene.placement.state, scene.placement.kept_by) == (P.PAUSED, K.UNIVERSITY)
    assert scene.told("placing.paused") == {"student", "supervisor", "tutor"}
    mend(scene)
    assert [stop_and_go(NOW + DAY), stop_and_go(NOW + DAY)] == [1, 0]
    assert scene.placement.state is P.ACTIVE
    assert scene.told("placing.resumed") == {"student", "supervisor", "tutor"}


@pytest.mark.parametrize("paper", GOES_ON, ids=["none", "approval", "place's check", "until today"])
def test_it_goes_on_while_nothing_stops_it_and_for_ten_working_days_after_a_paper_ran_out(
    scene: Scene, paper: Fault
) -> None:
    paper(scene)
    assert stop_and_go(NOW) == 0
    assert scene.placement.state is P.ACTIVE


def test_the_word_is_the_same_whoever_paused_it_and_nobody_is_named(scene: Scene, session: Any) -> None:
    high_work(scene)
    stop_and_go(NOW)
    rows = session.scalars(select(History).where(History.about_kind == "placement", History.ability.is_(None))).all()
    assert [(row.verb, row.actor_id, row.reason) for row in rows] == [("paused", None, None)]


@pytest.mark.parametrize("kept_by", [K.UNIVERSITY, K.SAFEGUARDING])
@pytest.mark.parametrize("name", ["tutor", "leader"])
def test_the_team_cannot_end_what_it_did_not_begin(database: Flask, scene: Scene, kept_by: Keeper, name: str) -> None:
    pause(scene.placement, "For the time being.", actor=NOBODY, now=NOW, kept_by=kept_by)
    who = scene.who(database, name)
    assert ABILITIES["placing.resume"].ask(who, scene.placement, NOW) is Answer.NOT_NOW
    with pytest.raises(Refused, match="It cannot go on yet"):
        resume(scene.placement, actor=who, now=NOW)
    assert scene.placement.state is P.PAUSED
    resume(scene.placement, actor=NOBODY, now=NOW, kept_by=kept_by)
    assert scene.placement.state is P.ACTIVE


def test_the_team_cannot_let_it_go_on_into_danger(database: Flask, scene: Scene) -> None:
    tutor = scene.who(database, "tutor")
    pause(scene.placement, "A holiday.", actor=tutor, now=NOW)
    high_work(scene)
    assert stop_and_go(NOW) == 0
    with pytest.raises(Refused):
        resume(scene.placement, actor=tutor, now=NOW)
    mend(scene)
    assert stop_and_go(NOW) == 0  # the team paused it, and the team ends it
    resume(scene.placement, actor=tutor, now=NOW)
    assert scene.placement.state is P.ACTIVE


@pytest.mark.parametrize("first", [K.TEAM, K.UNIVERSITY])
def test_safeguarding_takes_over_a_pause_without_telling_anybody_again(
    scene: Scene, session: Any, first: Keeper
) -> None:
    pause(scene.placement, "First.", actor=NOBODY, now=NOW, kept_by=first)
    pause(scene.placement, "Then.", actor=NOBODY, now=NOW + DAY, kept_by=K.SAFEGUARDING)
    [row] = session.scalars(select(Pause)).all()
    assert (row.kept_by, row.from_at) == (K.SAFEGUARDING, NOW)
    pause(scene.placement, "Again.", actor=Principal(scene.tutor.person_id), now=NOW + DAY)
    assert row.kept_by is K.SAFEGUARDING
    assert [stop_and_go(NOW + DAY), scene.placement.state] == [0, P.PAUSED]


def test_one_that_has_not_begun_is_not_paused(session: Any) -> None:
    scene = Scene()
    high_work(scene)
    assert stop_and_go(NOW) == 0
    assert scene.placement.state is P.PREPARING


CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)})


@pytest.mark.pure
@pytest.mark.parametrize(
    ("ran_out", "last"),
    [
        (date(2026, 10, 6), date(2026, 10, 20)),
        (date(2026, 10, 3), date(2026, 10, 19)),  # a Saturday: counted from the Monday after
        (date(2026, 12, 18), date(2027, 1, 6)),  # three days are closed
    ],
)
def test_ten_working_days(ran_out: date, last: date) -> None:
    assert work_stops_after(ran_out, CHRISTMAS) == last


@pytest.mark.pure
def test_a_paper_stops_work_on_the_day_after_its_last_and_not_before() -> None:
    for ahead in range(60):
        day = date(2026, 11, 20) + timedelta(days=ahead)
        until = stopping_papers(day, CHRISTMAS)
        assert work_stops_after(until, CHRISTMAS) < day <= work_stops_after(until + DAY, CHRISTMAS)


def test_in_the_batch_only_those_move_that_must(session: Any) -> None:
    unsafe, safe = Scene(**ACTIVE), make.placement(**ACTIVE)
    high_work(unsafe)
    assert stop_and_go(datetime.fromisoformat("2026-10-20T09:00Z")) == 1
    assert (unsafe.placement.state, safe.state) == (P.PAUSED, P.ACTIVE)
