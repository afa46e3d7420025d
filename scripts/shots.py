"""A picture of every page for every role of the demonstration, at 1280 and 375 px, into shots/.

Signs in as each person that the demonstration offers, follows every link from their home page, and keeps the first
address of each endpoint. Fails, naming them, where pages of the route map were reached by nobody.
"""

import logging
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from werkzeug.exceptions import HTTPException

from placements import create_app
from placements.accounts.queries import account_of
from placements.commands import make_demonstration
from placements.config import ROOT, Settings
from placements.db import db
from placements.demo.queries import latest_mail, people_to_be
from placements.demo.story import DEFAULT_AT, SEED
from tests.browser import DESKTOP, PHONE, USER_AGENT, chromium, context_for, server, session_cookie
from tests.client import PageClient, read

OUT = ROOT / "shots"
MOST_PAGES = 400  # a person; a list of 120 students need not be opened 120 times
A_KIND = 3
SAME = ("champion-", "tutor-")  # people who see the same pages as the first of their kind
BY_NOBODY = {
    "security.verify": "asked again only when a sign-in is a day old",
    "security.tf_select": "there is one kind of second step",
    "security.two_factor_rescue": "switched off: recovery codes serve instead",
    "security.two_factor_token_validation": "between password and second step",
    "security.mf_recovery": "between password and second step",
}


def main() -> None:
    """Make the demonstration in a temporary folder, walk through it, photograph it."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    shutil.rmtree(OUT, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(instance=Path(folder), password_hash_is_cheap=True)
        make_demonstration(settings, DEFAULT_AT, SEED)
        app = create_app(settings)
        found = {role: walk(app, role, public_id) for role, public_id in cast(app)}
        photograph(app, found)
    missing = sorted(pages(app) - {endpoint for each in found.values() for endpoint in each.came_to} - BY_NOBODY.keys())
    print(f"{sum(len(each.urls) for each in found.values())} pages of {len(found)} people, in {OUT.relative_to(ROOT)}/")
    if missing:
        sys.exit("Nobody came to: " + ", ".join(missing))


def cast(app: Flask) -> list[tuple[str, int | None]]:
    """Everybody one can be, by a short name of their role, and nobody."""
    with app.app_context():
        people = [(each.short, each.person.id) for each in people_to_be() if not each.short.startswith(SAME)]
        db.session.remove()
    return [("nobody", None), *people]


def pages(app: Flask) -> set[str]:
    """Every endpoint that shows a page."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


@dataclass
class Walk:
    """A person's cookie, every endpoint that they came to, and the first address of each that is a page."""

    cookie: str | None
    came_to: set[str] = field(default_factory=set)
    urls: dict[str, str] = field(default_factory=dict)


def walk(app: Flask, role: str, person_id: int | None) -> Walk:
    """Follow the person's links from their home page on; who is nobody, those of the mails."""
    with app.app_context():
        account = account_of(person_id) if person_id else None
        mails = [mail.text for mail in latest_mail()] if account is None else []
        client = PageClient(app)
        client.environ_base["HTTP_USER_AGENT"] = USER_AGENT
        if account:
            client.sign_in_as(account)
        found = Walk(session_cookie(app, account))
        db.session.remove()
    queue = ["/", "/home", "/demo", "/sign-in"] + [
        word.partition("8000")[2] for text in mails for word in text.split() if "8000/" in word
    ]
    seen: Counter[str] = Counter()
    visited: set[str] = set()
    while queue and len(visited) < MOST_PAGES:
        url = queue.pop(0)
        endpoint = endpoint_of(app, url)
        if url in visited or endpoint is None or seen[endpoint] >= A_KIND:
            continue
        visited.add(url)
        answer = client.get(url, checked=False)
        if answer.status_code >= 500:
            sys.exit(f"{role}: {url} answered {answer.status_code}")
        if answer.status_code != 200:
            continue
        seen[endpoint] += 1
        found.came_to.add(endpoint)
        if answer.mimetype == "text/html":
            found.urls.setdefault(endpoint, url)
            queue += [link.href for link in read(answer).links if link.href.startswith("/")]
    return found


def endpoint_of(app: Flask, url: str) -> str | None:
    """The endpoint behind an address of ours."""
    try:
        return str(app.url_map.bind("").match(url.partition("?")[0].partition("#")[0], method="GET")[0])
    except HTTPException:
        return None


def photograph(app: Flask, found: dict[str, Walk]) -> None:
    """Write shots/<role>/<endpoint>-<width>.png."""
    with server(app) as address, chromium() as browser:
        for role, each in found.items():
            folder = OUT / role
            folder.mkdir(parents=True)
            for size in (DESKTOP, PHONE):
                context = context_for(browser, address, each.cookie, size)
                page = context.new_page()
                for endpoint, url in each.urls.items():
                    page.goto(address + url)
                    page.screenshot(path=folder / f"{endpoint}-{size['width']}.png", full_page=True)
                context.close()


main()
