"""Near, across town and far: the table of neighbours against the map that we carry, and what it makes of London."""

import re
from itertools import combinations, pairwise

import pytest

from placements.partners.boroughs import CROSSINGS, IN_LONDON, NEIGHBOURS, Distance, nearest, next_to, within
from placements.reports.boroughs import KEPT

pytestmark = pytest.mark.pure


def borders(name: str) -> set[frozenset[tuple[int, int]]]:
    """The lines that a borough's shape is drawn with, whichever way round."""
    found = set()
    for x, y, moves in re.findall(r"M(\d+),(\d+)l([^z]+)z", KEPT["boroughs"][name]["path"]):
        corners = [(int(x), int(y))]
        for move in moves.split():
            right, down = (int(part) for part in move.split(","))
            corners.append((corners[-1][0] + right, corners[-1][1] + down))
        found |= {frozenset(line) for line in pairwise([*corners, corners[0]])}
    return found


def test_the_table_says_which_boroughs_share_a_border_on_the_map() -> None:
    drawn = {name: borders(name) for name in IN_LONDON}
    on_the_map = {(one, other) for one, other in combinations(IN_LONDON, 2) if drawn[one] & drawn[other]}
    assert {(one, other) for one, others in NEIGHBOURS.items() for other in others} == on_the_map
    assert not on_the_map & CROSSINGS.keys()


def test_the_crossings_are_of_the_thames_between_boroughs_in_order() -> None:
    assert len(CROSSINGS) == len(set(CROSSINGS.values())) == 9
    for one, other in CROSSINGS:
        assert one < other
        assert {one, other} <= set(IN_LONDON)


def test_neighbours_are_each_others_and_lead_everywhere() -> None:
    for name in IN_LONDON:
        assert name not in next_to(name)
        assert all(name in next_to(other) for other in next_to(name))
    reached = {"Barnet"}
    for _ in IN_LONDON:
        reached |= {other for name in reached for other in next_to(name)}
    assert reached == set(IN_LONDON)


@pytest.mark.parametrize(
    ("home", "there", "distance"),
    [
        ("Islington", "Islington", Distance.NEAR),
        ("Islington", "Hackney", Distance.NEAR),
        ("Islington", "Tower Hamlets", Distance.ACROSS),
        ("Islington", "Greenwich", Distance.FAR),
        ("Tower Hamlets", "Southwark", Distance.NEAR),  # over Tower Bridge
        ("Newham", "Greenwich", Distance.NEAR),  # under the Thames at Woolwich
        ("Barking and Dagenham", "Bexley", Distance.FAR),  # nobody can cross there
        ("Havering", "Hillingdon", Distance.FAR),
        ("Islington", "Outside London", Distance.FAR),
    ],
)
def test_how_far_it_is(home: str, there: str, distance: Distance) -> None:
    assert nearest(frozenset({there}), home) is distance
    assert nearest(frozenset({there, home}), home) is Distance.NEAR


def test_each_distance_reaches_what_the_one_before_does_and_the_same_both_ways() -> None:
    for home in IN_LONDON:
        near, across, far = (within(each, home) for each in Distance)
        assert {home} < near < across < far
        assert all(home in within(Distance.ACROSS, there) for there in across)
    assert len(within(Distance.FAR, "Barnet")) == 34
