"""A town for one journey: the product being served, its clock, its worker and its mail; and the people who use it.

A person has a browser window of their own and knows only the words on the pages. Wherever they arrive the page must be
whole: no error on the console, no failed request, nothing wider than the window.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from flask_security import hash_password
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy import select

from placements import worker
from placements.accounts.models import GlobalRole
from placements.cohorts.queries import closed_days
from placements.core.clock import LONDON, machine_now
from placements.db import db
from placements.mail.delivery import Tally, deliver
from placements.mail.models import KeptMail
from placements.mail.pacing import USUAL_HOUR, next_digest
from placements.mail.transports import MailboxTransport
from placements.people.models import Person as PersonRow
from tests import factories as make
from tests.browser import DESKTOP, context_for, faults, watch
from tests.databases import Copy

PASSWORD = "three words together"
MOST_TABS = 60  # more than any form has fields
PATIENCE = 15_000  # milliseconds, for a machine with much else to do


@dataclass
class Town:
    """One database being served at `address`. Story time stands still at `now` until a test moves it."""

    copy: Copy
    address: str
    browser: Browser
    now: datetime
    has_script: bool

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """What was there before the story begins: rows made here are committed at the end."""
        with self.copy.app.app_context():
            yield
            db.session.commit()

    def it_is(self, day_and_time: str) -> None:
        """Move the story on to a day and time in London, "2026-10-30 17:05", and let the worker do what is due."""
        self.now = datetime.fromisoformat(day_and_time).replace(tzinfo=LONDON).astimezone(UTC)
        self.works()

    def works(self) -> None:
        """One tick of the worker's whole schedule, at story time, delivering to the mailbox."""
        with (
            self.copy.app.app_context(),
            patch.object(worker, "story_now", lambda: self.now),
            patch.object(worker, "is_demonstration", lambda: True),
        ):
            for job in worker.SCHEDULE:
                job.run()

    def mails_to(self, email: str) -> list[tuple[str, str]]:
        """Subject and text of each mail to that address, the newest first."""
        self.works()
        with self.copy.app.app_context():
            kept = select(KeptMail.subject, KeptMail.text).where(KeptMail.to == email)
            return [(subject, text) for subject, text in db.session.execute(kept.order_by(KeptMail.id.desc()))]

    def the_next_days_mail_comes(self) -> None:
        """What waits for the mail of the next working days is delivered; for everybody else it is still now."""
        with self.copy.app.app_context():
            moment = self.now
            for _ in range(2):
                moment = next_digest(moment, USUAL_HOUR, closed_days())
                while deliver(MailboxTransport(), moment, machine_now()) != Tally():
                    pass
            db.session.remove()

    def somebody(self, name: str, size: ViewportSize = DESKTOP) -> "Person":
        """A person before a browser window of their own, not signed in."""
        context = context_for(self.browser, self.address, None, size, script=self.has_script)
        return Person(self, name, email_of(name), context.new_page())

    def signs_in(self, name: str, size: ViewportSize = DESKTOP) -> "Person":
        """Somebody whom `member` made, signed in with their password."""
        who = self.somebody(name, size)
        who.goes_to("/sign-in")
        who.writes({"Email address": who.email, "Password": PASSWORD})
        who.presses("Sign in")
        return who


def email_of(name: str) -> str:
    """Where somebody is reached: "Amina Yusuf" at amina.yusuf@example.org."""
    return f"{name.lower().replace(' ', '.')}@example.org"


def person(name: str, **said: str) -> PersonRow:
    """The row of somebody who has no account."""
    given, _, family = name.partition(" ")
    return make.person(given_name=given, family_name=family, email=email_of(name), **said)


def member(name: str, *roles: GlobalRole, **said: str) -> PersonRow:
    """The row of somebody who has an account and a password."""
    who = person(name, **said)
    make.account(who, *roles, password=hash_password(PASSWORD))
    return who


def _as_seen(words: str) -> re.Pattern[str]:
    """The name of a link or button with these words; what it is about may be read out after a colon."""
    seen = re.escape(words).replace("/", r"\/")  # it is read by the browser, where a slash ends it
    return re.compile(rf"^{seen}( : .+)?$")


