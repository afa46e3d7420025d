"""How often a thing is said, in words, and what of it may be typed."""

from collections.abc import Sequence
from enum import StrEnum

from placements.core.errors import Refused

MOST_DAYS = 31  # ahead
MOST_STEPS = 6
FURTHEST = 180  # days, hours or whatever the reminder goes by


class Show(StrEnum):
    """Which notices a list shows."""

    REMINDERS = "reminders"
    OWN = "own"  # of a run


SHOWS = {Show.REMINDERS: "Reminders", Show.OWN: "What this run changed"}


def say_steps(steps: Sequence[int], unit: str, hangs_on: str) -> str:
    """“7 and 2 days before and on the day of the student’s own deadline”."""
    before, after = ([abs(step) for step in sorted(steps) if step * way > 0] for way in (-1, 1))
    said = [_say(numbers, unit, way) for numbers, way in ((before, "before"), (after, "after")) if numbers]
    if 0 in steps:
        said.insert(1 if before else 0, "at the moment" if moment_of(unit) == "moment" else "on the day")
    ends_on_it = 0 in steps and not after
    return f"{_listed(said)} {'of ' if ends_on_it else ''}{hangs_on}"


def moment_of(unit: str) -> str:
    """What is meant where none of that unit lie in between: the day, or the moment where hours are counted."""
    return "moment" if unit == "hour" else "day"


def _say(numbers: Sequence[int], unit: str, way: str) -> str:
    return f"{_listed([str(each) for each in numbers])} {unit}{'' if numbers[-1] == 1 == len(numbers) else 's'} {way}"


def _listed(said: Sequence[str]) -> str:
    *most, last = said
    return f"{', '.join(most)} and {last}" if most else last


def read_typed(text: str) -> tuple[int, ...]:
    """The steps that somebody typed (“-7, -2, 0”), the first one first. Raises Refused saying what is amiss."""
    words = text.replace(",", " ").replace("−", "-").replace("–", "-").split()
    if not words or not all(_is_whole(word) for word in words):
        raise Refused("Enter whole numbers with commas between them, like −7, −2, 0", "steps")
    steps = sorted({int(word) for word in words})
    if len(steps) > MOST_STEPS:
        raise Refused(f"Enter at most {MOST_STEPS} of them: more would not be read", "steps")
    if any(abs(step) > FURTHEST for step in steps):
        raise Refused(f"Enter numbers from −{FURTHEST} to {FURTHEST}", "steps")
    return tuple(steps)


def _is_whole(word: str) -> bool:
    digits = word.removeprefix("-").removeprefix("+")
    return digits.isascii() and digits.isdigit() and len(digits) < 6


def write_steps(steps: Sequence[int]) -> str:
    """As they are typed: “−7, −2, 0”."""
    return ", ".join(str(step).replace("-", "−") for step in steps)
