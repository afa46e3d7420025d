"""Gates as their keepers see them, and what was found at one: each for whom it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, undefer_group

from placements.accounts.models import Account, Role
from placements.challenges.models import Challenge
from placements.clearance.models import KEEPERS, Adjustment, DbsSeen, MoveAsked, OwnRisk, VisaDetail
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.partners.models import Organisation, Site
from placements.people.models import Person
from placements.placing.models import Placement, PlacementGate
from placements.placing.queries import own_gates, whole
from placements.placing.rules import Gate, GateKind
from placements.placing.workflow import GOING_ON, NOT_BEGUN, GateState, PlacementState

UNSETTLED = (GateState.OPEN, GateState.BARRED)
WHOLE = (joinedload(PlacementGate.placement).options(*cast(Any, whole())), joinedload(PlacementGate.settled_by))
WORDS = undefer_group("words")
Found = DbsSeen | Adjustment | OwnRisk


def kept_by(who: Principal) -> list[GateKind]:
    """The kinds of gates that `who` settles."""
    return [kind for kind, role in KEEPERS.items() if who.has(role)]


def visible_to(who: Principal) -> Select[PlacementGate]:
    """The gates that `who` settles: not their own, nor those of an organisation in which they have a side."""
    sides = who.held_on("contact", "interest")
    return (
        select(PlacementGate)
        .join(PlacementGate.placement)
        .join(Placement.enrolment)
        .join(Placement.challenge)
        .where(PlacementGate.kind.in_(kept_by(who)), Enrolment.person_id != who.person_id)
        .where(Challenge.organisation_id.not_in(sides))
    )


def gate_visible_to(who: Principal, public_id: str) -> PlacementGate | None:
    """The gate at that address, with its placement."""
    return db.session.scalar(visible_to(who).where(PlacementGate.public_id == public_id).options(*WHOLE))


def waiting(who: Principal, size: int, number: int) -> tuple[list[PlacementGate], int]:
    """A page of what waits for `who`, the first due first, and how much there is. One query."""
    rows = _open(who).order_by(PlacementGate.due_on, PlacementGate.id)
    return slice_of(rows, size, number, *WHOLE)


def _open(who: Principal) -> Select[PlacementGate]:
    return visible_to(who).where(PlacementGate.state.in_(UNSETTLED), Placement.state.in_(GOING_ON))


def counts(who: Principal) -> Select[int, date | None]:
    """How many gates wait for `who`, and by when the first is due."""
    return _open(who).with_only_columns(func.count(PlacementGate.id), func.min(PlacementGate.due_on))


def risks_waiting() -> Sequence[Placement]:
    """Placements that have not begun and whose work or place nobody has looked at, or that is too risky. One query."""
    rows = select(Placement).where(Placement.state.in_(NOT_BEGUN))
    rows = rows.where(or_(~Placement.is_assessed, Placement.is_too_risky))
    return db.session.scalars(rows.options(*whole()).order_by(Placement.starts_on, Placement.id).limit(50)).all()


def keepers() -> Select[int, int]:
    """(gate, person) of each open gate and whoever settles gates of its kind."""
    held = select(Account.person_id, Role.name).join(Account.global_roles).where(Account.active).subquery()
    is_its = or_(*(and_(PlacementGate.kind == kind, held.c.name == role) for kind, role in KEEPERS.items()))
    rows = select(PlacementGate.id, held.c.person_id).join(PlacementGate.placement).join(held, is_its)
    return rows.where(PlacementGate.state == GateState.OPEN, Placement.state.in_(GOING_ON))


def open_of_student(who: Principal) -> Select[GateKind, date, str]:
    """(kind, due, placement) of what the student has to do something about: not what others are still agreeing."""
    is_asked = and_(Adjustment.agreed_at.is_not(None), Adjustment.is_shared.is_(None))
    rows = select(PlacementGate.kind, PlacementGate.due_on, Placement.public_id).join(PlacementGate.placement)
    rows = rows.join(Placement.enrolment).outerjoin(Adjustment, Adjustment.gate_id == PlacementGate.id)
    rows = rows.where(Enrolment.person_id == who.person_id, Placement.state.in_(GOING_ON))
    theirs = or_(PlacementGate.kind.in_((GateKind.DBS, GateKind.VISA)), is_asked)
    return rows.where(PlacementGate.state == GateState.OPEN, theirs).order_by(PlacementGate.due_on, PlacementGate.id)


def gate_of(placement: Placement, kind: GateKind) -> PlacementGate | None:
    """The placement's gate of that kind, if anybody ever asked for it."""
    return next((gate for gate in placement.gates if gate.kind is kind), None)


