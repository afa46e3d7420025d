"""What staff can change in a round's inputs: one row each, so that "what if" and "so be it" are the same thing."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from placements.solver.instance import Challenge, Instance, Pair


class Kind(StrEnum):
    LOCK = "lock"  # the student and the challenge together, instead of any lock they had
    UNLOCK = "unlock"
    FORBID = "forbid"
    ALLOW = "allow"  # a forbidden pair
    PLACES = "places"  # of the challenge: so many, instead
    MINIMUM = "minimum"  # of the challenge
    CEILING = "ceiling"  # of the organisation
    LOAD = "load"  # of the tutor


@dataclass(frozen=True, order=True)
class Change:
    """One change. `about` is a challenge, an organisation or a tutor, as the kind says; `number` is what it becomes."""

    kind: Kind
    about: str
    student: str = ""
    number: int = 0


def told(change: Change) -> str:
    """The change in words, with ids for names."""
    return _WORDS[change.kind].format(change.student, change.about, change.number)


def changed(instance: Instance, changes: Iterable[Change]) -> Instance:
    """The instance with these changes, one after the other. Raises ValueError where the outcome is no instance."""
    for change in changes:
        instance = _STEPS[change.kind](instance, change)
    return instance


def _lock(instance: Instance, change: Change) -> Instance:
    others = [pair for pair in instance.locks if pair.student != change.student]
    return replace(instance, locks=(*others, Pair(change.student, change.about)))


def _unlock(instance: Instance, change: Change) -> Instance:
    gone = Pair(change.student, change.about)
    return replace(instance, locks=tuple(pair for pair in instance.locks if pair != gone))


def _forbid(instance: Instance, change: Change) -> Instance:
    return replace(instance, forbids=tuple({*instance.forbids, Pair(change.student, change.about)}))


def _allow(instance: Instance, change: Change) -> Instance:
    gone = Pair(change.student, change.about)
    return replace(instance, forbids=tuple(pair for pair in instance.forbids if pair != gone))


def _places(instance: Instance, change: Change) -> Instance:
    def with_places(one: Challenge) -> Challenge:
        least = min(one.minimum, change.number)  # fewer places than it needs: it needs no more than it has
        return replace(one, maximum=change.number, minimum=least) if one.id == change.about else one

    return replace(instance, challenges=tuple(map(with_places, instance.challenges)))


def _minimum(instance: Instance, change: Change) -> Instance:
    rows = (replace(one, minimum=change.number) if one.id == change.about else one for one in instance.challenges)
    return replace(instance, challenges=tuple(rows))


def _ceiling(instance: Instance, change: Change) -> Instance:
    rows = (replace(one, ceiling=change.number) if one.id == change.about else one for one in instance.organisations)
    return replace(instance, organisations=tuple(rows))


def _load(instance: Instance, change: Change) -> Instance:
    rows = (replace(one, load=change.number) if one.id == change.about else one for one in instance.tutors)
    return replace(instance, tutors=tuple(rows))


_STEPS = {
    Kind.LOCK: _lock,
    Kind.UNLOCK: _unlock,
    Kind.FORBID: _forbid,
    Kind.ALLOW: _allow,
    Kind.PLACES: _places,
    Kind.MINIMUM: _minimum,
    Kind.CEILING: _ceiling,
    Kind.LOAD: _load,
}

_WORDS = {
    Kind.LOCK: "lock student {0} to challenge {1}",
    Kind.UNLOCK: "undo the lock of student {0} to challenge {1}",
    Kind.FORBID: "keep student {0} and challenge {1} apart",
    Kind.ALLOW: "allow student {0} challenge {1} again",
    Kind.PLACES: "set the places of challenge {1} to {2}",
    Kind.MINIMUM: "set the minimum of challenge {1} to {2}",
    Kind.CEILING: "set the ceiling of organisation {1} to {2}",
    Kind.LOAD: "set the load of tutor {1} to {2}",
}
