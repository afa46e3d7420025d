"""Deciding what becomes of a group that has shrunk: it goes on with fewer, another student is found, or it ends."""

from datetime import datetime

from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.groups import notices
from placements.groups.models import Course, GroupDecision
from placements.groups.queries import Group, group
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers.queries import locked_challenges
from placements.offers.waiting import promote
from placements.placing.actions import told_of
from placements.placing.endings import call_off, end_early
from placements.placing.models import EndedBy, Placement
from placements.placing.workflow import NOT_BEGUN


def decide(found: Group, course: Course, reason: str, *, actor: Principal, now: datetime) -> None:
    """Say what becomes of those who stay; they, their supervisors and tutors are told. Decided already, nothing.

    ANOTHER offers the places that came free to the students who wait for them; whoever is on the clearing list can be
    placed there too. END calls off or ends every placement that is left, whose students need another place. Raises
    Refused where nobody new can be placed, or where one of those who stay is on a run that `actor` does not lead.
    """
    assert actor.person_id is not None
    challenge = locked_challenges([found.challenge.id])[found.challenge.id]
    found = group(challenge)
    if not found.is_open:
        return
    if course is Course.ANOTHER and not challenge.is_live(today(now)):
        raise Refused("This challenge takes no new students now. Choose something else.", "course")
    if course is Course.END and not all(actor.has("leader", each.enrolment.run_id) for each in found.staying):
        raise Refused("Some of the group are on another run. Its module leader has to end their placements.", "course")
    made = GroupDecision(
        challenge=challenge, course=course, reason=reason, decided_by_id=actor.person_id, decided_at=now
    )
    db.session.add(made)
    db.session.flush()
    record("decided what becomes of the group", challenge, actor=actor, now=now, ability="placing.read_reasons")
    if course is Course.END:
        for placement in found.staying:
            _end(placement, reason, actor=actor, now=now)
        return
    if course is Course.ANOTHER:
        short = challenge.places_min - len(found.staying)
        promote([each.offer for each in found.gone][-short:], now=now)
    told = {person for each in found.staying for person in told_of(each, but=actor, now=now)}
    tell(notices.DECIDED, made.id, told, now)


def _end(placement: Placement, reason: str, *, actor: Principal, now: datetime) -> None:
    if placement.state in NOT_BEGUN:
        call_off(placement, EndedBy.UNIVERSITY, reason, actor=actor, now=now)
    else:
        end_early(placement, EndedBy.UNIVERSITY, reason, today(now), needs_another=True, actor=actor, now=now)
