"""What settles each of the university's own checks. What was found is written down; history says only that it was."""

from dataclasses import dataclass
from datetime import date, datetime

from placements.accounts.queries import holders
from placements.challenges.models import Dbs
from placements.clearance import notices
from placements.clearance.models import KEEPERS, Adjustment, DbsSeen, MoveAsked, OwnRisk, VisaDetail
from placements.clearance.queries import adjustment_of, dbs_of, gate_of, move_asked_of, own_risk_of
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.core.seen import fingerprint
from placements.db import db, hold_row
from placements.mail.actions import tell
from placements.placing.actions import hold
from placements.placing.endings import pause
from placements.placing.gates import ask, ask_what_is_needed, settle
from placements.placing.models import Keeper, Placement, PlacementGate
from placements.placing.policy import may_move
from placements.placing.rules import Exit, GateKind
from placements.placing.stopping import STOPPED
from placements.placing.workflow import GateState, PlacementState
from placements.vetting.models import Risk


def ask_keepers(now: datetime) -> None:
    """Ask for what placements need by their role and their student's visa, and tell keepers and students."""
    for gate in ask_what_is_needed(now):
        _tell(gate, now)


def _tell(gate: PlacementGate, now: datetime) -> None:
    db.session.flush()
    tell(notices.WAITS, gate.id, db.session.scalars(holders(KEEPERS[gate.kind])).all(), now)  # type: ignore[arg-type]
    if gate.kind in (GateKind.DBS, GateKind.VISA):
        tell(notices.YOURS, gate.id, [gate.placement.enrolment.person_id], now)


# DBS


def record_dbs(gate: PlacementGate, level: Dbs, seen_on: date, *, actor: Principal, now: datetime) -> None:
    """A check was seen on that day. Raises Refused for one below what the role asks for, or a day to come."""
    asked = gate.placement.challenge.dbs
    if [*Dbs].index(level) < [*Dbs].index(asked):
        raise Refused("The role asks for more than this check. Say which duties need none instead.", "level")
    if seen_on > today(now):
        raise Refused("Enter a day that is not in the future.", "seen_on")
    settle(gate, "hold", actor=actor, now=now)
    _keep_dbs(gate, level, seen_on, "")


def without_dbs(gate: PlacementGate, duties: str, *, actor: Principal, now: datetime) -> None:
    """No check is needed for what the student does there: `duties` says what that is."""
    settle(gate, "leave", Exit.WITHOUT_DBS, actor=actor, now=now)
    _keep_dbs(gate, Dbs.NONE, None, duties)


def _keep_dbs(gate: PlacementGate, level: Dbs, seen_on: date | None, duties: str) -> None:
    seen = dbs_of(gate) or DbsSeen(gate_id=gate.id)
    seen.level, seen.seen_on, seen.duties = level, seen_on, duties
    db.session.add(seen)


# A visa


@dataclass(frozen=True)
class Visa:
    """Where, how many hours a week, and between which days a sponsored student works."""

    address: str
    hours_a_week: int
    starts_on: date
    ends_on: date


