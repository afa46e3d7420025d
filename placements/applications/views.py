"""Where students rank and submit, and what module leaders keep track of."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.applications import actions, finding, queries, rules
from placements.applications import overview as overviews
from placements.applications.answer_views import applications
from placements.applications.forms import (
    ChoicesForm,
    NudgeForm,
    OverviewFilters,
    SubmitForm,
    WithdrawForm,
)
from placements.applications.models import Application, Receipt
from placements.applications.outlook import outlook_of
from placements.applications.policy import is_choosing
from placements.applications.queries import Mine
from placements.applications.rules import Draft
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of
from placements.history.queries import timeline
from placements.web.area import page
from placements.web.lists import page_number, paging
from placements.web.site import now, site, who


@applications.get("/choices", can="applications.choices", of=queries.mine, nav="My choices")
def choices(mine: Mine) -> Any:
    """The student's choices in order, to be worked on."""
    return page(**_desk(mine, ChoicesForm.showing(mine.draft)))


@applications.form("/choices/draft", can="applications.save_draft", of=queries.mine)
def save_draft(mine: Mine) -> Any:
    """Every button of that page saves all of it."""
    pressed = request.form.get("press", "save")
    form = ChoicesForm() if request.method == "POST" else ChoicesForm.showing(mine.draft)
    if form.accepted():
        draft = form.draft(pressed)
        actions.save_draft(mine.enrolment, draft, seen=form.version.data or "", actor=who(), now=now())
        if pressed == "check":
            return redirect(url_for("applications.submit"))
        return redirect(url_for("applications.choices", _anchor=_pressed_next(draft, pressed)))
    return page(**_desk(mine, form))


def _pressed_next(draft: Draft, pressed: str) -> str:
    """The button that the page comes back to: the same one, or the other where the choice has come to an end."""
    act, _, challenge = pressed.partition("-")
    if act not in ("up", "down"):
        return "saved"
    at_an_end = {len(draft.choices): "up", 1: "down"}
    return f"{at_an_end.get(draft.rank_of(challenge) or 0, act)}-{challenge}"


def _desk(mine: Mine, form: ChoicesForm) -> dict[str, Any]:
    standing = queries.choosing(mine.enrolment, now())
    is_stale = form.version.data != standing.draft.version
    form.version.data = standing.draft.version  # what is sent next was made with what is saved now in sight
    slots = list(form.slots())
    wanted = {slot.choice.data for slot in slots} | {choice.challenge for choice in standing.draft.choices}
    saved_at = standing.application.draft_saved_at if standing.application else None
    return {
        "form": form,
        "standing": standing,
        "slots": slots,
        "chosen": finding.chosen(mine.enrolment, wanted, now(), mine.limits),
        "needs": mine.needs,
        "outlook": outlook_of(standing.application, mine.limits, now()),
        "other": standing.draft if is_stale else None,
        "saved": rules.say_saved(saved_at, now()) if saved_at else None,
        "ranks": rules.RANKS,
    }


@applications.form("/choices/check", can="applications.submit", of=queries.my_application)
def submit(application: Application) -> Any:
    """Exactly what each organisation will see; then it is submitted."""
    form = SubmitForm()
    if form.accepted():
        actions.submit(application, seen=form.version.data or "", actor=who(), now=now())
        return redirect(url_for("applications.receipt"))
    draft, enrolment = application.working, application.enrolment
    form.version.data = draft.version
    needs = queries.needs_of(enrolment)
    wanted = [choice.challenge for choice in draft.choices]
    chosen = finding.chosen(enrolment, wanted, now(), needs.limits if needs else None)
    return page(
        form=form,
        enrolment=enrolment,
        shut=queries.why_shut(enrolment, now()),
        is_choosing=is_choosing(enrolment),
        problems=rules.problems(draft, {public_id: each.option for public_id, each in chosen.items()}),
        unfit=[chosen[each] for each in wanted if each in chosen and chosen[each].misfits],
        seen=[
            (chosen[each.challenge].challenge, queries.introduction(application, draft.statement, each.addition))
            for each in draft.choices
            if each.challenge in chosen
        ],
        submitted=application.standing,
        ranks=rules.RANKS,
    )


@applications.get("/choices/receipt", can="applications.receipt", of=queries.my_receipt)
def receipt(receipt: Receipt) -> Any:
    """What was submitted, word for word, and what happens next."""
    enrolment, needs = receipt.application.enrolment, queries.needs_of(receipt.application.enrolment)
    return page(
        receipt=receipt,
        enrolment=enrolment,
        shut=queries.why_shut(enrolment, now()),
        is_choosing=is_choosing(enrolment),
        outlook=outlook_of(receipt.application, needs.limits if needs else None, now()),
    )


@applications.form("/choices/withdraw", can="applications.withdraw", of=queries.my_application)
def withdraw(application: Application) -> Any:
    """Take back what was submitted."""
    form = WithdrawForm()
    if form.accepted():
        actions.withdraw(application, form.receipt.data or "", actor=who(), now=now())
        flash("Your choices are withdrawn. No organisation sees them any more.", "success")
        return redirect(url_for("applications.choices"))
    standing = queries.receipt_of(application)
    form.receipt.data = standing.number if standing else ""
    enrolment = application.enrolment
    return page(form=form, receipt=standing, enrolment=enrolment, shut=queries.why_shut(enrolment, now()))


@applications.get("/runs/<public_id>/applications", can="applications.overview", of=run_of)
def overview(run: ModuleRun) -> Any:
    """Who has submitted, in what order, and who has not."""
    filters = OverviewFilters(run.groups)
    found, count = overviews.rows(run, filters.asked(), page_number())
    return page(
        filters=filters,
        run=run,
        rows=found,
        paging=paging(len(found), count, overviews.PAGE_SIZE),
        counts=overviews.counts(run),
        standings=overviews.STANDINGS,
        shut=queries.window_of(run).why_shut(now()),
    )


@applications.form("/runs/<public_id>/applications/nudge", can="applications.nudge", of=run_of)
def nudge(run: ModuleRun) -> Any:
    """Ask those who have submitted nothing, after seeing who they are."""
    form = NudgeForm()
    if form.accepted():
        count = actions.nudge(run, form.count(), actor=who(), now=now())
        flash(f"A mail is on its way to {count} student{'' if count == 1 else 's'}.", "success")
        return redirect(url_for("applications.overview", public_id=run.public_id))
    waiting = overviews.without_choices(run)
    form.shown.data = str(len(waiting))
    return page(form=form, run=run, waiting=waiting, shut=queries.window_of(run).why_shut(now()))


@applications.get("/applications/<public_id>", can="applications.application", of=queries.application_seen)
def application(application: Application) -> Any:
    """One student's application; its order for the module leader only."""
    abilities = site().abilities
    shows_ranks = abilities["applications.ranks"](who(), application, now())
    preferences = list(application.preferences)
    if not shows_ranks:
        preferences.sort(key=lambda preference: preference.challenge.title)
    return page(
        application=application,
        preferences=preferences,
        shows_ranks=shows_ranks,
        happenings=timeline(application, who(), now(), abilities),
    )
