"""Behind the proxy of a real installation each visitor is counted alone; without one nobody can claim to be another."""

from dataclasses import replace
from typing import Any

import pytest
from flask import request

from tests.databases import Copy, application


@pytest.mark.parametrize(
    ("is_production", "seen"),
    [(True, ("203.0.113.7", "https")), (False, ("127.0.0.1", "http"))],
)
def test_only_in_production_the_proxy_says_who_asks(fresh_database: Copy, is_production: bool, seen: Any) -> None:
    found = []
    with application(replace(fresh_database.settings, is_production=is_production)) as app:
        app.before_request_funcs.setdefault(None, []).insert(
            0, lambda: found.append((request.remote_addr, request.scheme))
        )
        app.test_client_class = None
        app.test_client().get(
            "/help", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.7", "X-Forwarded-Proto": "https"}
        )
    assert found == [seen]
