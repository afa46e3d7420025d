"""What waits for its mark, in the order in which it is due, and whose it is to give."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, null, or_, select

from placements.assessment.models import Mark, Submission
from placements.assessment.policy import covers_marker, is_on_team
from placements.assessment.queries import OWN_DEADLINE, is_nameless, is_open_to, is_tutored_by
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component, Enrolment, MarkedBy, ModuleRun, TutorCover
from placements.cohorts.queries import acting_group_tutor
from placements.cohorts.workflow import LEFT, RunState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import UTCDateTime, db, shifted
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor

IN_ORDER = func.coalesce(OWN_DEADLINE, Submission.received_at)  # what is due first comes first
WEEK_SECONDS = 7 * 24 * 60 * 60
CURRENT = (ModuleRun.state == RunState.OPEN, Enrolment.state.not_in(LEFT))


def is_marked_by(who: Principal) -> ColumnElement[bool]:
    """Which marks are `who`'s to give: those given to them, and those of their own students that nobody was given.

    Join it with its component and enrolment.
    """
    is_own = and_(Mark.allocated_id.is_(None), Component.marked_by != MarkedBy.SHARED, is_tutored_by(who))
    return or_(is_own, Mark.id.in_(who.held_on("marker")))


def in_order(who: Principal) -> Select[Mark]:
    """The marks of open runs that `who` may open, whoever gives them: the unmarked and soonest due first."""
    found = select(Mark).join(Mark.enrolment).join(Enrolment.person).join(Enrolment.run).join(Mark.component)
    found = found.join(Mark.submission).where(*CURRENT, is_open_to(who))
    undone_first = case((Mark.state == MarkState.DRAFTED, 0), else_=1)
    by_name = case((is_nameless(), Mark.script), else_=Person.family_name)
    return found.order_by(undone_first, IN_ORDER, by_name, Mark.id)


def all_of(who: Principal) -> Select[Mark]:
    """Those of them that are `who`'s to give."""
    return in_order(who).where(is_marked_by(who))


def waiting(who: Principal, now: datetime) -> Select[Mark]:
    """What waits for `who`'s mark by now, what is due first first."""
    is_over = or_(OWN_DEADLINE.is_(None), now > OWN_DEADLINE)
    return all_of(who).where(Mark.state == MarkState.DRAFTED, is_over)


@dataclass(frozen=True)
class Place:
    """Where a script stands among those that wait: how many there are, and its neighbours' public ids, in order."""

    waiting: int
    before: str | None
    after: str | None


def place_of(who: Principal, mark: Mark, now: datetime) -> Place:
    """The neighbours among what waits for `who`'s mark; of one that waits no more, the first as next. One query."""
    keys = list(db.session.scalars(waiting(who, now).with_only_columns(Mark.public_id)))
    if mark.public_id not in keys:
        return Place(len(keys), None, keys[0] if keys else None)
    at = keys.index(mark.public_id)
    return Place(len(keys), keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None)


def to_be_marked(now: datetime) -> Select[int, Any, datetime, int]:
    """What waits for its mark, by component and marker: how many, and the first of the students' own deadlines.

    The marker is who was given it, or who covers for them; where nobody was, the tutor of the student's latest
    placement that has one, or else of the group, or who covers. Nobody, where it has to be given to somebody first.
    """
    by_placement = select(acting_tutor(today(now))).where(Placement.enrolment_id == Enrolment.id)
    latest = by_placement.where(Placement.tutor_id.is_not(None)).order_by(Placement.id.desc()).limit(1)
    own_tutor = func.coalesce(latest.scalar_subquery(), acting_group_tutor(today(now)))
    cover = select(TutorCover.cover_id).where(covers_marker(today(now))).correlate(Mark, Component).limit(1)
    marker_id = case(
        (and_(Mark.allocated_id.is_not(None), is_on_team()), func.coalesce(cover.scalar_subquery(), Mark.allocated_id)),
        (or_(Mark.allocated_id.is_not(None), Component.marked_by == MarkedBy.SHARED), null()),
        else_=own_tutor,
    ).label("marker_id")
    first = func.min(IN_ORDER, type_=UTCDateTime()).label("first")
    found = select(Mark.component_id, marker_id, first, func.count().label("count")).join(Mark.submission)
    found = found.join(Mark.component).join(Mark.enrolment).join(Enrolment.group).join(Enrolment.run)
    found = found.where(or_(OWN_DEADLINE.is_(None), now > OWN_DEADLINE), Mark.state == MarkState.DRAFTED)
    found = found.where(or_(Mark.second_id.is_(None), Mark.second_id != marker_id))  # who covers may be the second
    return found.where(*CURRENT).group_by(Mark.component_id, marker_id)


def back_at(first: Any) -> ColumnElement[datetime]:
    """When what was due at `first` is due back, over components: `rules.feedback_due_at`, but for changed clocks."""
    return shifted(first, Component.feedback_weeks * WEEK_SECONDS)
