"""A picture of every page for every role of the demonstration, at 1280 and 375 px, into shots/.

At several moments of the year it signs in as each person that the demonstration offers, follows every link and form
from their home page, and photographs the first page of each endpoint. Fails, naming them, where nobody came to one.
"""

import logging
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from pathlib import Path

from flask import Flask, url_for
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from placements.accounts.actions import ask_for_link
from placements.accounts.queries import account_of
from placements.app import create_app
from placements.commands import make_demonstration
from placements.config import ROOT, Settings
from placements.confirming.notices import CONFIRM_WEEK
from placements.core.clock import in_london
from placements.db import db
from placements.demo.queries import latest_mail, people_to_be
from placements.demo.story import SEED
from placements.links.actions import token
from placements.links.models import Link
from placements.signing.invitations import SIGN_BY_LINK
from placements.story import story_now
from tests.browser import DESKTOP, PHONE, USER_AGENT, chromium, context_for, server, session_cookie
from tests.client import PageClient, read

OUT = ROOT / "shots"
MOMENTS = (  # the last is the usual one; each has pages that no other has
    (2026, 4, 29, 10),  # the finished year's placements end
    (2026, 5, 20, 10),  # its portfolios are being marked
    (2026, 7, 1, 10),  # a year is planned, organisations come
    (2026, 10, 20, 10),  # students choose
    (2026, 11, 3, 14),  # a round is staged
    (2026, 11, 14, 10),  # offers have lapsed, others wait for an answer
    (2027, 2, 17, 10),
)
A_KIND = 6  # pages that a person opens; a list of 120 students need not be opened 120 times
UNLIKE = dict.fromkeys(("home.placement", "reading.read", "offers.show", "home.organisation"), 60)  # few are in trouble
LATELY, SOON = timedelta(days=14), timedelta(hours=1)
SAME = ("champion", "tutor")  # whose pages differ little from one to the next: each is photographed once
MOVED = {  # what a link is signed for, where its page has another name since
    CONFIRM_WEEK: "confirming.confirm_week",
    SIGN_BY_LINK: "signing.sign_by_link",
}
BY_NOBODY = {
    "security.verify": "asked again only when a sign-in is a day old",
    "security.tf_select": "there is one kind of second step",
    "security.two_factor_rescue": "switched off: recovery codes serve instead",
    "security.two_factor_token_validation": "between password and second step",
    "security.mf_recovery": "between password and second step",
    "security.mf_recovery_codes": "for those who have a second step",
}


def main() -> None:
    """Make the demonstration of each moment in a temporary folder, walk through it, photograph what is new."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    shutil.rmtree(OUT, ignore_errors=True)
    came_to: set[str] = set()
    shot: defaultdict[str, set[str]] = defaultdict(set)
    for year, month, day, hour in reversed(MOMENTS):
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings.from_environment(instance=Path(folder), password_hash_is_cheap=True)
            make_demonstration(settings, in_london(date(year, month, day), time(hour)), SEED)
            app = create_app(settings)
            for role, person_id in cast(app):
                found = walk(app, person_id)
                came_to |= found.came_to
                photograph(app, role, found, shot[role])
                shot[role] |= found.urls.keys()
    print(f"{sum(map(len, shot.values()))} pages of {len(shot)} people, in {OUT.relative_to(ROOT)}/")
    missing = sorted(pages(app) - came_to - BY_NOBODY.keys())
    if missing:
        sys.exit("Nobody came to: " + ", ".join(missing))


def cast(app: Flask) -> list[tuple[str, int | None]]:
    """Everybody one can be, by a short name of their role, and nobody."""
    with app.app_context():
        people = [
            (next((same for same in SAME if each.short.startswith(same)), each.short), each.person.id)
            for each in people_to_be()
        ]
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


def walk(app: Flask, person_id: int | None) -> Walk:
    """Follow the person's links from every address without a name in it; who is nobody, also those of the mails."""
    with app.test_request_context():
        account = account_of(person_id) if person_id else None
        client = PageClient(app)
        client.environ_base["HTTP_USER_AGENT"] = USER_AGENT
        if account:
            client.sign_in_as(account)
        found = Walk(session_cookie(app, account))
        queue = ["/", "/home", *addresses_without_a_name(app), *([] if account else addresses_by_mail())]
        db.session.remove()
    seen: Counter[str] = Counter()
    waiting: defaultdict[str, list[str]] = defaultdict(list)
    known: set[str] = set()
    while True:
        for url in queue:
            endpoint = endpoint_of(app, url)
            if endpoint and url not in known:
                waiting[endpoint].append(url)
                known.add(url)
        left = [
            endpoint for endpoint, urls in waiting.items() if urls and seen[endpoint] < UNLIKE.get(endpoint, A_KIND)
        ]
        if not left:
            return found
        endpoint = min(left, key=lambda each: seen[each])
        seen[endpoint] += 1
        queue = look_at(app, client, endpoint, waiting[endpoint].pop(0), found)


def look_at(app: Flask, client: PageClient, endpoint: str, url: str, found: Walk) -> list[str]:
    """Note the page, if it is one. Returns where its links lead."""
    answer = client.get(url, checked=False)
    if answer.status_code >= 500:
        sys.exit(f"{url} answered {answer.status_code}")
    if answer.status_code == 302:
        there = endpoint_of(app, answer.location)
        if there not in (None, endpoint, "security.login"):
            found.came_to.add(endpoint)  # it only leads on
        return [answer.location]
    if answer.status_code != 200:
        return []
    found.came_to.add(endpoint)
    if answer.mimetype != "text/html":
        return []
    found.urls.setdefault(endpoint, url)
    shown = read(answer)
    urls = [link.href for link in shown.links] + [form.action for form in shown.forms]
    return [url for url in urls if url.startswith("/")]


def addresses_without_a_name(app: Flask) -> list[str]:
    """Where one can go without knowing the name of anything; signing in and out apart."""
    plain = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return ["/sign-in", *sorted(rule.rule for rule in plain if not rule.endpoint.startswith("security."))]


def addresses_by_mail() -> list[str]:
    """Every address of ours in the latest mails, links that ran out lately, and one that a student asks for now."""
    student = next(each.person for each in people_to_be() if each.short.startswith("student"))
    now = story_now()
    ask_for_link(student.email, now=now)
    db.session.commit()
    ends = Link.expires_at.between(now - LATELY, now + SOON)
    links = db.session.scalars(select(Link).where(ends, Link.spent_at.is_(None)))
    words = [word for mail in latest_mail() for word in mail.text.split() if ":8000/" in word]
    return [
        *(url_for(MOVED.get(link.purpose, link.purpose), token=token(link)) for link in links),
        *(word.partition(":8000")[2] for word in words),
    ]


def endpoint_of(app: Flask, url: str) -> str | None:
    """The endpoint behind an address of ours."""
    try:
        return str(app.url_map.bind("").match(url.partition("?")[0].partition("#")[0], method="GET")[0])
    except HTTPException:
        return None


def photograph(app: Flask, role: str, found: Walk, but: set[str]) -> None:
    """Write shots/<role>/<endpoint>-<width>.png of what is not there yet."""
    folder = OUT / role
    folder.mkdir(parents=True, exist_ok=True)
    with server(app) as address, chromium() as browser:
        for size in (DESKTOP, PHONE):
            context = context_for(browser, address, found.cookie, size)
            page = context.new_page()
            for endpoint in found.urls.keys() - but:
                page.goto(address + found.urls[endpoint])
                page.screenshot(path=folder / f"{endpoint}-{size['width']}.png", full_page=True)
            context.close()


if __name__ == "__main__":
    main()
