"""Sharing scripts out, giving one by hand, and what each marker takes on."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, MarkedBy
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell
from placements.people.models import Person
from placements.scripts import notices
from placements.scripts.models import MarkerShare, ScriptFix
from placements.scripts.queries import Field, Move, field_of, line_of, own_tutor, proposal_of

WHO_READS = "scripts.give"  # the ability that the history of who marks what is read by


def set_shares(field: Field, said: Mapping[int, tuple[int, int | None]], *, actor: Principal, now: datetime) -> None:
    """Say what each marker takes on, by the person's key: weight, and at most how many scripts. Moves nothing."""
    component = field.component
    hold_row(component, "locked_at")
    known = {
        each.person_id: each
        for each in db.session.scalars(select(MarkerShare).where(MarkerShare.component_id == component.id))
    }
    for sharer in field.sharers:
        weight, most = said[sharer.person.id]
        if (sharer.weight, sharer.most) == (weight, most):
            continue
        share = known.get(sharer.person.id) or MarkerShare(component_id=component.id, person_id=sharer.person.id)
        share.weight, share.most = weight, most
        db.session.add(share)
        record("marker's share set", component, actor=actor, now=now, person_id=sharer.person.id, ability=WHO_READS)
    db.session.flush()


def share_out(component: Component, *, seen: str, actor: Principal, now: datetime) -> int:
    """Give every script that changes hands by the rule to its new marker. Returns how many. Each marker is told once.

    `seen`: the proposal's fingerprint when it was looked at. Raises Conflict, changing nothing, where anything that it
    was made from has changed since.
    """
    hold_row(component, "locked_at")
    _hold_scripts(component)
    proposal = proposal_of(field_of(component))
    if proposal.seen != seen:
        raise Conflict("Scripts, markers or limits have changed since you looked, so nothing was done. Look again.")
    for move in proposal.changed:
        _give(move, actor=actor, now=now)
    if proposal.changed:
        record("shared out its scripts", component, actor=actor, now=now, ability=WHO_READS)
    told = {move.after.id for move in proposal.changed if move.after} - {actor.person_id}
    tell(notices.GIVEN, component.id, [each for each in told if each is not None], now)
    return len(proposal.changed)


def _give(move: Move, *, actor: Principal, now: datetime) -> None:
    """Without a name of its own a script is the own tutor's: so it stays theirs when the student's tutor changes."""
    mark = move.line.mark
    is_own = move.after is own_tutor(mark) and mark.component.marked_by is not MarkedBy.SHARED
    mark.allocated = None if is_own else move.after
    student = None if mark.is_nameless else mark.enrolment.person_id
    record("given to a marker", mark.submission, actor=actor, now=now, person_id=student, ability=WHO_READS)


def give(mark: Mark, marker: Person, reason: str, *, actor: Principal, now: datetime) -> None:
    """Give one script to somebody by hand; sharing out leaves it there. They are told. The same again changes nothing.

    What its marker so far has typed is kept. Raises Refused where they may not mark it, or it is marked already.
    """
    assert actor.person_id is not None
    hold_row(mark.component, "locked_at")
    hold_row(mark)
    found = line_of(mark)
    if found is None or mark.state is not MarkState.DRAFTED:
        raise Refused("This script is marked already. Whoever marked it can take the mark back first.")
    field, line = found
    if marker not in [each.person for each in field.may_have(mark)]:
        raise Refused("Choose somebody of the run’s team who has no interest in this student’s work.", "marker")
    if (line.holder, line.fix and line.fix.reason) == (marker, reason):
        return
    fix = line.fix or ScriptFix(mark_id=mark.id)
    fix.reason, fix.fixed_by_id, fix.fixed_at = reason, actor.person_id, now
    db.session.add(fix)
    mark.allocated = marker
    student = None if mark.is_nameless else mark.enrolment.person_id
    record(
        "given to a marker", mark.submission, actor=actor, now=now, person_id=student, ability=WHO_READS, reason=reason
    )
    if marker is not line.holder and marker.id != actor.person_id:
        tell(notices.GIVEN, mark.component_id, [marker.id], now)


def _hold_scripts(component: Component) -> None:
    """Nobody else gives or marks any of them until the transaction ends; what they did before is read anew."""
    rows = select(Mark).where(Mark.component_id == component.id).order_by(Mark.id).with_for_update(of=Mark)
    db.session.scalars(rows, execution_options={"populate_existing": True}).all()
