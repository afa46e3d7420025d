"""Concerns as their reader may see them, what their reporters are told, and who can own one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import Select, and_, case, false, func, or_, select, true, union
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from placements.accounts.models import GlobalRole
from placements.accounts.queries import holders, works
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, TimeslotGroup
from placements.cohorts.queries import acting_group_tutor_id, leaders_of
from placements.concerns.models import Concern, ConcernNote
from placements.concerns.rules import OWNERS, About, Readers, Role, may_go_to_leader
from placements.concerns.workflow import CLOSED, OPEN, ConcernState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.links.models import Link
from placements.partners.models import Contact, Interest
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor_id, cover_of, placement_visible_to, tutored_by
from placements.placing.workflow import GOING_ON

REPORT_BY_LINK = "concerns.report_by_link"
ITS_PLACEMENT = joinedload(Concern.placement)
WHOLE = (
    ITS_PLACEMENT.joinedload(Placement.enrolment).joinedload(Enrolment.person),
    ITS_PLACEMENT.joinedload(Placement.enrolment).joinedload(Enrolment.group),
    ITS_PLACEMENT.joinedload(Placement.challenge).joinedload(Challenge.organisation),
    ITS_PLACEMENT.joinedload(Placement.tutor),
    joinedload(Concern.reporter),
    joinedload(Concern.about_person),
    joinedload(Concern.owner),
)
ITS_WORDS = tuple(undefer(each) for each in (Concern.words, Concern.place, Concern.done)) + tuple(
    undefer(each) for each in (Concern.outcome, Concern.referred_to)
)

placement_to_report = placement_visible_to  # whose reader then may tell something of it, or not


def visible_to(who: Principal) -> Select[Concern]:
    """Those that `who` may read for the university; nobody reads one that is about them, or where they have a side."""
    me = who.person_id
    leads = Enrolment.run_id.in_(who.held_on("leader"))
    reads = or_(
        true() if who.has("safeguarding") else false(),
        and_(leads, or_(Concern.readers != Readers.ALONE, Concern.owner_id == me)),
        and_(tutored_by(who), Concern.readers == Readers.TEAM),
    )
    sides = who.held_on("contact", "interest")
    return (
        select(Concern)
        .join(Concern.placement)
        .join(Placement.enrolment)
        .join(Placement.challenge)
        .where(reads, or_(Concern.about_id.is_(None), Concern.about_id != me))
        .where(Enrolment.person_id != me, Placement.supervisor_id != me, Challenge.organisation_id.not_in(sides))
    )


def concern_visible_to(who: Principal, public_id: str) -> Concern | None:
    """The concern at that address, with whom it is about but none of its words, where `who` may read it."""
    return db.session.scalar(visible_to(who).where(Concern.public_id == public_id).options(*WHOLE))


def with_words(concern_id: int) -> Concern:
    """The concern with everything that was written about it. Two queries."""
    notes = selectinload(Concern.notes)
    said = (undefer(ConcernNote.text), joinedload(ConcernNote.author), joinedload(ConcernNote.to))
    asked = select(Concern).where(Concern.id == concern_id).options(*WHOLE, *ITS_WORDS, notes.options(*said))
    return db.session.scalars(asked.execution_options(populate_existing=True)).one()


def waiting(who: Principal, *, are_closed: bool, size: int, number: int) -> tuple[list[Concern], int]:
    """A page of the open or closed ones that `who` may read, and how many there are. One query."""
    return slice_of(_listed(who, are_closed), size, number, *WHOLE)


@lru_cache(maxsize=256)
def _listed(who: Principal, are_closed: bool) -> Select[Concern]:
    wanted = visible_to(who).where(Concern.state.in_(CLOSED if are_closed else OPEN))
    first = case((Concern.state == ConcernState.RAISED, 0), (Concern.state == ConcernState.OWNED, 1), else_=2)
    return wanted.order_by(Concern.closed_at.desc() if are_closed else first, Concern.own_by_at, Concern.id)


def reported_by(who: Principal, public_id: str) -> Concern | None:
    """What `who` told, at that address, in their own words."""
    own = select(Concern).where(Concern.public_id == public_id, Concern.reporter_id == who.person_id)
    return db.session.scalar(own.options(*WHOLE, *ITS_WORDS))


def told_by(who: Principal, size: int, number: int) -> tuple[list[Concern], int]:
    """A page of what `who` told, the latest first, and how much there is. One query."""
    own = select(Concern).where(Concern.reporter_id == who.person_id).order_by(Concern.id.desc())
    return slice_of(own, size, number, *WHOLE)


def shows_owner(concern: Concern) -> bool:
    """Whether its reporter reads who owns it and what came of it: the student or tutor of what is not restricted."""
    return not concern.is_restricted and concern.reporter_id != concern.placement.supervisor_id


# Who can own one


def candidates(concern: Concern, now: datetime) -> list[list[Person]]:
    """Who can own it, by role, those asked first first; nobody whom it is about, who told it, or who has a side."""
    return _levels(concern, OWNERS[concern.readers], today(now))


def could_take_over(concern: Concern, now: datetime) -> list[Person]:
    """To whom it can be passed on: whoever can own it, and a module leader where it may go to one; not its owner."""
    roles = OWNERS[concern.readers]
    if concern.is_restricted and may_go_to_leader(concern.kind, concern.about):
        roles = (*roles, Role.LEADER)
    found = dict.fromkeys(person for level in _levels(concern, roles, today(now)) for person in level)
    return [person for person in found if person.id != concern.owner_id]


def above(concern: Concern, levels: Sequence[Sequence[Person]]) -> Sequence[Person]:
    """Who stands next above its owner, or above those asked first where nobody owns it; else their colleagues."""
    keys = [{person.id for person in level} for level in levels]
    owner = concern.owner_id
    place = next((number for number, level in enumerate(keys) if owner is None or owner in level), 0)
    return levels[place + 1] if place + 1 < len(levels) else levels[place] if levels else []


def _levels(concern: Concern, roles: Iterable[Role], on: date) -> list[list[Person]]:
    placement = concern.placement
    people = {role: list(db.session.scalars(_holders(role, placement, on))) for role in roles}
    apart = {concern.reporter_id, concern.about_id, placement.supervisor_id, placement.enrolment.person_id}
    everybody = {person.id for level in people.values() for person in level}
    apart |= _with_a_side(placement.challenge.organisation_id, everybody)
    levels = ([person for person in level if person.id not in apart] for level in people.values())
    return [level for level in levels if level]


def _holders(role: Role, placement: Placement, on: date) -> Select[Person]:
    people = select(Person).order_by(Person.family_name, Person.given_name, Person.id)
    if role is Role.SAFEGUARDING:
        return people.where(Person.id.in_(holders(GlobalRole.SAFEGUARDING)))
    if role is Role.LEADER:
        return people.where(Person.id.in_(leaders_of(placement.enrolment.run_id)))
    return people.where(Person.id == _tutor_on(placement, on))


def _tutor_on(placement: Placement, on: date) -> int | None:
    """Who sees to the student that day: whoever covers for the tutor, otherwise the tutor."""
    return acting_tutor_id(placement, on) or acting_group_tutor_id(placement.enrolment.group, on)


def acting_owner_id(concern: Concern, now: datetime) -> int | None:
    """The key of whoever sees to it today: its owner, or who covers for the tutor who owns it."""
    is_tutor = concern.owner_id is not None and concern.owner_id == concern.placement.tutor_id
    return acting_tutor_id(concern.placement, today(now)) if is_tutor else concern.owner_id


def _with_a_side(organisation_id: int, people: set[int]) -> set[int]:
    sides = union(
        select(Interest.person_id).where(Interest.organisation_id == organisation_id, Interest.ended_at.is_(None)),
        select(Contact.person_id).where(Contact.organisation_id == organisation_id, Contact.left_on.is_(None)),
    )
    return set(db.session.scalars(sides)) & people


def administrators() -> Sequence[int]:
    """The keys of those who run the system."""
    return db.session.scalars(holders(GlobalRole.ADMINISTRATOR)).all()


# Telling one


@dataclass(frozen=True)
class Choice:
    """Somebody whom a concern can be about: what the form sends, how it calls them, and who that is."""

    value: str
    label: str
    about: About
    person_id: int | None = None


def whom_about(placement: Placement, reporter_id: int | None, now: datetime) -> list[Choice]:
    """Everybody whom a concern on the placement can be about, but its reporter. Three queries."""
    enrolment, group = placement.enrolment, placement.enrolment.group
    found = [
        Choice("nobody", "Nobody in particular", About.NOBODY),
        Choice("student", "The student", About.STUDENT, enrolment.person_id),
        Choice("supervisor", "The supervisor at the organisation", About.SUPERVISOR, placement.supervisor_id),
        Choice("organisation", "The organisation, or somebody else there", About.ORGANISATION),
        Choice("tutor", "The tutor", About.TUTOR, placement.tutor_id or group.tutor_id),
    ]
    cover = cover_of(placement, today(now))
    if cover is not None:
        label = f"{cover.cover.name}, who covers for the tutor"
        found.append(Choice("cover", label, About.TUTOR, cover.cover_id))
    for about, what, role in (
        (About.LEADER, "the module leader", Role.LEADER),
        (About.SAFEGUARDING, "the safeguarding lead", Role.SAFEGUARDING),
    ):
        for person in db.session.scalars(_holders(role, placement, today(now))):
            found.append(Choice(f"{about.value}-{person.public_id}", f"{person.name}, {what}", about, person.id))
    found.append(Choice("somebody", "Somebody else", About.SOMEBODY))
    return [each for each in found if each.person_id is None or each.person_id != reporter_id]


@dataclass(frozen=True)
class Asked:
    """A link to tell something by, the placements that its holder supervises, and what was told by it already."""

    link: Link
    placements: Sequence[Placement]
    told: Concern | None

    def works(self, now: datetime) -> bool:
        """Something can be told by it."""
        return works(self.link, now) and bool(self.placements)

    def is_readable(self, now: datetime) -> bool:
        """It was used, and still says how far that is."""
        return self.told is not None and now < self.link.expires_at


def asked_by(link: Link) -> Asked:
    """The link with what it is about. Two queries."""
    told = db.session.scalar(select(Concern).where(Concern.link_id == link.id).options(*WHOLE))
    return Asked(link, supervised_by(link.holder_id), told)


def supervised_by(person_id: int) -> Sequence[Placement]:
    """The placements that go on with that supervisor, by student."""
    theirs = select(Placement).where(Placement.supervisor_id == person_id, Placement.state.in_(GOING_ON))
    whole = (
        contains_eager(Placement.enrolment).contains_eager(Enrolment.person),
        contains_eager(Placement.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
        joinedload(Placement.challenge).joinedload(Challenge.organisation),
    )
    by_name = theirs.join(Placement.enrolment).join(Enrolment.person).order_by(Person.family_name, Person.given_name)
    return db.session.scalars(by_name.options(*whole)).all()


def open_and_unacted() -> Select[Concern]:
    """Those whose clock runs."""
    runs = (ConcernState.RAISED, ConcernState.OWNED)
    return select(Concern).where(Concern.state.in_(runs)).order_by(Concern.id).options(*WHOLE)


@lru_cache(maxsize=256)  # slower to put together than to answer
def counts(who: Principal) -> Select[int, int, datetime | None, int, datetime | None]:
    """One row of what a home says: how many wait for an owner and by when; how many are one's own, and by when."""
    covers = and_(Concern.owner_id == Placement.tutor_id, Placement.id.in_(who.held_on("placement_tutor")))
    is_theirs = or_(Concern.owner_id == who.person_id, covers).label("is_theirs")
    seen = visible_to(who).where(Concern.state.in_(OPEN)).add_columns(is_theirs).subquery()
    is_raised = seen.c.state == ConcernState.RAISED
    is_raised &= seen.c.reporter_id != who.person_id
    is_mine = seen.c.is_theirs
    is_due = is_mine & (seen.c.state == ConcernState.OWNED)
    return select(
        func.count().label("open"),
        func.count(case((is_raised, 1))).label("raised"),
        func.min(case((is_raised, seen.c.own_by_at))).label("own_by"),
        func.count(case((is_mine, 1))).label("mine"),
        func.min(case((is_due, seen.c.act_by_at))).label("act_by"),
    )
