"""Pages of the university's own checks: what waits for its keeper, each gate, and what student and team may know."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from placements.clearance import actions, forms, queries
from placements.clearance.actions import Visa
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.seen import fingerprint
from placements.history.actions import note_reads
from placements.history.queries import timeline
from placements.placing.models import Placement, PlacementGate
from placements.placing.policy import is_student, leads, may_move
from placements.placing.queries import placement_visible_to, visa_read
from placements.placing.rules import GateKind
from placements.vetting.rules import RISKS
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

KINDS = {
    GateKind.DBS: "DBS check",
    GateKind.VISA: "Student visa details",
    GateKind.ADJUSTMENT: "Adjustments",
    GateKind.OWN_RISK: "Risk for the student",
    GateKind.MOVE: "Change of organisation",
}
VERBS = ("record_dbs", "without_dbs", "record_visa", "agree_adjustment", "assess_risk", "answer_move")

clearance = Area("clearance", __name__)


@clearance.get("/clearance", can="clearance.queue", nav="Student checks")
def queue() -> Any:
    """What waits for this person, the first due first; for the safety officer also work and places to look at."""
    rows, count = queries.waiting(who(), PAGE_SIZE, page_number())
    risks = queries.risks_waiting() if who().has("safety_officer") else ()
    may_open = site().abilities["clearance.open_gate"](who(), None, now())
    return page(
        rows=rows, paging=paging(len(rows), count), kinds=KINDS, risks=risks, may_open=may_open, today=today(now())
    )


@clearance.form("/clearance/new", can="clearance.open_gate")
def open_gate() -> Any:
    """Open a check that nobody can tell from the record."""
    form = forms.OpenForm()
    form.offer(who())
    if form.accepted():
        placement = queries.placements_of_number(form.number.data, who())
        if placement is None:
            raise Refused("No student with this number is placed at present, or you have a part in it.", "number")
        kind = form.only or form.kind.data
        act = actions.ask_adjustment if kind is GateKind.ADJUSTMENT else actions.raise_risk
        act(placement, form.words.data, actor=who(), now=now())
        flash("The check is open.", "success")
        return redirect(url_for("clearance.queue"))
    return page(form=form)


@clearance.get("/clearance/<public_id>", can="clearance.gate", of=queries.gate_visible_to)
def gate(gate: PlacementGate) -> Any:
    """One of them, with what was found: that this is read is written down first."""
    note_reads((PlacementGate.__tablename__, gate.id, gate.kind.value), actor=who(), now=now())
    found = queries.gate_visible_to(who(), gate.public_id)
    assert found is not None
    can = {verb: site().abilities[f"clearance.{verb}"](who(), found, now()) for verb in VERBS}
    happened = timeline(found, who(), now(), site().abilities)
    return page(gate=found, kinds=KINDS, risks=RISKS, can=can, happened=happened, **_found(found))


def _found(gate: PlacementGate) -> dict[str, Any]:
    """What was found at it, by what its page calls it."""
    load: dict[GateKind, Any] = {
        GateKind.DBS: queries.dbs_of,
        GateKind.VISA: queries.visa_details_of,
        GateKind.ADJUSTMENT: queries.adjustment_of,
        GateKind.OWN_RISK: queries.own_risk_of,
        GateKind.MOVE: queries.move_asked_of,
    }
    return {kind.value: load[kind](gate) if kind is gate.kind else None for kind in GateKind}


@clearance.form("/clearance/<public_id>/dbs", can="clearance.record_dbs", of=queries.gate_visible_to)
def record_dbs(gate: PlacementGate) -> Any:
    """A check was seen."""
    form = forms.DbsForm(level=gate.placement.challenge.dbs)
    if form.accepted():
        actions.record_dbs(gate, form.level.data, form.seen_on.data, actor=who(), now=now())
        return _settled(gate)
    return page(form=form, gate=gate)


@clearance.form("/clearance/<public_id>/without-dbs", can="clearance.without_dbs", of=queries.gate_visible_to)
def without_dbs(gate: PlacementGate) -> Any:
    """The duties need none."""
    form = forms.DutiesForm()
    if form.accepted():
        actions.without_dbs(gate, form.duties.data, actor=who(), now=now())
        return _settled(gate)
    return page(form=form, gate=gate)


@clearance.form("/clearance/<public_id>/visa", can="clearance.record_visa", of=queries.gate_visible_to)
def record_visa(gate: PlacementGate) -> Any:
    """Where, how much, and between which days."""
    placement, place = gate.placement, gate.placement.site
    address = f"{place.name}, {place.address}, {place.postcode}" if place else ""
    form = forms.VisaForm(address=address, starts_on=placement.starts_on, ends_on=placement.ends_on)
    if form.accepted():
        said = form.answers()
        form_key = said.pop("form_key")
        actions.record_visa(gate, Visa(**said), form_key, actor=who(), now=now())
        return _settled(gate)
    return page(form=form, gate=gate)


@clearance.form("/clearance/<public_id>/adjustment", can="clearance.agree_adjustment", of=queries.gate_visible_to)
def agree_adjustment(gate: PlacementGate) -> Any:
    """What is agreed, and what the student is asked to share."""
    found = queries.adjustment_of(gate)
    form = forms.AgreeForm(agreed=found.agreed if found else "", to_share=found.to_share if found else "")
    if form.accepted():
        actions.agree_adjustment(gate, form.agreed.data, form.to_share.data, actor=who(), now=now())
        return _settled(gate)
    return page(form=form, gate=gate, asked=found.asked if found else "")


@clearance.form("/clearance/<public_id>/risk", can="clearance.assess_risk", of=queries.gate_visible_to)
def assess_risk(gate: PlacementGate) -> Any:
    """What is left of the risk."""
    found = queries.own_risk_of(gate)
    form = forms.RiskForm(residual=found.residual if found else None, actions=found.actions if found else "")
    if form.accepted():
        actions.assess_risk(gate, form.residual.data, form.actions.data, actor=who(), now=now())
        return _settled(gate)
    return page(form=form, gate=gate, what=found.what if found else "")


@clearance.form("/clearance/<public_id>/move", can="clearance.answer_move", of=queries.gate_visible_to)
def answer_move(gate: PlacementGate) -> Any:
    """Whether a sponsored student may change organisation."""
    found = queries.move_asked_of(gate)
    form = forms.AnswerMoveForm(words=found.answer if found else "")
    if form.accepted():
        actions.answer_move(gate, form.decision.data == "yes", form.words.data, actor=who(), now=now())
        return _settled(gate)
    return page(form=form, gate=gate, asked=found)


@clearance.get("/placements/<public_id>/checks", can="clearance.checks", of=placement_visible_to)
def checks(placement: Placement) -> Any:
    """What the student, the tutor or the module leader may know of them; that staff read it is written down first."""
    reader = {"is_student": is_student(who(), placement, now()), "leads": leads(who(), placement, now())}
    found = queries.checks_of(placement, **reader)
    if not reader["is_student"]:
        note_reads(*found.read, actor=who(), now=now())
        again = placement_visible_to(who(), placement.public_id)
        assert again is not None
        placement, found = again, queries.checks_of(again, **reader)
    verbs = ("ask_adjustment", "raise_risk")
    can = {verb: site().abilities[f"clearance.{verb}"](who(), placement, now()) for verb in verbs}
    return page(placement=placement, found=found, risks=RISKS, can=can, **reader)


@clearance.form("/placements/<public_id>/adjustments", can="clearance.ask_adjustment", of=placement_visible_to)
def ask_adjustment(placement: Placement) -> Any:
    """Say what would help."""
    form = forms.AskForm()
    if form.accepted():
        actions.ask_adjustment(placement, form.words.data, actor=who(), now=now())
        flash("The disability adviser has it, and gets in touch with you.", "success")
        return _to_checks(placement)
    return page(form=form, placement=placement)


@clearance.form(
    "/placements/<public_id>/adjustments/answer", can="clearance.answer_adjustment", of=placement_visible_to
)
def answer_adjustment(placement: Placement) -> Any:
    """Say whether the supervisor may read just these words."""
    gate = queries.gate_of(placement, GateKind.ADJUSTMENT)
    found = queries.adjustment_of(gate) if gate else None
    words = found.to_share if found else ""
    form = forms.AnswerForm(seen=fingerprint(words))
    if form.accepted():
        actions.answer_adjustment(placement, form.shares.data == "yes", form.seen.data, actor=who(), now=now())
        told = placement.supervisor.name if form.shares.data == "yes" else "Nobody at the organisation"
        flash(f"{told} can read these words.", "success")
        return _to_checks(placement)
    return page(form=form, placement=placement, words=words)


@clearance.form("/placements/<public_id>/risk", can="clearance.raise_risk", of=placement_visible_to)
def raise_risk(placement: Placement) -> Any:
    """Say that something may be risky for this student."""
    form = forms.RaiseForm()
    if form.accepted():
        actions.raise_risk(placement, form.what.data, actor=who(), now=now())
        flash("The safety officer has it, and says what is left of the risk.", "success")
        return _to_checks(placement)
    return page(form=form, placement=placement)


@clearance.form("/placements/<public_id>/move/approval", can="clearance.ask_to_move", of=placement_visible_to)
def ask_to_move(placement: Placement) -> Any:
    """Ask the visa officer, and read what they say. That a visa is sponsored is told, and the reading kept."""
    if not placement.enrolment.is_visa_sponsored:
        return redirect(url_for("placing.move", public_id=placement.public_id))
    form = forms.AskToMoveForm()
    if form.accepted():
        actions.ask_to_move(placement, form.words.data, actor=who(), now=now())
        flash("The visa officer has it, and we write to you when there is an answer.", "success")
        return redirect(url_for("clearance.ask_to_move", public_id=placement.public_id))
    if request.method != "POST":
        note_reads(visa_read(placement), actor=who(), now=now())
    gate = placement.approval_to_move
    found = queries.move_asked_of(gate) if gate else None
    is_free = may_move(who(), placement, now())
    return page(form=form, placement=placement, gate=gate, found=found, may_move=is_free)


def _settled(gate: PlacementGate) -> Response:
    flash("It is recorded.", "success")
    return redirect(url_for("clearance.gate", public_id=gate.public_id))


def _to_checks(placement: Placement) -> Response:
    return redirect(url_for("clearance.checks", public_id=placement.public_id))
