"""Whether a challenge fits what a student needs, and why not. True on paper; what decides is days, journey and mode."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What a student needs, as far as it decides; empty and None leave everything open.

    `days`: any of them will do. `within`: the boroughs that they can travel to. `modes`: how they can work.
    """

    days: tuple[str, ...] = ()
    within: frozenset[str] | None = None
    modes: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Asks:
    """What a challenge asks for. `days`: any of them, or none where any day will do. `boroughs`: of all its places."""

    days: tuple[str, ...]
    boroughs: frozenset[str]
    mode: str
    is_remote: bool


def misfits(limits: Limits, asks: Asks) -> list[str]:
    """Why the challenge does not fit, a sentence each; none where it does. Remote work needs no journey."""
    found = []
    if limits.days and asks.days and not set(limits.days) & set(asks.days):
        found.append(f"It asks for {_listed(asks.days, 'or')}, and you can come on {_listed(limits.days, 'and')}.")
    if limits.within is not None and not asks.is_remote and not limits.within & asks.boroughs:
        found.append(f"It is in {_listed(sorted(asks.boroughs), 'and')}, which is further than you can travel.")
    if limits.modes is not None and asks.mode not in limits.modes:
        found.append(f"The work is {asks.mode.lower()}, and you need it {_listed(limits.modes, 'or').lower()}.")
    return found


def _listed(names: Collection[str], last: str) -> str:
    """“Monday”, “Monday or Friday”, “Monday, Tuesday or Friday”."""
    *most, end = names
    return f"{', '.join(most)} {last} {end}" if most else end
