"""Making case files: once, by the worker, for who may still read them; killed halfway, it is made the next time."""

import os
import signal
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.accounts.models import Account
from placements.cases import making
from placements.cases.actions import ask, delete_due
from placements.cases.making import make_due
from placements.cases.models import CaseExport
from placements.cases.workflow import ExportState
from placements.cohorts.models import Enrolment, RoleOnRun, RunRole
from placements.config import ROOT
from placements.db import begin_to_write, db
from placements.files.actions import sweep
from placements.files.models import StoredFile
from placements.files.store import store
from placements.history.models import History, SensitiveRead
from tests import factories as make
from tests.assessment.scene import seeded
from tests.cases.scene import Year, asked, made, year, zip_of
from tests.databases import Copy
from tests.factories import DAY, NOW
from tests.races import at_once


@pytest.fixture
def case(session: Any) -> Year:
    return year()


def reads() -> set[tuple[str, str]]:
    """What is written down as read by the leader."""
    return {(kind, field) for kind, field in db.session.execute(select(SensitiveRead.about_kind, SensitiveRead.field))}


def said() -> list[str]:
    """What history says of case files."""
    found = select(History.verb).where(History.ability == "cases.student").order_by(History.id)
    return list(db.session.scalars(found))


def test_it_is_made_once_and_kept_for_a_year(case: Year) -> None:
    export = made(case)
    assert (export.made_at, export.kept_until) == (NOW, date(2027, 10, 20))
    assert export.file is not None
    assert (export.file.name, export.file.media_type) == ("Case of 26120000, 2026-10-20.zip", "application/zip")
    assert (export.size, export.file.uploaded_by_id) == (len(zip_of(export)), None)
    assert make_due(NOW + DAY) == 0
    assert said() == ["asked for the case file", "made the case file"]


def test_all_that_is_sensitive_in_it_is_written_down_as_read(case: Year) -> None:
    asked(case)
    assert reads() == {("case_export", "file")}
    make_due(NOW)
    assert reads() == {
        ("case_export", "file"),
        ("concern", "words"),
        ("extension", "reference"),
        ("hand_in", "file"),
        ("mitigation", "reference"),
        ("placement", "reflection"),
        ("withholding", "reason"),
    }
    readers = db.session.scalars(select(SensitiveRead.reader_id)).all()
    assert set(readers) == {case.of.leader.person_id}


def test_asked_again_before_it_is_made_it_is_one(case: Year) -> None:
    first, second = asked(case), asked(case, "Once more")
    assert (first.id, first.reason) == (second.id, "Complaint 2026-117")
    make_due(NOW)
    assert asked(case, "Once more").id != first.id


def test_two_leaders_have_a_file_each(case: Year) -> None:
    other = make.account(make.person())
    make.run_role(RunRole.LEADER, other.person, case.of.run)
    db.session.flush()
    ask(case.enrolment, "An audit", actor=case.of.who(other), now=NOW)
    asked(case)
    assert make_due(NOW) == 2


def test_who_leads_the_run_no_more_gets_none(case: Year) -> None:
    export = asked(case)
    db.session.query(RoleOnRun).filter_by(role=RunRole.LEADER).delete()
    db.session.commit()
    assert make_due(NOW) == 0
    db.session.refresh(export)
    assert (export.state, export.file_id) == (ExportState.STOPPED, None)
    assert said()[-1] == "did not make the case file"


def test_whose_account_is_disabled_gets_none(case: Year) -> None:
    export = asked(case)
    db.session.get_one(Account, case.of.leader.id).active = False
    db.session.commit()
    assert make_due(NOW) == 0
    db.session.refresh(export)
    assert export.state is ExportState.STOPPED


