"""Who may read and change how a run is assessed."""

from datetime import datetime
from typing import Any

from placements.cohorts.models import Component, ComponentKind, Criterion, ModuleRun
from placements.cohorts.policy import administers, is_not_closed, is_on_its_team, leads
from placements.cohorts.workflow import RunState
from placements.core.policy import Abilities, Principal, condition, signed_in, state


@condition
def leads_it(who: Principal, thing: Any, now: datetime) -> bool:
    """Leads the run of the component, or of the criterion's."""
    return leads(who, _component(thing), now)


@state
def is_planned(who: Principal, thing: Any, now: datetime) -> bool:
    """The run has not opened: nobody relies on its weights yet."""
    return thing.state is RunState.PLANNED


@state
def is_unlocked(who: Principal, thing: Any, now: datetime) -> bool:
    """The run goes on, and nothing was marked yet by the rules and the rubric."""
    component = _component(thing)
    return component.locked_at is None and component.run.state is not RunState.CLOSED


@state
def hangs_on_placing(who: Principal, thing: Any, now: datetime) -> bool:
    """Its deadline is not one day for all, but so long after each student's own placing."""
    return thing.kind is ComponentKind.AGREEMENT


@state
def nothing_is_judged(who: Principal, thing: ModuleRun, now: datetime) -> bool:
    """Nothing of the run was marked yet."""
    return all(each.locked_at is None for each in thing.components)


def _component(thing: Any) -> Component:
    return thing.component if isinstance(thing, Criterion) else thing


ABILITIES: Abilities = {
    "specification.component": signed_in,  # whoever sees it: its team and its students
    "specification.rules": is_on_its_team | administers,
    "specification.edit_weights": leads & is_planned,
    "specification.edit_shortfall": leads & is_not_closed & nothing_is_judged,
    "specification.edit_settings": leads & is_unlocked,
    "specification.edit_deadline": leads & is_not_closed & hangs_on_placing,
    "specification.edit_rubric": leads & is_unlocked,
    "specification.edit_criterion": leads_it & is_unlocked,
    "specification.import_rubric": leads & is_unlocked,
    "specification.export_rubric": is_on_its_team | administers,
}
