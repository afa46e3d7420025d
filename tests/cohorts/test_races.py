"""Two who press at the same moment: a roster is applied once, and a run keeps a leader."""

from collections.abc import Callable
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.attributes import set_committed_value

from placements.cohorts import actions, enrolling
from placements.cohorts.imports import look
from placements.cohorts.models import Enrolment, RoleOnRun, RosterImport, RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import keep_sheet
from placements.history.models import History
from tests import factories as make
from tests.cohorts.enrolment_files import file, line
from tests.cohorts.people import Cohort, cohort, principal
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until


def uploaded(copy: Copy) -> Callable[[], None]:
    """A file of one student, and pressing the button that imports it."""
    with copy.app.app_context():
        leader = principal(cohort().leader)
        upload = keep_sheet(enrolling.read_upload("a.csv", file(line())), actor=leader, now=NOW)
        key, seen = upload.id, look(upload, leader).fingerprint
        db.session.commit()

    def press() -> None:
        again = db.session.get_one(RosterImport, key)
        enrolling.apply_roster(again, fingerprint=seen, leaves_out_errors=False, actor=leader, now=NOW)

    return press


def test_a_roster_applied_twice_at_once_is_applied_once(fresh_database: Copy) -> None:
    press = uploaded(fresh_database)
    assert at_once(fresh_database, press, press) == [None, None]
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Enrolment)) == 1
        imported = select(func.count()).select_from(History).where(History.verb == "imported")
        assert db.session.scalar(imported) == 1


def test_a_roster_that_nobody_holds_is_applied_by_both(fresh_database: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both have read that it is not applied yet, and the second fails."""
    all_have_read, press = Barrier(2), uploaded(fresh_database)

    def read_and_let_go(upload: RosterImport) -> None:
        let_go_until(all_have_read)
        db.session.refresh(upload)
        set_committed_value(upload, "applied_at", None)

    monkeypatch.setattr(enrolling, "_hold", read_and_let_go)
    assert at_once(fresh_database, press, press).count(None) == 1


def leaders_left(copy: Copy) -> int:
    """How many of two leaders are left when both are removed at once."""
    with copy.app.app_context():
        made: Cohort = cohort()
        make.run_role(RunRole.LEADER, make.person(), made.run)
        keys = list(db.session.scalars(select(RoleOnRun.id).filter_by(role=RunRole.LEADER)))
        db.session.commit()

    def remove(number: int) -> None:
        actions.remove_role(db.session.get_one(RoleOnRun, keys[number]), actor=Principal(None), now=NOW)

    at_once(copy, partial(remove, 0), partial(remove, 1))
    with copy.app.app_context():
        return db.session.scalar(select(func.count()).select_from(RoleOnRun).filter_by(role=RunRole.LEADER)) or 0


def test_of_two_leaders_removed_at_once_one_stays(fresh_database: Copy) -> None:
    assert leaders_left(fresh_database) == 1


def test_leaders_counted_before_the_run_is_held_may_all_go(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: each has counted, in a transaction that ended, that the other stays."""
    all_have_counted, count = Barrier(2), actions.team_of

    def count_and_let_go(run: Any) -> list[RoleOnRun]:
        own = {each for each in db.session if isinstance(each, RoleOnRun)}
        team = count(run)
        for each in set(team) - own:
            db.session.expunge(each)  # it stays as it was read
        let_go_until(all_have_counted)
        return team

    monkeypatch.setattr(actions, "team_of", count_and_let_go)
    assert leaders_left(fresh_database) == 0
