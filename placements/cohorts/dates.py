"""A run's key dates: their order, the phases that they make, where they usually lie, how they move to another year."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

from placements.cohorts.rules import academic_year_span
from placements.core import clock

DEADLINE_TIME = time(15)  # London; the university's coursework page
OPENING_TIME = time(9)
PLACED_WITHIN = timedelta(days=28)  # of the closing of choices; ours


class Phase(StrEnum):
    """Where a run stands, read off its dates. It tells people where they are and gates nothing."""

    PLANNED = "planned"
    GETTING_READY = "getting_ready"
    CHOOSING = "choosing"
    MATCHING = "matching"
    SETTING_UP = "setting_up"
    ON_PLACEMENT = "on_placement"
    WRITING_UP = "writing_up"
    MARKING = "marking"
    REASSESSMENT = "reassessment"
    FINISHED = "finished"


PHASES = {
    Phase.PLANNED: "Not begun",
    Phase.GETTING_READY: "Teaching has begun",
    Phase.CHOOSING: "Students choose",
    Phase.MATCHING: "Matching",
    Phase.SETTING_UP: "Setting up placements",
    Phase.ON_PLACEMENT: "On placement",
    Phase.WRITING_UP: "Writing up",
    Phase.MARKING: "Marking",
    Phase.REASSESSMENT: "Reassessment",
    Phase.FINISHED: "Finished",
}


@dataclass(frozen=True)
class KeyDates:
    """A run's key dates in the order they must come: London dates (`_on`) and instants (`_at`); None: not yet known.

    The Challenge Agreement has no date here: its deadline hangs on each student's own placing.
    """

    teaching_starts_on: date | None = None
    ranking_opens_at: datetime | None = None
    ranking_closes_at: datetime | None = None
    offers_due_at: datetime | None = None
    placements_start_on: date | None = None
    placed_by_on: date | None = None
    placements_end_on: date | None = None
    portfolio_due_at: datetime | None = None
    board_on: date | None = None
    reassessment_due_at: datetime | None = None


@dataclass(frozen=True)
class Milestone:
    """A key date: how a sentence calls it, and the phase that begins with it (after it, where it is a last day).

    One that begins none lies anywhere between the closing of choices and the last day of placements.
    """

    field: str
    name: str
    begins: Phase | None
    is_last_day: bool = False

    @property
    def label(self) -> str:
        """How a list calls it: “First day of teaching”."""
        return self.name.removeprefix("the ").capitalize()


MILESTONES = (
    Milestone("teaching_starts_on", "the first day of teaching", Phase.GETTING_READY),
    Milestone("ranking_opens_at", "the opening of choices", Phase.CHOOSING),
    Milestone("ranking_closes_at", "the closing of choices", Phase.MATCHING),
    Milestone("offers_due_at", "the deadline for answering offers", Phase.SETTING_UP),
    Milestone("placements_start_on", "the first day of placements", Phase.ON_PLACEMENT),
    Milestone("placed_by_on", "the day by which everybody has a place", None),
    Milestone("placements_end_on", "the last day of placements", Phase.WRITING_UP, is_last_day=True),
    Milestone("portfolio_due_at", "the portfolio deadline", Phase.MARKING),
    Milestone("board_on", "the board", Phase.REASSESSMENT),
    Milestone("reassessment_due_at", "the reassessment deadline", Phase.FINISHED),
)


def phase(dates: KeyDates, now: datetime) -> Phase:
    """The phase at `now`: that of the furthest milestone already begun. Dates not yet known are passed over."""
    reached = Phase.PLANNED
    for milestone, value in _that_begin(dates):
        begins_at = _instant(value) if not milestone.is_last_day else _instant(value + timedelta(days=1))
        if begins_at <= now and milestone.begins:
            reached = milestone.begins
    return reached


def known_dates(dates: KeyDates) -> list[tuple[Milestone, date | datetime]]:
    """Each date that is known, in order."""
    return sorted(_known(dates), key=lambda known: _instant(known[1]))


def _known(dates: KeyDates) -> list[tuple[Milestone, date | datetime]]:
    values = [(milestone, getattr(dates, milestone.field)) for milestone in MILESTONES]
    return [(milestone, value) for milestone, value in values if value is not None]


def _that_begin(dates: KeyDates) -> list[tuple[Milestone, date | datetime]]:
    """The dates that begin a phase, in the order that they must have."""
    return [(milestone, value) for milestone, value in _known(dates) if milestone.begins]


def next_date(dates: KeyDates, now: datetime) -> tuple[Milestone, date | datetime] | None:
    """The first date that is still to come; a date counts until its day is over."""
    return next(
        (
            (milestone, value)
            for milestone, value in known_dates(dates)
            if (value > now if isinstance(value, datetime) else value >= clock.today(now))
        ),
        None,
    )


def date_problems(dates: KeyDates, year: str) -> dict[str, str]:
    """What is wrong with the key dates of a run in academic year `year` (“2026/27”): field → sentence.

    Teaching starts within the year; what follows may run on until the December after it.
    """
    problems = {}
    first, last = academic_year_span(year)
    for milestone, value in _known(dates):
        latest = last if milestone.begins is Phase.GETTING_READY else last.replace(month=12)
        if not first <= _day(value) <= latest:
            problems[milestone.field] = (
                f"Enter a date in {year}: from {clock.say_date(first)} to {clock.say_date(latest)}."
            )
    for (before, earlier), (after, later) in pairwise(_that_begin(dates)):
        if _instant(later) <= _instant(earlier) and after.field not in problems:
            problems[after.field] = f"Enter a date after {before.name}, {_say(earlier)}."
    return problems or _placed_by_problems(dates)


def _placed_by_problems(dates: KeyDates) -> dict[str, str]:
    by, closes_at, ends_on = dates.placed_by_on, dates.ranking_closes_at, dates.placements_end_on
    if by and closes_at and ends_on and not _day(closes_at) < by <= ends_on:
        latest = f"and no later than the last day of placements, {_say(ends_on)}."
        return {"placed_by_on": f"Enter a date after the closing of choices, {_say(closes_at)}, {latest}"}
    return {}


def usual_dates(year: str) -> KeyDates:
    """Where a year's dates usually lie (ours), counted from the last Monday of September: a start, to be changed."""
    start = _last_monday_of_september(year)

    def on(days: int) -> date:
        return start + timedelta(days=days)

    return KeyDates(
        teaching_starts_on=start,
        ranking_opens_at=clock.in_london(on(7), OPENING_TIME),
        ranking_closes_at=clock.in_london(on(21), DEADLINE_TIME),
        offers_due_at=clock.in_london(on(35), DEADLINE_TIME),
        placements_start_on=on(42),
        placed_by_on=on(49),
        placements_end_on=on(214),
        portfolio_due_at=clock.in_london(on(226), DEADLINE_TIME),
        board_on=on(260),
        reassessment_due_at=clock.in_london(on(289), DEADLINE_TIME),
    )