def dbs_of(gate: PlacementGate) -> DbsSeen | None:
    """What was seen of a DBS check."""
    return db.session.scalar(select(DbsSeen).where(DbsSeen.gate_id == gate.id))


def visa_details_of(gate: PlacementGate) -> Sequence[VisaDetail]:
    """What was recorded for a visa, the newest first."""
    rows = select(VisaDetail).where(VisaDetail.gate_id == gate.id).order_by(VisaDetail.id.desc())
    return db.session.scalars(rows.options(WORDS, joinedload(VisaDetail.recorded_by))).all()


def adjustment_of(gate: PlacementGate) -> Adjustment | None:
    """What was agreed, in its words."""
    return db.session.scalar(select(Adjustment).where(Adjustment.gate_id == gate.id).options(WORDS))


def own_risk_of(gate: PlacementGate) -> OwnRisk | None:
    """What may make it risky for the student, in its words."""
    rows = select(OwnRisk).where(OwnRisk.gate_id == gate.id)
    return db.session.scalar(rows.options(WORDS, joinedload(OwnRisk.raised_by)))


def move_asked_of(gate: PlacementGate) -> MoveAsked | None:
    """What was asked about a move, and answered, in its words."""
    rows = select(MoveAsked).where(MoveAsked.gate_id == gate.id)
    return db.session.scalar(rows.options(WORDS, joinedload(MoveAsked.asked_by)))


def told_to_supervisor(placement: Placement) -> str:
    """Just the words that the student said the organisation may read; nothing otherwise. One query."""
    rows = select(Adjustment).join(Adjustment.gate).where(PlacementGate.placement_id == placement.id)
    rows = rows.where(Adjustment.is_shared.is_(True))
    found = db.session.scalar(rows.options(WORDS))
    return found.to_share if found else ""


@dataclass(frozen=True)
class Checks:
    """What one reader may know of the university's checks of a placement; the rest is not there."""

    gates: Sequence[Gate] = ()  # the student's own list
    dbs: DbsSeen | None = None
    dbs_is_met: bool | None = None  # yes or no, for whoever may know no more
    visa: Sequence[VisaDetail] = ()
    adjustment: Adjustment | None = None
    own_risk: OwnRisk | None = None

    @property
    def read(self) -> list[tuple[str, int, str]]:
        """(kind, key, field) of what is sensitive in it."""
        rows: list[tuple[DbsSeen | VisaDetail | Adjustment | OwnRisk | None, str]] = [
            (self.dbs, "level"),
            (self.visa[0] if self.visa else None, "address"),
            (self.adjustment, "agreed"),
            (self.own_risk, "what"),
        ]
        return [(row.__tablename__, row.id, field) for row, field in rows if row is not None]


def checks_of(placement: Placement, *, is_student: bool, leads: bool) -> Checks:
    """What the student, the module leader, or otherwise the tutor may know of them."""
    gates = {gate.kind: gate for gate in placement.gates}
    dbs, visa = gates.get(GateKind.DBS), gates.get(GateKind.VISA)
    adjustment, risk = gates.get(GateKind.ADJUSTMENT), gates.get(GateKind.OWN_RISK)
    asks_dbs = bool(placement.challenge.dbs != "none")
    knows_all = is_student or leads
    return Checks(
        gates=own_gates(placement) if is_student else (),
        dbs=dbs_of(dbs) if dbs and knows_all else None,
        dbs_is_met=(dbs is not None and dbs.state in (GateState.HELD, GateState.EXITED)) if asks_dbs else None,
        visa=visa_details_of(visa) if visa and knows_all else (),
        adjustment=adjustment_of(adjustment) if adjustment else None,
        own_risk=own_risk_of(risk) if risk else None,
    )


def placements_of_number(number: str, who: Principal) -> Placement | None:
    """The placement that goes on of the student with that number; None where `who` has a side in it."""
    sides = who.held_on("contact", "interest")
    rows = select(Placement).join(Placement.enrolment).join(Enrolment.person).join(Placement.challenge)
    rows = rows.where(Person.student_number == number, Placement.state.in_(GOING_ON))
    rows = rows.where(Enrolment.person_id != who.person_id, Challenge.organisation_id.not_in(sides))
    return db.session.scalar(rows.options(*whole()).order_by(Placement.id.desc()).limit(1))


def on_run_out_papers(day: date) -> Select[Placement]:
    """What goes on though its organisation's approval or its place's check ran out before that day."""
    organisation, place = Organisation.approved_until < day, Site.cleared_until < day
    rows = select(Placement).join(Placement.enrolment).join(Placement.challenge)
    rows = rows.join(Organisation, Organisation.id == Challenge.organisation_id).outerjoin(Placement.site)
    return rows.where(Placement.state == PlacementState.ACTIVE, or_(organisation, place))
