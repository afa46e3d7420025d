"""Who writes next on SQLite: threads and processes wait for their turn, instead of asking at the wrong moment."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaits
from pathlib import Path
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from placements.db import BEGIN_TO_WRITE, begin_to_write, db
from placements.turns import Turns
from tests.databases import Copy

pytestmark = pytest.mark.pure  # on PostgreSQL there are none


def wait_for_nothing() -> None:
    """From now on new connections refuse at once where they would wait for a lock."""
    db.engine.dispose()
    event.listen(db.engine, "connect", lambda made, _: made.execute("PRAGMA busy_timeout = 0").close())


def write_together(copy: Copy, writers: int) -> list[str]:
    """What so many are told who begin to write at once, on a database that itself waits for nobody."""
    ready = Barrier(writers)

    def act(_: int) -> str:
        with copy.app.app_context():
            ready.wait(20)
            try:
                begin_to_write()
                sleep(0.02)
                db.session.commit()
            except OperationalError as error:
                return str(error.orig)
        return "written"

    with copy.app.app_context():
        wait_for_nothing()
    with ThreadPoolExecutor(writers) as pool:
        return sorted(set(pool.map(act, range(writers))))


def test_whoever_begins_to_write_waits_for_their_turn(fresh_database: Copy) -> None:
    assert write_together(fresh_database, 8) == ["written"]


def test_without_turns_the_database_refuses_who_comes_at_the_wrong_moment(fresh_database: Copy) -> None:
    """The negative control."""
    fresh_database.app.extensions["placements.turns"] = None
    assert "database is locked" in write_together(fresh_database, 8)


def test_a_turn_ends_with_the_transaction_however_it_ends(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        wait_for_nothing()
        turns = fresh_database.app.extensions["placements.turns"]
        for end in (db.session.commit, db.session.rollback, db.session.close, begin_to_write, db.session.remove):
            begin_to_write()
            assert turns.take(0.01) is None
            end()
        with db.engine.connect().execution_options(**BEGIN_TO_WRITE) as other, other.begin():
            with pytest.raises(OperationalError, match="locked"):
                begin_to_write()
            db.session.rollback()
        turns.take(0.01).end()


def test_processes_take_turns_too(tmp_path: Path) -> None:
    """Each has turns of its own over the same file; whoever dies with one lets go of it."""
    path, ours = tmp_path / "turn", Turns(tmp_path / "turn")
    words = (
        "from pathlib import Path; import sys; from placements.turns import Turns; "
        f"turn = Turns(Path({str(path)!r})).take(); print('mine', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as theirs:
        assert theirs.stdout is not None
        assert theirs.stdout.readline() == b"mine\n"
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(ours.take)
            with pytest.raises(StillWaits):
                waiting.result(0.2)
            theirs.kill()
            turn = waiting.result(20)
    assert turn is not None
    turn.end()
