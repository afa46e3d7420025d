"""What organisations answer about applicants, as they and module leaders see it, and whether it can still change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload
from sqlalchemy.orm.interfaces import ORMOption

from placements.applications.models import Application, HostAnswer
from placements.applications.policy import CHOOSING
from placements.applications.queries import introduction
from placements.applications.rules import ANSWERED_WITHIN, Introduction
from placements.applications.workflow import AnswerState, ApplicationState
from placements.challenges.models import Challenge, has_a_side
from placements.cohorts.models import Enrolment, ModuleRun, RoleOnRun
from placements.core.clock import say_when
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.people.models import Person

APPLICANTS = 10  # a page, each with up to 2,500 characters to read
UNSUITABLE = (AnswerState.NOT_SUITABLE, AnswerState.AGREED, AnswerState.DISAGREED)

_ENROLMENT = contains_eager(HostAnswer.application).contains_eager(Application.enrolment)
_PEOPLE: tuple[ORMOption, ...] = (
    _ENROLMENT.joinedload(Enrolment.person),
    _ENROLMENT.joinedload(Enrolment.run),
    joinedload(HostAnswer.challenge).joinedload(Challenge.organisation),
    joinedload(HostAnswer.answered_by),
)


@dataclass(frozen=True)
class Applicant:
    """One applicant as the organisation sees them, and what it has answered."""

    answer: HostAnswer
    seen: Introduction


def _submitted() -> Select[HostAnswer]:
    found = select(HostAnswer).join(HostAnswer.application).join(Application.enrolment)
    return found.where(Application.state == ApplicationState.SUBMITTED)


def seen_by_organisations() -> Select[HostAnswer]:
    """The answers about those whom organisations see: still to be placed, and in no round that is published."""
    return _submitted().where(Application.decided_at.is_(None), Enrolment.state.in_(CHOOSING))


def applicants(challenge: Challenge, number: int) -> tuple[Sequence[Applicant], int]:
    """The `number`th page of what the organisation sees of its applicants, and how many there are. One query.

    By family name, never by rank, date or answer: an order would tell.
    """
    found = (
        seen_by_organisations()
        .join(Enrolment.person)
        .where(HostAnswer.challenge_id == challenge.id)
        .order_by(Person.family_name, Person.given_name, Person.id)
    )
    whom = _ENROLMENT.contains_eager(Enrolment.person)
    more = joinedload(HostAnswer.preference), joinedload(HostAnswer.answered_by)
    shown, count = slice_of(found, APPLICANTS, number, whom, *more)
    return [Applicant(each, introduced(each)) for each in shown], count


def introduced(answer: HostAnswer) -> Introduction:
    """The applicant as the organisation sees them."""
    return introduction(answer.application, answer.application.statement, answer.preference.addition)


def answer_by(challenge: Challenge) -> datetime | None:
    """By when the organisation is asked to answer about those it sees; None where no answer can change. One query."""
    closes = seen_by_organisations().join(Enrolment.run).where(HostAnswer.challenge_id == challenge.id)
    closes = closes.where(Application.answers_closed_at.is_(None))
    first = db.session.scalar(
        closes.with_only_columns(func.min(ModuleRun.ranking_closes_at), maintain_column_froms=True)
    )
    return first + ANSWERED_WITHIN if first else None


def own_answer(who: Principal, public_id: str) -> HostAnswer | None:
    """That answer, about an applicant whom an organisation that one is a contact of sees."""
    own = Challenge.organisation_id.in_(who.held_on("contact"))
    found = seen_by_organisations().join(HostAnswer.challenge).where(HostAnswer.public_id == public_id, own)
    return db.session.scalar(found.options(*_PEOPLE, joinedload(HostAnswer.preference)))


def answer_seen(who: Principal, public_id: str) -> HostAnswer | None:
    """That answer, about a student of a run that one leads."""
    found = _submitted().where(HostAnswer.public_id == public_id, Enrolment.run_id.in_(who.held_on("leader")))
    return db.session.scalar(found.options(*_PEOPLE, joinedload(HostAnswer.preference)))


def unsuitable(who: Principal, size: int, number: int) -> tuple[list[HostAnswer], int]:
    """A page of each “not suitable” in the runs that one leads, what waits first; and how many. One query."""
    found = _submitted().where(HostAnswer.state.in_(UNSUITABLE), Enrolment.run_id.in_(who.held_on("leader")))
    found = found.order_by(HostAnswer.state != AnswerState.NOT_SUITABLE, HostAnswer.answered_at, HostAnswer.id)
    return slice_of(found, size, number, *_PEOPLE)


def undecided() -> Select[HostAnswer]:
    """Each “not suitable” that waits for a module leader and can still count, with its challenge."""
    waits = HostAnswer.state == AnswerState.NOT_SUITABLE, HostAnswer.undecided_since.is_not(None)
    can_count = Application.answers_closed_at.is_(None)
    return seen_by_organisations().join(HostAnswer.challenge).where(*waits, can_count)


def undecided_for_leaders() -> Select[HostAnswer]:
    """The same once for each module leader who may decide, `RoleOnRun.person_id`: not those with a side in it."""
    leader = RoleOnRun.person_id
    leads_it = RoleOnRun.leads(Enrolment.run_id)
    return undecided().join(RoleOnRun, leads_it).where(~has_a_side(leader, Challenge.organisation_id))


def why_answers_shut(answer: HostAnswer) -> str | None:
    """Why neither the answer nor what is decided about it can change any more; None where they can."""
    application = answer.application
    is_seen = application.state is ApplicationState.SUBMITTED and application.enrolment.state in CHOOSING
    if application.decided_at is not None or not is_seen:
        return "The matching is over for this student, so answers can no longer be changed."
    if application.answers_closed_at is not None:
        at = say_when(application.answers_closed_at)
        return f"The matching was done on {at}, so answers stand as they were then."
    return None
