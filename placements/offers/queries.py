"""Offers as their reader may see them, open rows of the clearing list, and the places that are left."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from placements.challenges.models import Challenge, ChallengeSite, live_on
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, RoleOnRun, TimeslotGroup
from placements.cohorts.queries import visible_enrolments
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.offers.models import AskedPlace, Clearing, HostRefusal, Offer
from placements.offers.rules import Room
from placements.offers.workflow import LIVE, OfferState, RefusalState
from placements.partners.models import Organisation
from placements.partners.policy import has_no_side
from placements.people.models import Person

PLACES = (joinedload(Challenge.site), selectinload(Challenge.further_sites).joinedload(ChallengeSite.site))
ASKED = selectinload(Clearing.asked).joinedload(AskedPlace.challenge)
STILL_ON = (ChallengeState.PUBLISHED, ChallengeState.CLOSED)  # closed to new choices; what was offered holds


def whole(of: type[Offer] | type[Clearing]) -> tuple[ORMOption, ...]:
    """The student with group, tutor and run: what every page shows and every ability asks."""
    enrolment = joinedload(of.enrolment)
    return (
        enrolment.joinedload(Enrolment.person),
        enrolment.joinedload(Enrolment.run),
        enrolment.joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
    )


def offers_visible_to(who: Principal) -> Select[Offer]:
    """One's own, those of one's groups' students, and those of the runs that one leads."""
    return select(Offer).where(Offer.enrolment_id.in_(visible_enrolments(who).with_only_columns(Enrolment.id)))


def seen_offer(who: Principal, public_id: str) -> Offer | None:
    """The offer at that address, with everything its page shows, where `who` may see it."""
    return db.session.scalar(
        offers_visible_to(who)
        .where(Offer.public_id == public_id)
        .options(
            *whole(Offer),
            joinedload(Offer.challenge).joinedload(Challenge.organisation),
            joinedload(Offer.challenge).joinedload(Challenge.site),
            joinedload(Offer.challenge).joinedload(Challenge.supervisor),
            joinedload(Offer.made_by),
        )
    )


def own_offers(who: Principal) -> Sequence[Offer]:
    """One's own offers, the latest first. One query."""
    return db.session.scalars(
        select(Offer)
        .where(Offer.enrolment_id.in_(who.held_on("student")))
        .options(joinedload(Offer.challenge).joinedload(Challenge.organisation))
        .order_by(Offer.id.desc())
    ).all()


def own_clearing(who: Principal) -> Sequence[Clearing]:
    """One's own rows of the clearing list with what one asked for, the latest first. Two queries."""
    return db.session.scalars(
        select(Clearing)
        .where(Clearing.enrolment_id.in_(who.held_on("student")))
        .options(joinedload(Clearing.owner), ASKED)
        .order_by(Clearing.id.desc())
    ).all()


def open_clearing(enrolment_ids: Sequence[int]) -> Mapping[int, Clearing]:
    """Each student's open row, by enrolment, for those who have one. One query."""
    rows = select(Clearing).where(Clearing.enrolment_id.in_(enrolment_ids), Clearing.closed_at.is_(None))
    return {row.enrolment_id: row for row in db.session.scalars(rows)}


def live_offers(enrolment_ids: Sequence[int]) -> Mapping[int, Offer]:
    """Each student's live offer with its challenge, by enrolment. One query."""
    rows = db.session.scalars(
        select(Offer)
        .where(Offer.enrolment_id.in_(enrolment_ids), Offer.state.in_(LIVE))
        .options(joinedload(Offer.challenge))
    )
    return {offer.enrolment_id: offer for offer in rows}


class Taken:
    """How many places are taken in one academic year, by challenge and by organisation; it can be counted on."""

    def __init__(self) -> None:
        self.by_challenge: Counter[int] = Counter()
        self.by_organisation: Counter[int] = Counter()

    def take(self, challenge_id: int, organisation_id: int, number: int = 1) -> None:
        """Count places as taken (or, below nought, as free again)."""
        self.by_challenge[challenge_id] += number
        self.by_organisation[organisation_id] += number

    def copy(self) -> "Taken":
        """The same counts, to be counted on apart."""
        counted = Taken()
        counted.by_challenge.update(self.by_challenge)
        counted.by_organisation.update(self.by_organisation)
        return counted

    def room(self, challenge: Challenge) -> Room:
        """The challenge's places and its organisation's ceiling, and what is taken of them."""
        return Room(
            places=challenge.places_max,
            taken=self.by_challenge[challenge.id],
            ceiling=challenge.organisation.ceiling,
            taken_by_organisation=self.by_organisation[challenge.organisation_id],
        )


