"""What a score says in words, and what a tutor asks by one press."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

ASKS = {
    "day": "Which day was this?",
    "why": "What did you decide, and why?",
    "more": "Say more about what you learned.",
}


class Why(enum.StrEnum):
    """Why somebody is nudged."""

    SILENT = "silent"
    BEHIND = "behind"
    QUERIED = "queried"
    UNANSWERED = "unanswered"


WHYS = {
    Why.SILENT: "Students who have been silent for a week or more",
    Why.BEHIND: "Students who are behind",
    Why.QUERIED: "Students with a question to answer",
    Why.UNANSWERED: "Supervisors with hours that have waited for a week or more",
}
TEXTS = {
    Why.SILENT: "I have seen no visit in your log for a while. How is it going? "
    "If something keeps you from the placement, tell me, and we find a way.",
    Why.BEHIND: "At your pace you will not reach your hours by the end of the placement. "
    "Please look with your supervisor at how to make the rest, and tell me what you agree.",
    Why.QUERIED: "There is a question about one of your visits. Please answer it, so that its hours can count.",
    Why.UNANSWERED: "Hours that your student has logged wait for you to confirm them. "
    "Our email of last Monday has a link that takes a minute. If something is not right with them, please tell me.",
}


def band_of(bands: Mapping[str, str], score: int) -> str:
    """What work of the score's band shows, by the lowest mark of each band; nothing where no band is described."""
    reached = [int(lowest) for lowest in bands if int(lowest) <= score]
    return bands[str(max(reached))] if reached else ""


def joined(*parts: str | None) -> str:
    """What was chosen and what was typed, as one text; empty where nothing was."""
    return "\n\n".join(part for part in parts if part)


@dataclass(frozen=True)
class Wanted:
    """A checkpoint as the module leader wants it."""

    title: str
    due_on: date | None
