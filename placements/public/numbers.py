"""The numbers so far, over all years: what each counts, and nothing that tells of a few."""

from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.db import db
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.logbook.models import Entry
from placements.logbook.workflow import SETTLED
from placements.placing.models import Placement
from placements.placing.workflow import NOT_BEGUN, PlacementState

FEWEST = 5  # what is fewer is not said
FEW = f"fewer than {FEWEST}"
NEVER_BEGAN = (*NOT_BEGUN, PlacementState.NOT_STARTED)


@dataclass(frozen=True)
class Number:
    """One number as it may be said, its name, and what it counts."""

    said: str
    name: str
    counts: str


def said(number: int, behind: int | None = None) -> str:
    """The number; or that it is small, where it or the people behind it are fewer than FEWEST."""
    return FEW if min(number, number if behind is None else behind) < FEWEST else f"{number:,}"


def numbers_so_far() -> list[Number]:
    """Organisations, students, hours, challenges, people reached. One query."""
    began = Placement.state.not_in(NEVER_BEGAN)
    organisations, students = (
        select(func.count(distinct(what)))
        .select_from(Placement)
        .join(Placement.challenge)
        .join(Placement.enrolment)
        .where(began)
        .scalar_subquery()
        for what in (Challenge.organisation_id, Enrolment.person_id)
    )
    settled = select(Entry).join(Entry.placement).join(Placement.enrolment).where(Entry.state.in_(SETTLED))
    minutes, workers = (
        settled.with_only_columns(what).scalar_subquery()
        for what in (func.coalesce(func.sum(Entry.minutes), 0), func.count(distinct(Enrolment.person_id)))
    )
    finished = (
        select(func.count(distinct(Placement.challenge_id)))
        .where(Placement.state == PlacementState.COMPLETED)
        .scalar_subquery()
    )
    shown = Result.state == ResultState.PUBLISHED
    reached = select(func.coalesce(func.sum(Result.people_reached), 0)).where(shown).scalar_subquery()
    found = db.session.execute(select(organisations, students, minutes, finished, reached, workers)).one()
    return [
        Number(said(found[0]), "organisations", "Those that a student has worked with."),
        Number(said(found[1]), "students placed", "Those whose placement has begun, each counted once."),
        Number(
            said(found[2] // 60, behind=found[5]),
            "hours confirmed",
            "Hours that students logged, and that the organisation or a tutor confirmed.",
        ),
        Number(said(found[3]), "challenges finished", "Those that at least one student has worked on to the end."),
        Number(
            said(found[4]),
            "people reached",
            "Those who used what was made or took part, as the organisations behind the published results count them.",
        ),
    ]
