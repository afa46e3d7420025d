"""When the day's mail comes, as people say it; and whom each kind of notice may concern that can be muted."""

import enum
from collections.abc import Collection
from dataclasses import dataclass

MAY_CONCERN = {  # of what may be muted: what its readers are to the module
    "cohorts.run_opened": {"team", "tutor"},
    "challenges.published": {"contact"},
    "offers.student_accepted": {"leader", "tutor"},
    "placing.completed": {"student", "supervisor", "tutor"},
    "attendance.note_wanted": {"supervisor"},
    "impact.still_asked": {"contact"},
    "impact.published": {"contact"},
    "closing.thanks": {"contact"},
    "closing.still_asked": {"contact"},
    "bulletins.to_organisations": {"contact"},
}


def say_hour(hour: int) -> str:
    """“9am”, “noon”, “5pm”."""
    if hour == 12:
        return "noon"
    return f"{hour}am" if hour < 12 else f"{hour - 12}pm"


def may_concern(standing: Collection[str]) -> list[str]:
    """The notices that may be muted and can come to whoever is this to the module."""
    return [name for name, readers in MAY_CONCERN.items() if not readers.isdisjoint(standing)]


@dataclass(frozen=True)
class Kind:
    """A kind of notice that somebody gets, or chose not to, in the words in which it is listed.

    `why_not`: why it cannot be muted, as the end of a sentence; empty where it can.
    """

    name: str
    title: str
    because: str
    until: str
    is_muted: bool
    is_private: bool
    why_not: str

    @property
    def may_mute(self) -> bool:
        """Whether its reader can do without it."""
        return not self.why_not


class Fate(enum.StrEnum):
    """How far one thing came that was to be said."""

    WAITING = "waiting"
    PUT_OFF = "put_off"
    SENT = "sent"
    FAILED = "failed"
    NOT_SENT = "not_sent"


FATES = {
    Fate.SENT: "Sent",
    Fate.WAITING: "Waiting",
    Fate.PUT_OFF: "Put off",
    Fate.FAILED: "Could not be delivered",
    Fate.NOT_SENT: "Not sent",
}
