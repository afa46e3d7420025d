"""Keeping the warnings that were found, and what people do about them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.accounts.queries import holders
from placements.cohorts.queries import closed_days
from placements.core.clock import day_began, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import begin_to_write, db, hold_row, insert_new
from placements.history.actions import record
from placements.logbook.actions import MODULE_TEAM
from placements.mail.actions import tell
from placements.watch import notices
from placements.watch.looking import Found, look
from placements.watch.models import EarlyWarning, WarningAction
from placements.watch.rules import PUT_OFF_MOST, Act, Kind, acts_for, due_on

TEAM_OF_RUN = "cohorts.students"  # reads the history of a student who has no place


def look_out(now: datetime) -> int:
    """Look at every student, then open, change and close warnings accordingly. Returns how many are open.

    For the worker: looking takes its time, so it is done before the transaction that writes, which commits.
    """
    found = look(now)
    begin_to_write()
    keep(found, now=now)
    db.session.commit()
    return len(found)


def keep(found: Sequence[Found], *, now: datetime) -> None:
    """Let the open warnings be those that were found. One that got worse is shown again, whatever was said of it.

    Of missed attendance that came up or got worse the visa officers are told, once a day.
    """
    closed, wanted = closed_days(), {(each.enrolment_id, each.sign.kind): each for each in found}
    is_told = False
    still_open = select(EarlyWarning).where(EarlyWarning.closed_at.is_(None)).with_for_update()
    for warning in db.session.scalars(still_open.execution_options(populate_existing=True)):
        each = wanted.pop((warning.enrolment_id, warning.kind), None)
        if each is None:
            warning.closed_at = now
        else:
            is_worse = _update(warning, each, closed, now)
            is_told |= is_worse and warning.kind is Kind.ATTENDANCE
    db.session.flush()
    insert_new(EarlyWarning, [_row(each, closed, now) for each in wanted.values()])
    if is_told or any(kind is Kind.ATTENDANCE for _, kind in wanted):
        officers = db.session.scalars(holders(GlobalRole.VISA_OFFICER)).all()
        tell(notices.ATTENDANCE, today(now).toordinal(), officers, day_began(now))


def _update(warning: EarlyWarning, each: Found, closed: Collection[date], now: datetime) -> bool:
    """Whether it got worse."""
    is_worse = each.sign.is_urgent and not warning.is_urgent
    if is_worse:
        warning.quiet_until, warning.due_on = None, due_on(True, today(now), closed)
    warning.placement_id, warning.why, warning.is_urgent = each.placement_id, each.sign.why, each.sign.is_urgent
    return is_worse


def _row(each: Found, closed: Collection[date], now: datetime) -> dict[str, object]:
    sign = each.sign
    return {
        "enrolment_id": each.enrolment_id,
        "placement_id": each.placement_id,
        "kind": sign.kind,
        "is_urgent": sign.is_urgent,
        "since_on": sign.since_on,
        "why": sign.why,
        "due_on": due_on(sign.is_urgent, today(now), closed),
        "opened_at": now,
    }


def act(
    warning: EarlyWarning, what: Act, words: str, again_on: date, *, form_key: str, actor: Principal, now: datetime
) -> None:
    """Keep what was done about a warning, which is not shown again before `again_on` unless it gets worse.

    The same form twice is kept once. Raises Refused for an act that is none of its kind's, and for a day that has come
    or is too far off.
    """
    hold_row(warning, "quiet_until", "due_on", "is_urgent")
    if db.session.scalar(select(WarningAction.id).where(WarningAction.form_key == form_key)) is not None:
        return
    if what not in acts_for(warning.kind):
        raise Refused("Choose what you did.", "what")
    if not today(now) < again_on <= today(now) + PUT_OFF_MOST:
        raise Refused(f"Enter a day within {PUT_OFF_MOST.days} days from tomorrow on.", "again_on")
    said = {"act": what, "words": words, "quiet_until": again_on, "by_id": actor.person_id or 0, "at": now}
    db.session.add(WarningAction(form_key=form_key, warning=warning, **said))
    warning.quiet_until = warning.due_on = again_on
    _record(warning, actor=actor, now=now)


def _record(warning: EarlyWarning, *, actor: Principal, now: datetime) -> None:
    """Of missed attendance nothing stands where tutors and module leaders read."""
    verb = "recorded what was done about an early warning"
    if warning.kind is Kind.ATTENDANCE:
        record(verb, warning, actor=actor, now=now, ability="watch.attendance")
    elif warning.placement:
        person_id = warning.enrolment.person_id
        record(verb, warning.placement, actor=actor, now=now, person_id=person_id, ability=MODULE_TEAM)
    else:
        person_id = warning.enrolment.person_id
        record(verb, warning.enrolment, actor=actor, now=now, person_id=person_id, ability=TEAM_OF_RUN)
