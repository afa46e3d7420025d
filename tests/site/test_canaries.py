"""Each canary of the world is typed once in canaries.csv, is shown where the table says, and to a reader of it."""

import re
from inspect import getsource

from flask import Flask

from tests.client import holds
from tests.site import marked, placed, world
from tests.site.canaries import READERS, canaries, client_of
from tests.site.routes import endpoints, url_of
from tests.site.world import PRINCIPALS, committed

NOWHERE = "nowhere"


def test_every_canary_of_the_world_is_typed() -> None:
    assert set(re.findall(r"~[a-z-]+~", getsource(world) + getsource(placed) + getsource(marked))) - {"~word~"} == set(
        READERS
    )
    assert len(READERS) == len(canaries())
    assert frozenset(PRINCIPALS) >= frozenset().union(*READERS.values())


def test_every_canary_is_shown_to_a_reader(database: Flask) -> None:
    with database.app_context():
        known = committed()
    unseen = []
    for row in canaries():
        if row["shown"] == NOWHERE:
            continue
        principal, endpoint, thing = row["shown"].split()
        assert principal in READERS[row["canary"]]
        url = url_of(endpoints(database)[endpoint], {"object": thing}, known)
        if not holds(client_of(database, known, principal).get(url), row["canary"]):
            unseen.append(f"{row['canary']} is not shown to {principal} on {url}")
    assert not unseen, "\n".join(unseen)
