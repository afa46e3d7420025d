"""The student's own log, and the page of one visit, which the tutor shares. The area's routes begin here."""

from typing import Any

from flask import flash, redirect, url_for

from placements.core.clock import say_date, today
from placements.logbook import actions, queries
from placements.logbook.forms import CommentForm, EntryForm
from placements.logbook.hours import ledgers_of, line_of, terms_of
from placements.logbook.ledger import WHY_NOT, project, why_not_counted
from placements.logbook.models import Entry
from placements.logbook.queries import MODES, Logged
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.web.area import Area, page
from placements.web.filters import say_hours
from placements.web.lists import page_number, paging
from placements.web.site import now, site, who

VISITS = 15  # on one page of a logbook

logbook = Area("logbook", __name__)


@logbook.context_processor
def words() -> dict[str, Any]:
    """What every page of a logbook says alike."""
    return {"WHY_NOT": WHY_NOT, "MODES": MODES, "SILENT_DAYS": SILENT_DAYS}


@logbook.get("/log", can="logbook.mine", nav="Log hours")
def mine() -> Any:
    """To one's own log; where there are several, or none yet, a page that says so."""
    found = queries.own_placements(who())
    if len(found) == 1:
        return redirect(url_for("logbook.log", public_id=found[0].public_id))
    return page(placements=found)


@logbook.get("/placements/<public_id>/log", can="logbook.log", of=queries.own_placement)
def log(placement: Placement) -> Any:
    """The student's own log: where the hours stand, then every visit."""
    return page(**book_of(placement, is_own=True))


@logbook.form("/placements/<public_id>/log/new", can="logbook.new_entry", of=queries.own_placement)
def new_entry(placement: Placement) -> Any:
    """Log a visit."""
    form = EntryForm(data={"on": today(now()), "mode": placement.challenge.mode, "break_minutes": 0})
    if form.accepted():
        entry = actions.log(
            placement,
            form.visit,
            form_key=form.form_key.data,
            is_draft=form.is_draft,
            **form.words,
            actor=who(),
            now=now(),
        )
        _say_what_became_of(entry)
        return redirect(url_for("logbook.log", public_id=placement.public_id))
    why_not = why_not_counted(now(), now(), terms_of(placement.id))
    return page(form=form, placement=placement, why_not=why_not)


@logbook.form("/log/<public_id>/edit", can="logbook.edit", of=queries.own_entry)
def edit(entry: Entry) -> Any:
    """Change a visit, or the reflection on it."""
    form = EntryForm(obj=entry, ends_next_day=entry.visit.ends_next_day)
    if form.accepted():
        actions.edit(entry, form.visit, is_draft=form.is_draft, **form.words, actor=who(), now=now())
        _say_what_became_of(entry)
        return redirect(url_for("logbook.log", public_id=entry.placement.public_id))
    return page(form=form, entry=entry)


def _say_what_became_of(entry: Entry) -> None:
    line = line_of(entry)
    if line is None:
        flash("Your draft is saved. Nobody else sees it until you send it.", "success")
    elif line.why_not:
        lost = f"{say_hours(line.not_counted)} of it do not count"
        flash(f"Your visit is kept, but {lost}: {WHY_NOT[line.why_not]} Your tutor has been told.", "info")
    elif entry.state is EntryState.SUBMITTED:
        flash(f"Sent. {entry.placement.supervisor.name} will be asked to confirm it.", "success")
    else:
        flash("Saved.", "success")


@logbook.post("/log/<public_id>/discard", can="logbook.discard", of=queries.own_entry)
def discard(entry: Entry) -> Any:
    """Take a visit out of one's log."""
    actions.discard(entry, actor=who(), now=now())
    flash(f"The visit on {say_date(entry.on)} is no longer in your log.", "success")
    return redirect(url_for("logbook.log", public_id=entry.placement.public_id))


@logbook.form("/log/<public_id>", can="logbook.entry", of=queries.entry_seen)
def entry(entry: Entry) -> Any:
    """One visit, what was said of it, and room to say something."""
    form = CommentForm()
    is_own = who().has("student", entry.placement.enrolment_id)
    if form.accepted():
        actions.comment(entry, form.text.data, actor=who(), now=now())
        if is_own:
            flash("Your comment is there, and your tutor has been told.", "success")
            return redirect(url_for("logbook.entry", public_id=entry.public_id))
        flash(f"Your comment is there, and {entry.placement.enrolment.person.name} has been told.", "success")
        return redirect(_back_to_reading(entry))
    return page(
        form=form,
        logged=Logged(entry, line_of(entry)),
        is_own=is_own,
        shows_reflections=is_own or site().abilities["logbook.read_reflections"](who(), entry, now()),
    )


def _back_to_reading(entry: Entry) -> str:
    at = f"visit-{entry.public_id}"
    return url_for("reading.read", public_id=entry.placement.public_id, page=page_number(), _anchor=at)


def book_of(placement: Placement, *, is_own: bool = False) -> dict[str, Any]:
    """A logbook as its pages show it: where the hours stand and lead, a page of visits by week."""
    ledger = ledgers_of([placement.id])[placement.id]
    totals = ledger.totals
    visits = queries.logbook(placement, ledger, drafts=is_own)
    shown = visits[VISITS * (page_number() - 1) : VISITS * page_number()]
    worked, run = totals.confirmed + totals.waiting, placement.enrolment.run
    return {
        "placement": placement,
        "is_own": is_own,
        "totals": totals,
        "projection": project(worked, run.minutes_target, placement.starts_on, placement.ends_on, today(now())),
        "weeks": list(queries.by_week(shown)),
        "paging": paging(len(shown), len(visits), VISITS),
    }
