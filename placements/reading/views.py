"""The list of logbooks, a whole one with its grades, and a decision about a visit."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.core.clock import today
from placements.logbook.hours import ledgers_of
from placements.logbook.ledger import project
from placements.logbook.models import Entry
from placements.logbook.queries import by_week, logbook, own_placement, placement_read
from placements.logbook.workflow import ENTRY, EntryState
from placements.placing.models import Placement
from placements.reading import actions, frozen, queries
from placements.reading.deciding import to_decide as undecided
from placements.reading.desk_views import back_to
from placements.reading.forms import DecideForm, ReadingFilters
from placements.reading.fresh import phrases_of
from placements.reading.models import LogbookSnapshot
from placements.reading.nudge_views import reading
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VISITS = 15  # on one page of a logbook


@reading.get("/reading", can="reading.logbooks", nav="Logbooks")
def logbooks() -> Any:
    """The logbooks that one reads, the most silent first."""
    filters = ReadingFilters()
    asked = filters.values()
    rows, total = queries.logbooks(
        who(), now(), size=PAGE_SIZE, number=page_number(), text=asked["q"], show=asked["show"]
    )
    reads_weekly = site().abilities["reading.week"](who(), None, now())
    return page(filters=filters, rows=rows, paging=paging(len(rows), total), reads_weekly=reads_weekly)


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
        "grades": queries.grades_of(placement, has_final=abilities["reading.read_final"](who(), placement, now())),
        "shows_reflections": abilities["logbook.read_reflections"](who(), placement, now()),
        "may_judge": abilities["reading.grade"](who(), placement, now()),
        "page_number": page_number(),
        "phrases": {each.public_id: each.text for each in phrases_of(who())},
        "decidable": [state for state in EntryState if {"verify", "set_aside"} & set(ENTRY.open_from(state))],
    }


@reading.get("/reading/to-decide", can="reading.to_decide")
def to_decide() -> Any:
    """The visits that student and supervisor have not settled between them, the oldest first."""
    rows, total = undecided(who(), now(), size=PAGE_SIZE, number=page_number())
    may_decide = {row.entry.id for row in rows if site().abilities["reading.decide"](who(), row.entry, now())}
    return page(rows=rows, may_decide=may_decide, paging=paging(len(rows), total))


@reading.form("/log/<public_id>/decide", can="reading.decide", of=queries.entry_read_by)
def decide(entry: Entry) -> Any:
    """Settle in the university's name whether a visit's hours count."""
    form = DecideForm()
    if form.accepted():
        actions.decide(entry, form.counts.data == "yes", form.reason.data, actor=who(), now=now())
        flash(f"Decided, and {entry.placement.enrolment.person.name} is told within a day.", "success")
        is_next = request.args.get("back") == "to-decide"
        return redirect(url_for("reading.to_decide") if is_next else back_to(entry))
    return page(form=form, entry=entry)


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
    return page(placement=placement, grades=queries.shown_grades(placement), is_own=True)


@reading.get("/logbooks/<public_id>", can="reading.snapshot", of=frozen.snapshot_seen)
def snapshot(snapshot: LogbookSnapshot) -> Any:
    """A logbook as it was handed in, with what has changed since."""
    is_own = who().has("student", snapshot.enrolment_id)
    abilities, marks_by_it = site().abilities, who().has("reads_logbook", snapshot.enrolment_id)
    reflections_of = abilities["logbook.read_reflections"]
    return page(
        snapshot=snapshot,
        frozen=frozen.read(snapshot),
        is_own=is_own,
        read_here=[each for each in snapshot.placements if abilities["reading.read"](who(), each, now())],
        shows_reflections=is_own
        or marks_by_it
        or any(reflections_of(who(), each, now()) for each in snapshot.placements),
    )
