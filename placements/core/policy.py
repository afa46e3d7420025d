"""Who may do what: predicates over (who, thing, now), composed with `&` and `|`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Principal:
    """Who is asking: a person (or nobody) and every role they hold, each with what it is held on (None: everywhere)."""

    person_id: int | None = None
    roles: frozenset[tuple[str, int | None]] = frozenset()

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(role for role, _ in self.roles)

    def has(self, role: str, on: int | None = None) -> bool:
        """Whether this person holds `role`, on that one thing where `on` is given."""
        return (role, on) in self.roles

    def has_any(self, *roles: str) -> bool:
        """Whether this person holds one of the roles, on whatever."""
        return not self._names.isdisjoint(roles)

    def held_on(self, *roles: str) -> frozenset[int]:
        """The keys of the things that one of the roles is held on."""
        return frozenset(on for role, on in self.roles if role in roles and on is not None)


NOBODY = Principal()


class Answer(StrEnum):
    """Yes; no because of who asks (403); no because of the state that the thing is in (409), or as it is done already.

    What is done already offers no button any more, and the same button pressed twice is let through, to change nothing.
    """

    YES = "yes"
    DONE = "done"
    NOT_YOU = "not you"
    NOT_NOW = "not now"


WEIGHT = (Answer.YES, Answer.DONE, Answer.NOT_NOW, Answer.NOT_YOU)  # where both must hold, the heavier one answers
Test = Callable[[Principal, Any, datetime], bool]
Ask = Callable[[Principal, Any, datetime], Answer]


@dataclass(frozen=True)
class Predicate:
    """A condition on (who, thing, now). Called, it says True or False; `ask` also says what kind of no it is."""

    ask: Ask
    name: str

    def __call__(self, who: Principal, thing: Any, now: datetime) -> bool:
        return self.ask(who, thing, now) is Answer.YES

    def __and__(self, other: "Predicate") -> "Predicate":
        def ask(who: Principal, thing: Any, now: datetime) -> Answer:
            return max(self.ask(who, thing, now), other.ask(who, thing, now), key=WEIGHT.index)

        return Predicate(ask, f"{self.name} & {other.name}")

    def __or__(self, other: "Predicate") -> "Predicate":
        def ask(who: Principal, thing: Any, now: datetime) -> Answer:
            return min(self.ask(who, thing, now), other.ask(who, thing, now), key=WEIGHT.index)

        return Predicate(ask, f"({self.name} | {other.name})")


def condition(test: Test) -> Predicate:
    """Make a predicate about the person of a function `(who, thing, now) -> bool`: its no answers 403."""
    return Predicate(lambda *case: Answer.YES if test(*case) else Answer.NOT_YOU, test.__name__)


def state(test: Test) -> Predicate:
    """Make a predicate about time or state of such a function: its no answers 409."""
    return Predicate(lambda *case: Answer.YES if test(*case) else Answer.NOT_NOW, test.__name__)


def has_role(*roles: str) -> Predicate:
    """Holds one of the roles, on whatever."""
    return Predicate(lambda who, thing, now: Answer.YES if who.has_any(*roles) else Answer.NOT_YOU, " or ".join(roles))


anyone = Predicate(lambda who, thing, now: Answer.YES, "anyone")
signed_in = Predicate(lambda who, thing, now: Answer.NOT_YOU if who.person_id is None else Answer.YES, "signed in")

Abilities = dict[str, Predicate]


def gather(parts: Iterable[Abilities]) -> Abilities:
    """One table of abilities of many. Raises ValueError where two parts name the same one."""
    whole: Abilities = {}
    for part in parts:
        twice = whole.keys() & part.keys()
        if twice:
            raise ValueError(f"ability declared twice: {', '.join(sorted(twice))}")
        whole |= part
    return whole
