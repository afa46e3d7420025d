"""A person's home: the look of every role that they hold."""

from collections.abc import Callable
from datetime import datetime

from placements.core.policy import Principal
from placements.home import leaders, others, partners, partnership, students, tutors
from placements.home.steps import Look, Step, most_urgent

LOOKS: tuple[tuple[tuple[str, ...], Callable[[Principal, datetime], Look]], ...] = (
    (("student",), students.look),
    (("supervisor",), partners.supervisor_look),
    (("contact",), partners.contact_look),
    (("leader",), leaders.leader_look),
    (("group_tutor", "placement_tutor"), tutors.tutor_look),
    (("group_tutor", "leader"), tutors.clearing_look),
    (("moderator",), others.moderator_look),
    (("external",), leaders.external_look),
    (("champion",), partnership.champion_look),
    (("engagement",), partnership.engagement_look),
    (("administrator",), leaders.administrator_look),
)


def looks_of(who: Principal, now: datetime) -> list[Look]:
    """What each of this person's roles has to do and looks after."""
    found = [look(who, now) for roles, look in LOOKS if who.has_any(*roles)]
    found += [look for role, look in others.NOT_YET.items() if who.has_any(role)]
    return found or [others.NOT_YET["nobody"]]


def next_steps(looks: list[Look]) -> list[Step]:
    """At most five things that need this person, the most urgent first."""
    return most_urgent(step for look in looks for step in look.steps)
