"""Which of many organisations may be the same: equal numbers, a website or mail domain of their own, names alike."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from placements.partners.rules import is_alike, telling_words

BEGINNING = 4
INEXACT = ("word", "start", "name")  # marks of which sharing one is no reason, only worth a look
DOMAIN = "The same website or mail domain"
# What more others share says nothing about two: a common word, the mail of a whole borough or health service.
CROWDS = {**dict.fromkeys(INEXACT, 30), DOMAIN: 4}


@dataclass(frozen=True)
class Seen:
    """What tells an organisation from another; `key` is the caller's own."""

    key: int
    name: str
    charity_number: str | None = None
    company_number: str | None = None
    domains: frozenset[str] = frozenset()


class Likeness:
    """Those that are known, so that each is compared with the few it shares something with, and not with all."""

    def __init__(self, known: Iterable[Seen]) -> None:
        self._known: dict[int, Seen] = {}
        self._sharing: dict[tuple[str, str], list[int]] = defaultdict(list)
        for each in known:
            self._known[each.key] = each
            for mark in _marks(each):
                self._sharing[mark].append(each.key)

    def like(self, one: Seen) -> dict[int, str]:
        """Those that `one` may be, with why, the surest reason first: key → sentence."""
        found: dict[int, str] = {}
        near: set[int] = set()
        for mark in _marks(one):
            keys = [key for key in self._sharing.get(mark, ()) if key != one.key]
            if len(keys) > CROWDS.get(mark[0], len(keys)):
                continue
            if mark[0] in INEXACT:
                near |= set(keys)
            else:
                found |= {key: mark[0] for key in keys if key not in found}
        alike = (key for key in sorted(near - found.keys()) if is_alike(one.name, self._known[key].name))
        return found | dict.fromkeys(alike, "Much the same name")

    def pairs(self) -> Iterator[tuple[int, int, str]]:
        """Every two that may be the same, each pair once, with why."""
        for each in self._known.values():
            yield from ((each.key, other, why) for other, why in self.like(each).items() if other > each.key)


def _marks(one: Seen) -> list[tuple[str, str]]:
    words = telling_words(one.name)
    return [
        *([("The same charity number", one.charity_number)] if one.charity_number else []),
        *([("The same company number", one.company_number)] if one.company_number else []),
        *((DOMAIN, domain) for domain in sorted(one.domains)),
        *(("word", word) for word in words),
        *(("start", word[:BEGINNING]) for word in words),
        *([("word", " ".join(sorted(words[:2]))), ("name", " ".join(sorted(words)))] if len(words) > 1 else []),
    ]
