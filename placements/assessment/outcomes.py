"""From component marks to the module: which attempt counts, what is waived, the module mark, and the result code.

The last steps of the order that rules.py begins: cap → weight → module mark, rounded once → hours → result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from placements.assessment.rules import PASS_MARK, REASSESSMENT_CAP, weighted_mark

R1_FROM = 25  # results guide: R1 and F1 are 25–39, R2 and F2 0–24
SHORT_CAP = PASS_MARK  # what too few hours leave of a module mark, where the run caps it; ours
CAPPED, DEFERRED = "capped", "deferred"  # what a run does about too few hours, beyond reporting them


class Result(StrEnum):
    """A module's result code on the student record."""

    PASS = ""
    REASSESS_1 = "R1"
    REASSESS_2 = "R2"
    FAIL_1 = "F1"
    FAIL_2 = "F2"
    DEFERRED = "DF"


@dataclass(frozen=True)
class SecondAttempt:
    """The reassessment of a component: its mark after lateness and cap, None while it is open or not marked."""

    mark: int | None
    is_deferred: bool = False


@dataclass(frozen=True)
class ComponentMark:
    """A component in a module: weight in per cent, the first attempt's mark (None: not known yet), and what befell it.

    `is_deferred`: mitigation was accepted and the attempt is still to come. `is_waived`: nothing is asked of it.
    `is_withheld`: nobody outside learns its mark, nor what it would make of the module.
    """

    component: str
    weight: int
    mark: int | None
    qualifying: int | None = None  # the least mark needed in it; None: none is set
    is_deferred: bool = False
    is_waived: bool = False
    is_withheld: bool = False
    second: SecondAttempt | None = None

    @property
    def is_retaken(self) -> bool:
        """Whether the reassessment has its mark, a 0 for one that lapsed among them."""
        return self.second is not None and self.second.mark is not None

    @property
    def counted(self) -> int | None:
        """The higher mark of the attempts; a reassessment that lapsed so leaves the first."""
        again = self.second.mark if self.second else None
        known = [mark for mark in (self.mark, again) if mark is not None]
        return max(known, default=None)

    @property
    def is_qualified(self) -> bool:
        """Whether its qualifying mark is met: in reassessment by the cap, where more than that is asked."""
        asked = self.qualifying or 0
        again = self.second.mark if self.second else None
        return (self.mark or 0) >= asked or (again is not None and again >= min(asked, REASSESSMENT_CAP))


@dataclass(frozen=True)
class Outcome:
    """A module's mark (None while deferred), its result, and the components to be taken again, capped."""

    mark: int | None
    result: Result
    reassess: tuple[str, ...] = ()


def module_mark(components: Iterable[ComponentMark]) -> int:
    """The weighted sum of what counts, rounded half up once; the weight of what is waived falls to the others.

    Raises ValueError where the weights do not make 100, nothing is left to count, or a mark is missing.
    """
    weighted = [each for each in components if each.weight]
    counting = [each for each in weighted if not each.is_waived]
    if sum(each.weight for each in weighted) != 100 or not counting or any(each.counted is None for each in counting):
        raise ValueError("a module mark needs every weighted mark, and weights that add up to 100")
    return weighted_mark((each.weight, each.counted or 0) for each in counting)


def module_outcome(components: Sequence[ComponentMark], short: str | None = None) -> Outcome | None:
    """The mark and result code of a module, or None while a weighted mark is waited for or any is withheld.

    A component of 0 % decides nothing, nor does one that is waived. A failed module is reassessed (R1, R2) in its
    failed components until each of these was taken again, or lapsed; then the higher of the attempts counts, and what
    still fails is F1 or F2. `short`: what the run does about too few hours, where they are too few.
    """
    weighted = [each for each in components if each.weight]
    counting = [each for each in weighted if not each.is_waived]
    if not counting or any(each.is_withheld for each in components):
        return None
    if any(each.is_deferred for each in counting):
        return Outcome(None, Result.DEFERRED)
    if any(each.mark is None for each in counting):
        return None
    first = _judged([replace(each, second=None) for each in weighted])
    again = [each for each in counting if each.component in first.reassess]
    if any(each.second and each.second.is_deferred for each in again):
        return Outcome(None, Result.DEFERRED)
    if not all(each.is_retaken for each in again):
        return _with_hours(first, short)
    found = _judged(weighted)
    if found.result is not Result.PASS:
        found = Outcome(found.mark, Result.FAIL_1 if (found.mark or 0) >= R1_FROM else Result.FAIL_2)
    return _with_hours(found, short)


def _judged(weighted: Sequence[ComponentMark]) -> Outcome:
    """By the marks that there are, as if no reassessment was still to come or behind.

    A missed qualifying mark in a module of 40 or more reassesses that component alone, under R1 (ours: the results
    guide says nothing of it).
    """
    mark = module_mark(weighted)
    counting = [each for each in weighted if not each.is_waived]
    missed = [each.component for each in counting if not each.is_qualified]
    if mark >= PASS_MARK and not missed:
        return Outcome(mark, Result.PASS)
    failed = [each.component for each in counting if (each.counted or 0) < PASS_MARK or each.component in missed]
    again = tuple(missed if mark >= PASS_MARK else failed)
    return Outcome(mark, Result.REASSESS_1 if mark >= R1_FROM else Result.REASSESS_2, again)


def _with_hours(found: Outcome, short: str | None) -> Outcome:
    """Too few hours touch nobody but who passes: capped, at most the pass mark; deferred, until they are made up."""
    if found.result is not Result.PASS or found.mark is None:
        return found
    if short == DEFERRED:
        return Outcome(None, Result.DEFERRED)
    return replace(found, mark=min(found.mark, SHORT_CAP)) if short == CAPPED else found
