"""What a student's hours come to: a replay of the ledger, the same from the same lines whenever it is asked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """Where an entry stands after a line of the ledger."""

    WAITING = "waiting"  # submitted, or edited since: for the supervisor to confirm
    QUERIED = "queried"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"  # by the university, on other evidence
    NOT_COUNTED = "not_counted"  # by a person's decision, whose reason stands on the entry
    REMOVED = "removed"  # taken back to draft


class WhyNot(StrEnum):
    """Why minutes are kept and not counted."""

    NO_AGREEMENT = "no_agreement"
    PAUSED = "paused"
    ENDED = "ended"
    PAST_CEILING = "past_ceiling"
    DECIDED = "decided"


WHY_NOT = {
    WhyNot.NO_AGREEMENT: "This was before the Challenge Agreement was in force.",
    WhyNot.PAUSED: "The placement was paused at that time.",
    WhyNot.ENDED: "The placement had ended by then.",
    WhyNot.PAST_CEILING: "This is past the most hours that were agreed.",
    WhyNot.DECIDED: "Your tutor decided that this does not count, and said why.",
}


@dataclass(frozen=True)
class Terms:
    """When visits on one placement count (instants). `ends_at` is the first instant after it; a pause may be open.

    `ending_known_at`: of a placement ended early, when that was written down, or its planned end if that was before.
    """

    in_force_at: datetime | None = None  # when every party had signed the Agreement
    ends_at: datetime | None = None
    ending_known_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime | None], ...] = ()


@dataclass(frozen=True)
class Posting:
    """A line of the append-only ledger: an entry as it was (instants, minutes less break), and where it then stood."""

    entry: int
    placement: int
    standing: Standing
    starts_at: datetime
    ends_at: datetime
    minutes: int


@dataclass(frozen=True)
class Line:
    """What became of one entry: its minutes that count (or would, once confirmed), those that do not, and why not."""

    entry: int
    standing: Standing
    counted: int
    not_counted: int
    why_not: WhyNot | None = None


@dataclass(frozen=True)
class Totals:
    """A student's minutes. `to_go` is what is left to work towards the target once what is waiting is confirmed."""

    confirmed: int
    waiting: int
    queried: int
    not_counted: int
    to_go: int


@dataclass(frozen=True)
class Ledger:
    """The replayed ledger: a line for each live entry in the order of the visits, and the totals."""

    lines: tuple[Line, ...]
    totals: Totals


def why_not_counted(starts_at: datetime, ends_at: datetime, terms: Terms) -> WhyNot | None:
    """Why a visit does not count under the terms, or None. It is taken whole: part outside them, all of it is."""
    if terms.in_force_at is None or starts_at < terms.in_force_at:
        return WhyNot.NO_AGREEMENT
    if any(starts_at < (until or ends_at) and since < ends_at for since, until in terms.pauses):
        return WhyNot.PAUSED
    if terms.ends_at is not None and ends_at > terms.ends_at:
        return WhyNot.ENDED
    return None


_CONFIRMED = (Standing.CONFIRMED, Standing.VERIFIED)
_TURN = {Standing.CONFIRMED: 0, Standing.VERIFIED: 0, Standing.WAITING: 1, Standing.QUERIED: 2, Standing.NOT_COUNTED: 3}


def replay(
    postings: Iterable[Posting], terms: Mapping[int, Terms], target: int, ceiling: int, carried: int = 0
) -> Ledger:
    """Replay one enrolment's ledger, oldest line first; `terms` by placement (one without any has no Agreement).

    The last line about an entry says where it stands. `carried` minutes were confirmed elsewhere and come first. Room
    under the ceiling goes to confirmed visits, then to waiting, then to queried ones, each in the order of the visits;
    a visit that crosses the ceiling counts up to it. Nobody's confirmation brings back what does not count, save one:
    where a placement was ended early, what is confirmed or verified counts up to when that was written down: until then
    everybody took it to go on, and those hours stay the student's. When they were confirmed is not asked, so the same
    last lines always come to the same.
    """
    last = {posting.entry: posting for posting in postings}
    live = [each for each in last.values() if each.standing is not Standing.REMOVED]
    lines: dict[int, Line] = {}
    room = max(0, ceiling - carried)
    for posting in sorted(live, key=lambda each: (_TURN[each.standing], each.starts_at, each.entry)):
        line = _line(posting, terms.get(posting.placement, Terms()), room)
        room -= line.counted
        lines[posting.entry] = line
    in_order = tuple(lines[each.entry] for each in sorted(live, key=lambda each: (each.starts_at, each.entry)))
    return Ledger(in_order, _totals(in_order, target, carried))


def _line(posting: Posting, terms: Terms, room: int) -> Line:
    if posting.standing in _CONFIRMED and terms.ending_known_at:
        terms = replace(terms, ends_at=terms.ending_known_at)
    why = why_not_counted(posting.starts_at, posting.ends_at, terms)
    if posting.standing is Standing.NOT_COUNTED:
        why = why or WhyNot.DECIDED
    if why:
        return Line(posting.entry, posting.standing, 0, posting.minutes, why)
    counted = min(posting.minutes, room)
    over = posting.minutes - counted
    return Line(posting.entry, posting.standing, counted, over, WhyNot.PAST_CEILING if over else None)


def _totals(lines: Iterable[Line], target: int, carried: int) -> Totals:
    confirmed, waiting, queried, not_counted = carried, 0, 0, 0
    for line in lines:
        not_counted += line.not_counted
        if line.standing in _CONFIRMED:
            confirmed += line.counted
        elif line.standing is Standing.WAITING:
            waiting += line.counted
        elif line.standing is Standing.QUERIED:
            queried += line.counted
    return Totals(confirmed, waiting, queried, not_counted, to_go=max(0, target - confirmed - waiting))


@dataclass(frozen=True)
class Projection:
    """Where a student's pace leads (minutes, London dates), beside the plan: the target spread evenly over the days."""

    planned_by_now: int
    by_the_end: int
    finishes_on: date | None  # or when it did finish; None: not at this pace
    is_on_course: bool


_FAR_OFF = 1000  # days; past this a date would only mislead


def project(worked: int, target: int, starts_on: date, ends_on: date, today: date) -> Projection:
    """Project `worked` minutes (confirmed and waiting) at their pace so far, both ends of the placement included.

    Whole days, rounded against the student, so that a promise is never too early.
    """
    length = (ends_on - starts_on).days + 1
    gone = min(max((today - starts_on).days + 1, 0), length)
    planned = target * gone // length
    is_too_late = today > ends_on and worked < target
    if worked <= 0 or gone == 0 or is_too_late:
        return Projection(planned, worked, None, worked >= planned)
    days = -(-target * gone // worked)
    finishes_on = starts_on + timedelta(days=days - 1) if days <= _FAR_OFF else None
    by_the_end = worked * length // gone
    return Projection(planned, by_the_end, finishes_on, by_the_end >= target)
