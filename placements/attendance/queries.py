"""Planned days and contact points as their reader may see them, who is closed when, and what silence means."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from placements.attendance.models import ContactPoint, HostClosedDay, PlannedDay
from placements.attendance.rules import DAY, Expected, silent_since
from placements.attendance.workflow import CONTACT, ContactState, DayState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.cohorts.queries import closed_days, closures
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.links.models import Link
from placements.partners.models import Contact, Organisation
from placements.partners.queries import organisation_of
from placements.placing.models import Pause, Placement
from placements.placing.queries import followed_by, whole
from placements.placing.workflow import PlacementState

Spans = Sequence[tuple[date, date | None]]
NOTE_BY_LINK = "attendance.note_by_link"  # what a link to add the organisation's note is for
ORGANISATION_CLOSED = "The organisation is closed"


def placement_followed(who: Principal, public_id: str) -> Placement | None:
    """The placement at that address, whole, where `who` may know what is agreed and done."""
    return db.session.scalar(followed_by(who).where(Placement.public_id == public_id).options(*whole()))


def placement_known(placement_id: int) -> Placement:
    """The placement of that key, whole, for whoever holds a link to it."""
    return db.session.get_one(Placement, placement_id, options=whole())


def _its_placement(column: object) -> ORMOption:
    return joinedload(column).options(*cast(list[ORMOption], whole()))  # type: ignore[arg-type]


def day_of(who: Principal, public_id: str) -> PlannedDay | None:
    """The planned day at that address, where `who` follows the placement."""
    followed = followed_by(who).with_only_columns(Placement.id)
    found = select(PlannedDay).where(PlannedDay.public_id == public_id, PlannedDay.placement_id.in_(followed))
    return db.session.scalar(found.options(_its_placement(PlannedDay.placement)))


def contact_of(who: Principal, public_id: str) -> ContactPoint | None:
    """The contact point at that address, where `who` follows the placement."""
    followed = followed_by(who).with_only_columns(Placement.id)
    found = select(ContactPoint).where(ContactPoint.public_id == public_id, ContactPoint.placement_id.in_(followed))
    return db.session.scalar(found.options(_its_placement(ContactPoint.placement)))


def organisation_kept(who: Principal, public_id: str) -> Organisation | None:
    """An organisation that `who` may see and whose record is its own."""
    found = organisation_of(who, public_id)
    return found if found and found.merged_into_id is None else None


@dataclass(frozen=True)
class Line:
    """A planned day as pages show it. `closed`: why nobody is expected although it is planned."""

    day: PlannedDay
    closed: str = ""

    @property
    def is_expected(self) -> bool:
        """Planned, and nothing is closed."""
        return self.day.state is DayState.PLANNED and not self.closed


def plan_of(placement: Placement) -> list[Line]:
    """The planned days of a placement, the first day first. Three queries."""
    found = select(PlannedDay).where(PlannedDay.placement_id == placement.id).order_by(PlannedDay.on)
    days = db.session.scalars(found.options(joinedload(PlannedDay.cancelled_by))).all()
    shut = why_closed(placement.challenge.organisation_id) if days else {}
    return [Line(day, shut.get(day.on, "")) for day in days]


def next_of(lines: Iterable[Line], now: datetime) -> Line | None:
    """The first day from today on that somebody is expected."""
    return next((line for line in lines if line.is_expected and line.day.on >= today(now)), None)


def why_closed(organisation_id: int) -> dict[date, str]:
    """Every day that the organisation or the university is closed, and why. Two queries."""
    found = {day: ORGANISATION_CLOSED for closure in closures_of(organisation_id) for day in _span(closure)}
    return found | {closed.day: closed.name for closed in closures()}


def closures_of(organisation_id: int) -> Sequence[HostClosedDay]:
    """When an organisation is closed, the first day first. One query."""
    found = select(HostClosedDay).where(HostClosedDay.organisation_id == organisation_id)
    return db.session.scalars(found.order_by(HostClosedDay.from_on, HostClosedDay.id)).all()


def _span(closure: HostClosedDay) -> list[date]:
    return [closure.from_on + ahead * DAY for ahead in range((closure.to_on - closure.from_on).days + 1)]


def contacts_of(placement: Placement) -> Sequence[ContactPoint]:
    """The visits and calls by the tutor, the first first. One query."""
    found = select(ContactPoint).where(ContactPoint.placement_id == placement.id)
    return db.session.scalars(found.order_by(ContactPoint.at, ContactPoint.id)).all()


@dataclass(frozen=True)
class NoteLink:
    """A supervisor's link to add the organisation's note on a visit or call."""

    link: Link
    contact: ContactPoint

    @property
    def is_theirs(self) -> bool:
        """Its holder still supervises the placement, and it took place or may."""
        placement, holder = self.contact.placement, self.link.holder_id
        is_supervisor = placement.supervisor_id == holder != placement.enrolment.person_id
        return is_supervisor and CONTACT.allows(self.contact.state, "add_note")

    def works(self, now: datetime) -> bool:
        """It lets its holder add the note, or change it until it runs out."""
        return self.is_theirs and self.link.is_open(now)


def note_link_of(link: Link) -> NoteLink:
    """The link with what it is about. One query."""
    whole_contact = [_its_placement(ContactPoint.placement)]
    return NoteLink(link, db.session.get_one(ContactPoint, link.about_id, options=whole_contact))


def _tutored_by(who: Principal) -> ColumnElement[bool]:
    own, groups = who.held_on("placement_tutor"), who.held_on("group_tutor")
    return or_(Placement.id.in_(own), Enrolment.group_id.in_(groups))


def to_note(who: Principal, now: datetime) -> Select[ContactPoint]:
    """The visits and calls of one's own students that should have been, and of which nobody has said how they went."""
    found = select(ContactPoint).join(ContactPoint.placement).join(Placement.enrolment).where(_tutored_by(who))
    return found.where(ContactPoint.state == ContactState.PLANNED, ContactPoint.at <= now)


