"""The matrix and its two tables are proven by faults planted one at a time: each must turn the rows concerned red."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from flask import Flask, make_response
from sqlalchemy import select, true

from placements.core.policy import signed_in
from placements.logbook.models import Entry
from placements.partners.models import Organisation
from tests.site import routes
from tests.site import test_access as matrix
from tests.site import test_interests as interests
from tests.site.world import committed

Plant = Callable[[pytest.MonkeyPatch, Flask], None]


def widened(ability: str) -> Plant:
    """Whoever is signed in holds the ability."""
    return lambda patch, app: patch.setitem(app.extensions["placements.site"].abilities, ability, signed_in)


def replaced(name: str, by: Any) -> Plant:
    """A function of ours, by its dotted name, does this instead."""
    return lambda patch, app: patch.setattr(f"placements.{name}", by)


def printed_on(endpoint: str, canary: str) -> Plant:
    """The page holds the canary, whoever asks."""

    def plant(patch: pytest.MonkeyPatch, app: Flask) -> None:
        shown = app.view_functions[endpoint]

        def leaking(**url: Any) -> Any:
            answer = make_response(shown(**url))
            answer.set_data(answer.get_data(as_text=True).replace("</main>", f"<p>{canary}</p></main>"))
            return answer

        patch.setitem(app.view_functions, endpoint, leaking)

    return plant


def own_name(handed_in: Any) -> str:
    """The name that the student gave the file."""
    return str(handed_in.file.name)


FAULTS: dict[str, tuple[Plant, str, str]] = {  # what is wrong → the fault, the row that must see it, and what it says
    "an ability is anybody's": (widened("enquiries.overview"), "enquiries.overview -", "student GET"),
    "reasons of a history are anybody's": (
        widened("partners.read_notes"),
        "home.organisation organisation",
        "contact GET .*~organisation-reason~",
    ),
    "so are those of a placement": (
        widened("placing.read_reasons"),
        "home.placement placement",
        "student GET .*~placement-reason~",
    ),
    "every organisation is seen": (
        replaced("partners.queries.visible_to", lambda who: select(Organisation)),
        "home.organisation organisation",
        "student GET .*~site-address~",
    ),
    "every logbook is read": (
        replaced("logbook.queries.read_by", lambda who: true()),
        "logbook.entry entry",
        "external GET",
    ),
    "every mark is read": (
        replaced("assessment.queries.is_read_by", lambda who: true()),
        "assessment.submission submission",
        "contact GET .*~file-name~",
    ),
    "a mark is shown before its release": (
        printed_on("assessment.marks", "~feedback~"),
        "assessment.marks -",
        "student GET .*~feedback~",
    ),
    "a public page holds a name": (
        printed_on("public.privacy", "~name~"),
        "public.privacy -",
        "anonymous GET .*~name~",
    ),
    "a supervisor reads a reflection": (
        lambda patch, app: patch.setattr(Entry, "is_reflection_shared", property(lambda entry: True)),
        "confirming.confirm -",
        "supervisor GET .*~reflection~",
    ),
    "a download is called what the student called it": (
        replaced("assessment.queries.neutral_name", own_name),
        "assessment.download submission_file",
        "external GET .*~file-name~",
    ),
}
SIDES = {  # where a side is no bar any more → the row of interests.csv that must see it
    "partners": "partners.pause organisation engagement interest",
    "vetting": "vetting.approve organisation engagement interest",
    "challenges": "challenges.approve submitted champion interest",
    "placing": "signing.sign agreement_signing other_tutor contact",
    "assessment": "marking.mark mark tutor interest",
    "offers.queries": "clearing.place clearing tutor interest",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_turns_its_row_red(database: Flask, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    plant, name, says = FAULTS[fault]
    row = _row(name, routes.rows())
    with database.app_context():
        world = committed()
    plant(monkeypatch, database)
    found = list(matrix.row_problems(database, world, row))
    assert any(re.search(says, each, re.DOTALL) for each in found), found


@pytest.mark.parametrize("area", SIDES)
def test_a_side_that_is_no_bar_turns_its_row_red(database: Flask, monkeypatch: pytest.MonkeyPatch, area: str) -> None:
    module = area if "." in area else f"{area}.policy"
    monkeypatch.setattr(f"placements.{module}.has_no_side", lambda who, organisation_id: True)
    with database.app_context():
        world = committed()
    found = list(interests.side_problems(database, world, _row(SIDES[area], interests.rows())))
    assert len(found) == 1 and " sided: " in found[0], found


def test_a_route_without_a_row_is_found(app: Flask) -> None:
    typed = [row for row in routes.rows() if row["endpoint"] != "accounts.me"]
    assert list(matrix.table_problems(app, typed)) == ["accounts.me has no row"]


def _row(name: str, typed: Iterable[dict[str, str]]) -> dict[str, str]:
    return next(row for row in typed if " ".join(row.values()).startswith(f"{name} "))
