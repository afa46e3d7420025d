"""Who may do what with a round's attempts and matches: the module leader of every run in it."""

from datetime import datetime

from placements.allocation.models import Attempt, Match
from placements.allocation.workflow import AttemptState
from placements.core.policy import Abilities, Principal, has_role, state
from placements.rounds.models import Round
from placements.rounds.policy import leads_all, round_of
from placements.rounds.workflow import ROUND


@state
def is_solved(who: Principal, thing: Attempt, now: datetime) -> bool:
    """The attempt, or trial, has a result."""
    return thing.state is AttemptState.SOLVED


@state
def can_be_staged(who: Principal, thing: Round | Attempt, now: datetime) -> bool:
    """The round takes a placing, and the attempt has one."""
    has_result = not isinstance(thing, Attempt) or thing.state is AttemptState.SOLVED
    return has_result and ROUND.allows(round_of(thing).state, "stage")


@state
def can_be_overridden(who: Principal, thing: Round | Match, now: datetime) -> bool:
    """The round is staged."""
    return ROUND.allows(round_of(thing).state, "override")


ABILITIES: Abilities = {
    "allocation.show": leads_all,
    "allocation.attempt": leads_all,
    "allocation.matches": leads_all,
    "allocation.reasons_of": leads_all,
    "allocation.why": has_role("student"),
    "allocation.run": leads_all & ROUND.can("run"),
    "allocation.stage": leads_all & can_be_staged,
    "allocation.override": leads_all & can_be_overridden,
    "allocation.publish": leads_all & ROUND.can("publish"),
}
