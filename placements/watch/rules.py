"""What a student needs somebody's look for: facts of one day in, warnings out. A healthy placement has none.

A new kind is a member of `Kind` with its words, and a function in `OF_PLACEMENT`; nothing else knows the kinds.
"""

import enum
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from placements.core.clock import add_working_days, say_date

SILENT_DAYS = (7, 14)  # without a visit that was expected: then somebody looks; then at once
LOGGED_WITHIN = 2  # working days in which a visit is usually written up; ours
ANSWERED_WITHIN = (10, 15)  # working days that a supervisor is given; after the second the university decides
QUERY_WITHIN = (5, 15)  # working days that a student is given for an answer; ours
WITHOUT_A_PLACE = 10  # working days past the target day, after which it is urgent; ours
PAPER_AHEAD = timedelta(days=28)  # before a paper runs out, somebody sees to it; ours
MISSED_WORKING_DAYS = (7, 10)  # of a sponsored student: looked at; to be reported
BEHIND_BY = 10  # a tenth of the target is no cause for alarm, nor are two weeks of the plan; ours
LOOK_WITHIN, AT_ONCE = 3, 1  # working days to do something about a warning; ours
PUT_OFF_MOST = timedelta(days=28)  # ours: longer is forgotten

WEEK = timedelta(days=7)


class Kind(enum.StrEnum):
    UNPLACED = "unplaced"
    SILENT = "silent"
    BEHIND = "behind"
    UNANSWERED = "unanswered"
    QUERIED = "queried"
    PAPER = "paper"
    ATTENDANCE = "attendance"  # the visa officer's alone


KINDS = {
    Kind.UNPLACED: "No place yet",
    Kind.SILENT: "No visit logged",
    Kind.BEHIND: "Behind the plan",
    Kind.UNANSWERED: "Hours not answered",
    Kind.QUERIED: "Question not settled",
    Kind.PAPER: "Approval runs out",
    Kind.ATTENDANCE: "Missed attendance",
}
NEXT = {
    Kind.UNPLACED: "Find a place with them, or record what they do instead.",
    Kind.SILENT: "Ask how it goes, and plan a visit or a call.",
    Kind.BEHIND: "Agree with both sides where the missing hours go.",
    Kind.UNANSWERED: "Ask the supervisor, or decide on other evidence.",
    Kind.QUERIED: "Help the two to agree, or decide on other evidence.",
    Kind.PAPER: "Ask the engagement team how far the renewal is.",
    Kind.ATTENDANCE: "Ask what happened; report it once 10 working days are missed.",
}


class Act(enum.StrEnum):
    """What somebody did about a warning."""

    TALKED = "talked"
    WROTE = "wrote"
    ASKED_THERE = "asked_there"
    REPLANNED = "replanned"
    PASSED_ON = "passed_on"
    REPORTED = "reported"
    FINE = "fine"


ACTS = {
    Act.TALKED: "Talked with the student",
    Act.WROTE: "Wrote to the student",
    Act.ASKED_THERE: "Asked the supervisor or the organisation",
    Act.REPLANNED: "Agreed a new plan with both sides",
    Act.PASSED_ON: "Passed it on to a colleague",
    Act.REPORTED: "Reported it to the sponsor’s records",
    Act.FINE: "Looked at it: nothing is needed",
}


def acts_for(kind: Kind) -> dict[Act, str]:
    """What can have been done about a warning of that kind: only missed attendance is reported."""
    return {act: said for act, said in ACTS.items() if kind is Kind.ATTENDANCE or act is not Act.REPORTED}


@dataclass(frozen=True)
class Pace:
    """A student's hours beside the agreed plan (minutes). `finishes_on`: at their pace; None: not at this pace."""

    worked: int
    planned: int
    by_the_end: int
    target: int
    minimum: int
    weekly: int  # what the plan has in a usual week
    finishes_on: date | None = None


@dataclass(frozen=True)
class Placed:
    """What is known of a placement that goes on. Dates are London's; None where there is nothing of the sort.

    `papers`: what it rests on (“the organisation’s approval”), each with its last day. `missed_on`: the first day on
    which the student was expected and nothing was logged; only of those whom a visa asks for attendance.
    """

    ends_on: date
    silent_since: date | None = None
    pace: Pace | None = None
    waiting_since: date | None = None
    queried_since: date | None = None
    papers: Mapping[str, date] | None = None
    missed_on: date | None = None


@dataclass(frozen=True)
class Sign:
    """A warning: what, since when, why in a sentence, and whether it cannot wait."""

    kind: Kind
    since_on: date
    why: str
    is_urgent: bool = False


Closed = Collection[date]


