"""Logbooks as those who read them see them: the list with the most silent first, one entry, rubric and grades."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, and_, func, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from placements.challenges.models import Challenge
from placements.cohorts.models import Checkpoint, Component, ComponentKind, Criterion, Enrolment
from placements.core.policy import Principal
from placements.db import COUNTED, db
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.logbook.models import Entry
from placements.logbook.queries import UNSENT, entries_seen, read_by
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.silence import last_heard_on, last_visit_on, silent_days, silent_since
from placements.logbook.workflow import EntryState
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON
from placements.reading.models import LogbookGrade, LogbookScore


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


def entry_read_by(who: Principal, public_id: str) -> Entry | None:
    """An entry that the student has sent, of a logbook that one reads."""
    found = entries_seen().where(Entry.public_id == public_id, read_by(who), Entry.state.not_in(UNSENT))
    return db.session.scalar(found)


def checkpoints_of(run_id: int) -> list[Checkpoint]:
    """When logbooks of the run are graded, in order: the final one last. One query."""
    found = db.session.scalars(select(Checkpoint).where(Checkpoint.run_id == run_id)).all()
    return sorted(found, key=lambda each: (each.is_final, each.due_on or date.max, each.id))


def criteria_at(checkpoint: Checkpoint) -> Sequence[Criterion]:
    """What a logbook is graded against: the portfolio's criteria about it; on the way, all where none is. One query."""
    found = db.session.scalars(
        select(Criterion)
        .join(Criterion.component)
        .where(Component.run_id == checkpoint.run_id, Component.kind == ComponentKind.PORTFOLIO)
        .options(contains_eager(Criterion.component))
        .order_by(Criterion.position)
    ).all()
    about_it = [each for each in found if each.is_about_logbook]
    return about_it if about_it or checkpoint.is_final else found


def grades_of(placement: Placement, *, has_final: bool) -> Sequence[LogbookGrade]:
    """The grades of a logbook, the latest first; the final one, if asked for, of whichever placement. Two queries."""
    found = _grades().where(
        or_(
            and_(~Checkpoint.is_final, LogbookGrade.placement_id == placement.id),
            and_(Checkpoint.is_final, literal(has_final), Placement.enrolment_id == placement.enrolment_id),
        )
    )
    return db.session.scalars(found.order_by(LogbookGrade.at.desc(), LogbookGrade.id)).all()


def shown_grades(placement: Placement) -> Sequence[LogbookGrade]:
    """What the student sees of them: those on the way. Nothing of a final one is read. Two queries."""
    found = _grades().where(LogbookGrade.placement_id == placement.id, ~Checkpoint.is_final)
    return db.session.scalars(found.order_by(LogbookGrade.at.desc(), LogbookGrade.id)).all()


def final_grade(enrolment_id: int) -> LogbookGrade | None:
    """The final grade of a student's logbook. Two queries."""
    return db.session.scalar(_grades().where(Checkpoint.is_final, Placement.enrolment_id == enrolment_id))


def _grades() -> Select[LogbookGrade]:
    return (
        select(LogbookGrade)
        .join(LogbookGrade.checkpoint)
        .join(LogbookGrade.placement)
        .options(
            contains_eager(LogbookGrade.checkpoint),
            joinedload(LogbookGrade.grader),
            selectinload(LogbookGrade.scores).joinedload(LogbookScore.criterion),
        )
    )


def taken_criteria(component: Component, placements: Sequence[Placement]) -> Sequence[Criterion]:
    """The portfolio's criteria that its mark takes from the final grade of the logbook. One query.

    None where there is no logbook to grade, or the run has no final checkpoint: then they are marked with the rest.
    """
    if component.kind is not ComponentKind.PORTFOLIO or not placements:
        return []
    final = select(Checkpoint.id).where(Checkpoint.run_id == component.run_id, Checkpoint.is_final)
    has_one = db.session.scalar(final) is not None
    return [each for each in component.criteria if each.is_about_logbook] if has_one else []
