"""The home of an organisation's people: contacts with their challenges, supervisors with their students."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from placements.agreements.models import Agreement, Party
from placements.applications.answers import seen_by_organisations
from placements.applications.models import Application, HostAnswer
from placements.applications.rules import ANSWERED_WITHIN
from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge, ChallengeSite
from placements.challenges.queries import live_now
from placements.challenges.workflow import CHALLENGE, EDITABLE, OVER, ChallengeState
from placements.cohorts.models import Enrolment, ModuleRun
from placements.confirming.rules import next_asking
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.home.feedback_steps import to_give
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.logbook.models import Entry
from placements.logbook.queries import answered_by, supervised_by
from placements.logbook.workflow import EntryState
from placements.partners.models import Contact, Organisation
from placements.partners.workflow import CURRENT
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN
from placements.signing.waiting import to_sign
from placements.vetting.lists import to_answer
from placements.web.filters import say_hours

SHOWN = 10
NAMED_ANEW = CHALLENGE.verbs["name_supervisor"].sources


def contact_look(who: Principal, now: datetime) -> Look:
    """Briefs that need a hand, students who come or are there, and what we ask of the organisation. Four queries."""
    row = db.session.execute(_numbers(who, today(now))).one()
    steps = list(_briefs(who))
    if row.unanswered and now < row.choosing_closes + ANSWERED_WITHIN:
        what = f"{many(row.unanswered, 'applicant', 'applicants')} to read: say what you think"
        values, by = {"public_id": row.first_unanswered}, row.choosing_closes + ANSWERED_WITHIN
        steps.append(Step(what, "Read and answer", "applications.applicants", values, by=by))
    if row.asked:
        steps.append(Step("Say whether what we tell of your work is true", "Read it", "impact.results"))
    placements = _placements(who)
    if row.may_post and not row.posted and not placements:
        steps.append(Step("Post a challenge that students can take on", "Post a challenge", "challenges.overview"))
    steps += _checks(who, now)
    return Look(
        "Your organisation",
        "The challenges that you post, and the students who take them on.",
        steps,
        [Figure(row.shown, "challenges that students can see", "challenges.overview")],
        placements,
    )


@lru_cache(maxsize=64)  # slower to put together than to answer
def _numbers(who: Principal, day: date) -> Select[*tuple[Any, ...]]:
    """Of the organisations that one works at: what students see, what is posted, what we ask; those that may post."""
    own = Challenge.organisation_id.in_(who.held_on("contact"))
    told = select(func.count(Result.id)).join(Result.challenge)
    applied = seen_by_organisations().join(HostAnswer.challenge).join(Enrolment.run)
    applied = applied.where(own, HostAnswer.state == AnswerState.WAITING, Application.answers_closed_at.is_(None))
    waits = partial(applied.with_only_columns, maintain_column_froms=True)
    counted: dict[str, Select[Any]] = {
        "unanswered": waits(func.count(HostAnswer.id)),
        "first_unanswered": waits(Challenge.public_id).order_by(Challenge.id).limit(1),
        "choosing_closes": waits(func.min(ModuleRun.ranking_closes_at)),
        "shown": live_now(day).where(own).with_only_columns(func.count(Challenge.id)).order_by(None),
        "posted": select(func.count(Challenge.id)).where(own, Challenge.state.not_in(OVER)),
        "asked": told.where(own, Result.state == ResultState.ASKED),
        "may_post": select(func.count(Organisation.id)).where(*_goes_on(who)),
    }
    return select(*(found.scalar_subquery().label(name) for name, found in counted.items()))


def _goes_on(who: Principal) -> tuple[ColumnElement[bool], ...]:
    """One's own organisations that are neither declined nor put away."""
    return Organisation.id.in_(who.held_on("contact")), Organisation.state.in_(CURRENT)


