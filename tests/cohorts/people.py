"""The people and runs that tests of cohorts begin with."""

from dataclasses import dataclass

from flask import Flask, current_app

from placements.accounts.models import Account
from placements.accounts.queries import principal_of
from placements.cohorts.models import ModuleRun, RunRole, TimeslotGroup
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from tests import factories as make
from tests.databases import seeding


@dataclass
class Cohort:
    """A run of two groups, A and B, its leader, and A's tutor."""

    run: ModuleRun
    a: TimeslotGroup
    b: TimeslotGroup
    leader: Account
    tutor: Account


def cohort(**said: object) -> Cohort:
    """A run of WL6W50, 2026/27, YEAR, unless something else is `said`."""
    run = make.run(**{"period": "YEAR", **said})
    leader = make.account(make.person(given_name="Helen", family_name="Marsh", email="helen.marsh@example.org"))
    tutor = make.account(make.person(given_name="Joseph", family_name="Amadi", email="joseph.amadi@example.org"))
    make.run_role(RunRole.LEADER, leader.person, run)
    make.run_role(RunRole.TUTOR, tutor.person, run)
    a = make.group(run, tutor.person, occurrence="A", name="Wednesday afternoon")
    b = make.group(run, occurrence="B", name="Friday morning")
    make.component(of=run)
    db.session.refresh(run)
    return Cohort(run, a, b, leader, tutor)


def principal(account: Account) -> Principal:
    """Who the account's person is now, with every role."""
    return principal_of(account, current_app.extensions["placements.roles_of"], today(make.NOW))


def committed(app: Flask, **said: object) -> Cohort:
    """A cohort for tests that make requests."""
    with seeding(app):
        return cohort(**said)
