"""Nobody but the student reads from a page whether the university checks anything of them, how much, or how far it is."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.challenges.models import Dbs
from placements.cohorts.models import RunRole
from placements.db import db
from placements.history.models import SensitiveRead
from placements.placing.actions import start_due
from placements.placing.models import Placement
from placements.placing.rules import GateKind
from placements.placing.workflow import GateState
from tests import factories as make
from tests.assessment.test_leaks import MASKED
from tests.client import PageClient
from tests.clearance.making import adjustment, dbs_seen, gate, own_risk, visa_detail
from tests.clearance.scene import Cleared
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.placing.scene import committed

Adds = Callable[[Cleared], object]


def nothing(scene: Cleared) -> None:
    """No gate at all."""


def sponsored(scene: Cleared, **said: Any) -> None:
    scene.enrolment.is_visa_sponsored = True
    found = gate(scene.placement, GateKind.VISA, **said)
    visa_detail(found, scene.visa.person, address="~visa~")


def checked(scene: Cleared, **said: Any) -> None:
    found = gate(scene.placement, GateKind.DBS, **{"level": Dbs.BASIC, **said})
    dbs_seen(found, duties="~duties~")


def adjusted(scene: Cleared, **said: Any) -> None:
    adjustment(gate(scene.placement, GateKind.ADJUSTMENT, **said), asked="~a~", agreed="~b~", to_share="~c~")


def at_risk(scene: Cleared, **said: Any) -> None:
    own_risk(gate(scene.placement, GateKind.OWN_RISK, **said), scene.tutor.person, what="~risk~")


def all_of_them(scene: Cleared) -> None:
    for add in (sponsored, checked, adjusted, at_risk):
        add(scene)


HELD = {"state": GateState.HELD}
CASES: dict[str, Adds] = {
    "a visa": sponsored,
    "a visa, held": partial(sponsored, **HELD),
    "a DBS check": checked,
    "an adjustment": adjusted,
    "an adjustment, held": partial(adjusted, **HELD),
    "a risk": at_risk,
    "a high risk": partial(at_risk, state=GateState.BARRED),
    "everything": all_of_them,
}
PAGES = {
    "supervisor": ("", "/first-day", "/plan"),
    "tutor": ("", "/first-day", "/plan"),
    "leader": ("",),
    "contact": ("",),
    "engagement": ("",),
    "mate": (),
}


def pages(database: Flask, client: PageClient, add: Adds, worked: bool = True) -> dict[str, bytes]:
    """What each reads at each page, masked: of a placement with those gates, the worker having been there."""
    with database.app_context():
        with seeding(database) if False else _same_addresses():
            scene = Cleared()
            mate = make.enrolment(scene.group, make.person(given_name="Mia", family_name="Mate", email="mia@example.org"))
            make.placement(mate, scene.challenge, starts_on=scene.placement.starts_on)
            scene.mate = make.account(mate.person)
        add(scene)
        db.session.flush()
        db.session.expire_all()
        if worked:
            start_due(NOW)
        make.run_role(RunRole.TUTOR, scene.tutor.person, scene.run)
        committed(scene)
    client.forbidden = {"~visa~", "~duties~", "~a~", "~b~", "~c~", "~risk~"}
    found = {}
    for name, places in PAGES.items():
        client.sign_in_as(getattr(scene, name))
        for url in ("/home", *(f"{scene.url}{place}" for place in places)):
            said = MASKED.sub(rb"\1", client.get(url, follow_redirects=True).data)
            found[f"{name} {url.replace(scene.placement.public_id, '')}"] = _plain(said)
    return found
