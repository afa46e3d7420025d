"""A real browser (Debian's Chromium) before a real server on a private copy of the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)
from werkzeug.serving import make_server

from placements.accounts.models import Account
from tests.chromium import CHROMIUM
from tests.client import PageClient

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--js-flags=--no-opt,--no-maglev",  # a page is here for a second: to make its scripts faster takes longer than they do
]
DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=375, height=740)
NARROW = ViewportSize(width=320, height=640)

JUDGED = "Failed to load resource"  # the console's word for an answer whose status is looked at anyway
LEFT_BEHIND = "net::ERR_ABORTED"  # a picture still on its way when its page was left; a download


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


def watch(page: Page) -> list[str]:
    """A list that grows with what goes wrong from now on: errors on the console, scripts that break, requests that fail.

    A form with errors is answered by 422, so that is none.
    """
    wrong: list[str] = []

    def console(said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(JUDGED):
            wrong.append(f"console: {said.text}")

    def failed(request: Request) -> None:
        if request.failure != LEFT_BEHIND:
            wrong.append(f"no answer: {request.url} ({request.failure})")

    def answered(response: Response) -> None:
        if response.status >= 400 and response.status != 422:
            wrong.append(f"{response.status}: {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("requestfailed", failed)
    page.on("response", answered)
    return wrong


def faults(page: Page, wrong: list[str]) -> list[str]:
    """What is wrong with a page that is being watched, its width included."""
    wider = overflow(page)
    return [*wrong, *([f"it scrolls sideways by {wider} px"] if wider > 0 else [])]
