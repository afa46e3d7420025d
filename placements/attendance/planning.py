"""What the worker does: planned days made from the Agreement in force, and a supervisor's link to their page."""

from datetime import date, datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import joinedload

from placements.accounts.models import Account
from placements.agreements.models import Agreement, PlannedWeek
from placements.agreements.workflow import AgreementState
from placements.attendance import notices
from placements.attendance.models import PlannedDay, VisitPlan
from placements.attendance.notices import BY_LINK
from placements.attendance.rules import usual_days
from placements.attendance.workflow import DayState
from placements.core.clock import day_began, today
from placements.db import db, insert_new, new_public_id
from placements.links.actions import add_link, working_link
from placements.links.models import Link
from placements.mail.actions import tell
from placements.placing.models import Placement
from placements.placing.workflow import GOING_ON

BATCH = 100
LINK_LASTS = timedelta(days=60)  # then its holder asks for another; ours


def plan_due(now: datetime) -> int:
    """Make the days to come of placements whose Agreement in force they were not made from, up to BATCH, and mail
    supervisors who have no account the link to their page. Returns how many plans were made; for the worker.
    """
    due = db.session.scalars(
        select(Agreement)
        .join(Agreement.placement)
        .outerjoin(VisitPlan, VisitPlan.placement_id == Placement.id)
        .where(Agreement.state == AgreementState.IN_FORCE, Placement.state.in_(GOING_ON))
        .where(or_(VisitPlan.agreement_id.is_(None), VisitPlan.agreement_id != Agreement.id))
        .options(joinedload(Agreement.placement).joinedload(Placement.challenge))
        .order_by(Agreement.id)
        .limit(BATCH)
        .with_for_update(of=Placement, skip_locked=True)
    ).all()
    for agreement in due:
        make_plan(agreement, now=now)
    _send_pages(now)
    return len(due)


def make_plan(agreement: Agreement, *, now: datetime) -> None:
    """Let the days to come be those of the version; past ones, cancelled ones and the student's own stay.

    What is closed is planned too, and shown as closed: so a closure can be added and taken away.
    """
    placement, tomorrow = agreement.placement, today(now) + timedelta(days=1)
    days = _days(agreement, tomorrow, now)
    made_before = (PlannedDay.placement_id == placement.id, PlannedDay.on >= tomorrow, PlannedDay.is_own.is_(False))
    gone = (PlannedDay.state == DayState.PLANNED, PlannedDay.on.not_in(days))
    db.session.execute(delete(PlannedDay).where(*made_before, *gone))
    row = {"placement_id": placement.id, "state": DayState.PLANNED, "is_own": False, "why": "", "moves": 1}
    insert_new(PlannedDay, [{**row, "public_id": new_public_id(), "on": on} for on in days])
    plan = db.session.get(VisitPlan, placement.id) or VisitPlan(placement_id=placement.id)
    plan.agreement_id, plan.made_at = agreement.id, now
    db.session.add(plan)
    db.session.flush()


def _days(agreement: Agreement, tomorrow: date, now: datetime) -> list[date]:
    """Today too where the placement has just been agreed, and nothing was planned before."""
    placement = agreement.placement
    mondays = set(db.session.scalars(select(PlannedWeek.monday).where(PlannedWeek.agreement_id == agreement.id)))
    is_first = db.session.get(VisitPlan, placement.id) is None
    first = max(placement.starts_on, today(agreement.in_force_at or now) if is_first else tomorrow)
    return list(usual_days(first, placement.ends_on, placement.challenge.days, mondays))


def _send_pages(now: datetime) -> None:
    """One link each to supervisors without an account, as soon as they have a placement to look after."""
    sent = select(Link.id).where(
        Link.purpose == BY_LINK, Link.about_id == Placement.id, Link.holder_id == Placement.supervisor_id
    )
    has_account = select(Account.id).where(Account.person_id == Placement.supervisor_id)
    lacking = select(Placement.id, Placement.supervisor_id).where(
        Placement.state.in_(GOING_ON), ~sent.exists(), ~has_account.exists()
    )
    for placement_id, supervisor_id in db.session.execute(lacking.order_by(Placement.id).limit(BATCH)).all():
        send_page(placement_id, supervisor_id, now=now)


def send_page(placement_id: int, supervisor_id: int, *, now: datetime) -> None:
    """Mail the supervisor a new link to the placement's page."""
    link = add_link(BY_LINK, placement_id, supervisor_id, now=now, lasts=LINK_LASTS)
    tell(notices.YOUR_PAGE, link.id, [supervisor_id], now)


def send_page_again(link: Link, *, now: datetime) -> None:
    """Mail the holder of a link that has run out the newest one, made now if need be; at most once a day.

    Nothing happens where they no longer look after the placement, or it is over.
    """
    placement = db.session.get_one(Placement, link.about_id)
    if placement.supervisor_id != link.holder_id or not placement.goes_on:
        return
    newest = working_link(BY_LINK, link.about_id, link.holder_id, now=now, lasts=LINK_LASTS)
    tell(notices.YOUR_PAGE, newest.id, [link.holder_id], day_began(now))
