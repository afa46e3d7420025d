"""Writing down what was done, in the transaction that did it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History


def record(
    verb: str,
    about: Any,
    *,
    actor: Principal,
    now: datetime,
    person_id: int | None = None,
    ability: str | None = None,
    reason: str | None = None,
    fields: Iterable[str] = (),
) -> None:
    """Add a row saying that `actor` `verb` (past tense) the thing `about`; it needs its key, so it is flushed if new.

    `person_id`: whom it concerns. `ability`: what its reader needs beyond seeing the thing. `fields`: names only.
    """
    if about.id is None:
        db.session.flush()
    db.session.add(
        History(
            at=now,
            actor_id=actor.person_id,
            verb=verb,
            about_kind=about.__tablename__,
            about_id=about.id,
            person_id=person_id,
            ability=ability,
            reason=reason or None,
            fields=list(fields),
        )
    )
