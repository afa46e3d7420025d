"""Nobody decides on both sides: each deciding verb against what was typed by hand in interests.csv.

A row is `endpoint,object,principal,side,free,sided`: what the address answers to that principal (as in access.csv) while
they hold their usual role alone (`200/ok`: its page, and its button), and once they also have a side in it. A side is what they become, and of which thing:
`interest` (declared) in or `contact` of an organisation, `supervisor` or `tutor` of a placement, `writer` of an enquiry,
`tutor` of a group, the `person` who is enrolled.
Where the decision is which challenge, the form is open to both: a new one of the organisation is `offered`, or is not.
Where it is who marks, they are `able` themselves, so that the form names them, or are not.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from placements.db import db
from tests import factories as make
from tests.databases import seeding
from tests.site.canaries import client_of
from tests.site.every_page import Place
from tests.site.routes import endpoints, url_of
from tests.site.test_access import answers
from tests.site.world import World

TABLE = Path(__file__).with_name("interests.csv")
SCRIPTS = (
    "second_mark",
    "moderated_script",
)  # whose students are placed with the organisation, for as long as a row lasts


def rows() -> list[dict[str, str]]:
    """The table, as typed."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def side_problems(app: Flask, world: World, row: dict[str, str]) -> Iterator[str]:
    """Where one row's answers, without the side and then with it, are not what was typed."""
    with seeding(app):
        organisation = db.session.merge(world.things["organisation"])
        world.things["choice"] = make.challenge(organisation)
        for name in SCRIPTS:
            student = db.session.merge(world.things[name]).mark.enrolment
            world.things[f"{name}_placement"] = make.placement(student, make.challenge(organisation))
    for column in ("free", "sided"):
        if column == "sided":
            with app.app_context():
                _take(row["side"], row["principal"], world)
        found = _answer(app, world, row)
        if found != set(row[column].split("/")):
            yield f"{row['principal']} {row['endpoint']} {column}: {found}, typed {row[column]}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: "-".join([*row.values()][:4]))
def test_nobody_decides_on_both_sides(here: Place, row: dict[str, str]) -> None:
    with here.undone():
        assert list(side_problems(here.app, here.world, row)) == []


def _take(side: str, principal: str, world: World) -> None:
    """Give the principal that side, beside their own."""
    relation, name = side.split()
    thing, person = db.session.merge(world.things[name]), db.session.merge(world.person(principal))
    if relation == "interest":
        make.interest(thing, person)
    elif relation == "contact":
        make.contact(thing, person)
    else:
        assert hasattr(thing, relation)
        setattr(thing, relation, person)
    db.session.commit()


def _answer(app: Flask, world: World, row: dict[str, str]) -> set[str]:
    rule = endpoints(app)[row["endpoint"]]
    url = url_of(rule, row, world)
    if row["free"] not in ("offered", "able"):
        return set(answers(app, world, row["principal"], rule, url).values())
    page = client_of(app, world, row["principal"]).get(url)
    assert page.status_code == 200
    if row["free"] == "able":
        return {"able" if world.person(row["principal"]).public_id in page.text else "not able"}
    return {"offered" if world.things["choice"].public_id in page.text else "not offered"}
