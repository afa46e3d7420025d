"""Who may do what with rounds and locks: the module leader of every run in it; for locks, the group's tutor too."""

from datetime import datetime

from placements.allocation.models import Adjustment, Attempt, Lock, Match, Round
from placements.allocation.workflow import ROUND, AttemptState
from placements.cohorts.models import Enrolment
from placements.core.policy import Abilities, Principal, condition, has_role, state

Part = Round | Attempt | Match | Adjustment


def _round(thing: Part) -> Round:
    return thing if isinstance(thing, Round) else thing.round


@condition
def leads_all(who: Principal, thing: Part, now: datetime) -> bool:
    """Leads every run of the round: whoever places students of two runs answers for both."""
    return all(who.has("leader", run.id) for run in _round(thing).runs)


@condition
def leads(who: Principal, thing: Enrolment | Lock, now: datetime) -> bool:
    """Leads the student's run."""
    enrolment = getattr(thing, "enrolment", thing)
    return who.has("leader", getattr(enrolment, "run_id", None))


@condition
def is_tutor(who: Principal, thing: Enrolment | Lock, now: datetime) -> bool:
    """Is the tutor of the student's group."""
    enrolment = getattr(thing, "enrolment", thing)
    return who.has("group_tutor", getattr(enrolment, "group_id", None))


@state
def can_be_staged(who: Principal, thing: Round | Attempt, now: datetime) -> bool:
    """The round takes a placing, and the attempt has one."""
    has_result = not isinstance(thing, Attempt) or thing.state is AttemptState.SOLVED
    return has_result and ROUND.allows(_round(thing).state, "stage")


@state
def can_be_adjusted(who: Principal, thing: Part, now: datetime) -> bool:
    """What the round is run on can be changed."""
    return ROUND.allows(_round(thing).state, "adjust")


@state
def is_solved(who: Principal, thing: Attempt, now: datetime) -> bool:
    """The attempt, or trial, has a result."""
    return thing.state is AttemptState.SOLVED


@state
def can_be_overridden(who: Principal, thing: Round | Match, now: datetime) -> bool:
    """The round is staged."""
    return ROUND.allows(_round(thing).state, "override")


@state
def stands(who: Principal, lock: Lock, now: datetime) -> bool:
    """The lock is neither undone nor used."""
    return isinstance(lock, Lock) and lock.ended_at is None


ABILITIES: Abilities = {
    "allocation.rounds": has_role("leader"),
    "allocation.open_round": has_role("leader"),
    "allocation.show": leads_all,
    "allocation.students": leads_all,
    "allocation.places": leads_all,
    "allocation.attempt": leads_all,
    "allocation.matches": leads_all,
    "allocation.trial": leads_all,
    "allocation.ask_student": leads_all & can_be_adjusted & is_solved,
    "allocation.ask_places": leads_all & can_be_adjusted & is_solved,
    "allocation.adopt": leads_all & can_be_adjusted & is_solved,
    "allocation.adjust": leads_all & ROUND.can("adjust"),
    "allocation.keep_apart": leads_all & ROUND.can("adjust"),
    "allocation.make_possible": leads_all & ROUND.can("adjust"),
    "allocation.take_back": leads_all & can_be_adjusted,
    "allocation.choose_rule": leads_all & ROUND.can("choose_rule"),
    "allocation.reasons_of": leads_all,
    "allocation.why": has_role("student"),
    "allocation.run": leads_all & ROUND.can("run"),
    "allocation.stage": leads_all & can_be_staged,
    "allocation.override": leads_all & can_be_overridden,
    "allocation.publish": leads_all & ROUND.can("publish"),
    "allocation.repair": leads_all & ROUND.can("repair"),
    "allocation.discard": leads_all & ROUND.can("discard"),
    "allocation.locks": has_role("leader", "group_tutor"),
    "allocation.lock": leads | is_tutor,
    "allocation.undo_lock": (leads | is_tutor) & stands,
}
