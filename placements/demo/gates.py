"""The university's own checks: whoever keeps them looks each week at what placements wait for; a few stay open."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import select

from placements.challenges import reviewing
from placements.challenges.models import BriefRisk
from placements.challenges.rules import people_risk
from placements.clearance import actions
from placements.clearance.actions import Visa
from placements.clearance.models import KEEPERS
from placements.clearance.queries import risks_waiting
from placements.core.clock import in_london, today
from placements.db import db, new_public_id
from placements.demo.cast import STAFF
from placements.demo.placed import days_between
from placements.demo.stage import LATEST, Beat, Season, person_at, principal
from placements.placing.models import Placement, PlacementGate
from placements.placing.rules import GateKind
from placements.placing.workflow import GateState
from placements.vetting.actions import assess as assess_place
from placements.vetting.models import Risk, SiteRisk

MONDAY = 0
TAKES = timedelta(days=3)
LEFT_OPEN = 29  # this year one in so many


def chapter(season: Season) -> Iterator[Beat]:
    """From the first offers on, every Monday morning."""
    for day in days_between(season.on(10, 19), season.on(2, 28), [MONDAY]):
        yield Beat(in_london(day, time(8, 40)), partial(_look, season.starts == LATEST))


def _look(leaves_some: bool, now: datetime) -> None:
    officers = {part.short: part.email for part in STAFF}
    for placement in risks_waiting():
        _weigh(placement, officers["safety-officer"], now)
    actions.ask_keepers(now)
    rows = select(PlacementGate).where(PlacementGate.state == GateState.OPEN, PlacementGate.asked_at <= now - TAKES)
    for gate in db.session.scalars(rows.order_by(PlacementGate.id)).all():
        if gate.id % LEFT_OPEN or not leaves_some:
            _settle(gate, officers[KEEPERS[gate.kind].replace("_", "-")], now)


def _weigh(placement: Placement, officer: str, now: datetime) -> None:
    actor, challenge, place = principal(person_at(officer).id), placement.challenge, placement.site
    if db.session.scalar(select(BriefRisk.id).where(BriefRisk.challenge_id == challenge.id)) is None:
        people = Risk(people_risk(challenge.dbs != "none", challenge.client_group)[0])
        done = "" if people is Risk.LOW else "A member of staff is always in the room."
        facts = {"work": Risk.LOW, "people": people, "actions": done, "residual": Risk.LOW}
        reviewing.assess(challenge, facts, actor=actor, now=now)
    if place and db.session.scalar(select(SiteRisk.id).where(SiteRisk.site_id == place.id)) is None:
        low = dict.fromkeys(("travel", "location", "environment", "insurance", "residual"), Risk.LOW)
        assess_place(place, {**low, "actions": ""}, actor=actor, now=now)


def _settle(gate: PlacementGate, officer: str, now: datetime) -> None:
    actor, placement = principal(person_at(officer).id), gate.placement
    if gate.kind is GateKind.DBS:
        actions.record_dbs(gate, placement.challenge.dbs, today(now), actor=actor, now=now)
    elif gate.kind is GateKind.VISA:
        where = placement.site.address if placement.site else "At home, online"
        said = Visa(where, 6, placement.starts_on, placement.ends_on)
        actions.record_visa(gate, said, new_public_id(), actor=actor, now=now)
