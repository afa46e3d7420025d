"""How a student's submitted choices look on samples: for their own eyes, and only while it is true of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.applications.finding import FURTHER, WITH_PLACE, misfits_of
from placements.applications.models import Application, LessChosen, Outlook
from placements.applications.needs import Limits
from placements.applications.queries import why_shut
from placements.applications.rules import say_chance
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.challenges.queries import published
from placements.core.clock import today
from placements.db import db

SHOWN_FOR = timedelta(days=2)
MOST_NAMED = 3
LOOKED_AT = 30  # less-chosen challenges, to find three that fit


@dataclass(frozen=True)
class Shown:
    """What is said of it. `is_outdated`: it was worked out before the last change, so nothing else is said."""

    said: str
    at: datetime
    is_outdated: bool
    less_chosen: Sequence[Challenge]


def outlook_of(application: Application | None, limits: Limits | None, now: datetime) -> Shown | None:
    """How what was submitted looks, while choices can be changed; None where that is not known, or not any more.

    Names up to three less-chosen challenges that fit the student, unless the chance is small. Two queries at most.
    """
    if application is None or application.state is not ApplicationState.SUBMITTED or application.submitted_at is None:
        return None
    if why_shut(application.enrolment, now) is not None:
        return None
    found = db.session.scalar(select(Outlook).where(Outlook.enrolment_id == application.enrolment_id))
    if found is None or found.worked_out_at < now - SHOWN_FOR:
        return None
    is_outdated, is_small = application.submitted_at > found.worked_out_at, found.unplaced * 20 < found.samples
    named = [] if is_outdated or is_small else _less_chosen(application, limits, now)
    return Shown(say_chance(found.unplaced, found.samples), found.worked_out_at, is_outdated, named)


def _less_chosen(application: Application, limits: Limits | None, now: datetime) -> list[Challenge]:
    run = application.enrolment.run
    ranked = {preference.challenge_id for preference in application.preferences}
    is_open = published(run.academic_year, today(now), run.level).with_only_columns(Challenge.id)
    rows = (
        select(LessChosen)
        .join(LessChosen.challenge)
        .where(Challenge.id.in_(is_open), Challenge.id.not_in(ranked))
        .order_by(LessChosen.free.desc(), Challenge.title, Challenge.id)
        .limit(LOOKED_AT)
        .options(joinedload(LessChosen.challenge).options(*WITH_PLACE, FURTHER))
    )
    challenges = [row.challenge for row in db.session.scalars(rows)]
    return [each for each in challenges if not misfits_of(limits, each)][:MOST_NAMED]
