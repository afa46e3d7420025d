"""Who may share placements among tutors: the module leader of the run, and of a single one only from outside it."""

from datetime import datetime
from typing import Any

from placements.allocation.workflow import AttemptState
from placements.cohorts.policy import is_not_closed, leads
from placements.core.clock import today
from placements.core.policy import Abilities, Answer, Predicate, Principal
from placements.placing.policy import leads as leads_its_run
from placements.placing.policy import of_its_placement, stands_outside
from placements.placing.workflow import PLACEMENT


def _can_be_applied(who: Principal, plan: Any, now: datetime) -> Answer:
    if plan.applied_at is not None:
        return Answer.DONE
    return Answer.YES if plan.state is AttemptState.SOLVED else Answer.NOT_NOW


def _can_be_ended(who: Principal, cover: Any, now: datetime) -> Answer:
    is_over = cover.ended_at is not None or cover.to_on < today(now)
    return Answer.DONE if is_over else Answer.YES


decides = leads_its_run & stands_outside

ABILITIES: Abilities = {
    "tutoring.show": leads,
    "tutoring.edit_tutor": leads & is_not_closed,
    "tutoring.propose": leads & is_not_closed,
    "tutoring.plan": leads,
    "tutoring.fix": decides & PLACEMENT.can("change_tutor"),
    "tutoring.let_go": of_its_placement(decides, lambda fix: fix.placement),
    "tutoring.cover": leads & is_not_closed,
    "tutoring.end_cover": leads & Predicate(_can_be_ended, "it lasts or is still to come"),
    "tutoring.apply": leads & is_not_closed & Predicate(_can_be_applied, "the plan is solved and not applied"),
}
