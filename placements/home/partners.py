"""The home of an organisation's people: contacts with their challenges, supervisors with their students."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from placements.agreements.models import Party
from placements.challenges.models import Challenge
from placements.challenges.workflow import EDITABLE, ChallengeState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.home.signing import to_sign
from placements.home.steps import Figure, Look, Step, end_of, many
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.logbook.models import Entry
from placements.logbook.queries import supervised_by
from placements.logbook.rules import next_asking
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.rules import told_at
from placements.placing.workflow import GOING_ON, NOT_BEGUN
from placements.vetting.lists import to_answer
from placements.web.filters import say_hours

SHOWN = 10


def contact_look(who: Principal, now: datetime) -> Look:
    """Briefs that need a hand, students who come or are there, and what we ask of the organisation. Four queries."""
    own = who.held_on("contact")
    shown = select(func.count(Challenge.id)).where(
        Challenge.organisation_id.in_(own), Challenge.state == ChallengeState.PUBLISHED
    )
    told = select(func.count(Result.id)).join(Result.challenge)
    asked = told.where(Challenge.organisation_id.in_(own), Result.state == ResultState.ASKED)
    published, to_verify = db.session.execute(select(shown.scalar_subquery(), asked.scalar_subquery())).one()
    steps = list(_briefs(who))
    if to_verify:
        steps.append(Step("Say whether what we tell of your work is true", "Read it", "impact.results"))
    placements = _placements(who)
    if not steps and not published and not placements:
        steps.append(Step("Post a challenge that students can take on", "Post a challenge", "challenges.overview"))
    steps += _checks(who, now)
    return Look(
        "Your organisation",
        "The challenges that you post, and the students who take them on.",
        steps,
        [Figure(published, "challenges that students can see", "challenges.overview")],
        placements,
    )


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
        .where(Challenge.organisation_id.in_(who.held_on("contact")), Challenge.state.in_(EDITABLE))
        .order_by(Challenge.state, Challenge.id)
    )
    for challenge in db.session.scalars(mine):
        values = {"public_id": challenge.public_id}
        if challenge.state is ChallengeState.CHANGES_REQUESTED:
            yield Step(f"A change is asked for: {challenge.title}", "See what", "challenges.challenge", values)
        else:
            yield Step(f"Finish your brief: {challenge.title}", "Go on writing", "challenges.edit", values)


def supervisor_look(who: Principal, now: datetime) -> Look:
    """Agreements to sign, hours to confirm, and one's students. Three queries; two for a contact, who has them."""
    return Look(
        "Your students",
        "The students whom you supervise: their Agreements to sign, and their hours to confirm.",
        [*_signing(who), *_confirming(who)],
        placements=() if who.has_any("contact") else _placements(who),
    )


def _placements(who: Principal) -> Sequence[Placement]:
    """The placements to come or going on at one's organisation or under one's supervision, the soonest first."""
    mine = or_(Challenge.organisation_id.in_(who.held_on("contact")), Placement.supervisor_id == who.person_id)
    found = select(Placement).join(Placement.challenge).where(mine, Placement.state.in_(GOING_ON))
    soonest = found.order_by(Placement.state.in_(NOT_BEGUN).desc(), Placement.starts_on, Placement.id)
    return db.session.scalars(soonest.options(*whole()).limit(SHOWN)).all()


def _signing(who: Principal) -> Iterator[Step]:
    for placement in to_sign(Party.SUPERVISOR, supervised_by(who.person_id)):
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
        .where(supervised_by(who.person_id), Entry.state == EntryState.SUBMITTED)
    ).one()
    if entries and first:
        by = next_asking(next_asking(first))  # when they are asked the second time
        yield Step(f"Confirm {say_hours(minutes)} of your students", "See the visits", "logbook.confirm", by=by)
