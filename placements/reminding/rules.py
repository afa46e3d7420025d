"""How often a thing is said, in words, and what of it may be typed."""

from collections.abc import Sequence

from placements.core.errors import Refused

MOST_DAYS = 31  # ahead
MOST_STEPS = 6
FURTHEST = 180  # days, hours or whatever the reminder goes by


def say_steps(steps: Sequence[int], unit: str, hangs_on: str) -> str:
    """“7 days before, 2 days before and on the day of the student’s own deadline”."""
    said = [_say(step, unit) for step in sorted(steps)]
    *most, last = said
    listed = f"{', '.join(most)} and {last}" if most else last
    ends_on_it = steps and max(steps) == 0
    return f"{listed} {'of ' if ends_on_it else ''}{hangs_on}"


def _say(step: int, unit: str) -> str:
    if step == 0:
        return "on the day" if unit == "day" else "at the moment"
    return f"{abs(step)} {unit}{'' if abs(step) == 1 else 's'} {'before' if step < 0 else 'after'}"


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
