"""Writing down what was done, in the transaction that did it; and who read what is sensitive."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.history.models import History, Read, SensitiveRead


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


def add_reads(*read: Read, actor: Principal, now: datetime) -> None:
    """Add a row for each sensitive thing that `actor` reads, in the present transaction."""
    for kind, key, field in read:
        said = {"about_kind": kind, "about_id": key, "field": field}
        db.session.add(SensitiveRead(at=now, reader_id=actor.person_id, **said))


def note_reads(*read: Read, actor: Principal, now: datetime) -> None:
    """The same while a page is shown, in a short transaction of its own: it commits. Nothing is written for nothing."""
    if read:
        begin_to_write()
        add_reads(*read, actor=actor, now=now)
        db.session.commit()
