"""Somebody's own place, as tests want one."""

from secrets import token_hex
from typing import Any

from placements.challenges.models import WorkMode
from placements.cohorts.models import Enrolment, Theme
from placements.db import db
from placements.proposals.models import Proposal
from placements.proposals.rules import Means, Tie
from tests import factories as make
from tests.factories import DAY, NOW


def proposal(of: Enrolment | None = None, **said: Any) -> Proposal:
    """Somebody's own place, waiting to be checked; `verified=True`: at the address that the student wrote."""
    verified = {"verified_means": Means.WEBSITE, "verified_how": "I rang the office.", "verified_at": NOW - DAY}
    address = said.get("supervisor_email", "ruth@garden.example.org")
    if said.pop("verified", False):
        said = {**verified, "verified_email": address, "verified_by": make.person(), **said}
    said = {
        "form_key": f"proposal-{token_hex(8)}",
        "proposed_at": NOW - 2 * DAY,
        "due_at": NOW + DAY,
        "organisation_name": "Whitecross Garden",
        "organisation_about": "A garden that neighbours keep.",
        "address": "2 Example Road",
        "postcode": "EC1Y 8NX",
        "borough": "Islington",
        "supervisor_name": "Ruth Mensah",
        "supervisor_email": address,
        "title": "A watering rota",
        "need": "Volunteers forget whose turn it is. I would make a rota that they keep themselves.",
        "theme": Theme.ENVIRONMENT,
        "mode": WorkMode.ON_SITE,
        "tie": Tie.NONE,
        **said,
    }
    made = Proposal(enrolment=of or make.enrolment(), **said)
    db.session.add(made)
    db.session.flush()
    return made
