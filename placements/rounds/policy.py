"""Who may prepare rounds: the module leader of every run in it; for locks, the group's tutor too."""

from datetime import datetime
from typing import Any

from placements.cohorts.models import Enrolment
from placements.core.policy import Abilities, Principal, condition, has_role, state
from placements.rounds.models import Lock, Round
from placements.rounds.workflow import ROUND


def round_of(thing: Any) -> Round:
    """The round, where `thing` is one; or the one that it belongs to."""
    return thing if isinstance(thing, Round) else thing.round


@condition
def leads_all(who: Principal, thing: Any, now: datetime) -> bool:
    """Leads every run of the round: whoever places students of two runs answers for both."""
    return all(who.has("leader", run.id) for run in round_of(thing).runs)


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
def stands(who: Principal, lock: Lock, now: datetime) -> bool:
    """The lock is neither undone nor used."""
    return isinstance(lock, Lock) and lock.ended_at is None


ABILITIES: Abilities = {
    "rounds.overview": has_role("leader"),
    "rounds.open_round": has_role("leader"),
    "rounds.students": leads_all,
    "rounds.places": leads_all,
    "rounds.repair": leads_all & ROUND.can("repair"),
    "rounds.discard": leads_all & ROUND.can("discard"),
    "rounds.locks": has_role("leader", "group_tutor"),
    "rounds.lock": leads | is_tutor,
    "rounds.undo_lock": (leads | is_tutor) & stands,
}
