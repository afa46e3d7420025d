"""One placement with everybody who has to do with its logbook, each able to sign in."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from placements.accounts.models import Account
from placements.cohorts.models import ModuleRun, RunRole
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.logbook import actions
from placements.logbook.models import Entry
from placements.logbook.rules import Visit
from placements.placing.models import Placement
from placements.placing.policy import roles_of
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW

WEDNESDAY = date(2026, 10, 14)


@dataclass
class Cast:
    """Accounts and the placement; `run` has a portfolio whose rubric has one criterion about the logbook."""

    student: Account
    supervisor: Account
    tutor: Account
    leader: Account
    run: ModuleRun
    placement: Placement

    @property
    def url(self) -> str:
        """The address of the student's log."""
        return f"/placements/{self.placement.public_id}/log"


def cast(is_agreed: bool = True, **said: Any) -> Cast:
    """Make them in the current session. The Agreement is in force since 4 October 2026, where there is one."""
    tutor, leader = make.account(make.person(given_name="Tessa", family_name="Tutor")), make.account()
    run = make.run()
    make.run_role(RunRole.LEADER, leader.person, run)
    make.component(of=run)
    make.checkpoint(run)
    make.checkpoint(run, title="Final check", is_final=True)
    student = make.account(make.person(given_name="Amina", family_name="Rahman"))
    supervisor = make.account(make.person(given_name="Sam", family_name="Super"))
    enrolled = make.enrolment(make.group(run, tutor.person), student.person)
    placement = make.placement(enrolled, make.challenge(supervisor=supervisor.person, title="Count the stock"), **said)
    if is_agreed:
        make.agreement(placement)
    return Cast(student, supervisor, tutor, leader, run, placement)


def committed(people: Cast) -> Cast:
    """The same, committed and detached, for tests that make requests."""
    db.session.commit()
    things = (people.student, people.supervisor, people.tutor, people.leader, people.run, people.placement)
    for each in things:
        db.session.refresh(each)
    db.session.expunge_all()
    return people


def logged(people: Cast, day: int = 0, hours: int = 3, *, now: datetime = NOW, **said: Any) -> Entry:
    """A visit sent by the student `day` days after Wednesday 14 October, from 1pm on."""
    visit = Visit(WEDNESDAY + timedelta(days=day), time(13), time(13 + hours))
    said = {"form_key": "", "mode": "on_site", "activity": "Counted the stock.", **said}
    return actions.log(people.placement, visit, actor=Principal(people.student.person_id), now=now, **said)


def known(people: Cast) -> dict[str, Principal]:
    """Principals for tests of actions, with the roles that placements give and no others."""
    found = {name: getattr(people, name).person_id for name in ("student", "supervisor", "tutor", "leader")}
    held = {name: db.session.execute(roles_of(person_id, today(NOW))) for name, person_id in found.items()}
    return {name: Principal(found[name], frozenset((row[0], row[1]) for row in rows)) for name, rows in held.items()}


def queries_of(client: PageClient, url: str) -> int:
    """How many queries it takes to load a page."""
    with counting_queries() as queries:
        client.page(url)
    return queries.count
