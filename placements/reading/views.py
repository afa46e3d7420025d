"""The tutor's desk: the list of logbooks, a whole one, a decision about a visit, grades on the way."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.core.clock import today
from placements.logbook.hours import ledgers_of
from placements.logbook.ledger import WHY_NOT, project
from placements.logbook.models import Entry
from placements.logbook.queries import MODES, by_week, logbook, own_placement, placement_read
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.workflow import ENTRY, EntryState
from placements.placing.models import Placement
from placements.reading import actions, queries
from placements.reading.forms import CommentForm, DecideForm, ReadingFilters, grade_form
from placements.reading.models import CHECKPOINTS
from placements.reading.rules import band_of
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VISITS = 15  # on one page of a logbook

reading = Area("reading", __name__)


@reading.context_processor
def words() -> dict[str, Any]:
    """What every page about a logbook says alike."""
    return {"WHY_NOT": WHY_NOT, "MODES": MODES, "SILENT_DAYS": SILENT_DAYS, "band_of": band_of}


@reading.get("/reading", can="reading.logbooks", nav="Logbooks")
def logbooks() -> Any:
    """The logbooks that one reads, the most silent first."""
    filters = ReadingFilters()
    asked = filters.values()
    rows, total = queries.logbooks(
        who(), now(), size=PAGE_SIZE, number=page_number(), text=asked["q"], show=asked["show"]
    )
    return page(filters=filters, rows=rows, paging=paging(len(rows), total))


@reading.get("/placements/<public_id>/log/read", can="reading.read", of=placement_read)
def read(placement: Placement) -> Any:
    """A whole logbook, with room to comment beside each visit."""
    return page(**_read(placement))


@reading.post("/placements/<public_id>/log/read", can="reading.ask_for_reflections", of=placement_read)
def reflections(placement: Placement) -> Any:
    """The same with reflections, for a module leader who is not the tutor; that they were read is kept."""
    actions.note_reading(placement, actor=who(), now=now())
    return page(**{**_read(placement), "shows_reflections": True})


def _read(placement: Placement) -> dict[str, Any]:
    abilities = site().abilities
    return {
        **_book(placement),
        "grades": queries.grades_of(placement.id),
        "shows_reflections": abilities["logbook.read_reflections"](who(), placement, now()),
        "may_judge": abilities["reading.grade"](who(), placement, now()),
        "page_number": page_number(),
        "form": CommentForm(formdata=None),
        "decidable": [state for state in EntryState if {"verify", "set_aside"} & set(ENTRY.open_from(state))],
    }


@reading.form("/placements/<public_id>/log/grade", can="reading.grade", of=placement_read)
def grade(placement: Placement) -> Any:
    """Grade a logbook on the way, against the criteria that are about it."""
    asked = request.args.get("checkpoint")
    checkpoint = asked if asked in CHECKPOINTS else CHECKPOINTS[0]
    criteria = queries.criteria_of(placement.enrolment.run_id)
    saved = next((each for each in queries.grades_of(placement.id) if each.checkpoint == checkpoint), None)
    form = grade_form(criteria, saved)
    if form.accepted():
        actions.grade(
            placement, checkpoint, form.scores, form.remark, version=form.seen_version, actor=who(), now=now()
        )
        flash(f"Saved. {placement.enrolment.person.name} can see it now, and has been told.", "success")
        return redirect(url_for("reading.read", public_id=placement.public_id))
    theirs = saved if form.has_been_overtaken(saved) else None
    return page(
        form=form, placement=placement, criteria=criteria, checkpoint=checkpoint, checkpoints=CHECKPOINTS, theirs=theirs
    )


@reading.form("/log/<public_id>/decide", can="reading.decide", of=queries.entry_read_by)
def decide(entry: Entry) -> Any:
    """Settle in the university's name whether a visit's hours count."""
    form = DecideForm()
    if form.accepted():
        actions.decide(entry, form.counts.data == "yes", form.reason.data, actor=who(), now=now())
        flash(f"Decided, and {entry.placement.enrolment.person.name} has been told.", "success")
        return redirect(_back_to(entry))
    return page(form=form, entry=entry)


def _back_to(entry: Entry) -> str:
    at = f"visit-{entry.public_id}"
    return url_for("reading.read", public_id=entry.placement.public_id, page=page_number(), _anchor=at)


def _book(placement: Placement) -> dict[str, Any]:
    """A logbook as its readers see it: where the hours stand and lead, a page of visits by week."""
    ledger = ledgers_of([placement.id])[placement.id]
    totals, run = ledger.totals, placement.enrolment.run
    visits = logbook(placement, ledger)
    shown = visits[VISITS * (page_number() - 1) : VISITS * page_number()]
    worked = totals.confirmed + totals.waiting
    return {
        "placement": placement,
        "is_own": False,
        "totals": totals,
        "projection": project(worked, run.minutes_target, placement.starts_on, placement.ends_on, today(now())),
        "weeks": list(by_week(shown)),
        "paging": paging(len(shown), len(visits), VISITS),
    }


@reading.get("/placements/<public_id>/log/grades", can="reading.grades", of=own_placement)
def grades(placement: Placement) -> Any:
    """What the tutor says of one's own logbook so far."""
    return page(placement=placement, grades=queries.grades_of(placement.id), is_own=True)
