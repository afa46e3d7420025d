"""The demonstration's two years, played through the real actions up to a moment of the second."""

import random
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnDefault, event, update

from placements.assessment.collecting import collect
from placements.assessment.models import LETTERS
from placements.board.releasing import release_due
from placements.bulletins.sending import send_due
from placements.clearance.actions import ask_keepers
from placements.confirming.actions import ask_supervisors
from placements.confirming.completing import complete_due
from placements.core.clock import in_london, machine_now, today
from placements.db import Base, begin_to_write, db
from placements.demo import (
    agreeing,
    allowing,
    boards,
    choosing,
    coming,
    gates,
    giving_feedback,
    hosts,
    keeping_log,
    marking,
    matching,
    opening,
    posting,
    reading_logs,
    results,
    tidying,
    troubles,
    two_markers,
    watching,
    worries,
    writing,
)
from placements.demo.names import people
from placements.demo.placed import days_between
from placements.demo.stage import Beat, Season
from placements.double_marking.actions import compare_due
from placements.enquiries.receiving import lapse_unconfirmed
from placements.feedback.actions import ask_due
from placements.mail.actions import remind
from placements.mail.models import Notification
from placements.offers.actions import lapse_due
from placements.placing.actions import start_due
from placements.placing.stopping import stop_and_go
from placements.rounds.models import Round
from placements.story import Demonstration
from placements.watch.actions import keep
from placements.watch.looking import look

DEFAULT_AT = in_london(date(2027, 2, 17), time(10))
SEED = 2026
FIRST_DAY = date(2025, 6, 2)
RECENT = timedelta(days=7)  # what the mailbox holds
LATELY = timedelta(hours=2)  # before its end, the story has mail come back

Chapter = Callable[[Season], Iterator[Beat]]
CHAPTERS: tuple[tuple[str, Chapter], ...] = (
    ("staff, runs and enrolments", opening.chapter),
    ("organisations and their challenges", hosts.chapter),
    ("enquiries of this winter", coming.chapter),
    ("students choose", choosing.chapter),
    ("the round, its offers, and places by hand", matching.chapter),
    ("what does not go to plan", troubles.chapter),
    ("Challenge Agreements", agreeing.chapter),
    ("the university's own checks", gates.chapter),
    ("a worry", worries.chapter),
    ("logbooks", keeping_log.chapter),
    ("logbooks confirmed, read and graded", reading_logs.chapter),
    ("what supervisors say", giving_feedback.chapter),
    ("what tutors did about early warnings", watching.chapter),
    ("what is allowed a student", allowing.chapter),
    ("work handed in and marked", marking.chapter),
    ("work marked by two", two_markers.chapter),
    ("moderation, release and the board", boards.chapter),
    ("what came of it", results.chapter),
    ("messages to many", writing.chapter),
    ("mail said a run’s own way, and muted", posting.chapter),
    ("housekeeping", tidying.chapter),
)


def seasons(seed: int) -> list[Season]:
    """The finished year and the one that goes on. The same seed tells the same story."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    names = people(chance)
    return [
        Season(2025, {"WL6W50": 24}, range(16), range(20), chance, names),
        Season(2026, {"WL6W50": 70, "WL5W50": 50}, range(16, 60), range(90), chance, names),
    ]


def beats_of(seed: int) -> list[Beat]:
    """All that happens, in order. Each chapter has a chance of its own: what one draws changes no other."""
    beats: list[Beat] = []
    for season in seasons(seed):
        for title, chapter in CHAPTERS:
            own = random.Random(f"{seed} {season.year} {title}")  # noqa: S311 - a story, not a secret
            beats += chapter(replace(season, chance=own))
    return sorted(beats, key=lambda beat: beat.at)


@contextmanager
def drawing_from(seed: int) -> Iterator[None]:
    """Meanwhile the seed draws what is otherwise a secret, so that the story repeats: public ids, scripts, seeds."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    drawn = {"public_id": 12, "script": 5}  # names of columns, and how long what stands in them is
    columns = [table.c[name] for table in Base.metadata.tables.values() for name in drawn if name in table.c]
    lengths = {each.default: drawn[each.name] for each in columns if isinstance(each.default, ColumnDefault)}
    defaults = {default: default.arg for default in lengths}

    def draw(length: int) -> Callable[[Any], str]:
        letters = LETTERS if length == 5 else string.ascii_letters + string.digits
        return lambda _context: "".join(chance.choices(letters, k=length))

    def draw_seed(_mapper: Any, _connection: Any, opened: Round) -> None:
        opened.seed = f"{chance.getrandbits(64):016x}"

    event.listen(Round, "before_insert", draw_seed)
    for default, length in lengths.items():
        default.arg = draw(length)
    try:
        yield
    finally:
        event.remove(Round, "before_insert", draw_seed)
        for default, usual in defaults.items():
            default.arg = usual


def play(until: datetime, seed: int = SEED, say: Callable[[str], None] = lambda line: None) -> None:
    """Play every beat up to `until` (UTC) into the current, migrated, empty database, and mark it a demonstration."""
    with drawing_from(seed):
        _play(until, seed, say)
    offset = round((until - machine_now()).total_seconds())
    db.session.add(Demonstration(offset_seconds=offset, seed=seed, made_at=machine_now()))
    db.session.commit()


def _play(until: datetime, seed: int, say: Callable[[str], None]) -> None:
    month = ""
    for beat in sorted([*_worker(until), *beats_of(seed)], key=lambda beat: beat.at):
        if beat.at > until:
            break
        if f"{beat.at:%B %Y}" != month:
            month = f"{beat.at:%B %Y}"
            say(month)
        begin_to_write()
        beat.play(beat.at)
        db.session.commit()


def _worker(until: datetime) -> Iterator[Beat]:
    """What the worker does each minute, played by the week, and by the day in the last one."""
    yield Beat(until - RECENT, _forget_mail)
    for day in days_between(FIRST_DAY, today(until)):
        at = in_london(day, time(9, 5))
        is_recent = at > until - RECENT
        if day.weekday() == 0 or is_recent:
            yield Beat(at, _let_time_pass)
        if is_recent:
            is_yesterday = day == today(until) - timedelta(days=1)
            yield Beat(at, _deliver_all_but_one if is_yesterday else _deliver)
    yield Beat(until - LATELY, posting.come_back)
    yield Beat(until, _let_time_pass)
    yield Beat(until, _deliver)


def _forget_mail(now: datetime) -> None:
    """Nobody reads mail as old as what is due now, and writing it would take as long as all the rest of the story."""
    remind(now)
    waits = update(Notification).where(Notification.message_id.is_(None), Notification.due_at <= now)
    db.session.execute(waits.values(dropped_at=now))


def _let_time_pass(now: datetime) -> None:
    placed = (lapse_due, ask_keepers, start_due, stop_and_go, complete_due)
    for due in (*placed, collect, compare_due, release_due, lapse_unconfirmed):
        due(now)
    ask_supervisors(now=now)
    ask_due(now=now)
    db.session.flush()
    keep(look(now), now=now)


def _deliver(now: datetime, send: Callable[[datetime], None] = posting.deliver_all) -> None:
    remind(now)
    db.session.commit()
    send_due(now)
    send(now)
    send_due(now)


def _deliver_all_but_one(now: datetime) -> None:
    _deliver(now, posting.deliver_all_but_one)
