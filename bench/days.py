"""One day after the other: people act, the day to come is foreseen in a copy, and the worker's own jobs let it come."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from time import perf_counter
from unittest.mock import patch

from flask import Flask
from sqlalchemy import event, make_url, select

from bench.finished import Oracle
from bench.lived import EVENING, Played
from placements import worker
from placements.app import create_app
from placements.config import Settings
from placements.core.clock import in_london, today
from placements.db import db
from placements.mail import delivery
from placements.mail.asking import Said, still_said
from placements.mail.models import Message, MessageState, Notification
from placements.mail.notices import notices
from placements.mail.rendering import Rendered
from placements.rehearsal import Foreseen, _sent_on, _so_far, copied, moments, run_ahead

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
LATE = timedelta(seconds=5)  # after the full minute, as a worker's clock is: what is due at nine is found just then
MAILS = [time(8, 59), time(9, 10), time(12, 10), time(17, 10), time(20, 10)]  # looks of each day, besides the evening's
OTHERS = [time(hour, minute) for hour in range(7, 21) for minute in (0, 30, 59)]  # of which a day has some, if wanted

Thing = tuple[str, int, str]  # the notice, what it is about, when it was due


@dataclass(frozen=True)
class Mail:
    """One mail as it is compared."""

    at: str  # the minute
    to: int
    things: frozenset[Thing]


def mails_of(found: Sequence[Foreseen], looked: Collection[datetime], looks: Sequence[datetime]) -> set[Mail]:
    """The mails that these things were, or will be, in; `looked`: the moments at which they were found.

    The worker looks each minute, but only at some `looks` here: whatever is foreseen leaves at the first of them.
    """
    together: dict[tuple[int, datetime], set[Thing]] = {}
    for each in found:
        at = looks[min(bisect_left(looks, each.at.replace(second=0, microsecond=0)), len(looks) - 1)]
        due = "then" if each.due_at in looked else f"{each.due_at:%Y-%m-%d %H:%M:%S}"
        together.setdefault((each.recipient_id, at), set()).add((each.notice, each.about_id, due))
    return {Mail(f"{at:%Y-%m-%d %H:%M}", to, frozenset(things)) for (to, at), things in together.items()}


def in_no_time() -> Callable[[], timedelta]:
    """To send many mails takes seconds, in which a minute may end: here as there it takes none."""
    return timedelta


class Ahead:
    """The application of whichever copy is given next: what it remembers of statements stays with it."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        (folder / "ahead").mkdir()
        self.url = make_url(settings.url)
        self.app = create_app(replace(settings, instance=folder / "ahead"))
        with self.app.app_context():
            event.listen(db.engine, "do_connect", self._connect)

    def _connect(self, dialect: object, _record: object, given: list[object], named: dict[str, object]) -> None:
        ours, others = dialect.create_connect_args(self.url)  # type: ignore[attr-defined]
        given[:] = ours
        named.clear()
        named.update(others)

    def foresee(self, copy: Settings, now: datetime, day: date) -> list[Foreseen]:
        """What will be sent from `now` to the end of London's `day`."""
        self.url = make_url(copy.url)
        with self.app.app_context():
            db.engine.dispose()
        with patch.object(delivery, "Passing", in_no_time):
            found = run_ahead(self.app, now, day)
        before = today(now)
        if before == day:
            return found
        with self.app.app_context():
            rest = _sent_on(before, now)
            db.session.remove()
            db.engine.dispose()
        return rest + found


