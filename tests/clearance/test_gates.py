"""Gates open by what role, visa, dates and place are, settle for just that, and hold a placement back until then."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from placements.challenges.models import Dbs
from placements.clearance import actions
from placements.clearance.actions import Visa
from placements.clearance.queries import visa_details_of
from placements.core.errors import Refused
from placements.db import db
from placements.history.models import History
from placements.placing.actions import start_due
from placements.placing.models import Keeper
from placements.placing.queries import open_gates
from placements.placing.rules import Asked, Exit, GateKind, gate_due_on, still_answers
from placements.placing.stopping import stop_and_go
from placements.placing.workflow import GateState, PlacementState
from placements.vetting.models import Risk
from tests import factories as make
from tests.clearance.scene import KEEPER, Cleared
from tests.factories import DAY, NOW
from tests.factories.placing import risk_assessed

K, P, G = GateKind, PlacementState, GateState
LATER = NOW + timedelta(minutes=1)
FIRST_DAY = NOW + 27 * DAY  # Monday 16 November
SITE = "Count the stock, 1 Example Road"


@pytest.fixture
def scene(session: Any) -> Cleared:
    return Cleared()


def needs_dbs(scene: Cleared) -> None:
    scene.challenge.dbs = Dbs.ENHANCED
    db.session.flush()


def needs_visa(scene: Cleared) -> None:
    scene.enrolment.is_visa_sponsored = True
    db.session.flush()


def needs_adjustment(scene: Cleared) -> None:
    actions.ask_adjustment(scene.placement, "Breaks.", actor=scene.as_("student"), now=NOW)


def needs_risk(scene: Cleared) -> None:
    actions.raise_risk(scene.placement, "Faints in the heat.", actor=scene.as_("tutor"), now=NOW)


OPENING = {K.DBS: needs_dbs, K.VISA: needs_visa, K.ADJUSTMENT: needs_adjustment, K.OWN_RISK: needs_risk}


def see_dbs(scene: Cleared, level: Dbs = Dbs.ENHANCED) -> None:
    actions.record_dbs(scene.gate(K.DBS), level, NOW.date(), actor=scene.as_("safeguarding"), now=NOW)


def see_visa(scene: Cleared, key: str = "a") -> None:
    said = Visa(SITE, 6, scene.placement.starts_on, scene.placement.ends_on)
    actions.record_visa(scene.gate(K.VISA), said, key, actor=scene.as_("visa"), now=NOW)


def agree_nothing_to_share(scene: Cleared) -> None:
    actions.agree_adjustment(scene.gate(K.ADJUSTMENT), "A break.", "", actor=scene.as_("adviser"), now=NOW)


def low(scene: Cleared) -> None:
    assess(scene, Risk.LOW)


def assess(scene: Cleared, left: Risk, done: str = "") -> None:
    actions.assess_risk(scene.gate(K.OWN_RISK), left, done, actor=scene.as_("safety"), now=NOW)


SETTLING: dict[GateKind, Callable[[Cleared], None]] = {
    K.DBS: see_dbs,
    K.VISA: see_visa,
    K.ADJUSTMENT: agree_nothing_to_share,
    K.OWN_RISK: low,
}


@pytest.mark.parametrize(
    "kinds", list(product([False, True], repeat=4)), ids=lambda kinds: "".join("ny"[each] for each in kinds)
)
def test_it_is_never_active_while_a_gate_was_open_at_the_moment_of_starting(
    session: Any, kinds: tuple[bool, ...]
) -> None:
    """Every set of gates, settled one after the other, with the worker at each step; once before anybody was asked."""
    scene = Cleared()
    asked = [kind for kind, is_asked in zip(OPENING, kinds, strict=True) if is_asked]
    for kind in asked:
        OPENING[kind](scene)
    for kind in asked:
        start_due(FIRST_DAY)
        assert scene.placement.state is not P.ACTIVE
        assert len(open_gates(scene.placement, FIRST_DAY)) == len(asked) - asked.index(kind)
        actions.ask_keepers(LATER)
        session.expire(scene.placement, ["gates"])
        SETTLING[kind](scene)
    assert open_gates(scene.placement, FIRST_DAY) == []
    start_due(FIRST_DAY)
    assert scene.placement.state is P.ACTIVE


@pytest.mark.parametrize("kind", [K.DBS, K.VISA])
def test_a_role_or_a_visa_asks_by_itself_once_and_tells_keeper_and_student(scene: Cleared, kind: GateKind) -> None:
    OPENING[kind](scene)
    for later in range(3):
        actions.ask_keepers(NOW + later * DAY)
    gate = scene.gate(kind)
    assert (gate.state, gate.asked_at, gate.due_on) == (G.OPEN, NOW, date(2026, 11, 2))
    assert scene.told("clearance.waits") == {KEEPER[kind]}
    assert scene.told("clearance.yours") == {"student"}


@pytest.mark.parametrize("kind", [K.DBS, K.VISA])
def test_what_is_asked_for_no_longer_holds_nothing_up_and_is_asked_again_if_it_is(
    scene: Cleared, kind: GateKind
) -> None:
    OPENING[kind](scene)
    actions.ask_keepers(NOW)
    scene.challenge.dbs, scene.enrolment.is_visa_sponsored = Dbs.NONE, False
    assert open_gates(scene.placement, NOW) == []
    actions.ask_keepers(LATER)
    assert (scene.gate(kind).state, scene.gate(kind).exit) == (G.EXITED, Exit.NOT_NEEDED)
    OPENING[kind](scene)
    assert len(open_gates(scene.placement, NOW)) == 1
    actions.ask_keepers(NOW + DAY)
    assert (scene.gate(kind).state, scene.gate(kind).asked_at) == (G.OPEN, NOW + DAY)


def test_a_higher_check_is_asked_for_again_and_a_lower_one_is_not(scene: Cleared) -> None:
    scene.challenge.dbs = Dbs.BASIC
    actions.ask_keepers(NOW)
    see_dbs(scene, Dbs.BASIC)
    needs_dbs(scene)
    assert [gate.who for gate in open_gates(scene.placement, NOW)] == ["the safeguarding lead"]
    actions.ask_keepers(LATER)
    assert scene.gate(K.DBS).state is G.OPEN
    with pytest.raises(Refused, match="The role asks for more than this check"):
        see_dbs(scene, Dbs.BASIC)
    see_dbs(scene)
    scene.challenge.dbs = Dbs.BASIC
    actions.ask_keepers(LATER)
    assert (scene.gate(K.DBS).state, open_gates(scene.placement, NOW)) == (G.HELD, [])


@pytest.mark.parametrize("what", ["starts_on", "ends_on", "site"])
def test_other_dates_or_another_place_ask_the_visa_officer_again_and_keep_what_was_recorded(
    scene: Cleared, what: str
) -> None:
    needs_visa(scene)
    actions.ask_keepers(NOW)
    see_visa(scene)
    assert scene.placement.state is P.CLEARED
    other = {"starts_on": date(2026, 11, 23), "ends_on": date(2027, 5, 7), "site": make.site(scene.organisation)}
    setattr(scene.placement, what, other[what])
    risk_assessed(scene.challenge, scene.placement.site)
    db.session.flush()
    db.session.expire(scene.placement)
    assert [gate.who for gate in open_gates(scene.placement, NOW)] == ["the visa officer"]
    assert start_due(FIRST_DAY + 7 * DAY) == 0
    actions.ask_keepers(LATER)
    assert (scene.gate(K.VISA).state, scene.gate(K.VISA).asked_at) == (G.OPEN, LATER)
    see_visa(scene, "b")
    assert len(visa_details_of(scene.gate(K.VISA))) == 2
    assert start_due(FIRST_DAY + 7 * DAY) == 1


def test_visa_dates_are_those_of_the_placement(scene: Cleared) -> None:
    needs_visa(scene)
    actions.ask_keepers(NOW)
    said = Visa(SITE, 6, date(2026, 11, 17), scene.placement.ends_on)
    with pytest.raises(Refused, match="The placement has other dates"):
        actions.record_visa(scene.gate(K.VISA), said, "a", actor=scene.as_("visa"), now=NOW)


def test_duties_that_need_no_check_are_an_exit(scene: Cleared) -> None:
    needs_dbs(scene)
    actions.ask_keepers(NOW)
    gate = scene.gate(K.DBS)
    actions.without_dbs(gate, "Only the stock room.", actor=scene.as_("safeguarding"), now=NOW)
    assert (gate.state, gate.exit, scene.placement.state) == (G.EXITED, Exit.WITHOUT_DBS, P.CLEARED)


@pytest.mark.parametrize(
    ("left", "done", "state"),
    [(Risk.LOW, "", P.CLEARED), (Risk.MEDIUM, "A fan.", P.CLEARED), (Risk.HIGH, "A fan.", P.PREPARING)],
)
def test_what_is_left_of_the_students_own_risk_decides(
    scene: Cleared, left: Risk, done: str, state: PlacementState
) -> None:
    needs_risk(scene)
    assert start_due(NOW) == 0
    assess(scene, left, done)
    assert scene.placement.state is state
    with pytest.raises(Refused, match="Say what is done"):
        assess(scene, Risk.MEDIUM)


def test_a_high_risk_of_ones_own_stops_what_goes_on_at_once(session: Any) -> None:
    scene = Cleared(state=P.ACTIVE, starts_on=date(2026, 10, 5))
    needs_risk(scene)
    assert scene.placement.state is P.ACTIVE
    assess(scene, Risk.HIGH, "A fan.")
    assert (scene.placement.state, scene.placement.kept_by) == (P.PAUSED, Keeper.UNIVERSITY)
    session.expire(scene.placement, ["is_unsafe"])
    assert stop_and_go(LATER) == 0
    assess(scene, Risk.MEDIUM, "A fan, and a chair.")
    assert stop_and_go(LATER) == 1
    assert scene.placement.state is P.ACTIVE


def test_history_says_that_it_was_settled_and_never_what_was_found(scene: Cleared, session: Any) -> None:
    needs_risk(scene)
    needs_adjustment(scene)
    assess(scene, Risk.MEDIUM, "A fan.")
    rows = session.scalars(select(History).where(History.about_kind == "placement_gate").order_by(History.id)).all()
    assert {row.ability for row in rows} == {"clearance.gate"}
    assert {row.reason for row in rows} == {None}
    assert [row.verb for row in rows] == ["asked for", "asked for", "settled"]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("starts_on", "asked_on", "due"),
    [
        (date(2026, 11, 16), date(2026, 10, 20), date(2026, 11, 2)),  # ten working days before
        (date(2026, 11, 16), date(2026, 11, 5), date(2026, 11, 12)),  # five after asking
        (date(2026, 11, 16), date(2026, 11, 14), date(2026, 11, 23)),  # asked on a Saturday
        (date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 30)),  # begun: ten after asking
        (date(2027, 1, 11), date(2026, 11, 1), date(2026, 12, 24)),  # two closed days between
    ],
)
def test_when_it_is_due(starts_on: date, asked_on: date, due: date) -> None:
    closed = {date(2026, 12, 25), date(2027, 1, 1)}
    assert gate_due_on(starts_on, asked_on, closed) == due


WAS = Asked(1, date(2026, 11, 16), date(2027, 4, 30), 7)


@pytest.mark.pure
@pytest.mark.parametrize("kind", K)
@pytest.mark.parametrize(
    ("now", "asks_again"),
    [
        (WAS, ()),
        (Asked(0, WAS.starts_on, WAS.ends_on, 7), ()),
        (Asked(2, WAS.starts_on, WAS.ends_on, 7), (K.DBS,)),
        (Asked(1, WAS.starts_on + DAY, WAS.ends_on, 7), (K.VISA,)),
        (Asked(1, WAS.starts_on, WAS.ends_on + DAY, 7), (K.VISA,)),
        (Asked(1, WAS.starts_on, WAS.ends_on, None), (K.VISA,)),
    ],
    ids=["the same", "a lower check", "a higher check", "starts later", "ends later", "elsewhere"],
)
def test_what_it_still_answers(kind: GateKind, now: Asked, asks_again: tuple[GateKind, ...]) -> None:
    assert still_answers(kind, WAS, now) is (kind not in asks_again)
