"""When the day's mail comes, as people say it; and whom each kind of notice may concern that can be muted."""

from collections.abc import Collection

MAY_CONCERN = {  # of what may be muted: what its readers are to the module
    "cohorts.run_opened": {"team", "tutor"},
    "challenges.published": {"contact"},
    "offers.student_accepted": {"team", "tutor"},
    "placing.completed": {"student", "supervisor", "tutor"},
    "attendance.note_wanted": {"supervisor"},
    "impact.still_asked": {"contact"},
    "impact.published": {"contact"},
    "closing.thanks": {"contact"},
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
