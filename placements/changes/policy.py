"""Who may ask what a change would cost, and change what a round is run on: the module leader of every run in it."""

from datetime import datetime
from typing import Any

from placements.allocation.policy import is_solved
from placements.core.policy import Abilities, Principal, state
from placements.rounds.policy import leads_all, round_of
from placements.rounds.workflow import ROUND


@state
def can_be_adjusted(who: Principal, thing: Any, now: datetime) -> bool:
    """What the round is run on can be changed."""
    return ROUND.allows(round_of(thing).state, "adjust")


ABILITIES: Abilities = {
    "changes.trial": leads_all,
    "changes.ask_student": leads_all & can_be_adjusted & is_solved,
    "changes.ask_places": leads_all & can_be_adjusted & is_solved,
    "changes.adopt": leads_all & can_be_adjusted & is_solved,
    "changes.adjust": leads_all & ROUND.can("adjust"),
    "changes.keep_apart": leads_all & ROUND.can("adjust"),
    "changes.make_possible": leads_all & ROUND.can("adjust"),
    "changes.take_back": leads_all & can_be_adjusted,
    "changes.choose_rule": leads_all & ROUND.can("choose_rule"),
}
