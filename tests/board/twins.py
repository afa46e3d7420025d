"""Databases that differ in nothing but what markers did, and all that those outside can get from each.

One world is made and copied as it lies on the disk, so that every id, address and moment is the same in all copies.
What markers did is done in a copy by the real verbs. Then whoever neither marks nor leads asks for every page that the
route map knows, and the worker goes on for weeks.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event, select
from werkzeug.routing import Rule

from placements import worker
from placements.accounts.models import Account
from placements.assessment.workflow import SubmissionState
from placements.calendar.views import FEED, LASTS
from placements.cohorts.models import RunRole
from placements.db import db
from placements.links.actions import add_link, token
from placements.mail import delivery
from placements.mail.models import KeptMail, Message, Notification
from tests import factories as make
from tests.board.crawling import LINK, NOT_COMPARED, NOT_FOLLOWED, RANDOM, here
from tests.client import PageClient, counting_queries
from tests.databases import Copy, Databases, application, copy_of, make_settings
from tests.factories import NOW
from tests.site.every_page import stand_still, tokens_of
from tests.site.routes import BY_TOKEN, endpoints, rows, url_of
from tests.site.world import World, committed

COHORT = ("Ada", "Ben", "Cyd", "Dee")  # whose work waits to be marked
OUTSIDE = ("student", "other_student", *COHORT, "supervisor", "other_contact", "contact")
RECEIPT = "ABCD-000"  # what the numbers of the cohort's receipts begin with
NOBODY = "nobody"
TYPED = {NOBODY: "anonymous"} | {name: name for name in OUTSIDE if name not in COHORT}  # by whose column in access.csv
LATER = ("Ada", "supervisor")
SEARCHED = ("/find", "/home", "/assessment", "/stories")
MARKING = ("assessment.", "scripts.", "double_marking.", "moderation.", "board.", "examining.", "reassessment.")
WORDS = ("35", "72", "CANARY")  # what somebody curious would search for
WEEKS = (0, 2, 5)  # at which the worker has a turn
MOST = 900


@dataclass
class Twins:
    """The database that is copied, its world, and what everybody asks for in a copy."""

    databases: Databases
    url: str
    folder: Path
    world: World
    tokens: Mapping[str, str]
    feeds: Mapping[str, str]  # by name: the address of their calendar

    @contextmanager
    def copied(self) -> Iterator[Copy]:
        """A copy of one's own."""
        with copy_of(self.databases, self.url, self.folder) as copy:
            stand_still(copy.app, NOW)
            PageClient(copy.app).get("/")  # the first request asks what those after it need not
            yield copy


@contextmanager
def twins(databases: Databases, template: str, folder: Path) -> Iterator[Twins]:
    """Make the world once, with a cohort in it that waits to be marked."""
    settings = make_settings(databases.create(template), folder)
    try:
        with application(settings) as app:
            stand_still(app, NOW)
            with app.app_context():
                world = committed(_cohort)
                tokens = tokens_of(world, NOW)
                feeds = {name: _feed(world.accounts[name]) for name in OUTSIDE}
                db.session.commit()
        yield Twins(databases, settings.url, folder, world, tokens, feeds)
    finally:
        databases.drop(settings.url)


def _cohort(world: World) -> None:
    """Four more students, two of them placed beside `student`, with both their pieces of work in.

    They are a group of their own: nobody in it has a released mark, so nobody is told yet that theirs is withheld.
    """
    things = world.things
    parts = {"agreement": things["agreement_component"], "portfolio": things["component"]}
    things["agreement_component"].is_double_marked = True
    things["agreement_component"].moderation = {"kind": "sample", "within": 2}
    second = world.accounts["second"] = make.account(make.person(given_name="Bea", family_name="Second"))
    make.run_role(RunRole.TUTOR, second.person, things["run"])
    group = make.group(things["run"], world.person("tutor"))
    for place, name in enumerate(COHORT):
        who = make.person(given_name=name, family_name="Cohort", student_number=f"2699000{place}")
        world.accounts[name] = make.account(who)
        enrolment = things[name] = make.enrolment(group, who)
        make.placement(enrolment, things["challenge"] if place < 2 else make.challenge())
        for kind, component in parts.items():
            at = NOW - make.DAY
            made = make.submission(
                enrolment, component, state=SubmissionState.RECEIVED, received_at=at, receipt=f"{RECEIPT}{place}"
            )
            make.hand_in(made, f"My {kind}.")
            things[f"{name} {kind} work"] = made
            things[f"{name} {kind}"] = make.mark(enrolment, component, None)


