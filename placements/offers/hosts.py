"""Organisations and the offers of their challenges: who speaks for each, what they may know, what they said to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, distinct, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from placements.applications.models import Application, Preference
from placements.applications.rules import FEW
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment, RoleOnRun, RunRole
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.links.models import Link
from placements.offers.models import HostRefusal, Offer
from placements.offers.rules import WhyNobody, why_nobody
from placements.offers.workflow import LIVE, OfferState, RefusalState
from placements.partners.models import Contact, ContactRole
from placements.partners.queries import is_current_contact

REFUSE_BY_LINK = "offers.refuse_by_link"  # what the link is for: the endpoint that it opens
TAKING_PART = (ChallengeState.PUBLISHED, ChallengeState.PAUSED)


def say_students(number: int) -> str:
    """How many students, as far as an organisation may know: “fewer than 5 students”, “7 students”."""
    return f"fewer than {FEW} students" if number < FEW else f"{number} students"


def concerned(year: str, levels: Collection[int], offered: Collection[int]) -> list[Challenge]:
    """The challenges of a round of these levels: those that take part in the year, and those that are `offered`."""
    rows = select(Challenge).where(
        or_(Challenge.id.in_(offered), (Challenge.academic_year == year) & Challenge.state.in_(TAKING_PART))
    )
    whole = (joinedload(Challenge.organisation), selectinload(Challenge.further_sites))
    found = db.session.scalars(rows.options(*whole).order_by(Challenge.id))
    return [each for each in found if any(each.suits(level) for level in levels)]


def who_speaks_for(challenges: Collection[Challenge]) -> Mapping[int, Sequence[int]]:
    """By challenge: who supervises it and works there still; where nobody does, the main contacts. One query."""
    here = select(Contact).where(
        Contact.organisation_id.in_({each.organisation_id for each in challenges}), Contact.left_on.is_(None)
    )
    contacts = db.session.scalars(here).all()
    found = {}
    for challenge in challenges:
        theirs = [each for each in contacts if each.organisation_id == challenge.organisation_id]
        supervisors = [each.person_id for each in theirs if each.person_id in challenge.all_supervisors]
        main = [each.person_id for each in theirs if each.role is ContactRole.PRIMARY]
        found[challenge.id] = supervisors or main
    return found


@dataclass(frozen=True)
class Unanswered:
    """The offers of a challenge that students have still to answer: how many, and until when the last of them."""

    number: int
    until: datetime | None

    @property
    def said(self) -> str:
        """How many, as far as the organisation may know."""
        return say_students(self.number)


def unanswered(challenge_id: int) -> Unanswered:
    """Those of that challenge. One query."""
    rows = select(func.count(), func.max(Offer.deadline_at)).select_from(Offer)
    number, until = db.session.execute(
        rows.where(Offer.challenge_id == challenge_id, Offer.state == OfferState.MADE)
    ).one()
    return Unanswered(number, until)


@dataclass(frozen=True)
class Nobody:
    """That nobody is offered a place in a challenge: why, and how many had chosen it."""

    why: WhyNobody
    chose: str


def nobody_came(challenge: Challenge, now: datetime) -> Nobody | None:
    """Why no student of the rounds that were published is offered a place in it; None where one is. Two queries."""
    if db.session.scalar(select(exists().where(Offer.challenge_id == challenge.id, Offer.state.in_(LIVE)))):
        return None
    rows = (
        select(func.count(), func.count(distinct(Offer.enrolment_id)))
        .select_from(Preference)
        .join(Preference.application)
        .outerjoin(Offer, (Offer.enrolment_id == Application.enrolment_id) & Offer.state.in_(LIVE))
        .where(Preference.challenge_id == challenge.id, Application.state == ApplicationState.SUBMITTED)
        .where(Application.decided_at.is_not(None))
    )
    chose, elsewhere = db.session.execute(rows).one()
    why = why_nobody(is_open=challenge.is_live(today(now)), chose=chose, offered_elsewhere=elsewhere)
    return Nobody(why, say_students(chose))


def leaders_concerned(challenge_id: int) -> Sequence[int]:
    """The module leaders of the students who have an unanswered offer of it, by key. One query."""
    rows = (
        select(RoleOnRun.person_id)
        .join(Enrolment, Enrolment.run_id == RoleOnRun.run_id)
        .join(Offer, Offer.enrolment_id == Enrolment.id)
        .where(Offer.challenge_id == challenge_id, Offer.state == OfferState.MADE, RoleOnRun.role == RunRole.LEADER)
    )
    return db.session.scalars(rows.distinct()).all()


def latest_refusal(challenge_id: int) -> HostRefusal | None:
    """What its organisation last said, with the leader who settled it. One query."""
    rows = select(HostRefusal).where(HostRefusal.challenge_id == challenge_id).order_by(HostRefusal.id.desc())
    return db.session.scalar(rows.options(joinedload(HostRefusal.settled_by)).limit(1))


def refusals_visible_to(who: Principal) -> Select[HostRefusal]:
    """What organisations said of offers to students whose run one leads."""
    led = select(Offer.challenge_id).join(Offer.enrolment).where(Enrolment.run_id.in_(who.held_on("leader")))
    return select(HostRefusal).where(HostRefusal.challenge_id.in_(led))


_WHOLE = (
    joinedload(HostRefusal.challenge).joinedload(Challenge.organisation),
    joinedload(HostRefusal.said_by),
    joinedload(HostRefusal.settled_by),
    selectinload(HostRefusal.offers).joinedload(Offer.enrolment).joinedload(Enrolment.person),
)


def refusals(who: Principal, size: int, number: int) -> tuple[list[HostRefusal], int]:
    """A page of them, what is to be decided first, then the latest; and how many there are. Two queries."""
    rows = refusals_visible_to(who).order_by(HostRefusal.state != RefusalState.OPEN, HostRefusal.id.desc())
    return slice_of(rows, size, number, *_WHOLE)


def seen_refusal(who: Principal, public_id: str) -> HostRefusal | None:
    """That one, with its offers and their students."""
    found = refusals_visible_to(who).where(HostRefusal.public_id == public_id)
    return db.session.scalar(found.options(*_WHOLE))


@dataclass(frozen=True)
class Asked:
    """A link to say that a challenge's students cannot be taken, and how things stand with them.

    `is_contact`: the link's holder still works there.
    """

    link: Link
    challenge: Challenge
    is_contact: bool
    unanswered: Unanswered
    refusal: HostRefusal | None

    @property
    def waits(self) -> bool:
        """There is something to say it about, and nobody has."""
        is_open = self.refusal is not None and self.refusal.state is RefusalState.OPEN
        return self.is_contact and self.unanswered.number > 0 and not is_open

    def can_answer(self, now: datetime) -> bool:
        """It can be said by this link."""
        return self.waits and self.link.is_open(now)


def asked_by(link: Link) -> Asked:
    """The link with what it is about. Four queries."""
    challenge = db.session.get_one(Challenge, link.about_id, options=[joinedload(Challenge.organisation)])
    works_there = is_current_contact(link.holder_id, challenge.organisation_id)
    return Asked(link, challenge, works_there, unanswered(challenge.id), latest_refusal(challenge.id))
