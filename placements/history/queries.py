"""A thing's timeline: only the rows that its reader may see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from placements.core.clock import say_when
from placements.core.policy import Abilities, Principal
from placements.db import db
from placements.history.models import History

MOST = 50
AT_ONCE = 10  # rows that one line of `lately` may stand for


@dataclass(frozen=True)
class Happening:
    """One line of a timeline."""

    at: datetime
    who: str
    verb: str
    reason: str | None
    about: str = ""  # whom or what, where the page does not say it
    things: tuple[tuple[str, int], ...] = ()  # the kind and key of what it happened to; several where one act did

    @property
    def sentence(self) -> str:
        """“Published”, “Asked for changes: say which day”."""
        said = self.verb[:1].upper() + self.verb[1:]
        return f"{said}: {self.reason}" if self.reason else said

    @property
    def at_said(self) -> str:
        """When, as people say it."""
        return say_when(self.at)

    @property
    def iso(self) -> str:
        """When, for machines."""
        return self.at.isoformat()


def timeline(
    thing: Any, who: Principal, now: datetime, abilities: Abilities, *, most: int = MOST, also: Iterable[int] = ()
) -> list[Happening]:
    """What happened to `thing`, newest first, as far as `who` may know. One query.

    Asks only the abilities that its own rows name: those of other kinds of things are not made for it. `also` are the
    keys of others of its kind that became one with it.
    """
    rows = db.session.scalars(
        select(History)
        .where(History.about_kind == thing.__tablename__, History.about_id.in_((thing.id, *also)))
        .options(joinedload(History.actor))
        .order_by(History.id.desc())
    ).all()
    named = {row.ability for row in rows} & abilities.keys()
    held = {None, *(name for name in named if name and abilities[name](who, thing, now))}
    return _told([row for row in rows if row.ability in held][:most])


def lately(who: Principal, most: int) -> list[Happening]:
    """What this person did, and what was done that concerns them and is theirs to know, newest first. One query.

    What they did to several people in one go is one line.
    """
    rows = db.session.scalars(_lately(who.person_id, most * AT_ONCE))
    lines = [list(line) for _, line in groupby(rows, key=lambda row: (row.verb, row.actor_id, row.at, row.reason))]
    return [
        replace(
            _told(line)[0],
            about=all_of(row.person.name for row in line if row.person and row.person_id != who.person_id),
            things=tuple((row.about_kind, row.about_id) for row in line),
        )
        for line in lines[:most]
    ]


@lru_cache(maxsize=256)  # slower to put together than to answer
def _lately(person_id: int | None, most: int) -> Select[History]:
    concerns = and_(History.person_id == person_id, History.ability.is_(None))
    rows = select(History).where(or_(History.actor_id == person_id, concerns))
    return rows.options(joinedload(History.actor), joinedload(History.person)).order_by(History.id.desc()).limit(most)


def all_of(names: Iterable[str]) -> str:
    """“Ada”, “Ada and 2 more”: the first of these names, each counted once."""
    first, *more = [*dict.fromkeys(names)] or [""]
    return f"{first} and {len(more)} more" if more else first


def _told(rows: Iterable[History]) -> list[Happening]:
    return [Happening(row.at, row.actor.name if row.actor else "Placements", row.verb, row.reason) for row in rows]
