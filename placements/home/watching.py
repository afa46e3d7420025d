"""Early warning on the homes of those who look after students; missed attendance on the visa officer's alone."""

from datetime import datetime

from placements.core.policy import Principal
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.watch.queries import need


def look(who: Principal, now: datetime) -> Look:
    """How many of one's students need a look. One query."""
    found = need(who, now)
    steps = []
    if found.students:
        at_once = f", {found.urgent} of them at once" if found.urgent else ""
        what = f"{many(found.students, 'student needs', 'students need')} a look{at_once}"
        steps.append(Step(what, "See why", "watch.students", by=end_of(found.first_on)))
    figures = [Figure(found.students, "who need a look", "watch.students")]
    return Look(
        "Early warning",
        "Students without a place, silent, behind, or waiting for an answer; and approvals that run out.",
        steps,
        figures,
    )


def attendance_look(who: Principal, now: datetime) -> Look:
    """How many sponsored students have missed attendance. One query."""
    found = need(who, now, attendance=True)
    steps = []
    if found.students:
        to_report = f", {found.urgent} to report" if found.urgent else ""
        what = f"{many(found.students, 'sponsored student misses', 'sponsored students miss')} attendance{to_report}"
        steps.append(Step(what, "See whose", "watch.attendance", by=end_of(found.first_on)))
    figures = [Figure(found.students, "with missed attendance", "watch.attendance")]
    return Look(
        "Missed attendance",
        "Sponsored students of whom nothing was logged for 7 working days after one on which they were expected.",
        steps,
        figures,
    )
