"""What each private thing of the world says, and who may read it on any page there is: typed by hand in canaries.csv.

A row is `canary,shown,readers`: the word that stands in the thing; one page where it is shown, as `principal endpoint
object` (`nowhere`: this world has no page of it); and every principal who may ever be shown it. To everybody else it is
forbidden in whatever they ask for.
"""

import csv
from pathlib import Path

from flask import Flask

from tests.client import PageClient
from tests.site.world import World

TABLE = Path(__file__).with_name("canaries.csv")


def canaries() -> list[dict[str, str]]:
    """The table, as typed."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


READERS = {row["canary"]: frozenset(row["readers"].split()) for row in canaries()}


def client_of(app: Flask, world: World, principal: str) -> PageClient:
    """A browser of that principal's, which takes no answer that holds what they may not read."""
    client = PageClient(app)
    client.forbidden = {canary for canary, readers in READERS.items() if principal not in readers}
    if principal != "anonymous":
        client.sign_in_as(world.accounts[principal])
    return client
