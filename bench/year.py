"""A drill: of each day of a year is foreseen what will be said, and then the day comes. Run by hand; minutes.

    .venv/bin/python -m bench.year
    .venv/bin/python -m bench.year --students 60 --since 2026-10-26 --until 2026-12-12          quicker
    .venv/bin/python -m bench.year --every-look          each hour of each day too: three times as long
    scripts/postgres .venv/bin/python -m bench.year --database postgresql

Placements on paper (`bench/lived.py`) and a story that is played through the areas' own verbs live through a year. Each
evening, after people have acted, a copy of the database is run ahead (`rehearsal.py`), weekends and holidays too. Then
the next day comes: the worker's own list of jobs at the worker's own moments, with its clock moved and nothing else
changed. Where people act in the day, what was foreseen holds until then, and the rest of the day is foreseen anew from
there: what they do in between is no fault of the preview.

What was foreseen and what was sent are compared mail by mail: to whom, in which minute, what about, what for. What is
told because the worker looked just then bears the moment of looking, which is left out. A look costs a fifth of a
second, so both look only round the mails of a day and in the evening, unless told to look each hour.

As each mail leaves, an oracle (`bench/finished.py`) that knows nothing of the notices' own conditions asks whether any
of it is of something finished. It is asked of what was kept back, too: were everything said that is queued, that would
have gone out.
"""

import argparse
import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.days import MAILS, Acts, Ahead, Foresee, Found, Life, Mailbox, Site, some_looks
from bench.links import outbox
from bench.lived import BEGINS, ELSEWHEN, ENDS, EVENING, Lives, acted_at, story_of
from bench.measure import Line, table
from placements import rehearsal
from placements.config import Settings
from placements.core.clock import in_london, today
from placements.demo.placed import days_between
from placements.demo.stage import Beat
from placements.demo.story import SEED, drawing_from
from placements.rehearsal import Foreseen
from tests.watch.year import FIRST, WEEK, Failures

DAY = timedelta(days=1)
SHOWN = 12  # differences at most
ARRIVES = FIRST - 3 * WEEK  # when the placements on paper are there
FEW_LOOKS = [time(8, 59), time(9, 10), time(17, 10)]


@dataclass(frozen=True)
class Few:
    """A few placements on paper."""

    students: int
    due_at: datetime
    failures: Failures
    until: date


AHEAD: list[Ahead] = []  # of a process of its own


def _begin(settings: Settings, folder: Path, looks_each_hour: bool) -> None:
    logging.disable(logging.INFO)
    if not looks_each_hour:
        rehearsal.LOOKED_AT = range(0)
    folder = folder / f"{os.getpid()}"
    folder.mkdir()
    AHEAD.append(Ahead(settings, folder))
    let_rubbish_lie()


