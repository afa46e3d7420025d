"""What second marking writes to people. No mail says a mark, or what the other marker does before both are in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from placements.assessment.models import Mark
from placements.assessment.workflow import MarkState
from placements.cohorts.models import Component
from placements.db import db
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import Role, SecondState
from placements.mail.notices import Notice, Pace
from placements.people.models import Person

Values = Mapping[str, Any] | None


def _allotted(component_id: int, recipient: Person, now: datetime) -> Values:
    own = select(func.count(SecondMark.id)).join(SecondMark.mark).where(Mark.component_id == component_id)
    own = own.where(SecondMark.marker_id == recipient.id, SecondMark.role == Role.SECOND)
    count = db.session.scalar(own.where(SecondMark.state != SecondState.SUBMITTED))
    return {"component": db.session.get_one(Component, component_id), "count": count} if count else None


def _to_agree(mark_id: int, recipient: Person, now: datetime) -> Values:
    mark = db.session.get_one(Mark, mark_id)
    waits = mark.fixed_at is not None and mark.agreed is None and mark.state is MarkState.SUBMITTED
    return {"mark": mark, "component": mark.component} if waits else None


def _third_asked(second_id: int, recipient: Person, now: datetime) -> Values:
    third = db.session.get_one(SecondMark, second_id)
    waits = third.marker_id == recipient.id and third.state is not SecondState.SUBMITTED
    return {"third": third, "component": third.mark.component} if waits else None


RUN = "component.run_id"
FILLS = {"component": "component.title"}

ALLOTTED = Notice(
    "double_marking.allotted",
    _allotted,
    pace=Pace.DAILY,
    run=RUN,
    fills={"component": "component.title", "count": "count"},
)
BOTH_IN = Notice("double_marking.both_in", _to_agree, pace=Pace.DAILY, run=RUN, fills=FILLS)
PROPOSED = Notice("double_marking.proposed", _to_agree, pace=Pace.DAILY, run=RUN, fills=FILLS)
THIRD_WANTED = Notice("double_marking.third_wanted", _to_agree, pace=Pace.DAILY, run=RUN, fills=FILLS)
THIRD_ASKED = Notice("double_marking.third_asked", _third_asked, pace=Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (ALLOTTED, BOTH_IN, PROPOSED, THIRD_WANTED, THIRD_ASKED)
