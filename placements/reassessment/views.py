"""Pages of mitigation, reassessment and waivers: a run's list and one student for leaders, and a student's own."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.models import Submission
from placements.cohorts.models import Component, ComponentKind, Enrolment, ModuleRun
from placements.cohorts.queries import run_of
from placements.core.clock import london
from placements.history.actions import note_reads
from placements.reassessment import actions, claims, forms, queries
from placements.reassessment.models import Mitigation, Waiver
from placements.reassessment.queries import STANDS
from placements.reassessment.workflow import ClaimState
from placements.web.area import Area, page
from placements.web.lists import page_of, paging
from placements.web.site import now, site, who

reassessment = Area("reassessment", __name__)


def _to(enrolment: Enrolment) -> Any:
    return redirect(url_for("reassessment.student", public_id=enrolment.public_id))


@reassessment.get("/runs/<public_id>/reassessment", can="reassessment.run", of=run_of)
def run(run: ModuleRun) -> Any:
    """Where every student stands beyond their marks: claims, what is deferred, waived or taken again, and hours."""
    filters = forms.StandFilters()
    everybody = queries.standing_of(run)
    counts = {stands: sum(bool(getattr(each, stands)) for each in everybody) for stands in STANDS}
    given = filters.values()
    rows = queries.standing_of(run, **given) if any(given.values()) else everybody
    return page(
        run=run,
        filters=filters,
        rows=page_of(rows),
        paging=paging(len(page_of(rows)), len(rows)),
        counts=counts,
        stands=STANDS,
        countdowns=queries.countdowns(run.components),
        is_due_later=queries.is_due_later(run, now()),
    )


@reassessment.form("/runs/<public_id>/reassessment/open", can="reassessment.open_again", of=run_of)
def open_again(run: ModuleRun) -> Any:
    """Choose who takes what again, look at it, open it."""
    form, rows = forms.OpenForm(), queries.standing_of(run, stands="to_open")
    chosen = form.chosen(rows)
    looked_at = form.accepted() and chosen
    if looked_at and form.seen.data:
        ids = [each.enrolment.public_id for each in chosen]
        count = actions.open_again(run, ids, seen=form.seen.data, actor=who(), now=now())
        flash(f"Opened for {count} student{'' if count == 1 else 's'}. Each is written to now.", "success")
        return redirect(url_for("reassessment.run", public_id=run.public_id))
    return page(
        run=run,
        form=form,
        rows=rows,
        chosen=chosen if form.is_submitted() else rows,
        seen=queries.fingerprint_of(chosen) if looked_at else None,
        is_due_later=queries.is_due_later(run, now()),
    )


@reassessment.form("/components/<public_id>/reassessment-task", can="reassessment.task", of=queries.component_of)
def task(component: Component) -> Any:
    """What is asked instead of a component, of whoever cannot make it as it was asked for."""
    saved = queries.tasks_of([component])[component.id]
    form = forms.TaskForm(data={"title": saved.title, "brief": saved.brief, "version": str(saved.version)})
    if form.accepted():
        actions.save_task(component, form.title.data, form.brief.data, seen=form.seen, actor=who(), now=now())
        flash("The task is kept. Who is given it from now on reads these words.", "success")
        return redirect(url_for("reassessment.run", public_id=component.run.public_id))
    theirs = saved if form.seen != saved.version else None
    form.version.data = str(saved.version)
    return page(form=form, component=component, theirs=theirs)


@reassessment.get("/enrolments/<public_id>/reassessment", can="reassessment.student", of=queries.enrolment_of)
def student(enrolment: Enrolment) -> Any:
    """One student: attempts, claims, waivers, hours. That references are read is written down first."""
    known = queries.standing_of_one(enrolment).claims
    note_reads(*((Mitigation.__tablename__, each.id, "reference") for each in known), actor=who(), now=now())
    standing = queries.standing_of_one(enrolment)
    abilities = site().abilities
    return page(
        enrolment=enrolment,
        standing=standing,
        outcome=standing.outcome(),
        claims=queries.with_references(standing.claims),
        waivers=queries.waivers_of([enrolment.id]),
        countdowns=queries.countdowns(standing.components, standing.submissions),
        may_withdraw={
            each.id for each in standing.again if abilities["reassessment.withdraw_attempt"](who(), each, now())
        },
        may_give={
            each.id
            for each in standing.submissions
            if abilities["reassessment.give_task"](who(), each, now()) and each.instead is None
        },
    )


@reassessment.form("/enrolments/<public_id>/mitigation", can="reassessment.claim", of=queries.enrolment_of)
def claim(enrolment: Enrolment) -> Any:
    """Write down that a student claimed."""
    form = forms.ClaimForm()
    offered = [each for each in enrolment.run.components if each.kind is not ComponentKind.FEEDBACK]
    form.offer(offered)
    if form.accepted():
        claims.claim(form.chosen(offered), enrolment, form.said(), actor=who(), now=now())
        flash("The claim is recorded. Record the decision when it is known.", "success")
        return _to(enrolment)
    standing = queries.standing_of_one(enrolment)
    countdowns = queries.countdowns(standing.components, standing.submissions)
    return page(form=form, enrolment=enrolment, countdowns=countdowns)


@reassessment.form("/mitigation/<public_id>", can="reassessment.decide", of=queries.mitigation_of)
def decide(made: Mitigation) -> Any:
    """Write down what the university decided, and do what follows from it."""
    due_at = made.enrolment.run.reassessment_due_at
    usual = due_at if due_at and due_at > now() else None
    form = forms.DecideForm(data={"due_on": london(usual).date() if usual else None})
    if form.accepted():
        if form.outcome.data is ClaimState.ACCEPTED:
            claims.accept(made, form.decided_on.data, form.due_on.data, actor=who(), now=now())
        else:
            claims.refuse(made, form.decided_on.data, actor=who(), now=now())
        flash("The decision is recorded. The student is written to that there is news.", "success")
        return _to(made.enrolment)
    return page(form=form, made=made, submission=made.submission, enrolment=made.enrolment)


@reassessment.form("/mitigation/<public_id>/withdraw", can="reassessment.withdraw_claim", of=queries.mitigation_of)
def withdraw_claim(made: Mitigation) -> Any:
    """Take back a claim that was recorded by mistake."""
    form = forms.WithdrawForm()
    if form.accepted():
        claims.withdraw(made, form.reason.data, actor=who(), now=now())
        flash("The claim is withdrawn. Nothing has changed by it.", "success")
        return _to(made.enrolment)
    return page(form=form, made=made, enrolment=made.enrolment)


@reassessment.form("/submissions/<public_id>/withdraw", can="reassessment.withdraw_attempt", of=queries.attempt_of)
def withdraw_attempt(submission: Submission) -> Any:
    """Take back a second attempt that was opened by mistake."""
    form = forms.WithdrawForm()
    if form.accepted():
        actions.withdraw_attempt(submission, form.reason.data, actor=who(), now=now())
        flash("The second attempt is withdrawn. The student is written to that there is news.", "success")
        return _to(submission.enrolment)
    return page(form=form, submission=submission, enrolment=submission.enrolment)


@reassessment.form("/submissions/<public_id>/task", can="reassessment.give_task", of=queries.attempt_of)
def give_task(submission: Submission) -> Any:
    """Ask a student for the run's task instead of the component."""
    form, found = forms.GiveTaskForm(), queries.tasks_of([submission.component])
    if form.accepted():
        actions.give_task(submission, form.reason.data, actor=who(), now=now())
        flash("The student is asked for this task now, and written to that there is news.", "success")
        return _to(submission.enrolment)
    return page(form=form, submission=submission, task=found.get(submission.component_id))


