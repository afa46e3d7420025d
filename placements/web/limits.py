"""How often one address may do what anybody may do: a route says so with `limit=`, and only what succeeds counts."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.wrappers import Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address)


def limited(view: Callable[..., Any], limit: str) -> Callable[..., Any]:
    """The view, refusing posts (429) from an address that has had `limit` ("20 per hour") of them accepted."""
    return limiter.limit(limit, methods=["POST"], deduct_when=_was_accepted)(view)


def _was_accepted(answer: Response) -> bool:
    return answer.status_code < 400


def init_limits(app: Flask) -> None:
    """Count in memory: each web process for itself, so that an address may do it up to that often in every one."""
    limiter.init_app(app)
