"""A server and a worker that are killed (kill -9) while they release marks, when the environment says; see test_killed.

DIE_AT: how many marks have been moved by then. CARELESS: each mark is committed by itself.
"""

import os
import signal
import sys
from typing import Any

from placements.app import create_app
from placements.board import releasing
from placements.config import Settings
from placements.db import begin_to_write, db
from tests.factories import DAY, NOW

move = releasing.MARK.move
moved: list[Any] = []


def _move(thing: Any, verb: str) -> bool:
    is_moved = move(thing, verb)
    moved.append(thing)
    db.session.flush()  # so that the database knows of it, as far as the transaction goes
    if os.environ.get("CARELESS"):
        db.session.commit()
    if len(moved) == int(os.environ["DIE_AT"]):
        os.kill(os.getpid(), signal.SIGKILL)
    return is_moved


releasing.MARK.move = _move  # type: ignore[method-assign]
app = create_app(Settings.from_environment())

if __name__ == "__main__" and sys.argv[1:] == ["worker"]:
    with app.app_context():
        begin_to_write()
        releasing.release_due(NOW + 9 * DAY)
        db.session.commit()
