"""Static files: an address that changes with the content, and a server that lets browsers keep them for good."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

ROOT = Path(__file__).resolve().parent.parent / "static"
PREFIX = "static/"


@cache
def asset(path: str) -> str:
    """The address of the file at `path` under static, with the start of its SHA-256: a new file is a new address.

    Raises FileNotFoundError where there is no such file: a template's mistake, found by any test that renders it.
    """
    content = (ROOT / path).read_bytes()
    return f"/{PREFIX}{path}?v={hashlib.sha256(content).hexdigest()[:8]}"


def init_assets(app: Flask, headers: Callable[[], Mapping[str, str]]) -> None:
    """Give templates `asset`, and serve the files from memory of their names, each answer carrying `headers()`.

    Every file may be kept for ever: what refers to one uses `asset`, or a name that holds its version.
    """

    def add_headers(answer: Headers, _path: str, _url: str) -> None:
        for name, value in headers().items():
            answer[name] = value

    app.jinja_env.globals["asset"] = asset
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=ROOT,
        prefix=PREFIX,
        max_age=WhiteNoise.FOREVER,
        allow_all_origins=False,
        add_headers_function=add_headers,
        immutable_file_test=lambda _path, _url: True,
    )
