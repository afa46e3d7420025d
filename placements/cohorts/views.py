"""Pages of module runs: planning one, its dates, hours and groups, and who does what on it."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, url_for

from placements.cohorts import actions, closed_views, forms, queries
from placements.cohorts.dates import PHASES, known_dates, next_date, phase
from placements.cohorts.models import ModuleRun, RoleOnRun, RunRole, TimeslotGroup
from placements.cohorts.rules import MODULES, academic_year, academic_year_starting, examined_until
from placements.cohorts.student_views import cohorts
from placements.core.clock import say_date, today
from placements.history.queries import timeline
from placements.web.area import page
from placements.web.site import now, site, who

__all__ = ["closed_views", "cohorts"]

VERBS = (
    *("edit_dates", "edit_hours", "open_run", "close_run", "add_group", "edit_group"),
    *("give_role", "remove_role", "students"),
)
ELSEWHERE = {  # what later areas show of a run, by endpoint
    "applications.overview": "Students’ choices",
    "tutoring.show": "Tutors’ placements",
    "reading.checkpoints": "Checkpoints of logbooks",
    "extensions.overview": "Moved deadlines",
    "board.run_marks": "Marks",
    "reassessment.run": "Reassessment and mitigation",
    "examining.run": "External examining",
    "reminding.run": "Mail",
}


def _to(run: ModuleRun) -> Any:
    return redirect(url_for("cohorts.run", public_id=run.public_id))


@cohorts.get("/runs", can="cohorts.runs", nav="Module runs")
def runs() -> Any:
    """The runs that one works on, the newest year first."""
    found = queries.runs_seen_by(who())
    dates = [(run, queries.key_dates(run)) for run in found]
    rows = [(run, PHASES[phase(when, now())], next_date(when, now())) for run, when in dates]
    plans = site().abilities["cohorts.plan_run"](who(), None, now())
    imports = site().abilities["cohorts.upload_roster"](who(), None, now())
    return page(
        rows=rows, plans=plans, imports=imports, closes=site().abilities["cohorts.closed_days"](who(), None, now())
    )


@cohorts.get("/runs/<public_id>", can="cohorts.run", of=queries.run_of)
def run(run: ModuleRun) -> Any:
    """What a run is: when, how much, in which groups, by whom, and how it is assessed."""
    dates = queries.key_dates(run)
    can = {verb: site().abilities[f"cohorts.{verb}"](who(), run, now()) for verb in VERBS}
    return page(
        run=run,
        can=can,
        elsewhere={name: said for name, said in ELSEWHERE.items() if site().abilities[name](who(), run, now())},
        dates=known_dates(dates),
        next=next_date(dates, now()),
        phase=PHASES[phase(dates, now())],
        counts=queries.counts_by_group(who(), run) if can["students"] else None,
        team=queries.team_of(run),
        today=today(now()),
        happened=timeline(run, who(), now(), site().abilities, most=10),
    )


@cohorts.form("/runs/plan", can="cohorts.plan_run")
def plan_run() -> Any:
    """Plan a run, from an earlier one or from the module's own preset."""
    sources = {run.public_id: run for run in queries.runs_seen_by(who())}
    form = forms.PlanForm(data={"period": "YEAR"})
    copies = {f"run:{key}": f"{run.title}, {run.period}: all of it copied" for key, run in sources.items()}
    form.offer(
        copies | {f"module:{code}": f"{code}, as its module specification has it" for code in MODULES},
        _years(now()),
    )
    if form.accepted():
        kind, _, key = form.start_from.data.partition(":")
        source = sources[key] if kind == "run" else None
        planned = actions.plan_run(
            source.code if source else key,
            form.academic_year.data,
            form.period.data,
            source=source,
            actor=who(),
            now=now(),
        )
        flash(f"{planned.title} is planned. Check each date, group and role before you open it.", "success")
        return _to(planned)
    return page(form=form)


def _years(moment: datetime) -> list[str]:
    """The academic year of the moment and the next."""
    this = academic_year(today(moment))
    return [this, academic_year_starting(int(this[:4]) + 1)]


