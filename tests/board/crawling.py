"""All that somebody can load by following links from their home, and all that was mailed to them, made comparable."""

import re
from collections.abc import Iterable
from urllib.parse import urldefrag, urljoin, urlsplit

from sqlalchemy import select

from placements.accounts.models import Account
from placements.db import db
from placements.mail.asking import Said
from placements.mail.models import Notification
from placements.mail.notices import notices
from placements.mail.rendering import render
from placements.people.models import Person
from tests.client import PageClient

LINK = re.compile(r'(?:href|action|src)="(/[^"]*)"')
RANDOM = re.compile(rb'((?:name="(?:csrf_token|form_key)"[^>]*value|data-token)=)"[^"]*"')  # made anew for each page
NOT_FOLLOWED = ("/static/", "/sign-out", "/demo")
NOT_COMPARED = {"Set-Cookie", "Date", "Vary"}
MOST = 600
Answer = tuple[int, tuple[tuple[str, str], ...], bytes]


def everything(client: PageClient, account: Account, *also: str) -> dict[str, Answer]:
    """Status, headers and body of every address that links lead to, with what is random in them masked."""
    client.sign_in_as(account)
    waiting, found = ["/", "/home", *also], {}
    while waiting:
        url = waiting.pop(0)
        if url in found:
            continue
        answer = client.get(url, checked=False)
        headers = tuple(sorted(item for item in answer.headers.items() if item[0] not in NOT_COMPARED))
        found[url] = (answer.status_code, headers, RANDOM.sub(rb'\1""', answer.data))
        assert len(found) <= MOST, "there is no end to what is linked"
        if answer.location:
            waiting.append(here(url, answer.location))
        if answer.mimetype == "text/html":
            links = (here(url, each.replace("&amp;", "&")) for each in LINK.findall(answer.data.decode()))
            waiting += [each for each in links if not each.startswith(NOT_FOLLOWED)]
    return found


def here(url: str, link: str) -> str:
    there = urlsplit(urldefrag(urljoin(url, link))[0])
    return there.path + (f"?{there.query}" if there.query else "")


def mails(people: Iterable[Account], now: object) -> list[tuple[str, str, str]]:
    """Every mail that waits or was sent for them, rendered as it would be now: to whom, its subject, its text."""
    found = []
    for account in people:
        person = db.session.get_one(Person, account.person_id)
        rows = select(Notification).where(Notification.recipient_id == person.id).order_by(Notification.id)
        for row in db.session.scalars(rows):
            notice = notices()[row.notice]
            said = notice.context(row.about_id, person, now)  # type: ignore[arg-type]
            if said is not None:
                mail = render([Said(notice, said)], person)
                found.append((person.email, mail.subject, mail.text))
    return found


def differences(one: dict[str, Answer], other: dict[str, Answer]) -> list[str]:
    """The addresses whose answers differ, and those that only one of the two has."""
    return sorted(url for url in one.keys() | other.keys() if one.get(url) != other.get(url))