class Mailbox:
    """The worker's clock, and where its mail goes: what each said, and what the oracle thinks of it."""

    def __init__(self, now: datetime, *, says_everything: bool = False) -> None:
        self.now, self.says_everything = now, says_everything
        self.oracle = Oracle()
        self.said: dict[int, list[Notification]] = {}
        self.mails: Counter[int] = Counter()
        self.things: Counter[tuple[int, str, int, datetime]] = Counter()
        self.days: Counter[tuple[int, date]] = Counter()
        self.weeks: Counter[tuple[int, date]] = Counter()
        self.notices: Counter[str] = Counter()
        self.finished: list[str] = []  # said all the same
        self.kept_back = 0  # queued, not said, and finished as the oracle sees it
        self.unsaid = 0

    def send(self, message: Message, _mail: Rendered) -> None:
        """Count it."""
        on = today(self.now)
        self.mails[message.id] += 1
        self.weeks[message.recipient_id, on - on.weekday() * DAY] += 1
        if message.digest_on:
            self.days[message.recipient_id, message.digest_on] += 1
        for each in self.said.pop(message.id):
            self.things[each.recipient_id, each.notice, each.about_id, each.due_at] += 1
            self.notices[each.notice] += 1

    def listen(self, message: Message, now: datetime) -> tuple[list[Said], list[int]]:
        """What is asked as each mail leaves, overheard."""
        said, untrue = still_said(message, now)
        gone = [] if self.says_everything else untrue
        self.said[message.id] = [each for each in message.notifications if each.id not in gone]
        for each in message.notifications:
            why = self.oracle.finished(each, now)
            self.unsaid += each.id in untrue
            if why and each.id in gone:
                self.kept_back += 1
            elif why:
                self.finished.append(f"{now:%Y-%m-%d %H:%M} {each.notice} to {each.recipient_id}: {why}")
        if self.says_everything and not said:
            said = [Said(notices()[message.notifications[0].notice], {})]
        return said, gone

    def patched(self) -> ExitStack:
        """With this clock and this mailbox in the worker's place."""
        stack = ExitStack()
        changes = {"story_now": lambda: self.now, "is_demonstration": lambda: True, "MailboxTransport": lambda: self}
        for name, value in changes.items():
            stack.enter_context(patch.object(worker, name, value))
        stack.enter_context(patch.object(delivery, "Passing", in_no_time))
        stack.enter_context(patch.object(delivery, "still_said", self.listen))
        stack.enter_context(patch.object(delivery, "render", lambda *_: Rendered("", "", "")))
        return stack


@dataclass
class Found:
    """What a year came to."""

    mailbox: Mailbox
    played: Played
    days: int = 0
    previews: int = 0
    foreseen: int = 0
    differences: list[str] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)


@dataclass
class Expected:
    """What was foreseen from one moment on, not yet compared; and its copy, which is needed until then."""

    since: datetime
    day: date
    result: Future[tuple[list[Foreseen], float]]
    copy: ExitStack
    until: datetime | None = None


Site = tuple[Flask, Settings]
Looks = Callable[[date], Iterable[time]]
Acts = list[tuple[datetime, Callable[[datetime], None]]]
Foresee = Callable[[Settings, datetime, date], Future[tuple[list[Foreseen], float]]]


