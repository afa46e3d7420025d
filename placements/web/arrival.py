"""When a request began to arrive: noted before its body is read, so that a slow upload begun in time is on time.

Where it has waited since, somebody in front of us knows: our server (`ARRIVED`), or a proxy that keeps bodies back
until they are whole (`X-Request-Start`). Anybody can send a header: it is believed only where a proxy surely sets it.
"""

import re
import time
from datetime import timedelta
from typing import Any

from flask import g, request, request_started
from flask.sansio.app import App

from placements.core.clock import machine_now
from placements.db import db
from placements.web.site import site

ARRIVED = "placements.arrived"  # in the environment of a request: when, on this process's monotonic clock
# nginx tells seconds, others milliseconds, Apache microseconds
STAMP = re.compile(r"(?:t=)?([0-9]{10,16}(?:\.[0-9]{1,6})?)")
LONGEST = timedelta(hours=1)  # no upload takes as long: a stamp from before is a mistake
NOTHING = timedelta()


def init_arrival(app: App, *, proxy_tells: bool) -> None:
    """From now on, `now()` throughout a request is the instant at which it began to arrive (story time)."""
    app.extensions["placements.proxy_tells_arrival"] = proxy_tells
    request_started.connect(_note, app)


def _note(app: App, **_more: Any) -> None:
    tells = app.extensions["placements.proxy_tells_arrival"]
    waited = max(_noted(), _told(request.headers.get("X-Request-Start", "")) if tells else NOTHING)
    g.now = site().story_now() - waited
    db.session.close()  # it may have asked whether this is a demonstration: nobody is to wait until our body is in


def _noted() -> timedelta:
    """How long ago our server saw the first byte; nothing where it did not look."""
    arrived = request.environ.get(ARRIVED)
    return NOTHING if arrived is None else timedelta(seconds=time.monotonic() - arrived)


def _told(stamp: str) -> timedelta:
    """How long ago that was, by a proxy's stamp; nothing where it cannot be, or cannot be read."""
    found = STAMP.fullmatch(stamp)
    if not found:
        return NOTHING
    seconds = float(found[1])
    while seconds > 1e11:
        seconds /= 1000
    waited = timedelta(seconds=machine_now().timestamp() - seconds)
    return waited if NOTHING <= waited <= LONGEST else NOTHING
