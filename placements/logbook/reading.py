"""The tutor's list of logbooks, the most silent first, and what silence means."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import contains_eager

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import COUNTED, db
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.logbook.models import Entry
from placements.logbook.queries import read_by
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.silence import last_heard_on, last_visit_on, silent_days, silent_since
from placements.logbook.workflow import EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON


class Show(enum.StrEnum):
    """Which logbooks the list is of; those of placements that go on, where nothing is chosen."""

    SILENT = "silent"
    QUERIED = "queried"
    OVER = "over"


SHOWS = {Show.SILENT: "Silent for a week or more", Show.QUERIED: "With a queried visit", Show.OVER: "Placement over"}


@dataclass(frozen=True)
class Reading:
    """One logbook of the list. `silent_days` as `silence` counts them; None where all that was expected has come."""

    placement: Placement
    totals: Totals
    last_on: date | None
    silent_days: int | None
    queried: int


def logbooks(
    who: Principal, now: datetime, *, size: int, number: int = 1, text: str | None = None, show: Show | None = None
) -> tuple[Sequence[Reading], int]:
    """The `number`th page of the logbooks `who` reads, and how many there are (COUNTED + 1: more)."""
    found = _found(who, now, text, show)
    most = found.with_only_columns(literal(1), maintain_column_froms=True).limit(COUNTED + 1)
    count = db.session.scalar(select(func.count()).select_from(most.subquery())) or 0
    in_order = found.order_by(last_heard_on(), Placement.id).limit(size).offset(size * (number - 1))
    rows = db.session.execute(in_order).all()
    hours = hours_of([placement.id for placement, _, _ in rows])
    silent = silent_days({placement.id: last_on for placement, last_on, _ in rows}, now)
    return [
        Reading(placement, hours[placement.id], last_on, silent.get(placement.id), queried)
        for placement, last_on, queried in rows
    ], count


def _found(who: Principal, now: datetime, text: str | None, show: Show | None) -> Select[Placement, date, int]:
    queried = select(func.count(Entry.id)).where(Entry.placement_id == Placement.id, Entry.state == EntryState.QUERIED)
    found = (
        select(Placement, last_visit_on(), queried.scalar_subquery())
        .join(Placement.enrolment)
        .join(Enrolment.person)
        .join(Placement.challenge)
        .join(Challenge.organisation)
        .options(
            contains_eager(Placement.enrolment).contains_eager(Enrolment.person),
            contains_eager(Placement.challenge).contains_eager(Challenge.organisation),
        )
        .where(read_by(who))
    )
    if text:
        found = found.where((Person.given_name + " " + Person.family_name).icontains(text, autoescape=True))
    if show is Show.OVER:
        return found.where(Placement.state.not_in(GOING_ON))
    if show is Show.QUERIED:
        return found.where(queried.scalar_subquery() > 0)
    if show is Show.SILENT:
        return found.where(Placement.id.in_(silent_since(now, SILENT_DAYS[0], read_by(who))))
    return found.where(Placement.state.in_(GOING_ON))