def _silent(of: Placed, today: date, closed: Closed) -> Sign | None:
    since = of.silent_since
    first, second = (timedelta(days=days) for days in SILENT_DAYS)
    if since is None or today < add_working_days(since + first, LOGGED_WITHIN, closed):
        return None
    why = f"Nothing has been logged since {say_date(since)}, and the plan expected a visit."
    return Sign(Kind.SILENT, since, why, is_urgent=since + second <= today)


def _behind(of: Placed, today: date, closed: Closed) -> Sign | None:
    pace = of.pace
    if pace is None or pace.worked >= pace.target:
        return None
    short = pace.planned - pace.worked
    if short < max(pace.target // BEHIND_BY, 2 * pace.weekly, 1):
        return None
    outlook = f"The placement ended on {say_date(of.ends_on)}."
    if today <= of.ends_on:
        outlook = f"At this pace it is {pace.by_the_end // 60} h on the last day, {say_date(of.ends_on)}"
        finish = f", and {hours(pace.target)} on {say_date(pace.finishes_on)}." if pace.finishes_on else "."
        outlook += finish
    why = f"{hours(pace.worked)} worked, {hours(pace.planned)} planned by now. {outlook}"
    return Sign(Kind.BEHIND, today, why, is_urgent=pace.by_the_end < pace.minimum or of.ends_on < today)


def _unanswered(of: Placed, today: date, closed: Closed) -> Sign | None:
    why = "Hours have waited for the supervisor since {}."
    if of.waiting_since is None:
        return None
    return _waited(Sign(Kind.UNANSWERED, of.waiting_since, why), ANSWERED_WITHIN, today, closed)


def _queried(of: Placed, today: date, closed: Closed) -> Sign | None:
    why = "The supervisor asked about a visit on {}, and it is not settled."
    if of.queried_since is None:
        return None
    return _waited(Sign(Kind.QUERIED, of.queried_since, why), QUERY_WITHIN, today, closed)


def _papers(of: Placed, today: date, closed: Closed) -> Sign | None:
    """The first of what the placement rests on to run out before its end."""
    running_out = {what: last for what, last in (of.papers or {}).items() if last < of.ends_on}
    if not running_out:
        return None
    what, last = min(running_out.items(), key=lambda each: each[1])
    if today < last - PAPER_AHEAD:
        return None
    is_over = last < today
    verb = "ran out" if is_over else "runs out"
    why = (
        f"{what[:1].upper()}{what[1:]} {verb} on {say_date(last)}, before the placement ends on {say_date(of.ends_on)}."
    )
    return Sign(Kind.PAPER, last - PAPER_AHEAD, why, is_urgent=is_over)


def _attendance(of: Placed, today: date, closed: Closed) -> Sign | None:
    why = "Expected on {}, and no attendance since."
    if of.missed_on is None:
        return None
    return _waited(Sign(Kind.ATTENDANCE, of.missed_on, why), MISSED_WORKING_DAYS, today, closed)


def _waited(sign: Sign, after: tuple[int, int], today: date, closed: Closed) -> Sign | None:
    """The sign, once it has gone on for so many working days; urgent after so many in all."""
    first, last = (add_working_days(sign.since_on, days, closed) for days in after)
    if today < first:
        return None
    return replace(sign, why=sign.why.format(say_date(sign.since_on)), is_urgent=last <= today)


OF_PLACEMENT: tuple[Callable[[Placed, date, Closed], Sign | None], ...] = (
    _silent,
    _behind,
    _unanswered,
    _queried,
    _papers,
    _attendance,
)


def signs_of(of: Placed, today: date, closed: Closed) -> Iterator[Sign]:
    """The warnings about a placement on that day."""
    for rule in OF_PLACEMENT:
        sign = rule(of, today, closed)
        if sign is not None:
            yield sign


def unplaced(placed_by: date, today: date, closed: Closed) -> Sign | None:
    """The warning about a student who has neither a place nor something agreed instead, once the target day is over."""
    if today <= placed_by:
        return None
    why = f"Every student was to have a place by {say_date(placed_by)}."
    is_urgent = add_working_days(placed_by, WITHOUT_A_PLACE, closed) <= today
    return Sign(Kind.UNPLACED, placed_by, why, is_urgent=is_urgent)


def due_on(is_urgent: bool, today: date, closed: Closed) -> date:
    """By when somebody does something about a warning that came up, or got worse, on that day."""
    return add_working_days(today, AT_ONCE if is_urgent else LOOK_WITHIN, closed)


def planned_by(weeks: Mapping[date, int], today: date) -> int:
    """The minutes of the agreed weeks, by their Mondays, that ended at least a week ago: one is to write them up."""
    return sum(minutes for monday, minutes in weeks.items() if monday + 2 * WEEK <= today)


def hours(minutes: int) -> str:
    """“3 h 30 min”."""
    whole, rest = divmod(minutes, 60)
    return f"{whole} h {rest} min" if rest else f"{whole} h"
