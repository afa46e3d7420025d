"""A place that a student found: until when it is proposed, what a proposal must say, what must hold to approve it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from placements.core.clock import add_working_days, in_london, is_working_day, london, say_when, today

LEAD = 10  # working days before choices close; ours, and for each run its module leader may say another number
MOST_LEAD = 60
SEEN_TO_WITHIN = 3  # working days in which staff do what comes next; ours
SEEN_TO_BY = time(17)  # London


class Tie(StrEnum):
    """What the student is to the organisation already."""

    NONE = "none"
    EMPLOYED = "employed"
    VOLUNTEER = "volunteer"
    RELATED = "related"


TIES = {
    Tie.NONE: "I have no such tie to it",
    Tie.EMPLOYED: "I work there, for pay",
    Tie.VOLUNTEER: "I volunteer there",
    Tie.RELATED: "I am related or close to somebody who works there or runs it",
}
HAS_DUTIES = (Tie.EMPLOYED, Tie.VOLUNTEER)


class Means(StrEnum):
    """How staff reached the organisation without using anything that the student wrote."""

    WEBSITE = "website"
    REGISTER = "register"
    KNOWN = "known"
    VISIT = "visit"


MEANS = {
    Means.WEBSITE: "The telephone number or address on the organisation’s own website",
    Means.REGISTER: "A public register: the Charity Commission, Companies House, the NHS or a council",
    Means.KNOWN: "Somebody there whom we know already",
    Means.VISIT: "A visit",
}


def closes_at(ranking_closes_at: datetime, lead: int) -> datetime:
    """Until when students may propose: `lead` working days before choices close, at the same time in London."""
    closes = london(ranking_closes_at)
    return in_london(_working_days_before(closes.date(), lead), closes.time())


def _working_days_before(day: date, count: int) -> date:
    for _ in range(count):
        day -= timedelta(days=1)
        while not is_working_day(day):
            day -= timedelta(days=1)
    return day


def why_shut(closes: datetime, now: datetime) -> str | None:
    """The sentence for somebody who comes too late to propose; None for who is in time."""
    if now < closes:
        return None
    return f"Places of your own could be proposed until {say_when(closes)}. Your tutor can still help you find one."


def see_to_by(now: datetime, closed: Collection[date]) -> datetime:
    """By when staff do what comes next about something that came `now`."""
    return in_london(add_working_days(today(now), SEEN_TO_WITHIN, closed), SEEN_TO_BY)


@dataclass(frozen=True)
class Ties:
    """What a proposal says of the student and the people there. `tied_to`: line manager, or who is close to them."""

    tie: Tie
    tied_to: str
    duties_now: str
    duties_differ: str
    supervisor_name: str
    supervisor_email: str
    own_email: str


def problems(said: Ties) -> dict[str, str]:
    """What a proposal still has to say, or cannot say: field → sentence; empty where nothing stands against it."""
    found = {}
    if _same(said.supervisor_email, said.own_email):
        found["supervisor_email"] = "Enter the address of the person who would supervise you, not your own"
    if said.tie is not Tie.NONE and not said.tied_to:
        found["tied_to"] = "Enter the name of your line manager, or of the person whom you are close to"
    elif said.tie is not Tie.NONE and _same(said.tied_to, said.supervisor_name):
        found["supervisor_name"] = "Find another supervisor: it cannot be your line manager or somebody close to you"
    if said.tie in HAS_DUTIES:
        if not said.duties_now:
            found["duties_now"] = "Enter what you do there now"
        if not said.duties_differ:
            found["duties_differ"] = "Enter how the placement would differ from what you do there now"
        elif _same(said.duties_now, said.duties_differ):
            found["duties_differ"] = "Say what would be different: the two answers are the same"
    return found


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


@dataclass(frozen=True)
class Check:
    """Something that must hold before a proposal can be approved."""

    what: str
    holds: bool


def checks(*, is_known: bool, is_approved: bool, is_place_cleared: bool, is_verified: bool) -> list[Check]:
    """Everything that must hold. `is_place_cleared`: the place's own checks, or there is no place (remote work)."""
    return [
        Check("We know which organisation it is", is_known),
        Check("The supervisor’s address is verified, by other means than the student’s word", is_verified),
        Check("The organisation has passed its checks", is_approved),
        Check("The place has passed its own checks", is_known and is_place_cleared),
    ]
