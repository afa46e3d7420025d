"""Who alone may do what only one process may: a row says who holds a name, until when, and how often it changed hands.

A process that is stopped for longer than its lease lasts does not notice that another goes on in its place. So what is
done `under` a lease is checked once more inside each transaction that it commits: where the lease has changed hands,
nothing of that transaction holds.
"""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, event, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from placements.db import Model, db, insert_new

HOLDER_LENGTH = 120


class Lease(Model):
    """All its instants are machine time. `epoch` grows whenever somebody else takes it."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(HOLDER_LENGTH))
    epoch: Mapped[int]
    until: Mapped[datetime]
    ticked_at: Mapped[datetime | None]  # when it was last taken or renewed


class LostLease(Exception):
    """What was done under a lease came too late: somebody else holds it by now. Nothing of it was committed."""


@dataclass(frozen=True)
class Hold:
    """A lease that is ours: `is_new` where somebody else, or nobody, held it before; when it was renewed last."""

    name: str
    epoch: int
    is_new: bool
    ticked_before: datetime | None


def new_holder() -> str:
    """What this process calls itself: where it runs, and something that no later process of that number has."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


def held_by(name: str, machine: datetime) -> Lease | None:
    """The lease where somebody holds it at `machine`; None where whoever comes may take it."""
    return db.session.scalar(db.select(Lease).where(Lease.name == name, Lease.until > machine))


def take(name: str, holder: str, machine: datetime, lasts: timedelta) -> Hold | None:
    """Take the lease, or renew it, until `machine + lasts`. None where somebody else holds it; the caller commits."""
    lease = db.session.get(Lease, name, with_for_update=True, populate_existing=True)
    if lease is None:
        insert_new(Lease, [{"name": name, "holder": "", "epoch": 0, "until": machine, "ticked_at": None}])
        lease = db.session.get_one(Lease, name, with_for_update=True)
    is_new = lease.holder != holder
    if is_new and lease.until > machine:
        return None
    hold = Hold(name, lease.epoch + is_new, is_new, lease.ticked_at)
    lease.holder, lease.epoch, lease.until, lease.ticked_at = holder, hold.epoch, machine + lasts, machine
    return hold


def let_go(name: str, holder: str, machine: datetime) -> None:
    """Whoever comes next may take it at once, where it was still ours; the caller commits."""
    ours = (Lease.name == name) & (Lease.holder == holder)
    db.session.execute(update(Lease).where(ours, Lease.until > machine).values(until=machine))


_held: ContextVar[Hold | None] = ContextVar("held", default=None)


@contextmanager
def under(hold: Hold) -> Iterator[None]:
    """Whatever this thread commits inside is committed under the lease. A commit raises LostLease where it is lost."""
    before = _held.set(hold)
    try:
        yield
    finally:
        _held.reset(before)


@event.listens_for(db.session, "before_commit")
def _check(session: Session) -> None:
    hold = _held.get()
    if hold is None:
        return
    ours: Any = (Lease.name == hold.name) & (Lease.epoch == hold.epoch)
    # Not a SELECT: who takes the lease meanwhile has to wait until this is committed, and then finds all of it.
    still = update(Lease).where(ours).values(epoch=hold.epoch).execution_options(synchronize_session=False)
    if session.execute(still).rowcount == 0:  # type: ignore[attr-defined]
        raise LostLease(f"the lease “{hold.name}” has changed hands since its epoch {hold.epoch}")
