"""The demonstration's year: who does what, and when, played through the real actions."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from placements.core.clock import in_london, machine_now
from placements.db import db
from placements.demo.cast import hire
from placements.mail.delivery import deliver
from placements.mail.transports import MailboxTransport
from placements.story import Demonstration

DEFAULT_AT = in_london(date(2027, 2, 17), time(10))
SEED = 2026

Play = Callable[[datetime, random.Random], None]


@dataclass(frozen=True)
class Beat:
    """One thing that happens: when, in words, and the play of it."""

    at: datetime
    what: str
    play: Play


def beats() -> list[Beat]:
    """The whole year, in order."""
    return sorted(
        [Beat(in_london(date(2026, 6, 1), time(9)), "the staff are given their accounts", lambda now, _: hire(now))],
        key=lambda beat: beat.at,
    )


def play(until: datetime, seed: int = SEED, say: Callable[[str], None] = lambda line: None) -> None:
    """Play every beat up to `until` (UTC) into the current, migrated, empty database, and mark it a demonstration."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    for beat in beats():
        if beat.at > until:
            break
        say(beat.what)
        beat.play(beat.at, chance)
        db.session.commit()
        deliver(MailboxTransport(), beat.at, machine_now())
    offset = round((until - machine_now()).total_seconds())
    db.session.add(Demonstration(offset_seconds=offset, seed=seed, made_at=machine_now()))
    db.session.commit()
