"""The ends of organisations' years: which are due, who may see them, what each page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.challenges.models import Challenge
from placements.closing.models import Closing, ClosingAnswer
from placements.closing.rules import COMING, ended_between
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.impact.models import Result
from placements.impact.queries import VERIFY_BY_LINK, asked_by
from placements.impact.workflow import ResultState
from placements.links.models import Link
from placements.logbook.models import Entry
from placements.logbook.workflow import SETTLED
from placements.partners.models import Contact, ContactRole, Organisation
from placements.partners.queries import current_contacts, is_current_contact
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON, PlacementState

BY_LINK = "closing.by_link"  # what the link is for: the endpoint that it opens
TRUE = (ResultState.VERIFIED, ResultState.PUBLISHED)  # the organisation said so
WHOLE = (
    joinedload(Closing.organisation),
    joinedload(Closing.asked),
    joinedload(Closing.file),
    selectinload(Closing.answers).options(joinedload(ClosingAnswer.by), joinedload(ClosingAnswer.draft)),
)


def due(day: date, most: int) -> list[tuple[int, str]]:
    """Organisations and academic years whose last student ended a week ago and nobody goes on. One query."""
    first, last = ended_between(day)
    closed = select(Closing.id).where(
        Closing.organisation_id == Challenge.organisation_id, Closing.academic_year == Challenge.academic_year
    )
    found = (
        select(Challenge.organisation_id, Challenge.academic_year)
        .join(Placement, Placement.challenge_id == Challenge.id)
        .where(~closed.correlate(Challenge).exists())
        .group_by(Challenge.organisation_id, Challenge.academic_year)
        .having(func.sum(case((Placement.state.in_(GOING_ON), 1), else_=0)) == 0)
        .having(func.sum(case((Placement.state == PlacementState.COMPLETED, 1), else_=0)) > 0)
        .having(func.max(Placement.ended_on).between(first, last))
    )
    rows = db.session.execute(found.order_by(Challenge.organisation_id, Challenge.academic_year).limit(most))
    return [(organisation_id, year) for organisation_id, year in rows]


def closing_of_year(organisation_id: int, year: str) -> Closing | None:
    """That year's, once it is closed."""
    of_it = Closing.organisation_id == organisation_id, Closing.academic_year == year
    return db.session.scalar(select(Closing).where(*of_it))


def worked_on(organisation_id: int, year: str) -> Sequence[Challenge]:
    """The organisation's challenges of that year on which a student completed a placement. One query."""
    completed = (
        select(Placement.id)
        .where(Placement.challenge_id == Challenge.id, Placement.state == PlacementState.COMPLETED)
        .correlate(Challenge)
        .exists()
    )
    of_it = Challenge.organisation_id == organisation_id, Challenge.academic_year == year
    return db.session.scalars(select(Challenge).where(*of_it, completed).order_by(Challenge.id)).all()


def students_and_minutes(organisation_id: int, year: str) -> tuple[int, int]:
    """How many completed their placements there that year, and the minutes confirmed on those. Two queries."""
    of_it = (
        select(Placement.id)
        .join(Placement.challenge)
        .where(Challenge.organisation_id == organisation_id, Challenge.academic_year == year)
        .where(Placement.state == PlacementState.COMPLETED)
    )
    minutes = select(func.coalesce(func.sum(Entry.minutes), 0)).where(
        Entry.placement_id.in_(of_it), Entry.state.in_(SETTLED)
    )
    students = select(func.count()).select_from(of_it.subquery())
    return db.session.scalar(students) or 0, db.session.scalar(minutes) or 0


def told_of(challenges: Sequence[Challenge]) -> Sequence[Result]:
    """What is told of these and is true, or waits for its organisation to say so. One query."""
    found = select(Result).where(
        Result.challenge_id.in_([each.id for each in challenges]), Result.state.in_((*TRUE, ResultState.ASKED))
    )
    return db.session.scalars(found.options(joinedload(Result.challenge)).order_by(Result.id)).all()


