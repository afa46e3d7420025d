"""How many students organisations have and can still take, so that small hosts are not overrun."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.rules import academic_year
from placements.core.policy import Principal
from placements.core.workflow import say_state
from placements.db import db
from placements.directory.sheet import HEADINGS, cells, row_from
from placements.partners.models import Contact, ContactRole, Organisation
from placements.partners.queries import OrganisationSearch, listed
from placements.placing.models import Placement
from placements.placing.workflow import BEGUN, GOING_ON

ALSO_SENT_OUT = (
    *("State", "Approved until", "Looked after by", "Students there now", "Students to come"),
    *("Places in published challenges", "More can come"),
)


@dataclass(frozen=True)
class Load:
    """Students there, those who are to come, and the places that this year's published challenges offer."""

    here: int
    to_come: int
    places: int
    ceiling: int | None

    @property
    def free(self) -> int | None:
        """How many more can come; None where there is no limit."""
        return None if self.ceiling is None else max(0, self.ceiling - self.here - self.to_come)

    @property
    def said(self) -> str:
        """“Full”, “2 more can come”, “No limit”."""
        if self.free is None:
            return "No limit"
        return f"{self.free} more can come" if self.free else "Full"


def loads_of(organisations: Sequence[Organisation], day: date) -> dict[int, Load]:
    """The load of each, by key. Two queries, however many they are."""
    keys = [each.id for each in organisations]
    students = (
        select(Challenge.organisation_id, Placement.state, func.count())
        .join(Challenge, Challenge.id == Placement.challenge_id)
        .where(Placement.state.in_(GOING_ON), Challenge.organisation_id.in_(keys))
        .group_by(Challenge.organisation_id, Placement.state)
    )
    here: dict[int, int] = defaultdict(int)
    to_come: dict[int, int] = defaultdict(int)
    for key, state, count in db.session.execute(students):
        (here if state in BEGUN else to_come)[key] += count
    of_year = (Challenge.state == ChallengeState.PUBLISHED, Challenge.academic_year == academic_year(day))
    places = select(Challenge.organisation_id, func.sum(Challenge.places_max)).where(*of_year)
    offered = dict(
        db.session.execute(places.where(Challenge.organisation_id.in_(keys)).group_by(Challenge.organisation_id)).all()
    )
    return {
        each.id: Load(here[each.id], to_come[each.id], offered.get(each.id, 0), each.ceiling) for each in organisations
    }


def sent_out(who: Principal, search: OrganisationSearch, day: date) -> tuple[list[str], list[list[object]]]:
    """The headings and lines of the organisations that a list shows. Five queries, however many they are."""
    whole = (joinedload(Organisation.owner), selectinload(Organisation.also_in))
    rows = db.session.scalars(listed(who, search).options(*whole)).all()
    people = select(Contact).join(Contact.person).where(Contact.left_on.is_(None)).order_by(Contact.id.desc())
    main = people.where(
        Contact.role == ContactRole.PRIMARY, Contact.organisation_id.in_([each.id for each in rows])
    ).options(contains_eager(Contact.person))
    contacts = {each.organisation_id: each for each in db.session.scalars(main)}  # the first is the last of these
    loads = loads_of(rows, day)
    lines = [[*cells(row_from(each, contacts.get(each.id))), *_also(each, loads[each.id])] for each in rows]
    return [*HEADINGS.values(), *ALSO_SENT_OUT], lines


def _also(one: Organisation, load: Load) -> list[object]:
    owner = one.owner.name if one.owner else None
    until = one.approved_until.isoformat() if one.approved_until else None
    return [say_state(one.state), until, owner, load.here, load.to_come, load.places, load.said]
