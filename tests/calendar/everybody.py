"""A run with somebody in every role that has dates, and `students` of each kind of thing that stands in a calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from flask import current_app

from placements.accounts.models import Account
from placements.accounts.queries import principal_of
from placements.agreements.workflow import AgreementState
from placements.attendance.models import PlannedDay
from placements.calendar.entries import Entry
from placements.calendar.queries import entries_of
from placements.cohorts.models import RunRole
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.assessment.scene import Scene, scene
from tests.factories import NOW

DUE = datetime(2027, 3, 17, 15, 0, tzinfo=UTC)  # Wednesday, 3pm in London, before the clocks go forward
WEDNESDAY, THURSDAY = date(2026, 10, 28), date(2026, 11, 5)


@dataclass
class Everybody:
    """The people, by what they do; `of` has the run, its students and their placements."""

    of: Scene
    supervisor: Account
    contact: Account
    moderator: Account
    external: Account
    days: list[PlannedDay]

    def who(self, account: Account) -> Principal:
        """Somebody, with the roles that they have now."""
        db.session.flush()
        return principal_of(account, current_app.extensions["placements.roles_of"], today(NOW))

    def entries(self, account: Account) -> list[Entry]:
        """What stands in somebody's calendar."""
        return entries_of(self.who(account))

    def dates(self, account: Account) -> list[tuple[str, datetime | date]]:
        """The same: what, and when."""
        return [(each.what, each.at) for each in self.entries(account)]


def _staff(of: Scene, role: RunRole, name: str) -> Account:
    account = make.account(make.person(given_name=name, family_name="Staff"))
    make.run_role(role, account.person, of.run)
    return account


def everybody(students: int = 1, numbers: str = "2612") -> Everybody:
    """Students on placements that one person supervises, with two planned days, a visit and an Agreement to sign."""
    of = scene(students, DUE, numbers)
    of.run.offers_due_at, of.run.board_on = datetime(2026, 11, 9, 15, tzinfo=UTC), date(2027, 6, 16)
    supervisor = make.account(make.person(given_name="Sunita", family_name="Host"))
    contact = make.account(make.person(given_name="Conrad", family_name="Host"))
    organisation = make.organisation(name="Host & Co")
    make.contact(organisation, contact.person)
    make.contact(organisation, supervisor.person)
    make.checkpoint(of.run, due_on=date(2027, 1, 13))
    days = []
    for placement in of.placements:
        placement.challenge = make.challenge(organisation, supervisor=supervisor.person)
        placement.supervisor, placement.state = supervisor.person, PlacementState.CLEARED
        placement.starts_on = date(2026, 10, 26)
        days.append(make.planned_day(placement, WEDNESDAY))
        days.append(make.planned_day(placement, THURSDAY, starts=time(13), ends=time(17)))
        make.contact_point(placement, at=datetime(2026, 11, 9, 10, 30, tzinfo=UTC))
        make.agreement(placement, state=AgreementState.SIGNING)
    return Everybody(
        of,
        supervisor,
        contact,
        _staff(of, RunRole.MODERATOR, "Mo"),
        _staff(of, RunRole.EXTERNAL, "Xenia"),
        days,
    )
