"""Who decides about a group that has shrunk: the module leader of its students, from outside the organisation."""

from datetime import datetime
from typing import Any

from placements.core.policy import Abilities, Answer, Predicate, Principal, condition
from placements.partners.policy import has_no_side


@condition
def leads_it(who: Principal, group: Any, now: datetime) -> bool:
    """Leads a run that one of its students is on."""
    return any(who.has("leader", each.enrolment.run_id) for each in (*group.staying, *group.gone))


@condition
def stands_outside(who: Principal, group: Any, now: datetime) -> bool:
    """Has no side in the organisation."""
    return has_no_side(who, group.challenge.organisation_id)


def _waits(who: Principal, group: Any, now: datetime) -> Answer:
    return Answer.YES if group.is_open else Answer.DONE


ABILITIES: Abilities = {"groups.decide": leads_it & stands_outside & Predicate(_waits, "it waits for a decision")}
