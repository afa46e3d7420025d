"""The demonstration's two years, played through the real actions up to a moment of the second."""

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, time

from placements.core.clock import in_london, machine_now
from placements.db import begin_to_write, db
from placements.demo import choosing, hosts, matching, opening
from placements.demo.names import people
from placements.demo.stage import Beat, Season
from placements.mail.actions import remind
from placements.mail.delivery import Tally, deliver
from placements.mail.transports import MailboxTransport
from placements.story import Demonstration

DEFAULT_AT = in_london(date(2027, 2, 17), time(10))
SEED = 2026

Chapter = Callable[[Season], Iterator[Beat]]
CHAPTERS: tuple[tuple[str, Chapter], ...] = (
    ("staff, runs and enrolments", opening.chapter),
    ("organisations and their challenges", hosts.chapter),
    ("students choose", choosing.chapter),
    ("the round, its offers, and places by hand", matching.chapter),
)


def seasons(seed: int) -> list[Season]:
    """The finished year and the one that goes on. The same seed tells the same story."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    names = people(chance)
    return [
        Season(2025, {"WL6W50": 24}, range(16), range(20), chance, names),
        Season(2026, {"WL6W50": 70, "WL5W50": 50}, range(16, 60), range(90), chance, names),
    ]


def play(until: datetime, seed: int = SEED, say: Callable[[str], None] = lambda line: None) -> None:
    """Play every beat up to `until` (UTC) into the current, migrated, empty database, and mark it a demonstration."""
    beats = [beat for season in seasons(seed) for _, chapter in CHAPTERS for beat in chapter(season)]
    month = ""
    for beat in sorted(beats, key=lambda beat: beat.at):
        if beat.at > until:
            break
        if f"{beat.at:%B %Y}" != month:
            month = f"{beat.at:%B %Y}"
            say(month)
            _post(beat.at)
        begin_to_write()
        beat.play(beat.at)
        db.session.commit()
    _post(until)
    offset = round((until - machine_now()).total_seconds())
    db.session.add(Demonstration(offset_seconds=offset, seed=seed, made_at=machine_now()))
    db.session.commit()


def _post(now: datetime) -> None:
    """What the worker does each minute: remind, then deliver."""
    begin_to_write()
    remind(now)
    db.session.commit()
    while deliver(MailboxTransport(), now, machine_now()) != Tally():
        pass
