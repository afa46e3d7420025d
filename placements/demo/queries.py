"""Whom one can be in a demonstration, and the mail that it kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select

from placements.accounts.models import Account
from placements.agreements.models import Agreement
from placements.agreements.workflow import AgreementState
from placements.assessment.models import Submission
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db
from placements.demo.cast import Someone, staff_to_be
from placements.drafting.models import Draft
from placements.logbook.models import Entry
from placements.logbook.workflow import EntryState
from placements.mail.models import KeptMail
from placements.offers.models import Offer
from placements.offers.workflow import OfferState
from placements.partners.models import Contact, ContactRole
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from placements.story import is_demonstration

MOST = 100


@dataclass(frozen=True)
class Story:
    """A kind of person that the year has made, found by where they stand now."""

    short: str
    does: str
    people: Select[Person]


ENROLLED = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
ON_PLACEMENT = ENROLLED.join(Placement, Placement.enrolment_id == Enrolment.id)


def _students(state: EnrolmentState) -> Select[Person]:
    return ENROLLED.where(Enrolment.state == state)


def _placed(state: PlacementState) -> Select[Person]:
    return ON_PLACEMENT.where(Placement.state == state)


def _with_agreement(state: AgreementState) -> Select[Person]:
    return ON_PLACEMENT.join(Agreement, Agreement.placement_id == Placement.id).where(Agreement.state == state)


def _with_work(*where: ColumnElement[bool]) -> Select[Person]:
    return ENROLLED.join(Submission, Submission.enrolment_id == Enrolment.id).where(*where)


def _main_contacts(state: ChallengeState) -> Select[Person]:
    return (
        select(Person)
        .join(Contact, Contact.person_id == Person.id)
        .join(Challenge, Challenge.organisation_id == Contact.organisation_id)
        .where(Contact.role == ContactRole.PRIMARY, Challenge.state == state)
    )


STORIES = (
    Story("student", "Student at work on a placement", _placed(PlacementState.ACTIVE)),
    Story("student-preparing", "Student whose placement is being set up", _placed(PlacementState.PREPARING)),
    Story("student-writing", "Student who writes a Challenge Agreement", _with_agreement(AgreementState.DRAFT)),
    Story("student-signing", "Student whose Challenge Agreement goes round", _with_agreement(AgreementState.SIGNING)),
    Story("student-paused", "Student whose placement is paused", _placed(PlacementState.PAUSED)),
    Story(
        "student-moving",
        "Student whose placement ended early",
        _placed(PlacementState.TRANSFERRED).where(Enrolment.state == EnrolmentState.SEEKING),
    ),
    Story("student-finished", "Student who finished last year", _placed(PlacementState.COMPLETED)),
    Story("student-again", "Student who was assessed again last year", _with_work(Submission.attempt > 1)),
    Story("student-deferred", "Student whose portfolio was put off", _with_work(Submission.deferred_at.is_not(None))),
    Story(
        "student-drafting",
        "Student who has begun to write a portfolio",
        ENROLLED.join(Draft, Draft.enrolment_id == Enrolment.id),
    ),
    Story(
        "student-offered",
        "Student with an offer to answer",
        ENROLLED.join(Offer, Offer.enrolment_id == Enrolment.id).where(Offer.state == OfferState.MADE),
    ),
    Story("student-seeking", "Student who needs a place", _students(EnrolmentState.SEEKING)),
    Story("student-new", "Student who has just enrolled", _students(EnrolmentState.REGISTERED)),
    Story(
        "supervisor",
        "Supervisor of a student at work",
        select(Person)
        .join(Placement, Placement.supervisor_id == Person.id)
        .where(Placement.state == PlacementState.ACTIVE),
    ),
    Story(
        "supervisor-asked",
        "Supervisor with hours to confirm",
        select(Person)
        .join(Placement, Placement.supervisor_id == Person.id)
        .join(Entry, Entry.placement_id == Placement.id)
        .where(Placement.state == PlacementState.ACTIVE, Entry.state == EntryState.SUBMITTED),
    ),
    Story("contact", "Main contact of a community organisation", _main_contacts(ChallengeState.PUBLISHED)),
    Story("contact-writing", "Main contact who writes a brief", _main_contacts(ChallengeState.DRAFT)),
)


def demonstration(who: Principal) -> bool | None:
    """True in a demonstration, None (a missing page) everywhere else."""
    return is_demonstration() or None


def account_in_demonstration(who: Principal, public_id: str) -> Account | None:
    """The account of that person, in a demonstration only."""
    if not is_demonstration():
        return None
    return db.session.scalar(select(Account).join(Account.person).where(Person.public_id == public_id))


def kept_mail(who: Principal, public_id: str) -> KeptMail | None:
    """One kept mail, in a demonstration only."""
    return db.session.scalar(select(KeptMail).where(KeptMail.public_id == public_id)) if is_demonstration() else None


def people_to_be() -> list[Someone]:
    """The staff, then one of each kind of student and of an organisation's people."""
    return [*staff_to_be(), *(each for each in map(_first, STORIES) if each is not None)]


def _first(story: Story) -> Someone | None:
    person = db.session.scalars(story.people.order_by(Person.id).limit(1)).first()
    return Someone(story.short, story.does, person) if person else None


def latest_mail() -> Sequence[KeptMail]:
    """The newest kept mails."""
    return db.session.scalars(select(KeptMail).order_by(KeptMail.id.desc()).limit(MOST)).all()
