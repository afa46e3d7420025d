"""The map of the London boroughs: what each has, in five classes, with its shape."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select

from placements.challenges.models import Challenge
from placements.challenges.queries import live_now
from placements.db import db
from placements.partners.models import Organisation, Site
from placements.partners.rules import BOROUGHS
from placements.partners.workflow import OrganisationState

KEPT = json.loads(Path(__file__).with_name("boroughs.json").read_text(encoding="utf-8"))
WIDTH, HEIGHT = KEPT["width"], KEPT["height"]
COUNTED = {
    "organisations": "Approved organisations",
    "challenges": "Open challenges",
    "places": "Open places",
}
# Light to dark, and the ink that can be read on each. The number stands on every borough: colour is never alone.
CLASSES = (
    ("#ffffff", "#1d1b16"),
    ("#d5e8e5", "#1d1b16"),
    ("#9ccbc6", "#1d1b16"),
    ("#2f7a76", "#ffffff"),
    ("#083f3d", "#ffffff"),
)


@dataclass(frozen=True)
class Shape:
    """One borough as it is drawn, and as the table says it."""

    name: str
    number: int
    path: str
    x: int
    y: int
    fill: str
    ink: str


@dataclass(frozen=True)
class Key:
    """One class of the legend."""

    said: str
    fill: str


@dataclass(frozen=True)
class Map:
    """What one thing that is counted comes to."""

    shapes: list[Shape]
    legend: list[Key]
    elsewhere: int
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def most(self) -> list[Shape]:
        """The boroughs that have any, the most first."""
        return sorted((shape for shape in self.shapes if shape.number), key=lambda shape: (-shape.number, shape.name))

    @property
    def without(self) -> list[str]:
        """The boroughs that have none."""
        return [shape.name for shape in self.shapes if not shape.number]


def map_of(what: str, day: date) -> Map:
    """The boroughs by what is counted (a key of COUNTED). One query."""
    numbers = dict(db.session.execute(_rows(what, day)).all())
    steps = limits(max(numbers.values(), default=0))
    shapes = [_shape(name, numbers.get(name, 0), steps) for name in BOROUGHS if name in KEPT["boroughs"]]
    return Map(shapes, legend(steps), sum(numbers.values()) - sum(shape.number for shape in shapes))


def _rows(what: str, day: date) -> Select[str, int]:
    """What the lists show to which the map links: organisations by state, or the challenges that anybody may read."""
    if what == "organisations":
        approved = Organisation.state == OrganisationState.APPROVED
        return select(Organisation.borough, func.count()).where(approved).group_by(Organisation.borough)
    borough = func.coalesce(Site.borough, Organisation.borough)
    number = func.count() if what == "challenges" else func.sum(Challenge.places_max)
    rows = live_now(day).join(Challenge.organisation).outerjoin(Challenge.site).order_by(None)
    return rows.with_only_columns(borough, number, maintain_column_froms=True).group_by(borough)


def limits(most: int) -> list[int]:
    """The highest number of each class: none, then four steps that grow, so that many small ones differ as well."""
    steps = [0]
    for share in (0.1, 0.3, 0.6, 1.0):
        steps.append(max(steps[-1] + 1, round(most * share)))
    return steps


def legend(steps: list[int]) -> list[Key]:
    """What each class means: “0”, “1 to 3”, “4 to 9” …"""
    said = ["0"]
    for below, step in pairwise(steps):
        said.append(str(step) if step == below + 1 else f"{below + 1} to {step}")
    return [Key(words, fill) for words, (fill, _) in zip(said, CLASSES, strict=True)]


def _shape(name: str, number: int, steps: list[int]) -> Shape:
    drawn: Mapping[str, Any] = KEPT["boroughs"][name]
    fill, ink = CLASSES[next(place for place, step in enumerate(steps) if number <= step)]
    return Shape(name, number, drawn["path"], drawn["x"], drawn["y"], fill, ink)
