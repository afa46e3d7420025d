"""Keeping with each match why its student is at none of the choices they ranked higher, for when it is published."""

from collections.abc import Iterable

from placements.allocation.explained import unsuitable
from placements.allocation.models import Attempt, Match, MatchReason
from placements.allocation.why import Told
from placements.applications.rules import Unsuitable
from placements.db import db
from placements.rounds.entrants import Field, ranks_of
from placements.rounds.inputs import left_out, round_key
from placements.solver.reasons import Reasons

WORST = 99  # below any choice


def explain(attempt: Attempt, field: Field, matches: Iterable[Match]) -> None:
    """Write the reasons of an attempt that is being staged, and why some choices were never in its inputs.

    `field` is what the attempt was made of, so that what it leaves out is why it was left out. A choice without a
    reason, where the attempt kept none, gets no row.
    """
    entrants = {entrant.enrolment.id: entrant for entrant in field.entrants}
    said = Reasons.from_json(attempt.reasons).students if attempt.reasons else {}
    challenges, of_hosts = {each.id: each for each in field.challenges}, unsuitable(entrants)
    for match in matches:
        entrant = entrants[match.enrolment.id]
        why = {each.challenge: Told(each.why) for each in said.get(round_key(attempt.round, match.enrolment), ())}
        for preference in entrant.preferences:
            if preference.rank >= _place(match):
                continue
            challenge = challenges.get(preference.challenge_id)
            out = left_out(entrant, field, challenge)
            told = Told(out) if out else why.get(challenge.public_id) if challenge else None
            if told is not None:
                reason = of_hosts.get((match.enrolment.id, preference.challenge_id)) if told is Told.HOST else None
                _keep(match, preference.challenge_id, preference.rank, told, reason)


def _place(match: Match) -> int:
    """The rank of the place that the match has; below any where it is none, or none of the student's choices."""
    return match.rank if match.challenge and match.rank else WORST


def explain_by_hand(matches: Iterable[Match]) -> None:
    """Of matches that staff changed: the choices above what they have now were passed over by hand.

    What was never possible stays as it was said.
    """
    for match in matches:
        known = {each.challenge_id: each for each in match.reasons}
        for challenge_id, rank in ranks_of(match.enrolment).items():
            if rank >= _place(match):
                continue
            row = known.pop(challenge_id, None)
            if row is None:
                _keep(match, challenge_id, rank, Told.BY_HAND)
            elif row.why not in (Told.NOT_OPEN, Told.HOST, Told.NOT_FIT):
                row.why = Told.BY_HAND
        for row in known.values():  # they have something better now
            db.session.delete(row)


def _keep(match: Match, challenge_id: int, rank: int, why: Told, said: Unsuitable | None = None) -> None:
    row = MatchReason(match_id=match.id, challenge_id=challenge_id, rank=rank, why=why, unsuitable=said)
    db.session.add(row)
