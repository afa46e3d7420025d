"""Students who need a look: the list of tutors and module leaders, the visa officer's, and what was done."""

from typing import Any

from flask import flash, redirect, url_for

from placements.core.clock import say_date, today
from placements.history.actions import note_reads
from placements.history.models import Read
from placements.watch import actions, queries
from placements.watch.forms import ActForm, WatchFilters
from placements.watch.models import EarlyWarning
from placements.watch.rules import KINDS, NEXT, Kind
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who

watch = Area("watch", __name__)


@watch.context_processor
def words() -> dict[str, Any]:
    """What every page about warnings says alike."""
    return {"KINDS": KINDS, "NEXT": NEXT}


@watch.get("/warnings", can="watch.students")
def students() -> Any:
    """The warnings about one's students, the most urgent first, each with why and what was tried."""
    filters = WatchFilters()
    given = filters.values()
    rows, count = queries.warnings(
        who(),
        now(),
        size=PAGE_SIZE,
        number=page_number(),
        kind=given["kind"],
        text=given["q"],
        put_off=bool(given["put_off"]),
    )
    return page(rows=rows, tried=queries.tried_of(rows), paging=paging(len(rows), count), filters=filters)


@watch.get("/warnings/attendance", can="watch.attendance", nav="Attendance")
def attendance() -> Any:
    """Sponsored students who have missed attendance. That it is read is written down first."""
    rows, _ = queries.warnings(who(), now(), size=PAGE_SIZE, number=page_number(), attendance=True)
    if rows:
        note_reads(*map(_read, rows), actor=who(), now=now())
    rows, count = queries.warnings(who(), now(), size=PAGE_SIZE, number=page_number(), attendance=True)
    return page(rows=rows, tried=queries.tried_of(rows), paging=paging(len(rows), count))


@watch.form("/warnings/<public_id>/act", can="watch.act", of=queries.warning_of)
def act(warning: EarlyWarning) -> Any:
    """Record what was done about a warning; it comes back on a chosen day, or when it gets worse."""
    is_attendance, key = warning.kind is Kind.ATTENDANCE, warning.public_id
    back = "watch.attendance" if is_attendance else "watch.students"
    form = ActForm(warning.kind, today(now()))
    if form.accepted():
        done = (form.what.data, form.words.data, form.again_on.data)
        actions.act(warning, *done, form_key=form.form_key.data, actor=who(), now=now())
        flash(f"Kept. It comes back on {say_date(form.again_on.data)} if it is still so.", "success")
        return redirect(url_for(back))
    if is_attendance:
        note_reads(_read(warning), actor=who(), now=now())
        warning = queries.warning_of(who(), key) or warning
    return page(form=form, warning=warning, tried=queries.tried_of([warning])[warning.id], back=back)


def _read(warning: EarlyWarning) -> Read:
    """Whose attendance is missed is whom a visa concerns."""
    return EarlyWarning.__tablename__, warning.id, "attendance"