def record_visa(gate: PlacementGate, said: Visa, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Record the details, and with them that the host is approved; the earlier ones stay.

    Raises Refused where the placement has other dates than these: what is on record must be what happens.
    """
    placement = gate.placement
    if said.ends_on < said.starts_on:
        raise Refused("Choose a last day that is not before the first.", "ends_on")
    if (said.starts_on, said.ends_on) != (placement.starts_on, placement.ends_on):
        raise Refused("The placement has other dates. Record those, or have them changed first.", "starts_on")
    settle(gate, "hold", actor=actor, now=now)
    recorded = {"recorded_at": now, "recorded_by_id": actor.person_id, "form_key": form_key}
    db.session.add(VisaDetail(gate_id=gate.id, **vars(said), **recorded))


def ask_to_move(placement: Placement, words: str, *, actor: Principal, now: datetime) -> None:
    """Ask whether a sponsored student may change organisation; visa officers are told that something waits.

    Asked in the same words while it waits, nothing changes. Raises Refused for other words then, and where the student
    may move already.
    """
    hold(placement)
    gate = placement.approval_to_move
    found = move_asked_of(gate) if gate else None
    if gate and found and gate.state is GateState.OPEN:
        if found.words != words:
            raise Refused("The visa officer has been asked already. Wait for the answer.")
        return
    if may_move(actor, placement, now):
        raise Refused("Nobody has to approve this move now. Go back, and move the student.")
    gate = ask(placement, GateKind.MOVE, actor=actor, now=now)
    db.session.flush()
    found = found or MoveAsked(gate_id=gate.id)
    found.words, found.answer, found.asked_by_id = words, "", actor.person_id  # type: ignore[assignment]
    db.session.add(found)
    _tell(gate, now)


def answer_move(gate: PlacementGate, approves: bool, words: str, *, actor: Principal, now: datetime) -> None:
    """Let the student change organisation, once, or not; whoever asked is told that there is an answer.

    It can be answered otherwise until the student has moved; in the same way again, nothing changes.
    """
    hold(gate.placement)
    hold_row(gate)
    found = move_asked_of(gate)
    if found is None:
        raise Refused("Nobody has asked about this move.")
    answered = GateState.HELD if approves else GateState.EXITED
    if (gate.state, found.answer) == (answered, words):
        return
    settle(gate, "hold" if approves else "leave", None if approves else Exit.REFUSED, actor=actor, now=now)
    found.answer = words
    tell(notices.MOVE_ANSWERED, gate.id, [found.asked_by_id], now)


# Adjustments


def ask_adjustment(placement: Placement, words: str, *, actor: Principal, now: datetime) -> None:
    """The student, or the adviser for them, asks for adjustments on placement; disability advisers are told."""
    gate = ask(placement, GateKind.ADJUSTMENT, actor=actor, now=now)
    db.session.flush()
    found = adjustment_of(gate) or Adjustment(gate_id=gate.id)
    found.asked = words
    db.session.add(found)
    _tell(gate, now)


def agree_adjustment(gate: PlacementGate, agreed: str, to_share: str, *, actor: Principal, now: datetime) -> None:
    """Keep what is agreed. What the organisation would be told waits for the student, who is told so.

    Where it need be told nothing, the gate holds. Other words than before are asked about anew, and hidden until then.
    """
    found = adjustment_of(gate) or Adjustment(gate_id=gate.id, to_share="")
    if found.to_share != to_share:
        found.is_shared, found.answered_at = None, None
    found.agreed, found.to_share, found.agreed_at = agreed, to_share, now
    db.session.add(found)
    if not to_share or found.is_shared:
        settle(gate, "hold", actor=actor, now=now)
    elif found.is_shared is False:
        settle(gate, "leave", Exit.NOT_SHARED, actor=actor, now=now)
    else:
        ask(gate.placement, GateKind.ADJUSTMENT, actor=actor, now=now)
        tell(notices.YOURS, gate.id, [gate.placement.enrolment.person_id], now)


def answer_adjustment(placement: Placement, shares: bool, seen: str, *, actor: Principal, now: datetime) -> None:
    """The student's own answer to just the words that they saw: the supervisor is told these, or nothing.

    It can be changed later. Raises Refused where there is nothing to answer, or the words have changed since.
    """
    gate = gate_of(placement, GateKind.ADJUSTMENT)
    found = adjustment_of(gate) if gate else None
    if gate is None or found is None or not found.to_share:
        raise Refused("There is nothing for you to answer now.")
    if seen != fingerprint(found.to_share):
        raise Refused("The words have changed since you read them. Read them again, then answer.")
    if found.is_shared is shares:
        return
    found.is_shared, found.answered_at = shares, now
    if shares:
        settle(gate, "hold", actor=actor, now=now)
        tell(notices.SHARED, gate.id, [placement.supervisor_id], now)
    else:
        settle(gate, "leave", Exit.NOT_SHARED, actor=actor, now=now)


# What is risky for this student


def raise_risk(placement: Placement, what: str, *, actor: Principal, now: datetime) -> None:
    """Say that something may make the work risky for this student; safety officers are told to look at it."""
    gate = ask(placement, GateKind.OWN_RISK, actor=actor, now=now)
    db.session.flush()
    found = own_risk_of(gate) or OwnRisk(gate_id=gate.id)
    found.what, found.raised_by_id = what, actor.person_id  # type: ignore[assignment]
    found.residual, found.actions = None, ""
    db.session.add(found)
    _tell(gate, now)


def assess_risk(gate: PlacementGate, residual: Risk, actions: str, *, actor: Principal, now: datetime) -> None:
    """Say what is left of it: low or medium lets the placement start, high bars it, and stops one that goes on at once.

    Raises Refused for more than low without what is done about it.
    """
    if residual is not Risk.LOW and not actions:
        raise Refused("Say what is done about the risk, or choose low", "actions")
    found = own_risk_of(gate)
    if found is None:
        raise Refused("Nobody has said what may be risky.")
    found.residual, found.actions = residual, actions
    settle(gate, "bar" if residual is Risk.HIGH else "hold", actor=actor, now=now)
    if residual is Risk.HIGH and gate.placement.state is PlacementState.ACTIVE:
        pause(gate.placement, STOPPED, actor=NOBODY, now=now, kept_by=Keeper.UNIVERSITY)
