"""A person's home: the look of every role that they hold, and what happened lately."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, literal, select, union_all

from placements.challenges.models import Challenge
from placements.concerns.policy import LOOKING_AFTER
from placements.core.policy import Principal
from placements.db import db
from placements.history.queries import Happening, all_of, lately
from placements.home import (
    clearance_steps,
    concerns_steps,
    leaders,
    others,
    partners,
    partnership,
    students,
    tutors,
    watching,
)
from placements.home.steps import MOST, Look, Step, most_urgent
from placements.mail.reached import reach_of
from placements.partners.models import Organisation

LOOKS: tuple[tuple[tuple[str, ...], Callable[[Principal, datetime], Look]], ...] = (
    (("student",), students.look),
    (("supervisor",), partners.supervisor_look),
    (("contact",), partners.contact_look),
    (("leader",), leaders.leader_look),
    (("group_tutor", "placement_tutor"), tutors.tutor_look),
    (("group_tutor", "leader"), tutors.clearing_look),
    (("group_tutor", "placement_tutor", "leader"), watching.look),
    (("visa_officer",), watching.attendance_look),
    (("moderator",), others.moderator_look),
    (("second_marker", "third_marker", "compared"), others.second_marking_look),
    (("external",), leaders.external_look),
    (("champion",), partnership.champion_look),
    (("engagement",), partnership.engagement_look),
    (("administrator",), leaders.administrator_look),
    (LOOKING_AFTER, concerns_steps.look),
    (clearance_steps.KEEPING, clearance_steps.look),
)

LATELY = 8
NAMED = {"challenge": (Challenge.id, Challenge.title), "organisation": (Organisation.id, Organisation.name)}
TITLES = union_all(
    *(
        select(literal(kind), key, title).where(key.in_(bindparam(kind, expanding=True)))
        for kind, (key, title) in NAMED.items()
    )
)


def looks_of(who: Principal, now: datetime) -> list[Look]:
    """What each of this person's roles has to do and looks after."""
    found = [look(who, now) for roles, look in LOOKS if who.has_any(*roles)]
    return found or [others.NOBODY]


def next_steps(who: Principal, looks: list[Look]) -> list[Step]:
    """At most five things that need this person, the most urgent first, and before all that mail arrives. One query."""
    urgent = most_urgent(step for look in looks for step in look.steps)
    return [*_about_own_mail(who), *urgent][:MOST]


def _about_own_mail(who: Principal) -> list[Step]:
    person_id = who.person_id or 0
    reach = reach_of([person_id]).get(person_id)
    if reach is None or reach.bounce is None:
        return []
    return [Step(f"Mail to {reach.bounce.address} comes back", "Put it right", "mailing.my_address")]


def happened_lately(who: Principal) -> list[Happening]:
    """The latest of what this person did and what concerns them, each with whom or what it was about. Two queries."""
    lines = lately(who, LATELY)
    titles = _titles([thing for line in lines for thing in line.things])
    return [
        replace(line, about=line.about or all_of(titles[each] for each in line.things if each in titles))
        for line in lines
    ]


def _titles(things: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    asked = {kind: [key for its, key in things if its == kind] for kind in NAMED}
    return {(kind, key): title for kind, key, title in db.session.execute(TITLES, asked)}
