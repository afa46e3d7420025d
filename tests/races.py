"""Several who press at the same moment, each in a transaction of their own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from time import monotonic
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from placements.core.errors import Refused
from placements.db import begin_to_write, db
from tests.databases import Copy

Refusal = Refused | IntegrityError | None
Loaded = TypeVar("Loaded")
PATIENCE = 30  # seconds, after which somebody has died on the way and the test fails instead of waiting for ever


def at_once(copy: Copy, *acts: Callable[[], object]) -> list[Refusal]:
    """Do each act in a transaction begun when all are ready. How each was refused, in their order; None where it was not."""
    ready = Barrier(len(acts))

    def press(act: Callable[[], object]) -> Refusal:
        return _pressed(copy, act, lambda: ready.wait(PATIENCE))

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(press, acts))


def _pressed(
    copy: Copy, act: Callable[[], object], before: Callable[[], object], after: Callable[[], object] = lambda: None
) -> Refusal:
    """The act in a transaction begun once `before` returns, and committed once `after` does."""
    with copy.app.app_context():
        before()
        begin_to_write()
        try:
            act()
            after()
            db.session.commit()
        except (Refused, IntegrityError) as refusal:
            db.session.rollback()
            return refusal
        finally:
            db.session.remove()
        return None


def one_waits(copy: Copy, first: Callable[[], object], second: Callable[[], object]) -> list[Refusal]:
    """The second begins when the first is done and not committed; the first commits once the second has to wait for it.

    So what the second reads before it has to wait is older than what it finds then. How each was refused.
    """
    with ThreadPoolExecutor(1) as pool:
        begun: list[Future[Refusal]] = []

        def let_the_second_come() -> None:
            begun.append(pool.submit(_pressed, copy, second, lambda: None))
            _until_it_waits(begun[0])

        refused = _pressed(copy, first, lambda: None, let_the_second_come)
        assert begun, f"the first was refused: {refused}"
        return [refused, begun[0].result(PATIENCE)]


def _until_it_waits(other: Future[Refusal]) -> None:
    """Where a transaction waits for its turn to begin at all, as on SQLite, there is nothing to wait for."""
    if db.engine.dialect.name == "sqlite":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    until = monotonic() + PATIENCE
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not other.done() and not connection.scalar(waiting):
            assert monotonic() < until, "neither waits nor ends"


def meanwhile(
    copy: Copy, load: Callable[[], Loaded], act: Callable[[Loaded], object], other: Callable[[], object]
) -> list[Refusal]:
    """`other` is done and committed between what a page loads and what it then does, where the database lets it.

    On SQLite nobody else begins by then, and `other` comes afterwards.
    """
    found: list[Refusal] = []

    def both() -> None:
        loaded = load()
        if db.engine.dialect.name != "sqlite":
            with ThreadPoolExecutor(1) as pool:
                found.append(pool.submit(_pressed, copy, other, lambda: None).result(PATIENCE))
        act(loaded)

    refused = _pressed(copy, both, lambda: None)
    return [refused, *(found or [_pressed(copy, other, lambda: None)])]


def let_go_until(all_are_here: Barrier) -> None:
    """For negative controls: end the transaction that held the others off; begin another when all have come this far."""
    db.session.rollback()
    all_are_here.wait(PATIENCE)
    begin_to_write()
