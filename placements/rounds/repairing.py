"""Opening a repair of a published round: not run anew, but mended where something came to nothing or became free."""

import secrets
from datetime import datetime

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.rounds.entrants import Field, field_of
from placements.rounds.inputs import left_out
from placements.rounds.models import Round
from placements.rounds.queries import going_on
from placements.rounds.workflow import ROUND

NOTHING = (
    "There is nothing to repair: every offer can stay as it is, and no free place is among the choices of students "
    "who wait for one."
)


def open_repair(round: Round, *, actor: Principal, now: datetime) -> Round:
    """Open a round over the same runs that changes as few unanswered offers as can be, and no accepted one.

    Where one is open already it returns that one. Raises Refused where another round of these runs is not over, or
    where there is nothing to repair.
    """
    hold_row(round, "state")
    ROUND.move(round, "repair")
    other = going_on(round.runs)
    if other is not None and other.repairs_id is None:
        raise Refused(f"The round “{other.name}” is not over yet. Publish or discard it first.")
    if other is not None:
        return other
    opened = Round(
        form_key=secrets.token_hex(16),
        name=f"Repair of {round.name}"[:100],
        academic_year=round.academic_year,
        seed=secrets.token_hex(8),
        created_at=now,
        repairs_id=round.id,
        runs=list(round.runs),
    )
    if not is_needed(field_of(opened, now)):
        raise Refused(NOTHING)
    db.session.add(opened)
    record("opened", opened, actor=actor, now=now)
    record("repair opened", round, actor=actor, now=now)
    return opened


def is_needed(field: Field) -> bool:
    """Whether an offer cannot stay as it is, or a free place is among the choices of a round with somebody waiting."""
    held = [entrant for entrant in field.entrants if entrant.held]
    challenges = {challenge.id: challenge for challenge in field.challenges}
    if any(entrant.held.challenge_id not in challenges for entrant in held if entrant.held):
        return True
    counted = field.taken.copy()
    for entrant in held:
        challenge = challenges[entrant.held.challenge_id]  # type: ignore[union-attr]
        counted.take(challenge.id, challenge.organisation_id)
    rooms = {key: counted.room(challenge) for key, challenge in challenges.items()}
    if any(room.is_overfull for room in rooms.values()):
        return True
    can_have = {
        entrant.enrolment.id: [
            each.challenge_id
            for each in entrant.preferences
            if left_out(entrant, field, challenges.get(each.challenge_id)) is None
        ]
        for entrant in field.entrants
    }
    has_waiting = any(can_have[entrant.enrolment.id] for entrant in field.entrants if entrant.held is None)
    return has_waiting and any(rooms[key].left > 0 for choices in can_have.values() for key in choices)
