"""The homes of those for whom little is here. Each says truly what is, and what is not."""

from datetime import datetime

from placements.core.policy import Principal
from placements.double_marking.queries import left_to_mark, to_talk_about
from placements.home.steps import Figure, Look, Step, many
from placements.moderation.queries import left_to_read

NOBODY = Look(
    "Your part",
    "You have no part in a module run or an organisation at present. What you do on the module shows here.",
)


def moderator_look(who: Principal, now: datetime) -> Look:
    """What is left of the samples that were drawn for them. One query."""
    left = left_to_read(who)
    what = many(left, "script to moderate", "scripts to moderate")
    return Look(
        "Moderation",
        "You read samples of marked scripts, and say what is to become of the whole set.",
        [Step(what, "Moderate", "moderation.desk")] if left else [],
        figures=[Figure(len(who.held_on("moderator")), "module runs that you moderate", "cohorts.runs")],
    )


def second_marking_look(who: Principal, now: datetime) -> Look:
    """What they mark without knowing the first mark, and which two marks they are to agree on. Two queries."""
    left, to_agree = left_to_mark(who), len(to_talk_about(who))
    return Look(
        "Second marking",
        "Marks that are given twice: each marker without knowing the other’s, and one mark of the two.",
        [
            *([Step(f"{left} to mark a second time", "Mark", "double_marking.desk")] if left else []),
            *([Step(f"{to_agree} to agree on", "See both marks", "double_marking.desk")] if to_agree else []),
        ],
        [Figure(left, "to mark a second time", "double_marking.desk")],
    )
