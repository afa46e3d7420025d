"""When a year with an organisation is over, what may be said of it, and what it may answer."""

from datetime import date, timedelta
from enum import StrEnum

FEWEST = 5  # of fewer students together no hours are told: one could work out somebody's own
QUIET = timedelta(days=7)  # after the last student's last day; somebody may still begin
FORGOTTEN = timedelta(days=60)  # what ended longer ago is not written about any more


class Again(StrEnum):
    """Whether an organisation would offer a challenge again."""

    YES = "yes"
    CHANGED = "changed"
    NOT_NEXT_YEAR = "not_next_year"
    NEVER = "never"


AGAIN = {
    Again.YES: "Yes, the same again",
    Again.CHANGED: "Yes, but changed",
    Again.NOT_NEXT_YEAR: "Not next year",
    Again.NEVER: "Please do not ask us again",
}
COMING = (Again.YES, Again.CHANGED)  # a draft is made of it


def ended_between(today: date) -> tuple[date, date]:
    """The first and last days on which a year's last student may have ended for it to be closed today."""
    return today - FORGOTTEN, today - QUIET


def say_thanks(students: int, minutes: int, year: str) -> str:
    """What the certificate thanks for; hours only where there are enough students to hide each one's own."""
    who = "a student, who completed the" if students == 1 else f"{students} students, who completed their"
    hours = f", together {minutes // 60} hours of work" if students >= FEWEST else ""
    ending = "placement" if students == 1 else "placements"
    return f"for taking {who} {ending} with you in {year}{hours}."
