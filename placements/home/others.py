"""The homes of those for whom little is here. Each says truly what is, and what is not."""

from datetime import datetime

from placements.core.policy import Principal
from placements.home.steps import Figure, Look

NOBODY = Look(
    "Your part",
    "You have no part in a module run or an organisation at present. What you do on the module shows here.",
)


def moderator_look(who: Principal, now: datetime) -> Look:
    """Moderation is not done here yet; the runs can be read. No query."""
    return Look(
        "Moderation",
        "Samples are not moderated here yet, so none waits for you. You can read the dates and rubrics of your runs.",
        figures=[Figure(len(who.held_on("moderator")), "module runs that you moderate", "cohorts.runs")],
    )
