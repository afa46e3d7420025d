"""The drill of `bench/reminders.py` in short: nothing is lost where workers are killed and the server hangs up."""

from dataclasses import replace

import pytest

from bench.reminders import Found, Size, drill, lines
from bench.sink import Sink
from placements.db import db
from tests.databases import Copy

pytestmark = pytest.mark.long

SHORT = Size(mails=200, kills=10, workers=2, seconds=180)


def drilled(copy: Copy, size: Size, *, is_careless: bool = False) -> Found:
    settings = replace(copy.settings, smtp_host="127.0.0.1", smtp_use_tls=False)
    try:
        return drill(copy.app, settings, size, is_careless=is_careless)
    finally:
        with copy.app.app_context():
            db.session.remove()


def test_nothing_is_lost_and_what_comes_twice_is_known_as_the_same(fresh_database: Copy) -> None:
    found = drilled(fresh_database, SHORT)
    assert (found.kills, found.is_over) == (10, True)
    assert found.sink.dropped_before > 0
    assert found.sink.dropped_after > 0
    assert found.lost == found.renamed == 0
    assert found.extra <= found.kills + found.sink.dropped_after


def test_what_nobody_disturbs_comes_once(fresh_database: Copy) -> None:
    found = drilled(fresh_database, replace(SHORT, kills=0, drops=0, lease=120))
    assert (found.is_over, found.lost, found.extra, found.sink.total) == (True, 0, 0, 200)


def test_marking_before_sending_loses_some(fresh_database: Copy) -> None:
    """The control: the order that delivery does not use. The server alone hangs up, so that chance has no say."""
    found = drilled(fresh_database, replace(SHORT, kills=0), is_careless=True)
    assert found.is_over
    assert found.lost == found.sink.dropped_before > 0


def found(mails: int, *taken: bytes, kills: int = 0, after: int = 0, is_over: bool = True) -> Found:
    """What came of a drill: each mail taken by its Message-ID and recipient, a letter each."""
    sink = Sink(dropped_after=after)
    for each in taken:
        sink.taken[each[:1], each[1:]] += 1
    return Found(Size(mails=mails, kills=kills), kills, sink, is_over)


WELL, LOST = found(2, b"1a", b"2b"), found(2, b"1a")


@pytest.mark.pure
@pytest.mark.parametrize(
    ("under_fire", "clean", "careless", "missed"),
    [
        (WELL, WELL, LOST, []),
        (found(2, b"1a", b"1a", b"2b", after=1), WELL, LOST, []),
        (LOST, WELL, LOST, ["lost"]),
        (found(2, b"1a", b"1a", b"2b"), WELL, LOST, ["extra copies"]),
        (found(2, b"1a", b"3a", b"2b"), WELL, LOST, ["copies with another Message-ID"]),
        (replace(WELL, size=Size(mails=2, kills=1)), WELL, LOST, ["workers killed"]),
        (replace(WELL, is_over=False), WELL, LOST, ["nothing is left"]),
        (WELL, LOST, LOST, ["clean: lost"]),
        (WELL, found(2, b"1a", b"1a", b"2b"), LOST, ["clean: extra copies"]),
        (WELL, WELL, WELL, ["control, marked before it is sent: lost"]),
    ],
    ids=[
        "well",
        "one more, known",
        "lost",
        "extra",
        "renamed",
        "few kills",
        "left",
        "clean lost",
        "clean extra",
        "control",
    ],
)
def test_each_goal_of_the_drill_can_be_missed(
    under_fire: Found, clean: Found, careless: Found, missed: list[str]
) -> None:
    assert [line.measure for line in lines(under_fire, clean, careless) if line.is_met is False] == missed
