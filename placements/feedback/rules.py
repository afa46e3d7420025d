"""When a supervisor is asked for feedback, the words it is given in, and what of it still lacks: true on paper."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

LAST_WEEK = timedelta(days=7)  # of the placement, in which the final feedback is asked for; ours
LINK_LASTS = timedelta(days=35)  # longer than both reminders and the tutor's own asking
TUTOR_TOLD_AFTER = timedelta(days=21)
LATE_AFTER = timedelta(days=28)  # nobody is asked of their own accord about what ended longer ago


class Occasion(StrEnum):
    INTERIM = "interim"
    FINAL = "final"


OCCASIONS = {Occasion.INTERIM: "Interim feedback", Occasion.FINAL: "Final feedback"}


class Rating(StrEnum):
    MORE = "more"
    FULLY = "fully"
    PARTLY = "partly"
    NOT_YET = "not_yet"
    NOT_SEEN = "not_seen"

    @property
    def said(self) -> str:
        """As people read it: “Partly”."""
        return RATINGS[self]


RATINGS = {
    Rating.MORE: "More than agreed",
    Rating.FULLY: "As agreed",
    Rating.PARTLY: "Partly",
    Rating.NOT_YET: "Not yet",
    Rating.NOT_SEEN: "Could not see this",
}


@dataclass(frozen=True)
class Progress:
    """How far a placement has come on the day that it is asked about. Minutes are those confirmed."""

    starts_on: date
    ends_on: date
    minutes: int
    minutes_target: int
    is_completed: bool = False

    @property
    def middle_on(self) -> date:
        """The day half way between the first and the last."""
        return self.starts_on + (self.ends_on - self.starts_on) // 2


def due(progress: Progress, on: date) -> Occasion | None:
    """Which feedback is due on that day: half way by hours or by dates, and at the end, whichever comes first."""
    is_last_week = on > progress.ends_on - LAST_WEEK
    if progress.is_completed or progress.minutes >= progress.minutes_target or is_last_week:
        return Occasion.FINAL
    if 2 * progress.minutes >= progress.minutes_target or on >= progress.middle_on:
        return Occasion.INTERIM
    return None


@dataclass(frozen=True)
class Words:
    """What a supervisor says: a rating by the key of the objective, and two short texts."""

    ratings: Mapping[int, Rating] = field(default_factory=dict)
    strengths: str = ""
    next_steps: str = ""

    def kept(self) -> dict[str, Any]:
        """The same as plain values, to be stored."""
        ratings = {str(key): rating.value for key, rating in sorted(self.ratings.items())}
        return {"ratings": ratings, "strengths": self.strengths, "next_steps": self.next_steps}

    def is_whole(self, objectives: Collection[int]) -> bool:
        """Whether it can be given: every objective has its rating, and something is said."""
        return set(self.ratings) == set(objectives) and bool(self.strengths)


def words_of(kept: Mapping[str, Any], objectives: Collection[int]) -> Words:
    """The words that `Words.kept` gave, as far as they are about these objectives: an Agreement may have changed."""
    ratings = {int(key): Rating(value) for key, value in kept["ratings"].items() if int(key) in objectives}
    return Words(ratings, kept["strengths"], kept["next_steps"])