def _checks(who: Principal, now: datetime) -> Iterator[Step]:
    for each in to_answer(who, today(now)):
        values, name = {"public_id": each.organisation.public_id}, each.organisation.name
        if each.due:
            what = f"Answer {many(each.due, 'question', 'questions')} about your organisation"
            yield Step(what, "Answer", "vetting.checks", values, name)
        if each.runs_out_on:
            what, by = "Still true? What you told us runs out", end_of(each.runs_out_on)
            yield Step(what, "See your answers", "vetting.checks", values, name, by)


def _briefs(who: Principal) -> Iterator[Step]:
    mine = (
        select(Challenge)
        .join(Challenge.organisation)
        .where(*_goes_on(who))
        .where(or_(Challenge.state.in_(EDITABLE), and_(Challenge.state.in_(NAMED_ANEW), _lacks_supervisor())))
        .order_by(Challenge.state, Challenge.id)
    )
    for challenge in db.session.scalars(mine):
        values = {"public_id": challenge.public_id}
        if challenge.state is ChallengeState.CHANGES_REQUESTED:
            yield Step(f"A change is asked for: {challenge.title}", "See what", "challenges.challenge", values)
        elif challenge.state in NAMED_ANEW:
            what = f"Say who supervises the students: {challenge.title}"
            yield Step(what, "Name a supervisor", "challenges.name_supervisor", values)
        else:
            yield Step(f"Finish your brief: {challenge.title}", "Go on writing", "challenges.edit", values)


def _lacks_supervisor() -> ColumnElement[bool]:
    """At one of its places, whoever supervised has left and nobody was named since."""
    works_there = Contact.organisation_id == Challenge.organisation_id
    here = select(Contact.person_id).where(works_there, Contact.left_on.is_(None)).correlate(Challenge)
    elsewhere = Challenge.further_sites.any(ChallengeSite.supervisor_id.not_in(here))
    return or_(Challenge.supervisor_id.not_in(here), elsewhere)


def supervisor_look(who: Principal, now: datetime) -> Look:
    """Agreements to sign, hours to confirm, feedback to give, and one's students. Four queries; three for a contact."""
    return Look(
        "Your students",
        "The students whom you supervise: their Agreements to sign, their hours to confirm, and your feedback.",
        [*_signing(who), *_confirming(who), *to_give(who)],
        placements=() if who.has_any("contact") else _placements(who),
        more=("Your feedback so far", "feedback.requests"),
    )


def _placements(who: Principal) -> Sequence[Placement]:
    """The placements to come or going on at one's organisation or under one's supervision, the soonest first."""
    mine = or_(Challenge.organisation_id.in_(who.held_on("contact")), Placement.supervisor_id == who.person_id)
    found = select(Placement).join(Placement.challenge).where(mine, Placement.state.in_(GOING_ON))
    soonest = found.order_by(Placement.state.in_(NOT_BEGUN).desc(), Placement.starts_on, Placement.id)
    return db.session.scalars(soonest.options(*whole()).limit(SHOWN)).all()


def _signing(who: Principal) -> Iterator[Step]:
    for placement in to_sign(Party.SUPERVISOR, supervised_by(who.person_id) & Agreement.signatory_id.is_(None)):
        yield Step(
            "Sign the Challenge Agreement",
            "Read and sign",
            "agreements.agreement",
            {"public_id": placement.public_id},
            placement.enrolment.person.name,
            told_at(placement.starts_on) if placement.state in NOT_BEGUN else None,
        )


def _confirming(who: Principal) -> Iterator[Step]:
    entries, minutes, first = db.session.execute(
        select(func.count(), func.sum(Entry.minutes), func.min(Entry.submitted_at))
        .select_from(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(answered_by(who.person_id), Entry.state == EntryState.SUBMITTED)
    ).one()
    if entries and first:
        by = next_asking(next_asking(first))  # when they are asked the second time
        yield Step(f"Confirm {say_hours(minutes)} of your students", "See the visits", "confirming.confirm", by=by)
