"""Who moves a student's deadline: the module leader alone, and never their own."""

from datetime import datetime
from typing import Any

from placements.cohorts import policy as cohorts
from placements.cohorts.models import ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.policy import Abilities, Principal, condition, has_role, signed_in, state
from placements.extensions.models import Extension


def _run_of(thing: Any) -> ModuleRun:
    return thing.submission.enrolment.run if isinstance(thing, Extension) else thing


@condition
def leads(who: Principal, thing: Any, now: datetime) -> bool:
    """Leads the run, and is not the student."""
    is_own = isinstance(thing, Extension) and thing.submission.enrolment.person_id == who.person_id
    return who.has("leader", _run_of(thing).id) and not is_own


@state
def goes_on(who: Principal, thing: Any, now: datetime) -> bool:
    """The run is not closed, and an extension is in force."""
    is_over = isinstance(thing, Extension) and not thing.is_in_force
    return _run_of(thing).state is not RunState.CLOSED and not is_over


ABILITIES: Abilities = {
    "extensions.overview": leads | cohorts.tutors,
    "extensions.grant": leads & goes_on,
    "extensions.extension": signed_in,  # whoever sees it
    "extensions.change": leads & goes_on,
    "extensions.withdraw": leads & goes_on,
    "extensions.mine": has_role("student"),
}
