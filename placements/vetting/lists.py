"""Lists over many organisations: what waits for us and runs out; what is asked of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.partners.models import Organisation, Site
from placements.partners.workflow import CURRENT
from placements.search import matches
from placements.vetting import rules
from placements.vetting.models import Check
from placements.vetting.rules import CheckKind
from placements.vetting.workflow import HOLDS, CheckState

SOON = timedelta(days=90)


@dataclass(frozen=True)
class CheckSearch:
    """What the list of checks is narrowed to. `within`: those that run out by then; None: what waits, and 90 days."""

    text: str | None = None
    waits: bool = False
    within: timedelta | None = None


def checks(search: CheckSearch, day: date, size: int, number: int) -> tuple[Sequence[Check], int]:
    """One page of what waits for us, the longest first, then of what has run out or soon will. One query."""
    rows = select(Check).join(Check.organisation).where(Organisation.state.in_(CURRENT))
    waits = Check.state == CheckState.ANSWERED
    if search.waits:
        rows = rows.where(waits)
    elif search.within is not None:
        rows = rows.where(Check.valid_until <= day + search.within)
    else:
        rows = rows.where(or_(waits, Check.valid_until <= day + SOON))
    if search.text:
        rows = rows.where(matches(search.text, Organisation))
    rows = rows.order_by(case((waits, 0), else_=1), _turn(), Check.id)
    return slice_of(rows, size, number, contains_eager(Check.organisation), joinedload(Check.site))


def _turn() -> ColumnElement[date]:
    return case((Check.state == CheckState.ANSWERED, func.date(Check.answered_at)), else_=func.date(Check.valid_until))


@dataclass(frozen=True)
class ToAnswer:
    """What an organisation has to say: how many questions are open, and since or until when its word is wanted."""

    organisation: Organisation
    due: int
    runs_out_on: date | None


def to_answer(who: Principal, day: date) -> list[ToAnswer]:
    """What is asked of the organisations that `who` works at. One query."""
    of_it = Check.organisation_id == Organisation.id
    sites = select(func.count(Site.id)).where(Site.organisation_id == Organisation.id).scalar_subquery()
    answered = select(func.count(Check.id)).where(of_it, Check.state != CheckState.FAILED).scalar_subquery()
    ends = Check.state.in_(HOLDS) & (Check.valid_until <= day + rules.RENEWED_FROM)
    first = select(func.min(Check.valid_until)).where(of_it, ends).scalar_subquery()
    own = Organisation.id.in_(who.held_on("contact"))
    rows = select(Organisation, len(CheckKind) + sites - answered, first).where(own, Organisation.state.in_(CURRENT))
    found = [ToAnswer(*row) for row in db.session.execute(rows.order_by(Organisation.name_key))]
    return [each for each in found if each.due or each.runs_out_on]
