"""A worker whose one job decides, waits, and only then acts: it can be stopped in between. See test_leading.

WITHIN: it waits inside the transaction, holding what it acts on. UNFENCED: what it commits is not checked again.
"""

import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import select

from placements import worker
from placements.app import create_app
from placements.config import Settings
from placements.core.clock import machine_now
from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.history.actions import record
from placements.history.models import History
from placements.people.models import Person
from placements.worker import Job, Worker, let_the_stopped_go

SECONDS = 1  # in which a test has time to stop it; less than PostgreSQL lets a transaction stand still
VERB = "acted"
IS_WITHIN = "WITHIN" in os.environ


def greet() -> None:
    """Write down once of each person that something was done about them."""
    if IS_WITHIN:
        begin_to_write()
    acted = select(History.about_id).where(History.verb == VERB)
    waiting: Any = select(Person).where(Person.id.not_in(acted))
    if IS_WITHIN:
        waiting = waiting.with_for_update()
    people = db.session.scalars(waiting).all()
    if not people:
        return
    Path(sys.argv[1], str(os.getpid())).touch()
    if not IS_WITHIN:
        db.session.expunge_all()
        db.session.rollback()
    time.sleep(SECONDS)
    if not IS_WITHIN:
        begin_to_write()
    for person in people:
        record(VERB, person, actor=Principal(), now=machine_now())
    db.session.commit()


if __name__ == "__main__":
    if "UNFENCED" in os.environ:
        worker.under = lambda hold: nullcontext()  # type: ignore[assignment,misc]
    app = create_app(Settings.from_environment())
    one = Worker(app, [Job("greet", 1, greet)])
    with app.app_context():
        let_the_stopped_go(db.engine, one.lasts)
    one.start()