def whom_to_thank(organisation_id: int, challenges: Sequence[Challenge]) -> Contact | None:
    """A main contact of the organisation; else whoever supervised there and still is its contact."""
    here = current_contacts(organisation_id)
    supervisors = {each.supervisor_id for each in challenges}
    main = [each for each in here if each.role is ContactRole.PRIMARY]
    return next((each for each in (*main, *(each for each in here if each.person_id in supervisors))), None)


def visible_to(who: Principal) -> Select[Closing]:
    """Engagement and module leaders: all. Contacts: their organisation's."""
    found = select(Closing)
    if who.has_any("engagement", "leader"):
        return found
    return found.where(Closing.organisation_id.in_(who.held_on("contact")))


def closing_of(who: Principal, public_id: str) -> Closing | None:
    """A year's end that `who` may see."""
    return db.session.scalar(visible_to(who).where(Closing.public_id == public_id).options(*WHOLE))


def closings(who: Principal, size: int, number: int) -> tuple[Sequence[Closing], int]:
    """One page of those that `who` may see, the newest first, each with its answers. Two queries."""
    rows = visible_to(who).join(Closing.organisation).order_by(Closing.closed_at.desc(), Organisation.name, Closing.id)
    answers = selectinload(Closing.answers).joinedload(ClosingAnswer.challenge)
    return slice_of(rows, size, number, contains_eager(Closing.organisation), answers)


@dataclass(frozen=True)
class Asked:
    """A challenge of the year, what its organisation answered, and what is told of it."""

    challenge: Challenge
    answer: ClosingAnswer | None
    results: Sequence[Result]

    @property
    def is_open(self) -> bool:
        """It can still be answered, or answered otherwise: no draft is made of it."""
        return self.answer is None or self.answer.draft_id is None


def asked_of(closing: Closing) -> list[Asked]:
    """Each challenge of the year with its answer and results. Two queries."""
    challenges = worked_on(closing.organisation_id, closing.academic_year)
    results = told_of(challenges)
    answers = {each.challenge_id: each for each in closing.answers}
    return [
        Asked(each, answers.get(each.id), [result for result in results if result.challenge_id == each.id])
        for each in challenges
    ]


def answers_without_draft() -> Sequence[ClosingAnswer]:
    """The answers that want a draft which could not be made yet, the oldest first."""
    found = select(ClosingAnswer).where(ClosingAnswer.answer.in_(COMING), ClosingAnswer.draft_id.is_(None))
    of_it = joinedload(ClosingAnswer.challenge).joinedload(Challenge.organisation)
    return db.session.scalars(found.options(of_it).order_by(ClosingAnswer.id).limit(200)).all()


@dataclass(frozen=True)
class Invited:
    """The link of a closing mail, the year that it is about, and whether its holder still works there."""

    link: Link
    closing: Closing
    is_contact: bool

    def works(self, now: datetime) -> bool:
        """Whether its holder may answer by it, and have the certificate."""
        return self.is_contact and self.link.is_open(now)


def invited_by(link: Link) -> Invited:
    """The link with what it is about. Four queries."""
    closing = db.session.get_one(Closing, link.about_id, options=WHOLE)
    return Invited(link, closing, is_current_contact(link.holder_id, closing.organisation_id))


def links_to_verify(closing: Closing, holder_id: int, now: datetime) -> dict[int, Link]:
    """The holder's open links to say whether a result is true, by result: from the closing page it is one press."""
    results = told_of(worked_on(closing.organisation_id, closing.academic_year))
    waiting = [each.id for each in results if each.state is ResultState.ASKED]
    found = select(Link).where(Link.purpose == VERIFY_BY_LINK, Link.about_id.in_(waiting), Link.holder_id == holder_id)
    links = {link.about_id: link for link in db.session.scalars(found.order_by(Link.id))}
    return {about: link for about, link in links.items() if asked_by(link).can_answer(now)}