@dataclass
class Person:
    """Somebody before their browser."""

    town: Town
    name: str
    email: str
    page: Page

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE)
        self.wrong = watch(self.page)
        self.answered: list[str] = []  # every question that they answered, by its label
        self.sent: list[str] = []  # every page that they sent, by its heading
        self.never: tuple[str, ...] = ()  # what no page may show them

    def _arrives(self) -> None:
        """The page is there: is it whole, and does it show only what they may see?"""
        found = faults(self.page, self.wrong)
        found += [f"it shows {words!r}" for words in self.never if words in self.page.content()]
        assert not found, f"{self.name} at {self.page.url}: {'; '.join(found)}"

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    # Going somewhere

    def goes_to(self, address: str) -> None:
        """Type an address of ours, or one from a mail."""
        self.page.goto(address if "://" in address else self.town.address + address)
        self._arrives()

    def looks_again(self) -> None:
        """Load the same page again."""
        self.page.reload()
        self._arrives()

    def follows(self, link: str, within: Locator | None = None) -> None:
        """Follow the one link of those words."""
        with self.page.expect_navigation():
            (within or self.page).get_by_role("link", name=_as_seen(link)).click()
        self._arrives()

    def presses(self, button: str, within: Locator | None = None) -> None:
        """Press the one button of those words, and be shown what comes of it."""
        self.sent.append(self.page.get_by_role("heading", level=1).inner_text())
        with self.page.expect_navigation():
            (within or self.page).get_by_role("button", name=_as_seen(button)).click()
        self._arrives()

    def chooses_from_menu(self, label: str) -> None:
        """Go to one of the places that the header names; on a phone they are beneath “Menu”."""
        menu = self.page.get_by_role("group").get_by_text("Menu", exact=True)
        if menu.is_visible():
            menu.click()
        self.follows(label, self.page.get_by_role("navigation", name="Main"))

    def unfolds(self, words: str) -> None:
        """Open what a phone keeps folded."""
        self.page.get_by_role("group").get_by_text(words, exact=True).click()

    def opens_mail(self, subject: str, link: str | None = None) -> str:
        """Read the newest mail of that subject (part of it is enough) and follow its link; the mail's text."""
        mails = self.town.mails_to(self.email)
        if not any(subject in said for said, _ in mails):
            self.town.the_next_days_mail_comes()
            mails = self.town.mails_to(self.email)
        found = [text for said, text in mails if subject in said or subject in text]
        assert found, f"{self.name} has no mail “{subject}”, only {[said for said, _ in mails]}"
        if link is not None:
            address = re.search(rf"{re.escape(link)}: (\S+)", found[0])
            assert address, found[0]
            self.goes_to(address[1])
        return found[0]

    # Filling in

    def writes(self, answers: Mapping[str, str], within: Locator | None = None) -> None:
        """Write into fields, each by its label."""
        for label, text in answers.items():
            (within or self.page).get_by_label(label, exact=True).fill(text)
        self.answered.extend(answers)

    def picks(self, label: str, option: str) -> None:
        """Pick from a drop-down list."""
        self.page.get_by_label(label, exact=True).select_option(label=option)
        self.answered.append(label)

    def ticks(self, *labels: str, within: Locator | None = None) -> None:
        """Choose radio buttons or tick boxes."""
        for label in labels:
            (within or self.page).get_by_label(label, exact=True).check()
        self.answered.extend(labels)

    def unticks(self, label: str) -> None:
        """Take a tick away."""
        self.page.get_by_label(label, exact=True).uncheck()

    def attaches(self, label: str, file: Path) -> None:
        """Choose a file of one's own."""
        self.page.get_by_label(label, exact=True).set_input_files(file)

    def writes_date(self, question: str, day: str) -> None:
        """Write a date, "2026-11-16", into the three fields of a question."""
        group = self.page.get_by_role("group", name=question)
        for part, digits in zip(("Year", "Month", "Day"), day.split("-"), strict=True):
            group.get_by_label(part, exact=True).fill(digits)

    # Without a mouse

    def types(self, answers: Mapping[str, str]) -> None:
        """Write into fields, each reached by the Tab key alone."""
        for label, text in answers.items():
            self._tabs_to(self.page.get_by_label(label, exact=True))
            self.page.keyboard.press("ControlOrMeta+A")
            self.page.keyboard.type(text)

    def presses_by_key(self, button: str) -> None:
        """Press a button that is reached by the Tab key alone."""
        self._tabs_to(self.page.get_by_role("button", name=button, exact=True))
        self.presses_focused("Enter")

    def presses_focused(self, key: str) -> None:
        """Press the button where the keyboard is, and be shown what comes of it."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self._arrives()

    def _tabs_to(self, there: Locator) -> None:
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if there.evaluate("there => there === document.activeElement"):
                return
        raise AssertionError(f"{self.name} cannot reach {there} by the Tab key")

    # Reading

    def sees(self, *words: str) -> None:
        """All of these words stand on the page, wherever its line breaks are."""
        for each in words:
            expect(self.main).to_contain_text(each, use_inner_text=True)

    def does_not_see(self, *words: str) -> None:
        """None of these words stands on the page."""
        for each in words:
            expect(self.main).not_to_contain_text(each, use_inner_text=True)

    def is_at(self, heading: str) -> None:
        """The page's main heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)

    def finds_nothing_at(self, address: str) -> None:
        """An address that does not exist for this person."""
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == 404
        self.is_at("Page not found")
        self.wrong.clear()

    def downloads(self, link: str) -> Path:
        """Follow a link that gives a file; the file, under the name it came with."""
        with self.page.expect_download() as downloading:
            self.page.get_by_role("link", name=link, exact=True).click()
        given = downloading.value
        file = self.town.copy.settings.instance / "downloads" / given.suggested_filename
        given.save_as(file)
        return file

    def part(self, heading: str) -> Locator:
        """The part of the page that stands under a heading."""
        return self.main.get_by_role("heading", name=heading, exact=True).locator("..")

    def row(self, words: str) -> Locator:
        """The one row of a table with those words."""
        return self.page.get_by_role("row").filter(has_text=words)

    def cells(self, words: str) -> list[str]:
        """What that row says, cell by cell after its heading."""
        return [" ".join(said.split()) for said in self.row(words).get_by_role("cell").all_inner_texts()]
