"""Where a student stands with choosing, and what organisations, tutors and module leaders may see of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from placements.applications.models import Application, HostAnswer, Needs, Preference, Receipt
from placements.applications.needs import Limits
from placements.applications.policy import CHOOSING, is_choosing
from placements.applications.rules import Answer, Draft, Introduction, Window
from placements.applications.workflow import AnswerState, ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment, ModuleRun, TimeslotGroup
from placements.cohorts.workflow import EnrolmentState
from placements.core.policy import Principal
from placements.db import db

COUNTS_AS = {AnswerState.KEEN: Answer.KEEN, AnswerState.AGREED: Answer.NOT_SUITABLE}  # every other state: happy
NOT_CHOOSING = "You are not looking for a placement at present. If you should be, ask your tutor."
PLACED = "You have a place, so there is nothing to choose. Your home page says what is next."


@dataclass(frozen=True)
class Choosing:
    """Where one student stands: what they work on, what counts, and why nothing can be changed, if nothing can."""

    enrolment: Enrolment
    application: Application | None
    draft: Draft
    submitted: Draft | None
    why_shut: str | None

    @property
    def is_choosing(self) -> bool:
        """Whether the student is still to be placed."""
        return is_choosing(self.enrolment)


@dataclass(frozen=True)
class Mine:
    """One's own enrolment, what one works on, and what one needs, if one said so."""

    enrolment: Enrolment
    draft: Draft
    needs: Needs | None

    @property
    def limits(self) -> Limits | None:
        """What of those needs decides."""
        return self.needs.limits if self.needs else None


def window_of(run: ModuleRun) -> Window:
    """When the run's students choose."""
    return Window(run.ranking_opens_at, run.ranking_closes_at)


def why_shut(enrolment: Enrolment, now: datetime) -> str | None:
    """Why the enrolment's choices cannot be changed at `now`; None where they can."""
    if is_choosing(enrolment):
        return window_of(enrolment.run).why_shut(now)
    return PLACED if enrolment.state is EnrolmentState.PLACED else NOT_CHOOSING


def my_enrolment(who: Principal) -> Enrolment | None:
    """The enrolment that one chooses for: of several the one still to be placed, then the latest. One query."""
    return db.session.scalar(_mine(who))


def mine(who: Principal) -> Mine | None:
    """The same, with what one works on and needs. One query."""
    found = db.session.execute(_mine_with_draft(who)).first()
    return Mine(found[0], Draft.read(found[1] or {}), found[2]) if found else None


@lru_cache(maxsize=256)  # slower to put together than to answer
def _mine_with_draft(who: Principal) -> Select[Any]:
    found = _mine(who).outerjoin(Application, Application.enrolment_id == Enrolment.id)
    return found.outerjoin(Needs, Needs.enrolment_id == Enrolment.id).add_columns(Application.draft, Needs)


def _mine(who: Principal) -> Select[Enrolment]:
    found = select(Enrolment).join(Enrolment.run).where(Enrolment.id.in_(who.held_on("student")))
    first = case((Enrolment.state.in_(CHOOSING), 0), else_=1)
    found = found.order_by(first, ModuleRun.ranking_closes_at.desc(), Enrolment.id.desc()).limit(1)
    return found.options(contains_eager(Enrolment.run), joinedload(Enrolment.person))


def application_of(enrolment: Enrolment) -> Application | None:
    """The enrolment's application with its choices, once there is one. Two queries."""
    found = select(Application).where(Application.enrolment_id == enrolment.id).options(_with_choices())
    return db.session.scalar(found)


def draft_of(enrolment: Enrolment) -> Draft:
    """What the enrolment's student works on. One query."""
    kept = db.session.scalar(select(Application.draft).where(Application.enrolment_id == enrolment.id))
    return Draft.read(kept or {})


def needs_of(enrolment: Enrolment) -> Needs | None:
    """What the enrolment's student needs, if they said anything: for their own eyes. One query."""
    return db.session.scalar(select(Needs).where(Needs.enrolment_id == enrolment.id))


def limits_of(enrolment_ids: Collection[int]) -> Mapping[int, Limits]:
    """What decides for these enrolments whether a challenge fits, for rounds; nothing limits the others. One query."""
    found = db.session.scalars(select(Needs).where(Needs.enrolment_id.in_(enrolment_ids)))
    return {each.enrolment_id: each.limits for each in found}


def choosing(enrolment: Enrolment, now: datetime) -> Choosing:
    """Where the enrolment's student stands with choosing."""
    application = application_of(enrolment)
    draft, submitted = (application.working, application.standing) if application else (Draft(), None)
    return Choosing(enrolment, application, draft, submitted, why_shut(enrolment, now))


def my_application(who: Principal) -> Application | None:
    """One's own application, drafted or submitted."""
    enrolment = my_enrolment(who)
    return application_of(enrolment) if enrolment else None


def my_receipt(who: Principal) -> Receipt | None:
    """The receipt of what one last submitted, where that still counts."""
    application = my_application(who)
    return receipt_of(application) if application else None


def _with_choices() -> ExecutableOption:
    return selectinload(Application.preferences).joinedload(Preference.challenge).joinedload(Challenge.organisation)


def receipt_of(application: Application) -> Receipt | None:
    """The receipt of what counts; None where nothing does."""
    if application.state is not ApplicationState.SUBMITTED:
        return None
    found = select(Receipt).where(Receipt.application_id == application.id)
    return db.session.scalar(found.order_by(Receipt.id.desc()).limit(1))


def own_challenge(who: Principal, public_id: str) -> Challenge | None:
    """That challenge, of an organisation that one is a contact of."""
    found = select(Challenge).where(
        Challenge.public_id == public_id, Challenge.organisation_id.in_(who.held_on("contact"))
    )
    return db.session.scalar(found.options(joinedload(Challenge.organisation)))


def answers_for(enrolment_ids: Collection[int]) -> Mapping[tuple[int, int], Answer]:
    """What organisations' answers count as, by enrolment and challenge. A pair that is not there counts as happy.

    Silence does, and so does a “not suitable” to which no module leader has agreed. One query.
    """
    rows = db.session.execute(
        select(Application.enrolment_id, HostAnswer.challenge_id, HostAnswer.state)
        .join(HostAnswer.application)
        .where(Application.enrolment_id.in_(enrolment_ids), Application.state == ApplicationState.SUBMITTED)
        .where(HostAnswer.state.in_(COUNTS_AS))
    )
    return {(enrolment_id, challenge_id): COUNTS_AS[state] for enrolment_id, challenge_id, state in rows}


def introduction(application: Application, statement: str, addition: str) -> Introduction:
    """What an organisation sees of the applicant with these words."""
    enrolment = application.enrolment
    return Introduction(enrolment.person.name, enrolment.course_title, statement, addition)


def application_seen(who: Principal, public_id: str) -> Application | None:
    """An application once submitted, for the module leader of its run and the tutor of its timeslot group."""
    found = (
        select(Application)
        .join(Application.enrolment)
        .where(Application.public_id == public_id, Application.state != ApplicationState.DRAFT)
        .where(
            or_(
                Enrolment.run_id.in_(who.held_on("leader")),
                Enrolment.group_id.in_(who.held_on("group_tutor")),
            )
        )
        .options(
            contains_eager(Application.enrolment).joinedload(Enrolment.person),
            contains_eager(Application.enrolment).joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
            contains_eager(Application.enrolment).joinedload(Enrolment.run),
            _with_choices(),
        )
    )
    return db.session.scalar(found)
