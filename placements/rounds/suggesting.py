"""What would make a round possible that is not."""

from dataclasses import replace

from placements.rounds.adjustments import Wanted, named
from placements.rounds.entrants import Field
from placements.rounds.inputs import instance_of, round_key, why_lock_is_void
from placements.rounds.models import Round
from placements.solver import possible
from placements.solver.changes import Kind

REASON = "Suggested, to make the round possible."


def suggested(round: Round, field: Field) -> list[Wanted]:
    """The fewest changes after which every lock that is left can hold; none where they can. No query.

    A lock to what is closed, for the other level, or left out must go; what the rest needs, the solver finds.
    """
    if not any(entrant.lock for entrant in field.entrants):
        return []
    void = [entrant for entrant in field.entrants if why_lock_is_void(field, entrant)]
    rest = [replace(entrant, lock=None) if entrant in void else entrant for entrant in field.entrants]
    changes = possible.needed(instance_of(round, replace(field, entrants=rest)))
    students = {round_key(round, entrant.enrolment): entrant.enrolment for entrant in field.entrants}
    challenges = {challenge.public_id: challenge for challenge in field.challenges}
    gone = [Wanted(Kind.UNLOCK, each.enrolment, each.lock.challenge) for each in void if each.lock]
    return [*gone, *(named(change, students, challenges) for change in changes)]
