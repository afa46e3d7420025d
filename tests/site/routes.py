"""access.csv as typed, and the addresses of what its rows name."""

import csv
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from tests.site.world import World

TABLE = Path(__file__).with_name("access.csv")
SECURITY = {  # who may use each is Flask-Security's own rule; tests/accounts covers what we use of them
    "security.login": "anybody; sends on who is signed in",
    "security.logout": "anybody, by POST",
    "security.verify": "whoever is signed in",
    "security.two_factor_setup": "whoever is signed in",
    "security.two_factor_setup_validate": "whoever is signed in, with a token of their own",
    "security.two_factor_token_validation": "whoever gave the right password",
    "security.two_factor_rescue": "whoever gave the right password",
    "security.tf_select": "whoever gave the right password",
    "security.mf_recovery_codes": "whoever is signed in",
    "security.mf_recovery": "whoever gave the right password",
}
BY_TOKEN = "token"  # a URL that holds a signed token is tested where the link is made


def rows() -> list[dict[str, str]]:
    """The table, as typed."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def endpoints(app: Flask) -> dict[str, Rule]:
    """Every endpoint of ours, with its rule."""
    return {rule.endpoint: rule for rule in app.url_map.iter_rules() if rule.endpoint not in SECURITY}


def url_of(rule: Rule, row: dict[str, str], world: World) -> str:
    """The row's address: its object's public_id for every part of the URL that is one; an area's or notice's own name.

    A notice of a run is written “run offers.unanswered”.
    """
    thing, _, notice = row["object"].rpartition(" ")
    if rule.arguments == {"theme"}:
        values = {"theme": row["object"]}
    elif "notice" in rule.arguments:
        values = {"notice": notice} | ({"public_id": world.things[thing].public_id} if thing else {})
    else:
        values = {name: world.things[row["object"]].public_id for name in rule.arguments}  # noqa: C420 - none may be there
    built = rule.build(values, append_unknown=False)
    assert built is not None, row
    return built[1]
