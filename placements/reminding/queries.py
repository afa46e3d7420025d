"""Every notice as staff read of it, what a run says its own way, and what is foreseen of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from placements.cohorts.models import ModuleRun
from placements.core.policy import Principal
from placements.core.seen import fingerprint
from placements.correspondence.sight import is_looked_after
from placements.db import db, slice_of
from placements.mail.asking import Said, Values, found_in
from placements.mail.models import Notification, OwnNotice
from placements.mail.notices import Notice, TimedReminder, notices, reminders
from placements.mail.pacing import read_steps
from placements.mail.wording import Words, words_of
from placements.people.models import Person
from placements.reminding.gaps import with_gaps, without_addresses
from placements.reminding.models import Forecast, ForecastLine
from placements.reminding.rules import Show, say_steps

BESIDE_WORDS = str.maketrans(dict.fromkeys("“”‘(", " "))
LOOKED_AT = 10  # of the latest, for somebody to show it by
PACES = {"now": "at once, day and night", "soon": "at once, but not at night", "daily": "with the mail of the day"}


@dataclass(frozen=True)
class Listed:
    """A notice with what it says of itself, and what the run in question says otherwise."""

    notice: Notice
    words: Words
    timed: TimedReminder | None
    is_reminder: bool
    then: str  # the title of what follows where nothing comes of it
    own: OwnNotice | None = None

    @property
    def pace(self) -> str:
        """How soon it goes, as people say it."""
        return PACES[self.notice.pace.value]

    @property
    def steps(self) -> tuple[int, ...]:
        """When it is said, in the reminder's unit."""
        if self.timed is None:
            return ()
        return read_steps(self.own.steps) if self.own is not None and self.own.steps else self.timed.steps

    @property
    def when(self) -> str:
        """“7 days before and on the day of the student’s own deadline”; empty where it is said as things happen."""
        return say_steps(self.steps, self.timed.unit, self.timed.hangs_on) if self.timed else ""

    @property
    def said(self) -> str:
        """What stands in a list of it, to look for words in: small letters, each word after a space."""
        words = self.words
        text = " ".join((words.title, words.to, words.because, words.until, self.when)).casefold()
        return f" {text.translate(BESIDE_WORDS)}"

    @property
    def is_own(self) -> bool:
        """Whether the run says anything of it otherwise than usual."""
        own = self.own
        return own is not None and bool(own.is_off or own.steps or own.subject or own.words)


def listed(run: ModuleRun | None = None) -> list[Listed]:
    """Every notice, in the order of the year; of a run, those that are about one, with its own ways. One query."""
    found = [each for each in notices().values() if run is None or each.run]
    rows = db.session.scalars(select(OwnNotice).where(OwnNotice.run_id == run.id)) if run else ()
    own = {each.notice: each for each in rows}
    return [_listed(each, own.get(each.name)) for each in found]


def found_among(found: Sequence[Listed], text: str | None, show: Show | None) -> list[Listed]:
    """Those that are shown where all these words, or beginnings of words, stand in what is said of them."""
    wanted = (text or "").casefold().split()
    return [
        each
        for each in found
        if (show is not Show.REMINDERS or each.is_reminder)
        and (show is not Show.OWN or each.is_own)
        and all(f" {word}" in each.said for word in wanted)
    ]


def listed_one(name: str, run: ModuleRun | None = None) -> Listed | None:
    """The notice of that name; of a run, with its own way. One query at most."""
    notice = notices().get(name)
    if notice is None or (run is not None and not notice.run):
        return None
    own = db.session.scalar(select(OwnNotice).filter_by(run_id=run.id, notice=name)) if run else None
    return _listed(notice, own)


def _listed(notice: Notice, own: OwnNotice | None) -> Listed:
    its = [each for each in reminders() if each.notice is notice]
    timed = next((each for each in its if isinstance(each, TimedReminder)), None)
    then = next((each.then for each in its if each.then), "")
    title = words_of(notices()[then]).title if then else ""
    return Listed(notice, words_of(notice), timed, bool(its), title, own)


def seen_own(own: OwnNotice | None) -> str:
    """What a form was made of, to see whether somebody changed it meanwhile."""
    return "" if own is None else fingerprint((own.is_off, own.steps, own.subject, own.words))


def sample_of(run: ModuleRun, notice: Notice, now: datetime) -> tuple[Values, Person] | None:
    """Somebody of the run to whom it was said lately and would be still, with what it is filled with."""
    lately = select(Notification).where(Notification.notice == notice.name).order_by(Notification.id.desc())
    for told in db.session.scalars(lately.limit(LOOKED_AT)).all():
        person = db.session.get_one(Person, told.recipient_id)
        values = notice.context(told.about_id, person, now)
        if values is not None and found_in(notice.run, values) == run.id:
            return values, person
    return None


def reads(listed: Listed, run: ModuleRun, now: datetime) -> tuple[str, str, Person | None]:
    """How it reads as it stands (`listed.own`): subject, text, and to whom; to nobody where nobody was told lately."""
    sample = None if listed.notice.private else sample_of(run, listed.notice, now)
    if sample is None:
        return *with_gaps(listed.notice, listed.own), None
    values, person = sample
    return *without_addresses(Said(listed.notice, values, listed.own), person), person


def forecast_of(day: date) -> Forecast | None:
    """What is foreseen of a day. One query."""
    return db.session.get(Forecast, day)


def lines_of(who: Principal, day: date, size: int, number: int) -> tuple[Sequence[ForecastLine], int]:
    """What will be sent that day to those whose mail `who` may see, thing by thing, and how much. Two queries."""
    rows = select(ForecastLine).where(ForecastLine.on == day, visible_to(who))
    rows = rows.order_by(ForecastLine.notice, ForecastLine.at, ForecastLine.message, ForecastLine.id)
    return slice_of(rows, size, number, joinedload(ForecastLine.recipient))


def visible_to(who: Principal) -> ColumnElement[bool]:
    """One's own; and of those whose mail one may look at, what is not for its reader alone."""
    private = [each.name for each in notices().values() if each.private]
    theirs = select(Person.id).where(is_looked_after(who))
    is_theirs = ForecastLine.recipient_id.in_(theirs) & ForecastLine.notice.not_in(private)
    return or_(ForecastLine.recipient_id == who.person_id, is_theirs)
