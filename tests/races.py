"""Several who press at the same moment, each in a transaction of their own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy.exc import IntegrityError

from placements.core.errors import Refused
from placements.db import begin_to_write, db
from tests.databases import Copy

PATIENCE = 30  # seconds, after which somebody has died on the way and the test fails instead of waiting for ever


def at_once(copy: Copy, *acts: Callable[[], object]) -> list[Refused | IntegrityError | None]:
    """Do each act in a transaction begun when all are ready. How each was refused, in their order; None where it was not."""
    ready = Barrier(len(acts))

    def press(act: Callable[[], object]) -> Refused | IntegrityError | None:
        with copy.app.app_context():
            ready.wait(PATIENCE)
            begin_to_write()
            try:
                act()
                db.session.commit()
            except (Refused, IntegrityError) as refusal:
                db.session.rollback()
                return refusal
            finally:
                db.session.remove()
            return None

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(press, acts))


def let_go_until(all_are_here: Barrier) -> None:
    """For negative controls: end the transaction that held the others off; begin another when all have come this far."""
    db.session.rollback()
    all_are_here.wait(PATIENCE)
    begin_to_write()