def let_rubbish_lie() -> None:
    """Statements are put together from many small things: looking for rubbish among all of them takes a fifth."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _foresee(copy: Settings, now: datetime, day: date) -> tuple[list[Foreseen], float]:
    began = perf_counter()
    return AHEAD[0].foresee(copy, now, day), perf_counter() - began


def at_percent(counts: Sequence[int], percent: int) -> int:
    """The smallest number that so many percent of the counts do not exceed."""
    return sorted(counts)[-(-len(counts) * percent // 100) - 1]


def lines(found: Found) -> list[Line]:
    """What was found beside what may be."""
    box = found.mailbox
    counts = list(box.weeks.values()) or [0]
    twice = sum(count > 1 for each in (box.mails, box.things) for count in each.values())
    digests = sum(count > 1 for count in box.days.values())
    unruled = box.oracle.unknown
    half, most = at_percent(counts, 50), at_percent(counts, 99)
    return [
        Line("days, and previews", f"{found.days}, {found.previews}"),
        Line("mails sent, things said", f"{sum(box.mails.values()):,}, {sum(box.things.values()):,}"),
        Line("notices that occurred", f"{len(box.notices)}"),
        Line("done by people, and refused them", f"{found.played.done:,}, {len(found.played.refused)}"),
        Line("mails foreseen", f"{found.foreseen:,}", "≥ 1", found.foreseen > 0),
        Line("mails that differ", f"{len(found.differences):,}", "0", not found.differences),
        Line("told twice", f"{twice}", "0", twice == 0),
        Line("two mails of one day", f"{digests}", "0", digests == 0),
        Line("of finished things", f"{len(box.finished)}", "0", not box.finished),
        Line("notices without a rule", f"{len(unruled)}", "0", not unruled),
        Line(
            "control: finished among what was kept back", f"{box.kept_back} of {box.unsaid}", "≥ 1", box.kept_back > 0
        ),
        Line("mails a week, median", f"{half}", "≤ 2", half <= 2),
        Line("mails a week, 99th percentile", f"{most}", "≤ 5", most <= 5),
    ]


@contextmanager
def other_processes(settings: Settings, folder: Path, looks_each_hour: bool) -> Iterator[Foresee]:
    """Others foresee, while the days go on here."""
    with ProcessPoolExecutor(2, get_context("spawn"), _begin, (settings, folder, looks_each_hour)) as pool:
        yield lambda copy, now, day: pool.submit(_foresee, copy, now, day)


@dataclass(frozen=True)
class Span:
    """How much of the year, and how closely it is looked at."""

    students: int = 300
    since: date = BEGINS
    until: date = ENDS
    looks_each_hour: bool = False


def run(span: Span, database: str) -> Found:
    """The year on paper and the story beside it."""
    with TemporaryDirectory(prefix="placements-ahead-") as folder, outbox(database) as (app, settings):
        first, arrives_on = in_london(span.since, EVENING), max(span.since, ARRIVES)
        with app.app_context(), drawing_from(SEED):
            beats = story_of(first)
        mailbox, lives = Mailbox(first), list[Lives]()

        def arrive(_now: datetime) -> None:
            lives.append(Lives(span.students, ELSEWHEN, in_london(date(2027, 5, 12), time(15))))

        ahead = other_processes(settings, Path(folder), span.looks_each_hour)
        with mailbox.patched(), drawing_from(SEED), ahead as foresee:
            let_rubbish_lie()
            life = Life((app, settings), mailbox, foresee, some_looks if span.looks_each_hour else lambda _: MAILS)
            for day in days_between(span.since, span.until):
                life.day(day, [*acts_of(beats, day, first), *on_paper(lives, arrive, day, arrives_on)])
            return life.finish(in_london(span.until + DAY, time()))


def acts_of(beats: Sequence[Beat], day: date, since: datetime) -> Acts:
    """What the story has people do that day."""
    return [(at, beat.play) for beat in beats if beat.at > since and today(at := acted_at(beat.at)) == day]


def on_paper(lives: list[Lives], arrive: Callable[[datetime], None], day: date, arrives_on: date) -> Acts:
    """What those do that are placed on paper: nothing before they are there."""
    evening = in_london(day, EVENING)
    if day == arrives_on:
        return [(evening, arrive)]
    return [(evening, lambda now: lives[0].act(day, now))] if day > arrives_on else []


def run_on_paper(site: Site, mailbox: Mailbox, foresee: Foresee | None, few: Few) -> Found:
    """Some days of a few placements on paper alone, with few looks each; without `foresee` nothing is foreseen."""
    lives, first = list[Lives](), FIRST - DAY

    def arrive(_now: datetime) -> None:
        lives.append(Lives(few.students, ELSEWHEN, few.due_at, few.failures))

    with mailbox.patched():
        life = Life(site, mailbox, foresee, lambda _: FEW_LOOKS)
        for day in days_between(first, few.until):
            life.day(day, on_paper(lives, arrive, day, first))
        return life.finish(in_london(few.until + DAY, time()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--students", type=int, default=Span.students)
    parser.add_argument("--since", type=date.fromisoformat, default=Span.since)
    parser.add_argument("--until", type=date.fromisoformat, default=Span.until)
    parser.add_argument("--every-look", action="store_true")
    given = parser.parse_args()
    logging.disable(logging.INFO)  # what migrations tell
    began = perf_counter()
    found = run(Span(given.students, given.since, given.until, given.every_look), given.database)
    said = [*lines(found), Line("minutes", f"{(perf_counter() - began) / 60:.1f}")]
    for title, each in (("differ", found.differences), ("of finished things", found.mailbox.finished)):
        if each:
            print(f"{title}, the first of {len(each)}:", *each[:SHOWN], sep="\n  ")
    print(table(said))
    sys.exit(any(line.is_met is False for line in said))


if __name__ == "__main__":
    main()