def _feed(account: Account) -> str:
    link = add_link(FEED, account.person_id, account.person_id, now=NOW, lasts=LASTS)
    return f"/calendar/{token(link)}.ics"


def done(app: Flask, world: World, deed: Callable[[World], Any]) -> None:
    """It happens, and is committed; what is random in it is drawn alike in every copy."""
    with app.app_context(), _alike(Random(0)):
        deed(world)
        db.session.commit()


Answer = tuple[int, tuple[tuple[str, str], ...], bytes, int]  # status, headers, body; how many statements it took
Seen = dict[str, dict[str, Answer]]  # by who asks and for what


def asked(app: Flask, made: Twins) -> dict[str, list[str]]:
    """Who asks for what, of every address of the route map, about everything in the world, and about the cohort.

    Each who is let in, by what access.csv says, and in turn one of those who are not.
    """
    known, found = endpoints(app), {name: [made.feeds[name]] for name in OUTSIDE} | {NOBODY: [*made.feeds.values()]}
    for turn, row in enumerate(rows()):
        rule = known[row["endpoint"]]
        if "GET" not in (rule.methods or ()) or rule.endpoint.startswith("demo."):
            continue
        if row["object"] == BY_TOKEN:
            found[NOBODY].append(_by_link(rule, made))
            continue
        url = url_of(rule, row, made.world)
        for place, (name, urls) in enumerate(found.items()):
            is_let_in = {"200", "ok"} & {*row[TYPED.get(name, "student")].split("/")}
            if is_let_in or turn % len(found) == place:
                urls.append(url)
    for name, rule in known.items():
        if name.startswith(MARKING) and "GET" in (rule.methods or ()) and rule.arguments == {"public_id"}:
            for asks, about in (
                ("Ada", "Ada agreement"),
                ("Ben", "Ben portfolio work"),
                ("supervisor", "Ada portfolio"),
            ):
                found[asks].append(url_of(rule, {"object": about}, made.world))
    for urls in found.values():
        urls += [f"{path}?{name}={word}" for path in SEARCHED for name in ("text", "q") for word in WORDS]
    return found


def _by_link(rule: Rule, made: Twins) -> str:
    """What a mailed link opens; a file behind one is of the visit that it asks about."""
    said = made.tokens.get(rule.endpoint) or made.tokens[next(each for each in made.tokens if "week" in each)]
    built = rule.build(
        {"token": said, "public_id": made.world.things["visit_evidence"].public_id}, append_unknown=False
    )
    assert built is not None
    return built[1]


def answers(app: Flask, account: Account | None, urls: Iterable[str], *, follows: bool = True) -> dict[str, Answer]:
    """What each address, and each that a link in an answer leads to, answers to somebody."""
    client = PageClient(app)
    if account is not None:
        client.sign_in_as(account)
    waiting, found = list(urls), {}
    while waiting:
        url = waiting.pop()
        if url in found or url.startswith(NOT_FOLLOWED):
            continue
        with counting_queries() as sent:
            answer = client.get(url, checked=False)
        headers = tuple(sorted(item for item in answer.headers.items() if item[0] not in NOT_COMPARED))
        found[url] = (answer.status_code, headers, RANDOM.sub(rb'\1""', answer.data), sent.count)
        assert len(found) <= MOST, "there is no end to what is linked"
        if not follows:
            continue
        if answer.location:
            waiting.append(here(url, answer.location))
        elif answer.status_code == 200 and answer.mimetype == "text/html":
            waiting += [here(url, each.replace("&amp;", "&")) for each in LINK.findall(answer.data.decode())]
    return found