def test_one_that_cannot_be_made_keeps_back_no_other(
    case: Year, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = make.account(make.person())
    make.run_role(RunRole.LEADER, other.person, case.of.run)
    db.session.flush()
    bad, good = asked(case), ask(case.enrolment, "An audit", actor=case.of.who(other), now=NOW)
    db.session.commit()
    real = making.told

    def broken(export: CaseExport, *rest: Any) -> Any:
        if export.id == bad.id:
            raise ValueError
        return real(export, *rest)

    monkeypatch.setattr(making, "told", broken)
    assert make_due(NOW) == 1
    assert f"the case file {bad.id} could not be made" in caplog.text
    db.session.refresh(good)
    assert good.state is ExportState.MADE
    monkeypatch.undo()
    assert make_due(NOW) == 1


# After its year


def deleted(now: Any) -> int:
    begin_to_write()
    count = delete_due(now)
    db.session.commit()
    return count


def test_after_its_year_the_file_goes_and_its_record_stays(case: Year) -> None:
    export = made(case)
    path = store().path(export.sha256 or "")
    last = NOW + 365 * DAY
    assert (deleted(last), deleted(last + DAY), deleted(last + DAY)) == (0, 1, 0)
    db.session.refresh(export)
    assert (export.state, export.file_id) == (ExportState.DELETED, None)
    assert (export.reason, len(export.sha256 or "")) == ("Complaint 2026-117", 64)
    assert said()[-1] == "deleted the case file"
    assert db.session.scalar(select(func.count(StoredFile.id)).where(StoredFile.sha256 == export.sha256)) == 0
    os.utime(path, (0, 0))
    sweep(NOW)
    assert not path.exists()


# Together, and cut off


def test_asked_twice_at_once_one_is_made(fresh_database: Copy) -> None:
    of: Year = seeded(fresh_database.app, year)
    with fresh_database.app.app_context():
        who = of.of.who(of.of.leader)

    def press() -> None:
        ask(db.session.get_one(Enrolment, of.enrolment.id), "Complaint", actor=who, now=NOW)

    assert at_once(fresh_database, press, press, press) == [None, None, None]
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(CaseExport.id))) == 1
        assert said() == ["asked for the case file"]


def test_the_database_itself_lets_only_one_wait(case: Year) -> None:
    """What holds where two get past the first look at once."""
    asked(case)
    twin = CaseExport(enrolment=case.enrolment, asked_by_id=case.of.leader.person_id, asked_at=NOW, reason="Again")
    db.session.add(twin)
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_two_workers_keep_one(fresh_database: Copy) -> None:
    of: Year = seeded(fresh_database.app, year)
    with fresh_database.app.app_context():
        export = making.whole(asked(of).id)
        who = of.of.who(of.of.leader)
        zipped, read = making._written(export, who, NOW)
        db.session.rollback()

    def keep() -> None:
        making._keep(1, zipped, read, who, NOW)

    assert at_once(fresh_database, keep, keep) == [None, None]
    with fresh_database.app.app_context():
        assert said() == ["asked for the case file", "made the case file"]
        assert db.session.scalar(select(func.count(StoredFile.id)).where(StoredFile.sha256 == zipped.sha256)) == 1


@pytest.mark.long
def test_a_worker_killed_before_it_keeps_the_file_leaves_it_to_the_next(fresh_database: Copy) -> None:
    of: Year = seeded(fresh_database.app, year)
    with fresh_database.app.app_context():
        asked(of)
        db.session.remove()
    environment = fresh_database.environment | {"PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "tests.cases.dying"]
    died = subprocess.run(words, cwd=ROOT, env=environment | {"DIE": "yes"}, check=False)
    assert died.returncode == -signal.SIGKILL
    with fresh_database.app.app_context():
        assert states() == [(ExportState.ASKED, None)]
        assert said() == ["asked for the case file"]
    subprocess.run(words, cwd=ROOT, env=environment, check=True)
    with fresh_database.app.app_context():
        assert [state for state, _ in states()] == [ExportState.MADE]


def states() -> list[Any]:
    return [tuple(row) for row in db.session.execute(select(CaseExport.state, CaseExport.file_id))]
