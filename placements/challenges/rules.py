"""What is true on paper about a brief: what it still lacks, and how long a review may take."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from placements.core.clock import add_working_days, in_london, today

REVIEWED_WITHIN = 5  # working days; after them engagement may review in the champion's place
LEAST_NEED = 60  # characters: shorter says too little for a student to choose by
MOST_PLACES = 30

CHECK_TAKES = {"basic": "about 2 weeks", "enhanced": "about 8 weeks"}  # as the DBS itself tells applicants (norm)

PUBLISHED_AT = time(8)  # in London, on the day that was set
REMINDED_AT = time(9)
LONGEST_REVIEW = timedelta(days=14)  # no review that is late by then is only now becoming so

# Words of “who will they work with?”: only a suggestion to whoever assesses the risk.
HIGH_RISK_GROUPS = ("offend", "prison", "addict", "misuse", "violen", "gang", "secure unit")
VULNERABLE = (
    *("child", "young", "pupil", "teen", "older", "elder"),
    *("dementia", "disab", "vulnerab", "refugee", "homeless"),
)

# What is asked about a brief, by the form's own name of each question.
QUESTIONS = {
    "title": "Title",
    "need": "What is needed",
    "output": "What is left behind at the end",
    "theme": "Lead area",
    "other_areas": "Other areas",
    "levels": "Which students it suits",
    "places": "Places",
    "working": "On their own or in a group",
    "skills": "Skills that are welcome",
    "skills_learnt": "What students learn",
    "mode": "How they can work",
    "site": "Where it happens",
    "further_sites": "Other places",
    "supervisor": "Supervisor",
    "days": "Days",
    "times": "Times",
    "client_group": "Who they work with",
    "dbs": "Checks",
    "pays_expenses": "Travel expenses",
    "access_notes": "Access",
}

# What each challenge area is about, by its key.
ABOUT_THEMES = {
    "crime": "Safer streets, young people at risk, support for those who were harmed",
    "poverty": "Food, fuel, debt, housing, and getting by on little",
    "environment": "Green places, waste and repair, clean air, warm homes",
    "social_wealth": "People and places that bring a neighbourhood together",
    "discrimination": "Being heard, being included, being treated fairly",
    "health": "Body and mind: moving more, eating well, being less alone",
}


class Brief(Protocol):
    """What the rules read of a challenge."""

    need: str
    output: str
    suits_level_5: bool
    suits_level_6: bool
    site_id: int | None
    days: int
    times: str
    skills: str
    skills_learnt: str
    client_group: str
    access_notes: str

    @property
    def all_supervisors(self) -> Collection[int]:
        """Who supervises at each of its places, by key."""


@dataclass(frozen=True)
class Part:
    """One part of a brief: the field that it is written in, what to do, whether it must be done and is."""

    field: str
    what: str
    is_needed: bool
    is_done: bool


def parts(brief: Brief, *, is_remote: bool, contacts: Collection[int]) -> list[Part]:
    """Everything that makes a brief good, in the form's order. `contacts`: the people who work there now, by key."""
    are_here = set(brief.all_supervisors) <= set(contacts)
    return [
        Part("need", "Say what you need in two or three sentences", True, len(brief.need) >= LEAST_NEED),
        Part("output", "Say what is left behind at the end", True, bool(brief.output)),
        Part("levels", "Choose which students it suits", True, brief.suits_level_5 or brief.suits_level_6),
        Part("site", "Choose where it happens", True, is_remote or brief.site_id is not None),
        Part("supervisor", "Choose a supervisor who works there now, for each place", True, are_here),
        Part("times", "Say on which days and when", False, bool(brief.days or brief.times)),
        Part("skills", "Name skills that are welcome or learnt", False, bool(brief.skills or brief.skills_learnt)),
        Part("client_group", "Say who the students will work with", False, bool(brief.client_group)),
        Part("access_notes", "Say how accessible the place is", False, is_remote or bool(brief.access_notes)),
    ]


def missing(found: Sequence[Part]) -> list[Part]:
    """What must be done before the brief can be sent for review."""
    return [part for part in found if part.is_needed and not part.is_done]


def review_due(submitted_at: datetime) -> date:
    """The day by which a champion should have answered."""
    return add_working_days(today(submitted_at), REVIEWED_WITHIN)


def is_review_late(submitted_at: datetime | None, now: datetime) -> bool:
    """Whether the champion's days are over."""
    return submitted_at is not None and today(now) > review_due(submitted_at)


def late_before(day: date) -> datetime:
    """The reviews of what was sent before this instant are late on that day, and no others."""
    sent_on = day - timedelta(days=1)
    while add_working_days(sent_on, REVIEWED_WITHIN) >= day:
        sent_on -= timedelta(days=1)
    return in_london(sent_on + timedelta(days=1), time.min)


def others_asked_at(submitted_at: datetime) -> datetime:
    """When others are asked to review in the champion's place: on the first working day that it is late."""
    return in_london(add_working_days(review_due(submitted_at), 1), REMINDED_AT)


def publishes_at(day: date) -> datetime:
    """When what is to be published on that day is."""
    return in_london(day, PUBLISHED_AT)


def people_risk(needs_checks: bool, client_group: str) -> tuple[str, str]:
    """What the brief's own answers suggest of those whom students meet: low, medium or high, and why."""
    said = client_group.lower()
    if any(word in said for word in HIGH_RISK_GROUPS):
        return "high", "the brief names a group that is known to be of high risk"
    if needs_checks or any(word in said for word in VULNERABLE):
        return "medium", "students work with children or vulnerable adults; if ever unsupervised, it is high"
    return "low", "no children or vulnerable adults are named"


def as_days(chosen: Collection[int]) -> int:
    """Days of the week (Monday is 0) as bits."""
    return sum(1 << place for place in set(chosen))
