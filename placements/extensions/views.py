"""Pages of later deadlines: a run's, one, granting, changing and withdrawing; and a student's own."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.core.clock import london
from placements.extensions import actions, forms, planning, queries
from placements.extensions.models import Extension
from placements.history.actions import note_reads
from placements.history.queries import timeline
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

extensions = Area("extensions", __name__)

VERBS = ("change", "withdraw")
NOT_KEPT = ("csrf_token", "seen", "is_back")


def _posted() -> list[tuple[str, str]]:
    """What was typed, for the page that checks it."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]


@extensions.get("/runs/<public_id>/extensions", can="extensions.overview", of=run_of)
def overview(run: ModuleRun) -> Any:
    """The deadlines of a run that were moved: to a tutor their own students', and the dates alone."""
    filters = forms.ListFilters(run, queries.works_of(run))
    rows, found = queries.page_of(who(), run, PAGE_SIZE, page_number(), **filters.values())
    leads = who().has("leader", run.id)
    may_grant = site().abilities["extensions.grant"](who(), run, now())
    return page(run=run, filters=filters, rows=rows, paging=paging(len(rows), found), leads=leads, may_grant=may_grant)


@extensions.form("/runs/<public_id>/extensions/grant", can="extensions.grant", of=run_of)
def grant(run: ModuleRun) -> Any:
    """Choose students, work and date; look at what it moves; grant it."""
    filters = forms.StudentFilters(run)
    student, components = request.args.get("student"), queries.works_of(run)
    offered = queries.offered(who(), run, **filters.values(), student=student)
    form = forms.GrantForm(data={"students": [student], "work": request.args.get("work")})
    form.offer(offered[: queries.MOST_OFFERED], components)
    moves = None
    if form.accepted() and not form.is_back.data:
        wanted = form.wanted(offered, components)
        if form.seen.data:
            said = {"seen": form.seen.data, "form_key": form.form_key.data}
            made = actions.grant(wanted, form.cause.data, form.reference.data or "", **said, actor=who(), now=now())
            flash(f"Deadlines moved: {len(made)}. Each student is written to now.", "success")
            return redirect(url_for("extensions.overview", public_id=run.public_id))
        moves = planning.plan(wanted, now())
        planning.movable(moves)
    return page(
        run=run,
        form=form,
        filters=filters,
        offered=offered[: queries.MOST_OFFERED],
        is_cut=len(offered) > queries.MOST_OFFERED,
        student=student,
        causes=forms.CAUSES,
        moves=moves,
        seen=planning.fingerprint_of(moves) if moves else None,
        posted=_posted(),
    )


@extensions.get("/extensions", can="extensions.mine")
def mine() -> Any:
    """One's own deadlines that were moved, and why."""
    return page(rows=queries.own(who()), causes=forms.CAUSES)


@extensions.get("/extensions/<public_id>", can="extensions.extension", of=queries.extension_of)
def extension(extension: Extension) -> Any:
    """One of them with its cause and reference. That a leader reads these is written down first."""
    if extension.submission.enrolment.person_id != who().person_id:
        note_reads((Extension.__tablename__, extension.id, "reference"), actor=who(), now=now())
    found = queries.extension_of(who(), extension.public_id)
    assert found is not None
    return page(
        extension=found,
        is_own=found.submission.enrolment.person_id == who().person_id,
        causes=forms.CAUSES,
        can={verb: site().abilities[f"extensions.{verb}"](who(), found, now()) for verb in VERBS},
        happened=timeline(found, who(), now(), site().abilities),
    )


@extensions.form("/extensions/<public_id>/change", can="extensions.change", of=queries.extension_of)
def change(extension: Extension) -> Any:
    """Another date, cause or reference; look at what it moves, then change it."""
    saved = {"cause": extension.cause.value, "reference": extension.reference, "day": london(extension.due_at).date()}
    form = forms.ChangeForm(data=saved)
    moves = None
    if form.accepted() and not form.is_back.data:
        attempt = extension.submission
        if form.seen.data:
            why = form.cause.data, form.reference.data or ""
            changed = actions.change(extension, form.due_at, *why, seen=form.seen.data, actor=who(), now=now())
            flash("The deadline is changed. The student is written to now.", "success")
            return redirect(url_for("extensions.extension", public_id=changed.public_id))
        wanted = planning.Wanted([attempt.enrolment], [attempt.component], form.due_at, changes=extension)
        moves = planning.plan(wanted, now())
        planning.movable(moves)
    return page(
        form=form,
        extension=extension,
        causes=forms.CAUSES,
        moves=moves,
        seen=planning.fingerprint_of(moves) if moves else None,
        posted=_posted(),
    )


@extensions.form("/extensions/<public_id>/withdraw", can="extensions.withdraw", of=queries.extension_of)
def withdraw(extension: Extension) -> Any:
    """Take it back, with the reason."""
    form = forms.WithdrawForm()
    if form.accepted():
        actions.withdraw(extension, form.reason.data, actor=who(), now=now())
        flash("The extension is withdrawn. The student is written to now.", "success")
        run = extension.submission.enrolment.run
        return redirect(url_for("extensions.overview", public_id=run.public_id))
    return page(form=form, extension=extension)
