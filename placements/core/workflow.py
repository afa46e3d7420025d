"""States as a table: one line a verb with its sources and target. `move` checks and sets; pages ask what is open."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from placements.core.errors import Refused
from placements.core.policy import Answer, Predicate, Principal


class HasState(Protocol):
    """Anything with a state."""

    state: Any


@dataclass(frozen=True)
class Verb:
    """What takes a thing from one of `sources` to `target` (None: stays where it is)."""

    name: str
    sources: frozenset[StrEnum]
    target: StrEnum | None = None


def verb(name: str, sources: Iterable[StrEnum], target: StrEnum | None = None) -> Verb:
    """One line of a workflow's table."""
    return Verb(name, frozenset(sources), target)


class Workflow:
    """The states of one kind of thing and every verb between them; `noun` is how a refusal calls the thing."""

    def __init__(self, noun: str, states: type[StrEnum], verbs: Collection[Verb]) -> None:
        self.noun = noun
        self.states = states
        self.verbs = {each.name: each for each in verbs}
        if len(self.verbs) != len(verbs):
            raise ValueError(f"{noun}: a verb is listed twice")

    def allows(self, state: StrEnum, name: str) -> bool:
        """Whether a thing in `state` can be moved by the verb."""
        return state in self.verbs[name].sources

    def can(self, name: str) -> Predicate:
        """A condition on the thing's state, to compose an ability with: its no answers 409, or that it is done."""
        if name not in self.verbs:
            raise KeyError(f"{self.noun} has no verb {name}")

        def ask(who: Principal, thing: Any, now: datetime) -> Answer:
            if self.allows(thing.state, name):
                return Answer.YES
            return Answer.DONE if thing.state == self.verbs[name].target else Answer.NOT_NOW

        return Predicate(ask, f"{self.noun} can be moved by {name}")

    def open_from(self, state: StrEnum) -> list[str]:
        """The verbs that the state allows, in the table's order."""
        return [name for name, each in self.verbs.items() if state in each.sources]

    def move(self, thing: HasState, name: str) -> bool:
        """Move the thing. Returns False where it already is at the verb's target (a repeated click is already done).

        Raises Refused where the state does not allow the verb.
        """
        each = self.verbs[name]
        if thing.state in each.sources:
            if each.target is not None:
                thing.state = each.target
            return True
        if thing.state == each.target:
            return False
        raise Refused(f"This {self.noun} is {say_state(thing.state)}, so that cannot be done now.")


def say_state(state: StrEnum) -> str:
    """A state as people read it: its value with spaces."""
    return state.value.replace("_", " ")
