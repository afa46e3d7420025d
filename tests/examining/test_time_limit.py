"""An external examiner reads until the end of a day, on London's clocks, and nothing after it."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from placements.cohorts.actions import give_role, remove_role, set_end
from placements.cohorts.models import RoleOnRun, RunRole
from placements.core.errors import Refused
from placements.db import db
from placements.history.models import History
from tests import factories as make
from tests.assessment.scene import seeded
from tests.client import PageClient
from tests.conftest import Clock
from tests.examining.scene import examined, role

LAST_SECOND = datetime(2027, 9, 30, 22, 59, 59, tzinfo=UTC)  # 23:59:59 in London, where it is still summer time
MIDNIGHT = datetime(2027, 9, 30, 23, 0, tzinfo=UTC)


def test_the_last_day_ends_at_londons_midnight(database: Flask, client: PageClient, clock: Clock) -> None:
    of, edda = seeded(database, lambda: examined(63))
    clock.now = LAST_SECOND
    client.sign_in_as(edda)
    address = f"/runs/{of.run.public_id}/scripts"
    assert client.get(address).status_code == 200
    clock.now = MIDNIGHT
    gone, missing = client.get(address), client.get("/runs/nowhere-here/scripts")
    assert (gone.status_code, missing.status_code) == (404, 404)


def test_a_longer_role_is_one_again_at_the_next_request(database: Flask, client: PageClient, clock: Clock) -> None:
    of, edda = seeded(database, lambda: examined(63))
    clock.now = MIDNIGHT
    leader = PageClient(database)
    leader.sign_in_as(of.leader)
    run = leader.page(f"/runs/{of.run.public_id}")
    assert "External examiner, ended on Thu 30 Sep 2027" in run.text
    page = leader.submit(
        leader.page(run.link("Change the last day of Edda External")).form(),
        until_on=["2", "10", "2027"],
    )
    assert "Edda External has the role External examiner until Sat 2 Oct 2027." in page.text
    assert "External examiner, until Sat 2 Oct 2027" in page.text
    client.sign_in_as(edda)
    assert client.get(f"/runs/{of.run.public_id}/scripts").status_code == 200
    with database.app_context():
        said = db.session.query(History).filter_by(verb="role until 02 10 2027: External examiner").one()
        assert (said.actor_id, said.person_id) == (of.leader.person_id, edda.person_id)


def test_the_team_page_offers_the_usual_last_day(database: Flask, client: PageClient) -> None:
    of, _ = seeded(database, lambda: examined(63))
    client.sign_in_as(of.leader)
    form = client.page(f"/runs/{of.run.public_id}/people/add").form()
    client.submit(form, given_name="Ewan", family_name="Far", email="ewan@example.org", role="external")
    client.submit(form, given_name="Mo", family_name="Near", email="mo@example.org", role="moderator")
    with database.app_context():
        held = {each.person.given_name: each.until_on for each in db.session.query(RoleOnRun)}
    assert held["Ewan"] == date(2027, 9, 30)
    assert held["Mo"] is None


def test_a_day_gone_by_is_refused(session: None, now: datetime) -> None:
    of, _ = examined(63)
    leader = of.who(of.leader)
    with pytest.raises(Refused, match="gone by"):
        set_end(role(), date(2026, 10, 13), actor=leader, now=now)
    with pytest.raises(Refused, match="gone by"):
        give_role(of.run, make.person(), RunRole.EXTERNAL, until_on=date(2026, 1, 1), actor=leader, now=now)


def test_giving_the_role_again_moves_the_day_and_writes_no_second_row(session: None, now: datetime) -> None:
    of, edda = examined(63)
    said = {"actor": of.who(of.leader), "now": now}
    held = give_role(of.run, edda.person, RunRole.EXTERNAL, until_on=date(2027, 3, 1), **said)
    assert (held, held.until_on) == (role(), date(2027, 3, 1))
    remove_role(held, **said)
    assert db.session.query(RoleOnRun).filter_by(role=RunRole.EXTERNAL).count() == 0


def test_the_database_wants_an_end_for_examiners_and_for_nobody_else(session: None) -> None:
    of, _ = examined()
    for wrong in ({"role": RunRole.EXTERNAL}, {"role": RunRole.TUTOR, "until_on": date(2027, 1, 1)}):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(RoleOnRun(run=of.run, person=make.person(), **wrong))
            db.session.flush()
