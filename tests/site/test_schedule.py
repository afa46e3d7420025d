"""What the worker does by itself, and how often; typed by hand."""

import os
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from placements.core.clock import machine_now
from placements.core.policy import Principal
from placements.files.actions import keep, receive
from placements.files.store import store
from placements.worker import SCHEDULE, sweep_files
from tests import factories as make
from tests.factories import NOW

SECONDS = {
    "let_time_pass": 60,
    "remind_people": 60,
    "solve_rounds": 2,
    "look_ahead": 1800,
    "watch_students": 300,
    "send_bulletins": 5,
    "deliver_mail": 5,
    "read_returns": 300,
    "make_documents": 60,
    "foresee": 5,
    "sweep_files": 3600,
    "look_at_tables": 86_400,
}


def test_the_schedule_is_what_was_typed() -> None:
    assert {job.name: job.every for job in SCHEDULE} == SECONDS


@pytest.mark.parametrize("job", SCHEDULE, ids=lambda job: job.name)
def test_every_job_runs_where_there_is_nothing_to_do(session: Any, job: Any) -> None:
    job.run()


def test_uploads_that_no_row_names_are_swept_after_a_day(session: Any) -> None:
    kept, orphan = (receive(FileStorage(BytesIO(b"%PDF-1.7\n" + end + b"%%EOF\n"), "a.pdf")) for end in (b"1", b"2"))
    keep(kept, actor=Principal(make.person().id), now=NOW)
    session.commit()
    day_before = (machine_now() - timedelta(days=2)).timestamp()
    for each in (kept, orphan):
        os.utime(store().path(each.sha256), (day_before, day_before))
    sweep_files()
    assert [store().path(each.sha256).exists() for each in (kept, orphan)] == [True, False]