def seen(app: Flask, made: Twins) -> Seen:
    """All that everybody outside gets."""
    accounts = made.world.accounts
    return {name: answers(app, accounts.get(name), urls) for name, urls in asked(app, made).items()}


def later(app: Flask, made: Twins) -> Seen:
    """What one of the cohort and their supervisor get when the weeks have passed.

    Not when a file was last modified: the worker of each copy has made its own, by the machine's clock.
    """
    stand_still(app, NOW + timedelta(weeks=WEEKS[-1], hours=2))
    found = {name: answers(app, made.world.accounts[name], ["/home", made.feeds[name]]) for name in LATER}
    return {name: {url: _undated(answer) for url, answer in urls.items()} for name, urls in found.items()}


def _undated(answer: Answer) -> Answer:
    status, headers, *rest = answer
    return (status, tuple(each for each in headers if each[0] != "Last-Modified"), *rest)  # type: ignore[return-value]


def where(one: Seen, other: Seen) -> list[str]:
    """Who gets other answers where, and what of each is another."""
    return [
        f"{name} {url}: {_differing(one[name].get(url), other[name].get(url))}"
        for name in sorted(one)
        for url in sorted(one[name].keys() | other[name].keys())
        if one[name].get(url) != other[name].get(url)
    ]


def _differing(one: Answer | None, other: Answer | None) -> str:
    if one is None or other is None:
        return "only in one"
    parts = zip(("status", "headers", "body", "statements"), one, other, strict=True)
    return ", ".join(f"{part} {mine!r:.300} and {theirs!r:.300}" for part, mine, theirs in parts if mine != theirs)


@dataclass
class Weeks:
    """What was written to people while the worker went on: mails as read, and each that was queued."""

    mails: list[tuple[Any, ...]] = field(default_factory=list)
    queued: list[tuple[Any, ...]] = field(default_factory=list)


def weeks(app: Flask, made: Twins, names: Iterable[str] = OUTSIDE) -> Weeks:
    """The worker's whole schedule, once in each of the weeks; what is random is drawn alike in every copy."""
    with app.app_context():
        for week in WEEKS:
            moment = NOW + timedelta(weeks=week, hours=1)
            chance = Random(week)
            with _alike(chance), patch.object(worker, "story_now", lambda now=moment: now):
                for job in worker.SCHEDULE:
                    job.run()
        keys = [made.world.accounts[name].person_id for name in names]
        mails = select(KeptMail).join(Message, Message.id == KeptMail.message_id).where(Message.recipient_id.in_(keys))
        queued = select(Notification).where(Notification.recipient_id.in_(keys))
        return Weeks(
            sorted((each.to, each.at, each.subject, each.text, each.html) for each in db.session.scalars(mails)),
            sorted((each.recipient_id, each.due_at, each.notice, each.about_id) for each in db.session.scalars(queued)),
        )


@contextmanager
def _alike(chance: Random) -> Iterator[None]:
    def letters(size: int = 16) -> str:
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=size * 4 // 3))

    first, counted = letters(3), Counter[int]()

    def number_mail(_mapper: Any, _connection: Any, made: Message) -> None:
        """Each person's mails by their own count: how many others get is no matter of theirs."""
        counted[made.recipient_id] += 1
        made.public_id = f"{first}{made.recipient_id:04}{counted[made.recipient_id]:04}"

    drawn = {"token_urlsafe": letters, "token_hex": letters, "choice": chance.choice}
    event.listen(Message, "before_insert", number_mail)
    try:
        in_no_time = patch.object(delivery, "Passing", lambda: timedelta)  # what sending took is the machine's
        with patch.multiple(secrets, **drawn), patch.object(worker, "is_demonstration", lambda: True), in_no_time:
            yield
    finally:
        event.remove(Message, "before_insert", number_mail)
