"""Choosing challenges: when it is open, what a ranking may hold, and what organisations see of it. True on paper."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from placements.core.clock import london, say_when
from placements.core.errors import Refused
from placements.core.seen import fingerprint

MOST_CHOICES = 6
STATEMENT_LENGTH = 2000
ADDITION_LENGTH = 500
FEW = 5  # fewer than this many people are never counted out loud [ACCESS: small cells]
REASON_LENGTH = 300
ANSWERED_WITHIN = timedelta(days=3)  # of the closing of choices; ours

RANKS = ("1st", "2nd", "3rd", "4th", "5th", "6th")


@dataclass(frozen=True)
class Window:
    """When a run's students choose: from `opens_at` on, and no longer at `closes_at` (both UTC)."""

    opens_at: datetime
    closes_at: datetime

    def is_open(self, now: datetime) -> bool:
        """Whether choices can be made, changed and submitted at `now`."""
        return self.opens_at <= now < self.closes_at

    def why_shut(self, now: datetime) -> str | None:
        """The sentence for somebody who comes too early or too late; None while it is open."""
        if now < self.opens_at:
            return f"You can choose from {say_when(self.opens_at)}."
        if now >= self.closes_at:
            return f"Choosing closed on {say_when(self.closes_at)}, so your choices can no longer be changed."
        return None


@dataclass(frozen=True)
class Choice:
    """One challenge, by its public id, and what its organisation alone is to read besides the statement."""

    challenge: str
    addition: str = ""


@dataclass(frozen=True)
class Draft:
    """One statement, and challenges with the most wanted first. Never changed: every act makes another one."""

    statement: str = ""
    choices: tuple[Choice, ...] = ()

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Draft":
        """What `kept` wrote."""
        return cls(kept.get("statement", ""), tuple(Choice(*pair) for pair in kept.get("choices", ())))

    def kept(self) -> dict[str, object]:
        """As JSON keeps it."""
        return {
            "statement": self.statement,
            "choices": [[choice.challenge, choice.addition] for choice in self.choices],
        }

    @property
    def version(self) -> str:
        """The same for the same words in the same order, and for nothing else."""
        return fingerprint(self.kept())

    def rank_of(self, challenge: str) -> int | None:
        """Its place, from 1; None where it is not chosen."""
        ranks = {choice.challenge: rank for rank, choice in enumerate(self.choices, 1)}
        return ranks.get(challenge)

    def adding(self, challenge: str) -> "Draft":
        """With the challenge as the last choice; the same where it is one already. Raises Refused at a seventh."""
        if self.rank_of(challenge) is not None:
            return self
        if len(self.choices) >= MOST_CHOICES:
            raise Refused(f"You have {MOST_CHOICES} choices, which is the most. Remove one to make room for another.")
        return replace(self, choices=(*self.choices, Choice(challenge)))

    def removing(self, challenge: str) -> "Draft":
        """Without the challenge."""
        return replace(self, choices=tuple(each for each in self.choices if each.challenge != challenge))

    def moving(self, challenge: str, by: int) -> "Draft":
        """With the challenge one place up (`by` -1) or down (1); the same where it is at that end, or is none."""
        rank = self.rank_of(challenge)
        if rank is None or not 1 <= rank + by <= len(self.choices):
            return self
        order = list(self.choices)
        order.insert(rank - 1 + by, order.pop(rank - 1))
        return replace(self, choices=tuple(order))

    def placing(self, places: Mapping[str, int]) -> "Draft":
        """With each of these challenges at its place (from 1), and the others in their order around them."""
        order = [each for each in self.choices if each.challenge not in places]
        typed = (each for each in reversed(self.choices) if each.challenge in places)
        for each in sorted(typed, key=lambda each: places[each.challenge]):
            order.insert(places[each.challenge] - 1, each)
        return replace(self, choices=tuple(order))


@dataclass(frozen=True)
class Option:
    """What the rules know of a chosen challenge: whether students can have it now, and whether it suits this one."""

    title: str
    is_open: bool
    suits: bool


def problems(draft: Draft, options: Mapping[str, Option]) -> list[str]:
    """Why the draft cannot be submitted as it stands, a sentence each; none where it can. `options` by public id."""
    found = []
    if not draft.choices:
        found.append("Choose at least one challenge.")
    if len(draft.choices) > MOST_CHOICES:
        found.append(f"Choose at most {MOST_CHOICES} challenges.")
    chosen = [choice.challenge for choice in draft.choices]
    for challenge in dict.fromkeys(chosen):
        found += _problems_of(options.get(challenge), chosen.count(challenge))
    if not draft.statement:
        found.append("Write your statement. Every organisation that you choose reads it.")
    if len(draft.statement) > STATEMENT_LENGTH:
        found.append(f"Shorten your statement to {STATEMENT_LENGTH:,} characters.")
    if any(len(choice.addition) > ADDITION_LENGTH for choice in draft.choices):
        found.append(f"Shorten what you add for one organisation to {ADDITION_LENGTH} characters.")
    return found


def _problems_of(option: Option | None, times: int) -> list[str]:
    if option is None:
        return ["One of your choices is not there any more. Remove it."]
    found = []
    if times > 1:
        found.append(f"“{option.title}” is among your choices more than once. Remove one of them.")
    if not option.is_open:
        found.append(f"“{option.title}” is not open to students at present. Remove it, then submit.")
    elif not option.suits:
        found.append(f"“{option.title}” is not for your module. Remove it, then submit.")
    return found


class Answer(StrEnum):
    """What an organisation can say of an applicant, and what its answer counts as in a round."""

    KEEN = "keen"
    HAPPY = "happy"
    NOT_SUITABLE = "not_suitable"


ANSWERS = {Answer.KEEN: "Keen", Answer.HAPPY: "Happy", Answer.NOT_SUITABLE: "Not suitable"}


class Unsuitable(StrEnum):
    """Why an applicant is not suitable: of the brief, never of the person."""

    SKILL = "skill"
    DAYS = "days"
    CHECK = "check"
    CONFLICT = "conflict"
    SAME_WORK = "same_work"


WHY_UNSUITABLE = {
    Unsuitable.SKILL: "The brief names a skill as necessary that the application does not show",
    Unsuitable.DAYS: "The brief names days on which the student says they cannot come",
    Unsuitable.CHECK: "The brief asks for a check that cannot be done in time",
    Unsuitable.CONFLICT: "There would be a conflict of interest",
    Unsuitable.SAME_WORK: "The student does this work for the organisation already",
}


@dataclass(frozen=True)
class Introduction:
    """All that an organisation sees of one applicant: never the rank, nor what else was chosen."""

    name: str
    course: str
    statement: str
    addition: str


def say_ranked(count: int) -> str:
    """How many have ranked a challenge, as far as it may be said."""
    return f"fewer than {FEW} have ranked it" if count < FEW else f"{count} have ranked it"


def say_saved(at: datetime, now: datetime) -> str:
    """“Saved 14:03” of today, and with its date of any other day (London)."""
    is_today = london(at).date() == london(now).date()
    return f"Saved {london(at):%H:%M}" if is_today else f"Saved {say_when(at)}"


def say_chance(times: int, of: int) -> str:
    """How many students it meets that met one `times` in `of` trials: “about 1 in 12 students”; never more exact."""
    if times * 20 < of:
        return "fewer than 1 in 20 students"
    if times * 5 > of * 3:
        return "more than half of the students"
    if times * 5 >= of * 2:
        return "about half of the students"
    return f"about 1 in {(2 * of + times) // (2 * times)} students"
