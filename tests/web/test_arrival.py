"""When a request began to arrive: what our server noted, and what a proxy says where it is believed."""

import io
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, request_started

from placements.core.clock import machine_now
from placements.db import db
from placements.story import is_demonstration
from placements.web.arrival import ARRIVED
from placements.web.site import now
from tests.databases import Copy, application
from tests.factories import NOW


def begun(app: Flask, headers: dict[str, str] | None = None, **environ: object) -> timedelta:
    """How long before now the application takes a request to have begun."""
    with app.test_request_context("/", headers=headers, environ_overrides=environ):
        request_started.send(app, _async_wrapper=app.ensure_sync)
        return NOW - now()


@pytest.fixture
def believing(fresh_database: Copy) -> Iterator[Flask]:
    """The application in production behind a proxy that stamps what comes."""
    settings = replace(fresh_database.settings, is_production=True, proxy_tells_arrival=True)
    with application(settings) as app:
        app.extensions["placements.site"] = replace(app.extensions["placements.site"], story_now=lambda: NOW)
        yield app


def stamps(seconds: float) -> dict[str, str]:
    """That long ago, as several proxies write it."""
    at = machine_now().timestamp() - seconds
    return {
        "nginx": f"t={at:.3f}",
        "bare": f"{at:.3f}",
        "milliseconds": f"{at * 1e3:.0f}",
        "Apache": f"t={at * 1e6:.0f}",
    }


def test_what_our_server_noted_is_when_it_began(database: Flask) -> None:
    found = begun(database, **{ARRIVED: time.monotonic() - 40})
    assert timedelta(seconds=40) <= found < timedelta(seconds=41)
    assert begun(database) == timedelta()


@pytest.mark.pure
@pytest.mark.parametrize("proxy", ["nginx", "bare", "milliseconds", "Apache"])
def test_a_proxys_stamp_is_believed_where_it_is_known_to_set_it(believing: Flask, proxy: str) -> None:
    found = begun(believing, {"X-Request-Start": stamps(40)[proxy]})
    assert timedelta(seconds=39.9) <= found < timedelta(seconds=41)


@pytest.mark.pure
def test_of_two_who_noted_it_the_first_counts(believing: Flask) -> None:
    noted = {ARRIVED: time.monotonic() - 90}
    assert begun(believing, {"X-Request-Start": stamps(40)["nginx"]}, **noted) >= timedelta(seconds=90)
    noted = {ARRIVED: time.monotonic() - 2}
    assert begun(believing, {"X-Request-Start": stamps(40)["nginx"]}, **noted) >= timedelta(seconds=39.9)


@pytest.mark.pure
@pytest.mark.parametrize(("is_production", "proxy_tells_arrival"), [(False, False), (False, True), (True, False)])
def test_nobody_else_can_say_when_they_began(
    fresh_database: Copy, is_production: bool, proxy_tells_arrival: bool
) -> None:
    settings = replace(fresh_database.settings, is_production=is_production, proxy_tells_arrival=proxy_tells_arrival)
    with application(settings) as app:
        app.extensions["placements.site"] = replace(app.extensions["placements.site"], story_now=lambda: NOW)
        assert begun(app, {"X-Request-Start": stamps(40)["nginx"], ARRIVED: "1"}) == timedelta()


@pytest.mark.pure
@pytest.mark.parametrize(
    "stamp", ["", "t=", "yesterday", "t=nan", "t=inf", "-1", "t=17", "9" * 16, "9" * 400, "t=1,2", "١٧٦٣٨٠٠٠٠٠٫٥"]
)
def test_a_stamp_that_is_none_says_nothing(believing: Flask, stamp: str) -> None:
    assert begun(believing, {"X-Request-Start": stamp}) == timedelta()


@pytest.mark.pure
@pytest.mark.parametrize("seconds", [-5, 3700, 86_400])
def test_a_stamp_that_cannot_be_is_a_mistake(believing: Flask, seconds: float) -> None:
    assert begun(believing, {"X-Request-Start": stamps(seconds)["nginx"]}) == timedelta()


class Watched(io.BytesIO):
    """A body that notes, as it is read, how many connections to the database are held."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.held = set[int]()

    def readinto(self, buffer: Any) -> int:
        self.held.add(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return super().readinto(buffer)


def test_nothing_is_held_while_a_body_arrives(fresh_database: Copy) -> None:
    """Not even by the first request of a process, which asks whether this is a demonstration."""
    body = Watched(b"email=a&password=b")
    form = {"content_length": 18, "content_type": "application/x-www-form-urlencoded"}
    answer = fresh_database.app.test_client().post("/sign-in", input_stream=body, checked=False, **form)  # type: ignore[call-arg]
    assert (answer.status_code, body.held) == (400, {0})  # it came without a token
    with fresh_database.app.app_context():
        assert not is_demonstration()
