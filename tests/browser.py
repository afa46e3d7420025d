"""A real browser (Debian's Chromium) before a real server on a private copy of the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from placements.accounts.models import Account
from tests.client import PageClient

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=375, height=740)
NARROW = ViewportSize(width=320, height=640)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def server(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of this machine; its address."""
    httpd = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}"
    finally:
        httpd.shutdown()
        thread.join()


def session_cookie(app: Flask, account: Account | None) -> str | None:
    """The cookie that a fresh sign-in of that account leaves in a browser."""
    if account is None:
        return None
    client = PageClient(app)
    client.environ_base["HTTP_USER_AGENT"] = USER_AGENT
    client.sign_in_as(account)
    cookie = client.get_cookie("session", domain="127.0.0.1") or client.get_cookie("session")
    assert cookie is not None
    return cookie.value


USER_AGENT = "Placements tests"


def context_for(
    browser: Browser, address: str, cookie: str | None, size: ViewportSize, script: bool = True
) -> BrowserContext:
    """A fresh browser window's state: signed in by the cookie where there is one, with or without JavaScript."""
    context = browser.new_context(viewport=size, user_agent=USER_AGENT, java_script_enabled=script)
    if cookie:
        context.add_cookies([{"name": "session", "value": cookie, "url": address}])
    return context


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