@cohorts.form("/runs/<public_id>/dates", can="cohorts.edit_dates", of=queries.run_of)
def edit_dates(run: ModuleRun) -> Any:
    """Change the run's dates."""
    form = forms.DatesForm(run, queries.key_dates(run))
    if form.accepted():
        actions.set_dates(run, form.dates(), actor=who(), now=now())
        flash("The dates are saved.", "success")
        return _to(run)
    return page(form=form, run=run)


@cohorts.form("/runs/<public_id>/hours", can="cohorts.edit_hours", of=queries.run_of)
def edit_hours(run: ModuleRun) -> Any:
    """Change the run's hours."""
    hours = {name: getattr(run, f"minutes_{name}") // 60 for name in ("target", "minimum", "ceiling")}
    form = forms.HoursForm(data=hours)
    if form.accepted():
        actions.set_hours(run, form.hours(), actor=who(), now=now())
        flash("The hours are saved.", "success")
        return _to(run)
    return page(form=form, run=run)


@cohorts.post("/runs/<public_id>/open", can="cohorts.open_run", of=queries.run_of)
def open_run(run: ModuleRun) -> Any:
    """Begin the run."""
    actions.open_run(run, actor=who(), now=now())
    flash(f"{run.title} is open.", "success")
    return _to(run)


@cohorts.form("/runs/<public_id>/close", can="cohorts.close_run", of=queries.run_of)
def close_run(run: ModuleRun) -> Any:
    """End the run, after a look at what that means."""
    form = forms.CloseForm()
    if form.accepted():
        actions.close_run(run, actor=who(), now=now())
        flash(f"{run.title} is closed.", "success")
        return _to(run)
    return page(form=form, run=run)


@cohorts.form("/runs/<public_id>/groups/add", can="cohorts.add_group", of=queries.run_of)
def add_group(run: ModuleRun) -> Any:
    """Add a timeslot group."""
    form = forms.GroupForm()
    if form.accepted():
        group = actions.add_group(run, form.occurrence.data, form.name.data, actor=who(), now=now())
        flash(f"{group.name} is added. Say who tutors it.", "success")
        return redirect(url_for("cohorts.edit_group", public_id=group.public_id))
    return page(form=form, run=run)


@cohorts.form("/timeslot-groups/<public_id>", can="cohorts.edit_group", of=queries.group_of)
def edit_group(group: TimeslotGroup) -> Any:
    """Say when a group meets and who tutors it."""
    form = forms.EditGroupForm(group, queries.possible_tutors(group.run_id))
    if form.accepted():
        actions.set_group(group, form.name.data, form.person, actor=who(), now=now())
        flash(f"{group.name} is saved.", "success")
        return _to(group.run)
    return page(form=form, group=group)


@cohorts.form("/runs/<public_id>/people/add", can="cohorts.give_role", of=queries.run_of)
def give_role(run: ModuleRun) -> Any:
    """Give somebody a role on the run and tell them."""
    form = forms.RoleForm(data={"until_on": examined_until(run.academic_year)})
    if form.accepted():
        role, theme = form.role_and_theme()
        held = actions.invite_to_team(
            run,
            given_name=form.given_name.data,
            family_name=form.family_name.data,
            email=form.email.data,
            role=role,
            theme=theme,
            until_on=form.until_on.data if role is RunRole.EXTERNAL else None,
            actor=who(),
            now=now(),
        )
        flash(f"{held.person.name} has the role {held.title}. We are writing to {held.person.email}.", "success")
        return _to(run)
    return page(form=form, run=run)


@cohorts.form("/run-roles/<public_id>/end", can="cohorts.edit_end", of=queries.role_of)
def edit_end(held: RoleOnRun) -> Any:
    """Say until when somebody is an external examiner."""
    form = forms.EndForm(data={"until_on": held.until_on})
    if form.accepted():
        actions.set_end(held, form.until_on.data, actor=who(), now=now())
        flash(f"{held.person.name} has the role {held.title} until {say_date(form.until_on.data)}.", "success")
        return _to(held.run)
    return page(form=form, held=held)


@cohorts.post("/run-roles/<public_id>/remove", can="cohorts.remove_role", of=queries.role_of)
def remove_role(held: RoleOnRun) -> Any:
    """Take a role away."""
    run, said = held.run, f"{held.person.name} no longer has the role {held.title}."
    actions.remove_role(held, actor=who(), now=now())
    flash(said, "success")
    return _to(run)
