"""The verbs of a message to many that people press: begun, its audience and words saved, sent, held, stopped."""

from collections.abc import Mapping
from datetime import datetime

from placements.bulletins.audience import sender_may
from placements.bulletins.models import Bulletin
from placements.bulletins.policy import may_write_to
from placements.bulletins.queries import seen_of
from placements.bulletins.rules import FILTERS, Audience
from placements.bulletins.workflow import BULLETIN, BulletinState
from placements.core.clock import say_when
from placements.core.errors import Conflict, NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record

CHANGED = "It was changed in another window. Open it again, so that nothing is lost."
HELD = ("state", "version", "send_at", "begun_at", "ended_at")


def begin(audience: Audience, run_id: int | None, form_key: str, *, actor: Principal, now: datetime) -> Bulletin:
    """Begin a draft to that audience. Raises NotAllowed where the actor may not write to such people."""
    if not may_write_to(actor, run_id) or actor.person_id is None:
        raise NotAllowed
    bulletin = Bulletin(
        audience=audience, run_id=run_id, form_key=form_key, sender_id=actor.person_id, filters={}, created_at=now
    )
    db.session.add(bulletin)
    record("began a message", bulletin, actor=actor, now=now)
    return bulletin


def choose(bulletin: Bulletin, filters: Mapping[str, str], seen: int, *, actor: Principal, now: datetime) -> None:
    """Keep what its audience is narrowed to. Raises Conflict where it was saved since version `seen`."""
    _hold_draft(bulletin, seen)
    kept = {name: filters[name] for name in FILTERS[bulletin.audience] if filters.get(name)}
    if kept != bulletin.filters:
        bulletin.filters, bulletin.version = kept, bulletin.version + 1
        record("chose whom a message goes to", bulletin, actor=actor, now=now)


def write(bulletin: Bulletin, subject: str, words: str, seen: int, *, actor: Principal, now: datetime) -> None:
    """Keep its words. Raises Conflict where it was saved since version `seen`."""
    _hold_draft(bulletin, seen)
    if (subject, words) != (bulletin.subject, bulletin.words):
        bulletin.subject, bulletin.words, bulletin.version = subject, words, bulletin.version + 1
        record("wrote a message", bulletin, actor=actor, now=now, reason=_called(bulletin))


def _hold_draft(bulletin: Bulletin, seen: int) -> None:
    hold_row(bulletin, *HELD)
    BULLETIN.move(bulletin, "write")
    if bulletin.version != seen:
        raise Conflict(CHANGED)


def send(bulletin: Bulletin, send_at: datetime | None, seen: str, *, actor: Principal, now: datetime) -> None:
    """Have it sent, now where no moment is given. `seen`: the fingerprint of its audience and words as looked at.

    Raises Refused where they have changed since, nobody is in the audience now, or the moment has passed.
    """
    hold_row(bulletin, *HELD)
    if bulletin.state is BulletinState.DRAFT:
        found, count = seen_of(bulletin)
        if not bulletin.is_written:
            raise Refused("Write it before you send it.")
        if found != seen:
            raise Refused("Who it goes to, or what it says, has changed since you looked. Look again, then send it.")
        if send_at is None and not count:
            raise Refused("Nobody is in this audience, so there is nobody to send it to.")
        if send_at is not None and send_at <= now:
            raise Refused("Enter a day and time that are still to come.", "on")
    if BULLETIN.move(bulletin, "send"):
        bulletin.send_at = send_at or now
        when = f", for {say_when(send_at)}" if send_at else ""
        record(
            "set a message to be sent" if send_at else "sent a message to many",
            bulletin,
            actor=actor,
            now=now,
            reason=f"{_called(bulletin)}{when}",
        )


def take_back(bulletin: Bulletin, *, actor: Principal, now: datetime) -> None:
    """Make it a draft again. Raises Refused once somebody was written to."""
    hold_row(bulletin, *HELD)
    if bulletin.begun_at is not None:
        raise Refused("Sending has begun, so it cannot be changed any more. You can hold or stop it.")
    if BULLETIN.move(bulletin, "take_back"):
        bulletin.send_at = None
        record("took a message back", bulletin, actor=actor, now=now, reason=_called(bulletin))


def discard(bulletin: Bulletin, *, actor: Principal, now: datetime) -> None:
    """Throw a draft away: it is shown no more."""
    hold_row(bulletin, *HELD)
    if BULLETIN.move(bulletin, "discard"):
        record("discarded a message", bulletin, actor=actor, now=now, reason=_called(bulletin))


def hold(bulletin: Bulletin, *, actor: Principal, now: datetime) -> None:
    """Let nothing more of it leave until it goes on. A mail that is being handed over this moment still goes."""
    hold_row(bulletin, *HELD)
    if BULLETIN.move(bulletin, "hold"):
        record("held a message", bulletin, actor=actor, now=now, reason=_called(bulletin))


def go_on(bulletin: Bulletin, *, actor: Principal, now: datetime) -> None:
    """Let it go on, at once where its moment has passed. Raises Refused where its sender may not write any more."""
    hold_row(bulletin, *HELD)
    if not sender_may(bulletin):
        raise Refused("Whoever wrote it may not write to these people any more. Stop it.")
    if BULLETIN.move(bulletin, "go_on"):
        bulletin.resumed_at = now
        record("let a message go on", bulletin, actor=actor, now=now, reason=_called(bulletin))


def stop(bulletin: Bulletin, *, actor: Principal, now: datetime) -> None:
    """End it for good: whoever was not written to never is. What was sent stays sent."""
    hold_row(bulletin, *HELD)
    if BULLETIN.move(bulletin, "stop"):
        bulletin.ended_at = now
        record("stopped a message", bulletin, actor=actor, now=now, reason=_called(bulletin))


def _called(bulletin: Bulletin) -> str | None:
    """How history names it; None where it has no subject yet."""
    return f"“{bulletin.subject}”" if bulletin.subject else None