@reassessment.form("/enrolments/<public_id>/waive", can="reassessment.waive", of=queries.enrolment_of)
def waive(enrolment: Enrolment) -> Any:
    """Ask nothing of a component that a student cannot have."""
    form, standing = forms.WaiveForm(), queries.standing_of_one(enrolment)
    offered = standing.can_be_waived
    form.offer(sorted(offered, key=lambda each: each.weight))
    if form.accepted():
        given = form.reason.data, form.is_sure.data, form.form_key.data
        actions.waive(form.chosen(offered), enrolment, *given, actor=who(), now=now())
        flash("It is waived. The student is written to that there is news.", "success")
        return _to(enrolment)
    return page(form=form, enrolment=enrolment)


@reassessment.post("/waivers/<public_id>/end", can="reassessment.end_waiver", of=queries.waiver_of)
def end_waiver(waiver: Waiver) -> Any:
    """Ask for it again."""
    actions.end_waiver(waiver, actor=who(), now=now())
    flash("It is asked for again. The student is written to that there is news.", "success")
    return _to(waiver.enrolment)


@reassessment.get("/assessment/news", can="reassessment.mine")
def mine() -> Any:
    """One's own claims, second attempts, tasks and waivers, and until when mitigation can be claimed."""
    return page(found=queries.mine(who()))