def taken(year: str, states: Sequence[OfferState] = LIVE) -> Taken:
    """What offers in these states take of that year's places. One query."""
    rows = db.session.execute(
        select(Challenge.id, Challenge.organisation_id, func.count(Offer.id))
        .join(Offer, Offer.challenge_id == Challenge.id)
        .where(Challenge.academic_year == year, Offer.state.in_(states))
        .group_by(Challenge.id, Challenge.organisation_id)
    )
    counted = Taken()
    for challenge_id, organisation_id, number in rows:
        counted.take(challenge_id, organisation_id, number)
    return counted


def is_still_on(challenge: Challenge, now: datetime) -> bool:
    """Whether what was offered of it holds: closing it to new choices changes nothing for those with an offer."""
    return challenge.state in STILL_ON and challenge.organisation.is_approved(today(now))


def open_challenges(year: str, now: datetime) -> Sequence[Challenge]:
    """The year's challenges that students can be placed in, by title, with organisation and site. One query."""
    return db.session.scalars(
        select(Challenge)
        .where(Challenge.academic_year == year, live_on(today(now)))
        .options(
            joinedload(Challenge.organisation, innerjoin=True),
            joinedload(Challenge.site),
            undefer(Challenge.further_boroughs),
        )
        .order_by(Challenge.title, Challenge.id)
    ).all()


@dataclass(frozen=True)
class Place:
    """A challenge and how many more students it can take now."""

    challenge: Challenge
    left: int


def undecided() -> Collection[int]:
    """The challenges whose organisations say that they cannot take students, while no module leader has decided it.

    Nobody new is offered a place there until then; what is offered stays offered. One query.
    """
    return set(db.session.scalars(select(HostRefusal.challenge_id).where(HostRefusal.state == RefusalState.OPEN)))


def places_left(year: str, counted: Taken, now: datetime) -> list[Place]:
    """Every place of the year that is left now, by title. Two queries."""
    waits = undecided()
    found = [Place(challenge, counted.room(challenge).left) for challenge in open_challenges(year, now)]
    return [place for place in found if place.left and place.challenge.id not in waits]


def suitable(places: Iterable[Place], enrolment: Enrolment, who: Principal) -> list[Place]:
    """Those of the right level for the student, in which `who` has no side."""
    level = enrolment.run.level
    return [
        place for place in places if place.challenge.suits(level) and has_no_side(who, place.challenge.organisation_id)
    ]


def open_places(enrolment: Enrolment, counted: Taken, who: Principal, now: datetime) -> list[Place]:
    """Where `who`, having no side in it, could place the student now: right level, a place left. Two queries."""
    return suitable(places_left(enrolment.run.academic_year, counted, now), enrolment, who)


def locked_challenges(challenge_ids: Collection[int]) -> Mapping[int, Challenge]:
    """The challenges with their organisations, all rows held until the transaction ends: places are taken one by one.

    Every row is read anew; always in the same order, so that two who want several cannot wait for each other.
    """
    rows = db.session.scalars(
        select(Challenge)
        .join(Challenge.organisation)
        .where(Challenge.id.in_(challenge_ids))
        .options(contains_eager(Challenge.organisation), *PLACES)
        .order_by(Challenge.organisation_id, Challenge.id)
        .with_for_update(of=[Organisation, Challenge])
        .execution_options(populate_existing=True)
    )
    return {challenge.id: challenge for challenge in rows}


def locked_clearing(enrolment_ids: Select[int] | Collection[int]) -> Mapping[int, Clearing]:
    """Each student's open row, by enrolment, all held until the transaction ends: nobody is given two places at once.

    Held after the challenges, always in the same order, and read anew.
    """
    rows = db.session.scalars(
        select(Clearing)
        .where(Clearing.enrolment_id.in_(enrolment_ids), Clearing.closed_at.is_(None))
        .order_by(Clearing.id)
        .with_for_update(of=Clearing)
        .execution_options(populate_existing=True)
    )
    return {row.enrolment_id: row for row in rows}


def has_passed_on(offer: Offer) -> bool:
    """Whether the place of an offer that ran out is offered to, or was taken by, somebody who waited. One query."""
    later = select(Offer.id).where(Offer.challenge_id == offer.challenge_id, Offer.made_at >= offer.deadline_at)
    by_itself = later.where(Offer.state.in_(LIVE), Offer.made_by_id.is_(None), Offer.why_made.is_(None))
    return offer.state is OfferState.EXPIRED and db.session.scalar(by_itself.limit(1)) is not None


def leaders(run_id: int) -> Sequence[Person]:
    """The module leaders of a run, in the order they were appointed."""
    return db.session.scalars(
        select(Person)
        .join(RoleOnRun, RoleOnRun.person_id == Person.id)
        .where(RoleOnRun.leads(run_id))
        .order_by(RoleOnRun.id)
    ).all()
