"""A thing's timeline: only the rows that its reader may see."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from placements.core.policy import Abilities, Principal
from placements.db import db
from placements.history.models import History

MOST = 50


@dataclass(frozen=True)
class Happening:
    """One line of a timeline."""

    at: datetime
    who: str
    verb: str
    reason: str | None


def timeline(thing: Any, who: Principal, now: datetime, abilities: Abilities, most: int = MOST) -> list[Happening]:
    """What happened to `thing`, newest first, as far as `who` may know. One query."""
    rows = db.session.scalars(
        select(History)
        .where(History.about_kind == thing.__tablename__, History.about_id == thing.id)
        .where(or_(History.ability.is_(None), History.ability.in_(_held(who, thing, now, abilities))))
        .options(joinedload(History.actor))
        .order_by(History.id.desc())
        .limit(most)
    )
    return [Happening(row.at, row.actor.name if row.actor else "Placements", row.verb, row.reason) for row in rows]


def _held(who: Principal, thing: Any, now: datetime, abilities: Abilities) -> list[str]:
    area = f"{type(thing).__module__.split('.')[1]}."
    return [name for name, ability in abilities.items() if name.startswith(area) and ability(who, thing, now)]
