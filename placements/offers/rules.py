"""What is true on paper: until when an offer stands, by when somebody without a place has one, who fits where,
whose turn it is."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from placements.core.clock import add_working_days, in_london, today

OPEN_FOR = timedelta(days=7)  # ours; whoever publishes may choose another
CLOSES = time(17)  # London
CLEARING_WORKING_DAYS = 10  # ours
LATE_WORKING_DAYS = 5  # for whoever comes when the run's own date has passed; ours


def usual_deadline(now: datetime) -> datetime:
    """When an offer made `now` usually runs out: a week on, at 5pm in London."""
    return in_london(today(now) + OPEN_FOR, CLOSES)


def usual_clearing_date(now: datetime) -> date:
    """By when somebody on the clearing list is usually seen to: ten working days on."""
    return add_working_days(today(now), CLEARING_WORKING_DAYS)


def last_clearing_date(placed_by: date, now: datetime) -> date:
    """The latest date that somebody on the clearing list may be given: their run's, or, when it has passed, soon."""
    return placed_by if placed_by >= today(now) else add_working_days(today(now), LATE_WORKING_DAYS)


@dataclass(frozen=True)
class Room:
    """How many students a challenge and its organisation can take and have. `ceiling` None: none was set."""

    places: int
    taken: int
    ceiling: int | None
    taken_by_organisation: int

    @property
    def left(self) -> int:
        """How many more could come; never below nought."""
        under_ceiling = self.places if self.ceiling is None else self.ceiling - self.taken_by_organisation
        return max(0, min(self.places - self.taken, under_ceiling))

    @property
    def is_overfull(self) -> bool:
        """Whether more have a place than can come."""
        is_over_ceiling = self.ceiling is not None and self.taken_by_organisation > self.ceiling
        return self.taken > self.places or is_over_ceiling


def why_not(*, is_open: bool, is_for_level: bool, room: Room) -> str | None:
    """Why a student cannot have a place in a challenge now, as a sentence; None where nothing stands against it."""
    if not is_open:
        return "This challenge is not open to students now."
    if not is_for_level:
        return "This challenge is for the other level."
    if room.taken >= room.places:
        return "Every place in this challenge is taken."
    if room.left == 0:
        return "This organisation has as many students as it can take."
    return None


def turn(rank: int, is_keen: bool, challenge: str, enrolment: str) -> tuple[int, bool, str]:
    """Whose turn it is on a waiting list, the least first: the rank they gave it, then keen before happy, then a draw.

    The draw is the hash of both public ids: nobody has picked it, and it is the same whenever it is asked.
    """
    drawn = hashlib.sha256(f"{challenge}\n{enrolment}".encode()).hexdigest()
    return rank, not is_keen, drawn


class WhyNobody(StrEnum):
    """Why nobody is offered a place in a challenge: of the places and numbers, never of a person."""

    NOT_OPEN = "not_open"
    NOT_CHOSEN = "not_chosen"
    ELSEWHERE = "elsewhere"
    NOT_GIVEN = "not_given"


def why_nobody(*, is_open: bool, chose: int, offered_elsewhere: int) -> WhyNobody:
    """The first of these that is true, where `chose` students chose it and so many of them have another offer."""
    if not is_open:
        return WhyNobody.NOT_OPEN
    if not chose:
        return WhyNobody.NOT_CHOSEN
    return WhyNobody.ELSEWHERE if offered_elsewhere >= chose else WhyNobody.NOT_GIVEN
