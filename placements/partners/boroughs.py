"""How far one borough is from another, counted in boroughs: each has its neighbours, and they have theirs.

A neighbour shares a border on land, or a crossing of the Thames that people can walk. No timetable is behind it: it
says “near” and “far” as the map does.
"""

from enum import StrEnum
from functools import lru_cache

from placements.partners.rules import BOROUGHS

NEIGHBOURS = {
    "Barking and Dagenham": ("Havering", "Newham", "Redbridge"),
    "Barnet": ("Brent", "Camden", "Enfield", "Haringey", "Harrow"),
    "Bexley": ("Bromley", "Greenwich"),
    "Brent": ("Camden", "Ealing", "Hammersmith and Fulham", "Harrow", "Kensington and Chelsea", "Westminster"),
    "Bromley": ("Croydon", "Greenwich", "Lambeth", "Lewisham", "Southwark"),
    "Camden": ("City of London", "Haringey", "Islington", "Westminster"),
    "City of London": ("Hackney", "Islington", "Tower Hamlets", "Westminster"),
    "Croydon": ("Lambeth", "Merton", "Sutton"),
    "Ealing": ("Hammersmith and Fulham", "Harrow", "Hillingdon", "Hounslow"),
    "Enfield": ("Haringey", "Waltham Forest"),
    "Greenwich": ("Lewisham",),
    "Hackney": ("Haringey", "Islington", "Newham", "Tower Hamlets", "Waltham Forest"),
    "Hammersmith and Fulham": ("Hounslow", "Kensington and Chelsea"),
    "Haringey": ("Islington", "Waltham Forest"),
    "Harrow": ("Hillingdon",),
    "Havering": ("Redbridge",),
    "Hillingdon": ("Hounslow",),
    "Hounslow": ("Richmond upon Thames",),
    "Kensington and Chelsea": ("Westminster",),
    "Kingston upon Thames": ("Merton", "Richmond upon Thames", "Sutton", "Wandsworth"),
    "Lambeth": ("Merton", "Southwark", "Wandsworth"),
    "Lewisham": ("Southwark",),
    "Merton": ("Sutton", "Wandsworth"),
    "Newham": ("Redbridge", "Tower Hamlets", "Waltham Forest"),
    "Redbridge": ("Waltham Forest",),
    "Richmond upon Thames": ("Wandsworth",),
}  # each pair once, at the earlier of the two; as the borders of the map in placements/reports
CROSSINGS = {
    ("Hammersmith and Fulham", "Richmond upon Thames"): "Hammersmith Bridge",
    ("Hammersmith and Fulham", "Wandsworth"): "Putney Bridge",
    ("Kensington and Chelsea", "Wandsworth"): "Battersea Bridge",
    ("Wandsworth", "Westminster"): "Chelsea Bridge",
    ("Lambeth", "Westminster"): "Westminster Bridge",
    ("City of London", "Southwark"): "London Bridge",
    ("Southwark", "Tower Hamlets"): "Tower Bridge",
    ("Greenwich", "Tower Hamlets"): "Greenwich foot tunnel",
    ("Greenwich", "Newham"): "Woolwich foot tunnel",
}  # between boroughs that share no border on land
IN_LONDON = tuple(name for name in BOROUGHS if name != "Outside London")


class Distance(StrEnum):
    """From one borough: itself and its neighbours; their neighbours too; everywhere."""

    NEAR = "near"
    ACROSS = "across"
    FAR = "far"


DISTANCES = {Distance.NEAR: "near", Distance.ACROSS: "across town", Distance.FAR: "far"}
STEPS = {Distance.NEAR: 1, Distance.ACROSS: 2}


@lru_cache(maxsize=len(IN_LONDON))
def next_to(borough: str) -> frozenset[str]:
    """Its neighbours."""
    pairs = [(one, other) for one, others in NEIGHBOURS.items() for other in others] + list(CROSSINGS)
    return frozenset(one if other == borough else other for one, other in pairs if borough in (one, other))


@lru_cache(maxsize=len(STEPS) * len(IN_LONDON))
def within(distance: Distance, home: str) -> frozenset[str]:
    """The boroughs no further from `home`, one of London's, than that. What is outside London is far from all."""
    if distance is Distance.FAR:
        return frozenset(BOROUGHS)
    found = frozenset({home})
    for _ in range(STEPS[distance]):
        found = found.union(*(next_to(borough) for borough in found))
    return found


def nearest(boroughs: frozenset[str], home: str) -> Distance:
    """How far the nearest of the boroughs is from `home`, one of London's."""
    return next(each for each in Distance if within(each, home) & boroughs)