def contacts_kept(who: Principal, now: datetime, size: int, number: int) -> tuple[Sequence[ContactPoint], int]:
    """One page of the visits and calls of one's own students: to note, to come, then past. One query."""
    found = select(ContactPoint).join(ContactPoint.placement).join(Placement.enrolment).where(_tutored_by(who))
    is_planned, has_been = ContactPoint.state == ContactState.PLANNED, ContactPoint.at <= now
    order = case((and_(is_planned, has_been), 0), (is_planned, 1), else_=2)
    # The soonest first of what is to be done, the latest first of what is over.
    upcoming, over = case((is_planned, ContactPoint.at)), case((~is_planned, ContactPoint.at))
    rows = found.order_by(order, upcoming, over.desc(), ContactPoint.id)
    return slice_of(rows, size, number, _its_placement(ContactPoint.placement))


def standing(contacts: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Those that were not missed."""
    return [each for each in contacts if each.state is not ContactState.MISSED]


def silence(last_on: Mapping[int, date | None], now: datetime) -> dict[int, date]:
    """The day that each placement's silence is counted from, by key: see `rules.silent_since`. Five queries.

    `last_on` has the placements asked about, and the day of the last visit logged on each. One that is not active, or
    of which everything expected has come, is not in the answer.
    """
    found = {key: silent_since(each, last_on[key], today(now)) for key, each in expected_of(last_on).items()}
    return {key: since for key, since in found.items() if since is not None}


def expected_of(keys: Collection[int]) -> dict[int, Expected]:
    """What is expected of each of the placements that is active, by key. Five queries, none for none."""
    if not keys:
        return {}
    facts = db.session.execute(
        select(Placement.id, Placement.starts_on, Placement.ends_on, Challenge.days, Challenge.organisation_id)
        .join(Placement.challenge)
        .where(Placement.id.in_(keys), Placement.state == PlacementState.ACTIVE)
    ).all()
    plans, rests, shut = _plans(keys), _rests(keys), _host_closures({row.organisation_id for row in facts})
    closed, found = closed_days(), {}
    for key, starts_on, ends_on, days, organisation_id in facts:
        plan, cancelled = plans.get(key, (None, ()))
        nothing_on = closed | shut.get(organisation_id, set())
        found[key] = Expected(starts_on, ends_on, days, plan, nothing_on, rests.get(key, ()), cancelled)
    return found


def _plans(keys: Iterable[int]) -> dict[int, tuple[list[date], list[date]]]:
    """The planned days that stand, and those that somebody cancelled, of each that has any."""
    rows = db.session.execute(
        select(PlannedDay.placement_id, PlannedDay.on, PlannedDay.state).where(PlannedDay.placement_id.in_(keys))
    )
    found: dict[int, tuple[list[date], list[date]]] = {}
    for key, day, is_in in rows:
        planned, cancelled = found.setdefault(key, ([], []))
        (planned if is_in is DayState.PLANNED else cancelled).append(day)
    return found


def _rests(keys: Iterable[int]) -> dict[int, list[tuple[date, date | None]]]:
    rows = db.session.execute(
        select(Pause.placement_id, Pause.from_at, Pause.until_at).where(Pause.placement_id.in_(keys))
    )
    found = defaultdict(list)
    for key, from_at, until_at in rows:
        found[key].append((today(from_at), today(until_at) if until_at else None))
    return found


def _host_closures(organisations: Iterable[int]) -> dict[int, set[date]]:
    rows = db.session.scalars(select(HostClosedDay).where(HostClosedDay.organisation_id.in_(organisations)))
    found: dict[int, set[date]] = defaultdict(set)
    for closure in rows:
        found[closure.organisation_id].update(_span(closure))
    return found


def days_to_come(placement: Placement, now: datetime, ahead: timedelta) -> list[Line]:
    """The planned days from today on, no further off than `ahead`, for whoever is told of them by link."""
    last = today(now) + ahead
    return [line for line in plan_of(placement) if today(now) <= line.day.on <= last]


def away_on(day: date) -> Select[int]:
    """The keys of those who work at an organisation that is closed on that day: no day's mail is sent to them."""
    shut = and_(HostClosedDay.organisation_id == Contact.organisation_id, HostClosedDay.from_on <= day)
    found = select(Contact.person_id).join(HostClosedDay, shut)
    return found.where(HostClosedDay.to_on >= day, Contact.left_on.is_(None))
