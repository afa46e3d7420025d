"""What the story's students write: their Agreements, and what they did and thought on each visit."""

import random
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from placements.challenges.models import WorkMode
from placements.demo.placed import Habit, habit_of
from placements.placing.models import Placement

WORK: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("work.toml").read_text(encoding="utf-8"))
ANYWHERE: Mapping[str, list[str]] = WORK["anywhere"]
Written = tuple[str, str, WorkMode]  # what a student did and what they make of it, and where it was done
NEARLY_DONE = 400  # minutes to go: the last two visits


def agreement_words(placement: Placement, chance: random.Random) -> tuple[dict[str, str], list[str]]:
    """What a student writes into the parts of their Challenge Agreement, and its objectives."""
    challenge = placement.challenge
    habit = habit_of(placement.id, challenge.days, challenge.times, challenge.mode)
    theme = WORK[challenge.theme]
    objectives = [*_in_order(theme["objectives"], 3, chance), chance.choice(ANYWHERE["objectives"])]
    written = {
        "challenge": f"{challenge.need}\n\n{chance.choice(theme['sharpened'])}",
        "activities": _numbered([f"{each}." for each in _in_order(theme["activities"], 4, chance)]),
        "output": f"{challenge.output} {chance.choice(ANYWHERE['output'])}",
        "hours_plan": _hours_plan(placement, habit, chance),
        "supervision": chance.choice(ANYWHERE["supervision_by_call" if habit.is_remote else "supervision"]),
        "confidentiality": chance.choice(ANYWHERE["confidentiality"]),
        "ownership": chance.choice(ANYWHERE["ownership"]),
    }
    words = {name: filled(text, placement) for name, text in written.items()}
    return words, [filled(text, placement) for text in objectives]


def _hours_plan(placement: Placement, habit: Habit, chance: random.Random) -> str:
    visits = -(-placement.minutes_agreed // habit.minutes)
    where = {WorkMode.ON_SITE: "on site", WorkMode.HYBRID: "on site and at home in turn", WorkMode.REMOTE: "remotely"}
    weeks = (
        "Weeks 1 and 2: meet everybody, read the policies, listen.",
        f"Weeks 3 to {visits // 2}: collect what we need to know.",
        f"Weeks {visits // 2 + 1} to {visits - 2}: make a first version, try it, change it.",
        f"Weeks {visits - 1} and {visits}: hand over and say what came of it.",
    )
    spare = chance.choice(
        (
            "No visits in the Christmas and Easter weeks.",
            "Two spare weeks for illness or coursework deadlines.",
            "If I cannot come I say so the evening before and make up the time within two weeks.",
        )
    )
    return f"{habit.said}, {where[habit.mode]}: {visits} visits.\n\n" + "\n".join((*weeks, "", spare))


def visit_words(placement: Placement, habit: Habit, nth: int, to_go: int) -> Written:
    """What the student did on their `nth` visit (from 0), what they make of it, and where. `to_go`: minutes left."""
    chance = random.Random(f"words {placement.id}")  # noqa: S311 - a story, not a secret
    theme, desk = WORK[placement.challenge.theme], WORK["desk"]
    there = _as(WorkMode.ON_SITE, _shuffled(theme["there"], chance))
    at_home = _as(WorkMode.REMOTE, _shuffled(desk["there"], chance))
    order = {
        WorkMode.ON_SITE: _as(WorkMode.ON_SITE, theme["first"]) + there + at_home,
        WorkMode.HYBRID: _as(WorkMode.ON_SITE, theme["first"]) + _in_turn(there, at_home),
        WorkMode.REMOTE: _as(WorkMode.REMOTE, desk["first"]) + at_home + there,
    }[habit.mode]
    did, thought, mode = order[nth % len(order)]
    if to_go <= NEARLY_DONE and nth > 2:
        last = desk["last"] if habit.is_remote else theme["last"]
        did, thought = last[to_go <= NEARLY_DONE // 2 and len(last) > 1]
        mode = WorkMode.REMOTE if habit.is_remote else WorkMode.ON_SITE
    own = random.Random(f"words {placement.id} {nth}")  # noqa: S311
    did += f" {own.choice(ANYWHERE['also'])}" if mode is WorkMode.ON_SITE and own.random() < 0.4 else ""
    thought += f" {own.choice(ANYWHERE['thoughts'])}" if own.random() < 0.25 else ""
    return filled(did, placement), filled(thought, placement), mode


def _as(mode: WorkMode, pairs: Sequence[Sequence[str]]) -> list[Written]:
    return [(did, thought, mode) for did, thought in pairs]


def _in_turn(some: list[Written], others: list[Written]) -> list[Written]:
    return [each for both in zip(some, others, strict=False) for each in both]


def _shuffled(pairs: Sequence[Any], chance: random.Random) -> list[Any]:
    return chance.sample(pairs, len(pairs))


def _in_order(texts: Sequence[str], count: int, chance: random.Random) -> list[str]:
    """So many of the texts by chance, in the order in which they stand."""
    return [texts[place] for place in sorted(chance.sample(range(len(texts)), count))]


def _numbered(texts: Sequence[str]) -> str:
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def filled(text: str, placement: Placement) -> str:
    """The text with the placement's supervisor, organisation and output in it."""
    challenge = placement.challenge
    said = {"supervisor": placement.supervisor.given_name, "organisation": challenge.organisation.name}
    return text.format(**said, output=f"“{challenge.output.rstrip('.')}”") if "{" in text else text
