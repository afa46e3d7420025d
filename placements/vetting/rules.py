"""What is asked of organisations and places, what counts as an answer, how long it holds, and how risk is weighed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

RENEWED_FROM = timedelta(days=30)  # before the last day: “still true?” can be said
WARNED_BEFORE = (timedelta(days=30), timedelta(days=7))  # of approval running out
LOOKED_AT_EVERY = 3  # years: however often it is renewed, one of us looks at it again by then


class CheckKind(StrEnum):
    IDENTITY = "identity"
    INSURANCE = "insurance"
    HEALTH_AND_SAFETY = "health_and_safety"
    SAFEGUARDING = "safeguarding"
    DATA_SHARING = "data_sharing"


class Answer(StrEnum):
    """What an organisation answers with."""

    PAPER = "paper"  # its own policy, certificate or registration
    TEMPLATE = "template"  # it adopts our one page as its policy
    INSTEAD = "instead"  # no paper: its words say what it does instead


class Standing(StrEnum):
    """How a check stands today."""

    DUE = "due"
    WAITS = "waits"  # for us
    PASSED = "passed"
    CONDITIONAL = "conditional"
    FAILED = "failed"
    RUN_OUT = "run_out"


class Risk(StrEnum):
    """How likely harm is, and how bad (the university's risk-profiling tables); the last is the worst."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


RISKS = {Risk.LOW: "Low", Risk.MEDIUM: "Medium", Risk.HIGH: "High"}


@dataclass(frozen=True)
class Asked:
    """One question in plain words. `years` is how long an answer holds once we have verified it."""

    title: str
    question: str
    why: str
    paper: str  # what one says who has a paper
    instead: str  # what one says who has none
    instead_hint: str
    years: int = 1
    has_template: bool = False
    ends_with_paper: bool = False  # holds until the last day that the certificate itself names
    register_will_do: bool = False  # a charity or company number is as good as a file


ASKED = {
    CheckKind.IDENTITY: Asked(
        "Who you are",
        "What shows who you are?",
        "We make sure that students meet the organisation that they think they meet.",
        "We are on a register, or have a document that names us",
        "Neither: we are an informal group",
        "Who runs the group, since when, and somebody who knows you: a funder, a councillor, a partner.",
        years=3,
        register_will_do=True,
    ),
    CheckKind.INSURANCE: Asked(
        "Employers’ liability insurance",
        "Do you have employers’ liability insurance?",
        "A student on placement counts as somebody who works for you. A group without paid staff may need none.",
        "Yes, we have a certificate",
        "No: nobody is employed here",
        "Who does the work, and what would cover somebody who is hurt: public liability, or the building’s insurance.",
        ends_with_paper=True,
    ),
    CheckKind.HEALTH_AND_SAFETY: Asked(
        "Health and safety",
        "Do you have a written health and safety policy?",
        "Students should know whom to ask, and what to do when something goes wrong.",
        "Yes, we have a policy of our own",
        "No: this is what we do instead",
        "Who looks after safety, what you do about fire, first aid and lone working, and how accidents are noted.",
        has_template=True,
    ),
    CheckKind.SAFEGUARDING: Asked(
        "Safeguarding",
        "Do you have a written safeguarding policy?",
        "Students may meet children or adults at risk with you, and may be at risk themselves.",
        "Yes, we have a policy of our own",
        "No: this is what we do instead",
        "Whom a student tells who is worried about somebody, and what that person does next.",
        has_template=True,
    ),
    CheckKind.DATA_SHARING: Asked(
        "Personal information",
        "Do you have a written policy about personal information?",
        "You will hold students’ names and addresses, and they may see those of the people whom you help.",
        "Yes, we have a policy of our own",
        "No: this is what we do instead",
        "Where you keep what you know about people, who can see it, and when you delete it.",
        has_template=True,
    ),
}
ASKED_OF_PLACE = Asked(
    "Health and safety of this place",
    "Have you written down the risks of this place?",
    "Each place has its own dangers: stairs, kitchens, traffic, being alone. Who knows them can work safely.",
    "Yes, we have a risk assessment",
    "No: this is what we look out for",
    "What could hurt somebody here and what you do about it, the way out in a fire, and who gives first aid.",
)


@dataclass(frozen=True)
class Factor:
    """One part of a risk profile, with a line that helps to weigh it."""

    label: str
    guidance: str


FACTORS = {
    "travel": Factor(
        "Travel", "Low: public transport by day. Medium: late evenings, or visits between places. High: driving others."
    ),
    "location": Factor(
        "Location", "Low: a known public building. Medium: an isolated place. High: people’s homes, or working alone."
    ),
    "environment": Factor(
        "Environment", "Low: an office or hall. Medium: kitchens, gardens, crowds. High: machines, heights, water."
    ),
    "insurance": Factor(
        "Insurance",
        "Low: cover that names this work. Medium: an alternative that we agreed. High: what they do here is excluded.",
    ),
}


def years_later(day: date, years: int) -> date:
    """The same day so many years on; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def lacks(
    asked: Asked,
    answer: Answer,
    words: str,
    paper_until: date | None,
    *,
    has_file: bool,
    is_registered: bool,
    day: date,
) -> tuple[str, str] | None:
    """What keeps it from being an answer, as (field, what to do); None where it is one."""
    if answer is Answer.INSTEAD:
        return None if words else ("words", "Write what you do instead")
    if answer is Answer.TEMPLATE:
        return None if asked.has_template else ("answer", "Choose one that is on the list")
    if asked.ends_with_paper and paper_until is None:
        return "paper_until", "Enter the last day on the certificate"
    if asked.ends_with_paper and paper_until is not None and paper_until < day:
        return "paper_until", "This certificate has run out. Send the one that holds now"
    if has_file or (asked.register_will_do and is_registered):
        return None
    return "files", "Choose the file. A photograph will do"


def holds_until(asked: Asked, answer: Answer, paper_until: date | None, day: date) -> date:
    """The last day of a check that is verified on `day`, unless who verifies it says another."""
    if asked.ends_with_paper and answer is Answer.PAPER and paper_until is not None:
        return paper_until
    return years_later(day, asked.years)


def renewed_until(
    asked: Asked, answer: Answer, *, paper_until: date | None, valid_until: date, verified_on: date, day: date
) -> date | None:
    """The last day once the organisation has said that its answer is still true; None where its word is not enough.

    One more period from the later of today and the old last day, within three years of our last look at it, and never
    beyond a certificate's own last day.
    """
    if day < valid_until - RENEWED_FROM:
        return None
    last = min(years_later(max(day, valid_until), asked.years), years_later(verified_on, LOOKED_AT_EVERY))
    if asked.ends_with_paper and answer is Answer.PAPER:
        last = min(last, paper_until or valid_until)
    return last if last > valid_until and last >= day else None


def goes_on_holding(old: tuple[Answer, str], new: tuple[Answer, str]) -> bool:
    """Whether what was passed holds on while we look at a new answer: a paper stands for it, or it is the old one."""
    return new[0] is not Answer.INSTEAD or old == new


def last_day(days: Iterable[date | None]) -> date | None:
    """Until when all of these hold; None where one of them does not hold at all."""
    known = [*days]
    return None if None in known or not known else min(day for day in known if day is not None)


def kept_until(days: Iterable[date | None], before: date | None, day: date) -> date:
    """The last day that follows from the checks. Where one fails it was yesterday at the latest."""
    last, yesterday = last_day(days), day - timedelta(days=1)
    return last or min(before or yesterday, yesterday)


def standing(state: str | None, valid_until: date | None, day: date) -> Standing:
    """How a check stands on that day: `state` is where it stands with us, None: nobody has answered."""
    if state is None:
        return Standing.DUE
    if state == "answered":
        return Standing.WAITS
    if state == "failed":
        return Standing.FAILED
    return Standing.RUN_OUT if valid_until is None or valid_until < day else Standing(state)


def worst(risks: Iterable[Risk]) -> Risk:
    """The highest of them: what a whole is taken for before anything is done about its parts."""
    return max(risks, key=[*Risk].index, default=Risk.LOW)


def residual_suggested(risks: Iterable[Risk], actions: str) -> Risk:
    """What is likely left: one step below the worst where something is done about it."""
    found = [*Risk].index(worst(risks))
    return [*Risk][max(found - 1, 0) if actions else found]