def usual_placed_by(ranking_closes_at: datetime) -> date:
    """The day by which everybody has a place, or something agreed instead, where a run names no other."""
    return _day(ranking_closes_at) + PLACED_WITHIN


def moved(dates: KeyDates, year: str, to: str) -> KeyDates:
    """The dates of a run in `year`, whole weeks away in academic year `to`: same weekdays, same London times."""
    shift = _last_monday_of_september(to) - _last_monday_of_september(year)
    values = {each.name: getattr(dates, each.name) for each in fields(dates)}
    there: dict[str, Any] = {name: value and _shifted(value, shift) for name, value in values.items()}
    return KeyDates(**there)


def _shifted(value: date | datetime, by: timedelta) -> date | datetime:
    if not isinstance(value, datetime):
        return value + by
    there = clock.london(value)
    return clock.in_london(there.date() + by, there.time())


def _last_monday_of_september(year: str) -> date:
    last = date(int(year[:4]), 9, 30)
    return last - timedelta(days=last.weekday())


def _day(value: date | datetime) -> date:
    return clock.london(value).date() if isinstance(value, datetime) else value


def _instant(value: date | datetime) -> datetime:
    """An instant as it is; a date as its first moment in London."""
    return value if isinstance(value, datetime) else clock.in_london(value, time(0))


def _say(value: date | datetime) -> str:
    return clock.say_when(value) if isinstance(value, datetime) else clock.say_date(value)
