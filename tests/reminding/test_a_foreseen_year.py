"""The drill of `bench/year.py` in short: nine days of twelve placements, with a few looks each, and its controls.

It asks a database, and all that it asks is asked on PostgreSQL by other tests: it runs once, on SQLite.
"""

from concurrent.futures import Future
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from bench.days import Mail, Mailbox, differences
from bench.year import Ahead, Few, Found, lines, run_on_paper
from placements import rehearsal
from placements.config import Settings
from placements.core.clock import in_london
from placements.rehearsal import Foreseen
from tests.databases import Copy
from tests.watch.year import FIRST, Failures

pytestmark = pytest.mark.pure

DAY = timedelta(days=1)
FAILURES = Failures(silent={7: 1}, slow={}, never_answers={1: 1}, runs_out={})
FEW = Few(12, in_london(FIRST + 6 * DAY, time(15)), FAILURES, FIRST + 7 * DAY)
SEEN = {  # what has to occur, for the days to prove anything
    "assessment.portfolio_due",
    "attendance.can_come",
    "attendance.your_page",
    "confirming.week_to_confirm",
    "placing.ended",
    "placing.paused",
    "placing.resumed",
}


def mailbox(*, says_everything: bool = False) -> Mailbox:
    return Mailbox(in_london(FIRST - 3 * DAY, time(9)), says_everything=says_everything)


def missed(found: Found) -> list[str]:
    return [line.measure for line in lines(found) if line.is_met is False]


def test_each_of_some_days_is_foreseen(fresh_database: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsal, "LOOKED_AT", [])
    monkeypatch.setattr(rehearsal, "HOURS", [9, 17])
    ahead = Ahead(fresh_database.settings, tmp_path)

    def foresee(copy: Settings, now: datetime, day: date) -> Future[tuple[list[Foreseen], float]]:
        done: Future[tuple[list[Foreseen], float]] = Future()
        done.set_result((ahead.foresee(copy, now, day), 0))
        return done

    found = run_on_paper((fresh_database.app, fresh_database.settings), mailbox(), foresee, FEW)
    assert missed(found) == []
    assert found.played.refused == []
    assert found.previews == found.days == 9
    assert set(found.mailbox.notices) >= SEEN


def test_were_everything_said_that_is_queued_the_oracle_would_find_what_is_finished(fresh_database: Copy) -> None:
    site, few = (fresh_database.app, fresh_database.settings), replace(FEW, until=FIRST + DAY)
    found = run_on_paper(site, mailbox(says_everything=True), None, few)
    assert {line.split()[2] for line in found.mailbox.finished} == {"attendance.cannot_come"}


def mail(at: str, to: int, *notices: str) -> Mail:
    return Mail(at, to, frozenset((notice, 1, "then") for notice in notices))


@pytest.mark.parametrize(
    ("sent", "differ"),
    [
        ([mail("09:10", 1, "a", "b")], 0),
        ([mail("09:11", 1, "a", "b")], 2),
        ([mail("09:10", 2, "a", "b")], 2),
        ([mail("09:10", 1, "a")], 2),
        ([mail("09:10", 1, "a"), mail("09:10", 1, "b")], 3),
        ([mail("09:10", 1, "a", "b"), mail("09:10", 2, "a")], 1),
        ([], 1),
    ],
    ids=["the same", "later", "to another", "less", "apart", "one more", "none"],
)
def test_whatever_differs_is_told(sent: list[Mail], differ: int) -> None:
    assert len(differences({mail("09:10", 1, "a", "b")}, set(sent))) == differ
