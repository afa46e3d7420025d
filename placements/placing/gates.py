"""The university's own checks of a placement as such: asked for, settled, asked anew. What is in them: `clearance`."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, or_, select

from placements.challenges.models import Challenge, Dbs
from placements.cohorts.models import Enrolment
from placements.cohorts.queries import closed_days
from placements.core.clock import today
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.placing import rules
from placements.placing.actions import go_on, hold
from placements.placing.models import Placement, PlacementGate
from placements.placing.queries import asked_of, is_asked_for, is_settled, whole
from placements.placing.rules import Exit, GateKind
from placements.placing.workflow import GATE, GOING_ON, GateState

BATCH = 200
READS = "clearance.gate"  # the ability that a gate's history is read by
G = PlacementGate


def ask(placement: Placement, kind: GateKind, *, actor: Principal, now: datetime) -> PlacementGate:
    """Ask for a gate of the placement, or ask again for one that was settled; one that is open stays as it is."""
    hold(placement)
    gate = next((each for each in placement.gates if each.kind is kind), None)
    if gate is None:
        gate = PlacementGate(placement=placement, kind=kind, **_asked_now(placement, now))
        db.session.add(gate)
    elif gate.state not in (GateState.HELD, GateState.EXITED):
        return gate
    else:
        hold_row(gate)
        asked = _asked_now(placement, now)
        GATE.move(gate, "ask_again")
        gate.exit, gate.settled_at, gate.settled_by_id = None, None, None
        for name, value in asked.items():
            setattr(gate, name, value)
    record("asked for", gate, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=READS)
    return gate


def settle(gate: PlacementGate, verb: str, exit_by: Exit | None = None, *, actor: Principal, now: datetime) -> None:
    """Hold or bar the gate, or leave it by an exit, for what the placement is now; it goes on where that was the last.

    Settled in the same way again, it is settled anew: what was found may be another.
    """
    placement = gate.placement
    hold(placement)
    hold_row(gate)
    asked = _asked_now(placement, now)
    GATE.move(gate, verb)
    for name in ("level", "starts_on", "ends_on", "site_id"):
        setattr(gate, name, asked[name])
    gate.exit, gate.settled_at, gate.settled_by_id = exit_by, now, actor.person_id
    student = placement.enrolment.person_id
    record(
        SAID[verb], gate, actor=actor, now=now, person_id=student, ability=READS, fields=[exit_by] if exit_by else []
    )
    db.session.flush()
    go_on(placement, now=now)


SAID = {"hold": "settled", "bar": "found to stand against it", "leave": "settled by an exit"}


def _asked_now(placement: Placement, now: datetime) -> dict[str, object]:
    return {
        "asked_at": now,
        "due_on": rules.gate_due_on(placement.starts_on, today(now), closed_days()),
        "level": placement.challenge.dbs,
        "starts_on": placement.starts_on,
        "ends_on": placement.ends_on,
        "site_id": placement.site_id,
    }


def ask_what_is_needed(now: datetime) -> list[PlacementGate]:
    """Ask for what up to BATCH placements need by what their role, dates, place and visa are now; for the worker.

    What was settled for something else is asked for again, what is needed no longer is let go. Returns what was asked.
    A placement that needs what nobody has been asked for yet does not start meanwhile: see `queries.own_gates`.
    """
    rows = select(Placement).join(Placement.challenge).join(Placement.enrolment).where(_differs())
    placements = db.session.scalars(
        rows.options(*whole()).order_by(Placement.id).limit(BATCH).with_for_update(of=Placement, skip_locked=True)
    ).all()
    asked = [_follow(placement, kind, now) for placement in placements for kind in GateKind]
    return [gate for gate in asked if gate is not None]


def _follow(placement: Placement, kind: GateKind, now: datetime) -> PlacementGate | None:
    """The gate, if it was asked for now."""
    gate = next((each for each in placement.gates if each.kind is kind), None)
    is_needed = is_asked_for(placement, kind, gate)
    if gate is None:
        return ask(placement, kind, actor=NOBODY, now=now) if is_needed else None
    if not is_needed:
        if gate.exit is not Exit.NOT_NEEDED:
            settle(gate, "leave", Exit.NOT_NEEDED, actor=NOBODY, now=now)
        return None
    if gate.state in (GateState.HELD, GateState.EXITED) and not is_settled(gate, asked_of(placement)):
        return ask(placement, kind, actor=NOBODY, now=now)
    kept = gate.level
    for name, value in _asked_now(placement, gate.asked_at).items():
        setattr(gate, name, value)
    if gate.state is not GateState.OPEN:
        gate.level = kept  # a higher one than is asked for now still does, also when it is asked for again
    return None


def _differs() -> ColumnElement[bool]:
    """Placements that go on, with a gate missing or asked about something else than what they are now."""
    own = G.placement_id == Placement.id
    needs_dbs, needs_visa = Challenge.dbs != Dbs.NONE, Enrolment.is_visa_sponsored
    not_needed = G.exit.is_not_distinct_from(Exit.NOT_NEEDED)
    rank = {level: place for place, level in enumerate(Dbs)}
    asked_level, level = case(rank, value=Challenge.dbs), case(rank, value=G.level)
    has_dates = and_(G.starts_on == Placement.starts_on, G.ends_on == Placement.ends_on)
    moved = or_(~has_dates, G.site_id.is_distinct_from(Placement.site_id))
    is_open = G.state == GateState.OPEN
    return and_(
        Placement.state.in_(GOING_ON),
        or_(
            *(
                and_(needs, ~exists().where(own, G.kind == kind))
                for kind, needs in ((GateKind.DBS, needs_dbs), (GateKind.VISA, needs_visa))
            ),
            *(
                exists().where(own, G.kind == kind, or_(and_(needs, not_needed), and_(~needs, ~not_needed)))
                for kind, needs in ((GateKind.DBS, needs_dbs), (GateKind.VISA, needs_visa))
            ),
            exists().where(own, G.kind == GateKind.DBS, or_(asked_level > level, and_(is_open, asked_level != level))),
            exists().where(own, ~not_needed, moved),
        ),
    )