class Life:
    """The days as they come."""

    def __init__(self, site: Site, mailbox: Mailbox, foresee: Foresee | None, looks: Looks) -> None:
        self.app, self.settings = site
        self.mailbox, self.foresee, self.looks = mailbox, foresee, looks
        self.found = Found(mailbox, Played())
        self.waiting: list[Expected] = []
        self.looked: set[datetime] = set()
        self.ran: dict[str, datetime] = {}

    def day(self, day: date, acts: Acts) -> None:
        """One day: the worker's ticks, and people's doings at their moments."""
        busy = {at for at, _ in acts} | {in_london(day, EVENING)}
        for at in sorted({in_london(day, each) + LATE for each in self.looks(day)} | busy):
            self.mailbox.now = at
            if at in busy:
                self._act([act for moment, act in acts if moment == at], at)
            self._tick(at)
        self.found.days += 1
        self._collect(at_most=4)

    def _act(self, acts: Sequence[Callable[[datetime], None]], at: datetime) -> None:
        began = perf_counter()
        with self.app.app_context():
            for act in acts:
                self.found.played.play(act, at)
        acted = perf_counter()
        self.found.seconds["acting"] += acted - began
        if self.foresee is None:
            return
        self.end(at)
        ahead = today(at) + DAY if at == in_london(today(at), EVENING) else today(at)
        copy = ExitStack()
        settings = copy.enter_context(copied(self.settings))
        self.waiting.append(Expected(at, ahead, self.foresee(settings, at, ahead), copy))
        self.found.seconds["copying"] += perf_counter() - acted

    def end(self, at: datetime) -> None:
        """What was foreseen before holds until now."""
        if self.waiting and self.waiting[-1].until is None:
            self.waiting[-1].until = at

    def _tick(self, at: datetime) -> None:
        """What a worker does by then, some of it a batch a minute: until nothing is left."""
        self.looked.add(at)
        jobs = [job for job in worker.SCHEDULE if at - self.ran.get(job.name, NEVER) >= timedelta(seconds=job.every)]
        with self.app.app_context():
            before = None
            while before != (so_far := _so_far()):
                before = so_far
                for job in [*jobs, DELIVER]:
                    self._run(job)
        self.ran |= {job.name: at for job in jobs}

    def _run(self, job: worker.Job) -> None:
        began = perf_counter()
        with self.app.app_context():
            job.run()
        self.found.seconds[job.name] += perf_counter() - began

    def _collect(self, at_most: int) -> None:
        while len(self.waiting) > at_most or (self.waiting and not at_most):
            first = self.waiting.pop(0)
            began = perf_counter()
            found, took = first.result.result()
            first.copy.close()
            self.found.seconds["waiting"] += perf_counter() - began
            self.found.seconds["foreseeing"] += took
            self._compare(first, found)

    def finish(self, at: datetime) -> Found:
        """Compare what is left."""
        self.end(at)
        self._collect(at_most=0)
        return self.found

    def _compare(self, expected: Expected, found: Sequence[Foreseen]) -> None:
        since, until = expected.since, expected.until
        assert until is not None
        looks = sorted(at for at in self.looked if since <= at < until)
        last = looks[-1] + MINUTE
        foreseen = mails_of([each for each in found if each.at < last], set(moments(since, expected.day)), looks)
        sent = mails_of(self._sent(since, until), set(looks), looks)
        self.found.previews += 1
        self.found.foreseen += len(foreseen)
        self.found.differences += differences(foreseen, sent)

    def _sent(self, since: datetime, until: datetime) -> list[Foreseen]:
        told = (Notification.notice, Notification.about_id, Notification.due_at)
        rows = select(Message.sent_at, Message.id, Message.recipient_id, *told)
        rows = rows.join(Notification, Notification.message_id == Message.id)
        rows = rows.where(Message.state == MessageState.SENT, Notification.dropped_at.is_(None))
        with self.app.app_context():
            return [
                Foreseen(*row)
                for row in db.session.execute(rows.where(Message.sent_at >= since, Message.sent_at < until))
            ]


DELIVER = next(job for job in worker.SCHEDULE if job.name == "deliver_mail")  # of what the last jobs of a tick told
NEVER = in_london(date(2000, 1, 1), time())


def some_looks(day: date) -> list[time]:
    """A few of the worker's looks at that day, other ones each day, and at those of each day."""
    return [time(0, 1), *MAILS, *Random(f"{day}").sample(OTHERS, 5)]


def differences(foreseen: set[Mail], sent: set[Mail]) -> list[str]:
    """What was foreseen and not sent so, or the other way round: one line a mail that differs."""
    said = []
    for mail in sorted(foreseen ^ sent, key=lambda each: (each.at, each.to, each in sent)):
        things = ", ".join(f"{notice} {about} due {due}" for notice, about, due in sorted(mail.things))
        said.append(f"{'sent' if mail in sent else 'foreseen'} {mail.at} to {mail.to}: {things}")
    return said
