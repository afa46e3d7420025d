"""Every verb of every workflow, from every state, by everybody, against what was typed by hand in verbs.csv.

A row is `ability,thing,workflow,verb,from,to,who`: `from` and `who` are lists with spaces between. `thing` is of
tests/site/world.py; `to` is empty where the state stays. A verb without a row fails, and so does a row without a verb.
A verb that only the system runs has no ability and `who` is `system`.
"""

import csv
import importlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from placements import AREAS, SUPPORT
from placements.accounts.queries import principal_of
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.core.workflow import Workflow
from tests import factories
from tests.site.world import PRINCIPALS, World, build

TABLE = Path(__file__).with_name("verbs.csv")
SYSTEM = "system"


def rows() -> list[dict[str, str]]:
    """The table, as typed."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def workflows() -> dict[str, Workflow]:
    """Every workflow by `area.NAME`."""
    found = {}
    for area in (*SUPPORT, *AREAS):
        if importlib.util.find_spec(f"placements.{area}.workflow"):
            module = importlib.import_module(f"placements.{area}.workflow")
            found |= {f"{area}.{name}": each for name, each in vars(module).items() if isinstance(each, Workflow)}
    return found


def table_problems(known: dict[str, Workflow], typed: list[dict[str, str]]) -> Iterator[str]:
    """Where the table and the workflows differ, state by state."""
    verbs = {(name, verb) for name, each in known.items() for verb in each.verbs}
    named = [(row["workflow"], row["verb"]) for row in typed]
    yield from (f"{workflow}: {verb} has no row" for workflow, verb in sorted(verbs - set(named)))
    for row in typed:
        if (row["workflow"], row["verb"]) not in verbs:
            yield f"{row['workflow']}: {row['verb']} is no verb"
            continue
        verb = known[row["workflow"]].verbs[row["verb"]]
        if verb.sources != frozenset(row["from"].split()):
            yield f"{row['workflow']}: {row['verb']} goes from {sorted(verb.sources)}"
        if (verb.target or "") != row["to"]:
            yield f"{row['workflow']}: {row['verb']} goes to {verb.target}"


def test_every_verb_has_a_row_with_its_states() -> None:
    assert list(table_problems(workflows(), rows())) == []


def test_a_changed_target_a_missing_and_an_unknown_row_are_found() -> None:
    typed = rows()
    planted = [{**typed[0], "to": "nowhere"}, *typed[2:], {**typed[0], "verb": "vanish"}]
    problems = list(table_problems(workflows(), planted))
    assert len(problems) == 3, problems


@pytest.mark.parametrize("row", [row for row in rows() if row["ability"]], ids=lambda row: row["ability"])
def test_who_may_and_from_which_state(row: dict[str, str], app: Flask, session: Any) -> None:
    world = build()
    session.flush()
    workflow = workflows()[row["workflow"]]
    ability = app.extensions["placements.site"].abilities[row["ability"]]
    thing = world.things[row["thing"]]
    who_may, sources = row["who"].split(), row["from"].split()
    principals = {name: _principal(app, world, name) for name in PRINCIPALS}
    wrong = []
    for state, name in product(workflow.states, PRINCIPALS):
        thing.state = state
        found = ability(principals[name], thing, factories.NOW)
        if found != (name in who_may and state in sources):
            wrong.append(f"{name} {'may' if found else 'may not'} from {state}")
    assert wrong == []


def _principal(app: Flask, world: World, name: str) -> Principal:
    if name == "anonymous":
        return NOBODY
    return principal_of(world.accounts[name], app.extensions["placements.roles_of"], today(factories.NOW))


def test_moving_from_another_state_is_refused_and_from_the_target_is_already_done() -> None:
    for workflow in workflows().values():
        for verb, state in product(workflow.verbs.values(), workflow.states):
            thing = type("Thing", (), {"state": state})()
            if state in verb.sources:
                assert workflow.move(thing, verb.name) is True
                assert thing.state == (verb.target or state)
            elif state == verb.target:
                assert workflow.move(thing, verb.name) is False
            else:
                with pytest.raises(Refused):
                    workflow.move(thing, verb.name)
                assert thing.state == state
