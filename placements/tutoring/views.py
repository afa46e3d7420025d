"""Sharing placements among the tutors of a run, for its module leader."""

from typing import Any

from flask import flash, redirect, url_for

from placements.allocation.workflow import AttemptState
from placements.cohorts.models import ModuleRun, RoleOnRun, TutorCover
from placements.cohorts.queries import bare_run_of, possible_tutors
from placements.core.clock import today
from placements.placing.models import Placement
from placements.placing.queries import placement_visible_to
from placements.tutoring import actions, covering, covers, forms, plans, queries
from placements.tutoring.models import TutorFix, TutorPlan
from placements.web.area import Area, page
from placements.web.lists import page_of, paging
from placements.web.site import now, site, who

tutoring = Area("tutoring", __name__)


@tutoring.get("/tutoring/<public_id>", can="tutoring.show", of=bare_run_of)
def show(run: ModuleRun) -> Any:
    """Each tutor with what they take on and have, what is fixed by hand, and the plans so far."""
    field = queries.field_of(run)
    return page(
        run=run,
        field=field,
        without=sum(each.tutor is None for each in field.placements),
        at_own=sum(each.tutor_id == each.enrolment.group.tutor_id is not None for each in field.placements),
        plans=plans.latest_plans(run),
        problems=queries.problems(field),
        may_propose=site().abilities["tutoring.propose"](who(), run, now()),
    )


@tutoring.form("/tutoring/tutors/<public_id>", can="tutoring.edit_tutor", of=queries.seen_tutor)
def edit_tutor(role: RoleOnRun) -> Any:
    """Say what one tutor takes on and knows."""
    form = forms.TutorForm(queries.tutor_of(role))
    if form.accepted():
        actions.set_load(role, form.load.data, form.themes.data, actor=who(), now=now())
        flash(f"What {role.person.name} takes on is saved. It counts from the next plan on.", "success")
        return redirect(url_for("tutoring.show", public_id=role.run.public_id))
    return page(form=form, role=role)


@tutoring.post("/tutoring/<public_id>/propose", can="tutoring.propose", of=bare_run_of)
def propose(run: ModuleRun) -> Any:
    """Hand the question to the worker."""
    plan = actions.propose(run, actor=who(), now=now())
    return redirect(url_for("tutoring.plan", public_id=plan.public_id))


@tutoring.get("/tutoring/plans/<public_id>", can="tutoring.plan", of=plans.seen_plan)
def plan(plan: TutorPlan) -> Any:
    """How far a plan is, and who would look after whom."""
    if plan.state is not AttemptState.SOLVED:
        return page(plan=plan)
    moves, field = plans.moves_of(plan), queries.field_of(plan.run)
    shown = page_of(moves)
    return page(
        plan=plan,
        moves=shown,
        paging=paging(len(shown), len(moves)),
        number=len(moves),
        summary=plans.summary_of(moves, field.tutors),
        themes={tutor.person.id: tutor.themes for tutor in field.tutors},
        lacking=plans.lacking(plan, moves),
        is_still_so=plan.applied_at is not None or plans.is_still_so(plan, field),
        fixes=field.fixes,
    )


@tutoring.form("/tutoring/placements/<public_id>/fix", can="tutoring.fix", of=placement_visible_to)
def fix(placement: Placement) -> Any:
    """Choose one placement's tutor by hand, and have the others worked out anew."""
    field = queries.field_of(placement.enrolment.run)
    tutors = [each for each in field.tutors if field.may_tutor(each.person, placement)]
    form = forms.FixForm(tutors, queries.fix_of(placement))
    if form.accepted():
        tutor = form.known[form.tutor.data]
        made = actions.fix(placement, tutor, form.reason.data, actor=who(), now=now())
        flash(f"{placement.enrolment.person.name} is fixed to {tutor.name}. Nobody has been told anything.", "success")
        return redirect(url_for("tutoring.plan", public_id=made.public_id))
    return page(form=form, placement=placement)


@tutoring.post("/tutoring/fixed/<public_id>/let-go", can="tutoring.let_go", of=queries.seen_fix)
def let_go(fixed: TutorFix) -> Any:
    """Let plans choose again."""
    run = fixed.placement.enrolment.run
    actions.let_go(fixed, actor=who(), now=now())
    flash(f"{fixed.placement.enrolment.person.name} is no longer fixed to a tutor.", "success")
    return redirect(url_for("tutoring.show", public_id=run.public_id))


@tutoring.form("/tutoring/<public_id>/cover", can="tutoring.cover", of=bare_run_of)
def cover(run: ModuleRun) -> Any:
    """Who covers for whom, and have somebody cover for a tutor who is away."""
    form = forms.CoverForm(queries.tutors_of(run), possible_tutors(run.id))
    if form.accepted():
        made = covering.cover(
            run,
            form.away[form.tutor.data],
            form.team[form.by.data],
            (form.from_on.data, form.to_on.data),
            form.form_key.data,
            actor=who(),
            now=now(),
        )
        flash(f"{made.cover.name} covers for {made.tutor.name}. Everybody concerned is being told by email.", "success")
        return redirect(url_for("tutoring.cover", public_id=run.public_id))
    return page(form=form, run=run, covers=covers.covers_of(run, now()), today=today(now()))


@tutoring.post("/tutoring/covers/<public_id>/end", can="tutoring.end_cover", of=covers.seen_cover)
def end_cover(made: TutorCover) -> Any:
    """The tutor is back sooner."""
    covering.end_cover(made, actor=who(), now=now())
    flash(f"{made.cover.name} no longer covers for {made.tutor.name}. Whoever was told is told that too.", "success")
    return redirect(url_for("tutoring.cover", public_id=made.run.public_id))


@tutoring.form("/tutoring/plans/<public_id>/apply", can="tutoring.apply", of=plans.seen_plan)
def apply(plan: TutorPlan) -> Any:
    """Check who will be told what, and do it."""
    form = forms.ApplyForm()
    if form.accepted():
        actions.apply(plan, actor=who(), now=now())
        flash("The placements are shared anew. Everybody concerned is being told by email.", "success")
        return redirect(url_for("tutoring.plan", public_id=plan.public_id))
    moves = plans.moves_of(plan)
    changed = [move for move in moves if move.changes]
    tutors = {person for move in changed for person in (move.before, move.after) if person}
    return page(
        form=form,
        plan=plan,
        summary=plans.summary_of(moves, queries.tutors_of(plan.run)),
        students=len(changed),
        supervisors=len({move.placement.supervisor_id for move in changed}),
        told=sorted(person.name for person in tutors if person.id != who().person_id),
    )
