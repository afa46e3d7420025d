"""The student's own log, and the page of one visit, which the tutor shares. The area's routes begin here."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from placements.agreements.models import Objective
from placements.agreements.queries import objectives_of
from placements.core.clock import london, say_date, today
from placements.files.actions import Received, receive_evidence
from placements.files.kinds import ACCEPT_EVIDENCE
from placements.logbook import actions, queries
from placements.logbook.forms import MOST_FILES, CommentForm, EntryForm, entry_form, typed
from placements.logbook.hours import ledgers_of, line_of, terms_of
from placements.logbook.ledger import WHY_NOT, project, why_not_counted
from placements.logbook.models import Entry, EntryDraft
from placements.logbook.queries import MODES, Logged
from placements.logbook.rules import SILENT_DAYS
from placements.logbook.workflow import UNSETTLED, EntryState
from placements.placing.models import Placement
from placements.web.area import Area, page, prepared
from placements.web.filters import say_hours
from placements.web.lists import page_number, paging
from placements.web.site import now, site, who
from placements.web.uploads import posted_files

VISITS = 15  # on one page of a logbook

logbook = Area("logbook", __name__)


@logbook.context_processor
def words() -> dict[str, Any]:
    """What every page of a logbook says alike."""
    return {"WHY_NOT": WHY_NOT, "ACCEPT": ACCEPT_EVIDENCE, "MODES": MODES, "SILENT_DAYS": SILENT_DAYS}


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
    return page(**book_of(placement, is_own=True), drafts=queries.drafts_of(placement.id))


def _received() -> Sequence[Received]:
    """The posted photos and files, on the disk before the transaction begins."""
    return posted_files(receive_evidence, "student", MOST_FILES)


@logbook.form("/placements/<public_id>/log/new", can="logbook.new_entry", of=queries.own_placement, prepare=_received)
def new_entry(placement: Placement) -> Any:
    """Log a visit: filled as the last one was, or with what was typed before."""
    objectives = objectives_of(placement.id)
    draft = queries.own_draft(who(), request.args.get("draft", ""))
    form = _begun(draft, objectives) or entry_form(objectives, data=_as_last_time(placement))
    if form.accepted():
        entry = actions.log(
            placement,
            form.visit,
            form_key=form.form_key.data,
            is_draft=form.is_draft,
            evidence=prepared(),
            **form.words,
            actor=who(),
            now=now(),
        )
        _say_what_became_of(entry)
        return redirect(url_for("logbook.log", public_id=placement.public_id))
    why_not = why_not_counted(now(), now(), terms_of(placement.id))
    others = [each for each in queries.drafts_of(placement.id) if each.form_key != form.form_key.data]
    return page(form=form, placement=placement, why_not=why_not, begun=draft, others=others)


def _begun(draft: EntryDraft | None, objectives: Sequence[Objective]) -> EntryForm | None:
    """The form as it was typed and left; None where there is no such draft, or the form is being sent."""
    if draft is None or request.method == "POST":
        return None
    lines = [(name, each) for name, values in draft.typed.items() for each in values]
    return entry_form(objectives, formdata=MultiDict(lines))


def _as_last_time(placement: Placement) -> dict[str, Any]:
    """What a new visit is likely to be like."""
    today_then = {"on": today(now()), "mode": placement.challenge.mode, "break_minutes": 0}
    last = queries.last_visit(placement.id)
    if last is None:
        return today_then
    alike = ("starts", "ends", "break_minutes", "mode", "objective_id")
    return today_then | {name: getattr(last, name) for name in alike} | {"ends_next_day": last.visit.ends_next_day}


@logbook.post("/placements/<public_id>/log/draft", can="logbook.autosave", of=queries.own_placement)
def autosave(placement: Placement) -> Any:
    """Keep what is typed into the form of a new visit so far. Answers the page's script, and nobody else."""
    saved = actions.keep_draft(placement, typed(), now=now())
    return {"saved_at": f"{london(now()):%H:%M}", "is_sent": saved is None}


@logbook.post("/visits-begun/<public_id>/forget", can="logbook.forget", of=queries.own_draft)
def forget(draft: EntryDraft) -> Any:
    """Throw away what was typed of a visit and not sent."""
    placement = draft.placement
    actions.forget(draft)
    flash("Thrown away.", "success")
    return redirect(url_for("logbook.log", public_id=placement.public_id))


@logbook.form("/log/<public_id>/edit", can="logbook.edit", of=queries.own_entry, prepare=_received)
def edit(entry: Entry) -> Any:
    """Change a visit, or the reflection on it."""
    objectives = list(objectives_of(entry.placement_id))
    if entry.objective and entry.objective.id not in {each.id for each in objectives}:
        objectives.append(entry.objective)  # of an Agreement that has been replaced
    has_files = entry.state in UNSETTLED
    form = entry_form(objectives, has_files=has_files, obj=entry, data={"ends_next_day": entry.visit.ends_next_day})
    if form.accepted():
        said = {**form.words, "is_draft": form.is_draft, "evidence": prepared()}
        actions.edit(entry, form.visit, **said, actor=who(), now=now())
        _say_what_became_of(entry)
        return redirect(url_for("logbook.log", public_id=entry.placement.public_id))
    return page(form=form, entry=entry)


def _say_what_became_of(entry: Entry) -> None:
    line = line_of(entry)
    if line is None:
        flash("Your draft is saved. Nobody else sees it until you send it.", "success")
    elif line.why_not:
        lost = f"{say_hours(line.not_counted)} of it do not count"
        told = "tutor" if entry.placement.tutor_id else "module leader"
        flash(f"Your visit is kept, but {lost}: {WHY_NOT[line.why_not]} Your {told} has been told.", "info")
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
        is_unsettled=entry.state in UNSETTLED,
        versions=queries.versions_of(entry),
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
