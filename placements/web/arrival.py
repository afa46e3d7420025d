"""When a request began to arrive: noted before its body is read, so that a slow upload begun in time is on time."""

from typing import Any

from flask import request_started
from flask.sansio.app import App

from placements.web.site import now


def init_arrival(app: App) -> None:
    """From now on, `now()` throughout a request is the instant at which its head had come in (story time)."""
    request_started.connect(_note, app)


def _note(_app: App, **_more: Any) -> None:
    now()  # asked once, it stays the same
