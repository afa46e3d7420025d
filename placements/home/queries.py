"""A person's home: the steps and numbers of every role that they hold."""

from collections.abc import Callable, Iterator
from datetime import datetime

from placements.core.policy import Principal
from placements.home import figures, partners, staff, students
from placements.home.figures import Figure
from placements.home.steps import Step, most_urgent

Steps = Callable[[Principal, datetime], Iterator[Step]]
Figures = Callable[[Principal, datetime], Iterator[Figure]]

STEPS: tuple[tuple[tuple[str, ...], Steps], ...] = (
    (("student",), students.steps),
    (("supervisor",), partners.supervisor_steps),
    (("contact",), partners.contact_steps),
    (("group_tutor",), staff.tutor_steps),
    (("group_tutor", "leader"), staff.clearing_steps),
    (("leader",), staff.leader_steps),
    (("champion",), staff.champion_steps),
    (("engagement",), staff.engagement_steps),
)
FIGURES: tuple[tuple[str, Figures], ...] = (
    ("group_tutor", figures.tutor_figures),
    ("leader", figures.leader_figures),
    ("engagement", figures.engagement_figures),
)


def next_steps(who: Principal, now: datetime) -> list[Step]:
    """At most five things that need this person, the most urgent first."""
    return most_urgent(step for roles, steps in STEPS if who.has_any(*roles) for step in steps(who, now))


def state(who: Principal, now: datetime) -> list[Figure]:
    """The numbers of this person's roles."""
    return [figure for role, numbers in FIGURES if who.has_any(role) for figure in numbers(who, now)]
