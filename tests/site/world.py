"""One small world in which everybody of `PRINCIPALS` stands in a known relation to every thing of `THINGS`.

`student` is placed with `organisation`, whose contact is `contact`, under `supervisor`, in `tutor`'s group of the run that
`leader` leads. Everybody called `other_…` is the same elsewhere: another organisation, another group, another run.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from placements.accounts.models import Account, GlobalRole
from placements.cohorts.models import ComponentKind, RunRole, Theme
from placements.cohorts.workflow import EnrolmentState
from placements.db import db
from placements.partners.models import ContactRole
from placements.people.models import Person
from tests import factories as make

PRINCIPALS = (
    "anonymous",
    "student",
    "other_student",
    "supervisor",
    "contact",
    "other_contact",
    "tutor",
    "other_tutor",
    "moderator",
    "leader",
    "other_leader",
    "champion",
    "other_champion",
    "engagement",
    "safety_officer",
    "visa_officer",
    "disability_adviser",
    "safeguarding",
    "external",
    "administrator",
)


@dataclass
class World:
    """Accounts by principal, things by name; canaries are strings that only some may ever see."""

    accounts: dict[str, Account] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def person(self, principal: str) -> Person:
        """The person behind a principal."""
        return self.accounts[principal].person


def build() -> World:
    """Make the world in the current session; nothing is committed."""
    world = World()
    for name in PRINCIPALS[1:]:
        roles = [GlobalRole(name)] if name in list(GlobalRole) else []
        who = make.person(given_name=name.replace("_", " ").title(), family_name="Canary", email=f"{name}@example.org")
        world.accounts[name] = make.account(who, *roles)
    _runs(world)
    _organisations(world)
    for add in ADDITIONS:
        add(world)
    return world


def _runs(world: World) -> None:
    who, things = world.person, world.things
    for prefix in ("", "other_"):
        run = things[f"{prefix}run"] = make.run(code="WL5W50" if prefix else "WL6W50", level=5 if prefix else 6)
        make.run_role(RunRole.LEADER, who(f"{prefix}leader"), run)
        group = things[f"{prefix}group"] = make.group(run, who(f"{prefix}tutor"))
        make.run_role(RunRole.TUTOR, who(f"{prefix}tutor"), run)
        things[f"{prefix}enrolment"] = make.enrolment(group, who(f"{prefix}student"))
        things[f"{prefix}component"] = make.component(ComponentKind.PORTFOLIO, run)
    make.run_role(RunRole.CHAMPION, who("champion"), things["run"], Theme.POVERTY)
    make.run_role(RunRole.CHAMPION, who("other_champion"), things["run"], Theme.CRIME)
    make.run_role(RunRole.MODERATOR, who("moderator"), things["run"])
    make.run_role(RunRole.EXTERNAL, who("external"), things["run"])


def _organisations(world: World) -> None:
    who, things = world.person, world.things
    organisation = things["organisation"] = make.organisation(name="Canary Wharf Food Bank")
    make.contact(organisation, who("contact"), ContactRole.PRIMARY)
    make.contact(organisation, who("supervisor"), ContactRole.SUPERVISOR)
    elsewhere = things["other_organisation"] = make.organisation(name="Elsewhere Youth Club")
    make.contact(elsewhere, who("other_contact"), ContactRole.PRIMARY)
    things["challenge"] = make.challenge(organisation, supervisor=who("supervisor"), theme=Theme.POVERTY)
    things["other_challenge"] = make.challenge(elsewhere, supervisor=who("other_contact"), theme=Theme.CRIME)


def _a_placement(world: World) -> None:
    things = world.things
    placement = things["placement"] = make.placement(things["enrolment"], things["challenge"])
    things["agreement"] = make.agreement(placement)
    things["entry"] = make.entry(placement)
    assert things["enrolment"].state is EnrolmentState.PLACED


ADDITIONS: list[Callable[[World], None]] = [_a_placement]


def committed() -> World:
    """The world, committed and detached, for tests that make requests."""
    world = build()
    db.session.commit()
    for account in world.accounts.values():
        db.session.refresh(account)
    for thing in world.things.values():
        db.session.refresh(thing)
    db.session.expunge_all()
    return world
