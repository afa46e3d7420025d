"""Pages of challenges: for the organisation that writes one, the champion who reviews it, and students."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectChoice

from placements.challenges import actions, forms, queries, rules
from placements.challenges.models import Challenge, WorkMode
from placements.challenges.queries import ListSearch
from placements.challenges.rules import Part
from placements.core.clock import today
from placements.core.policy import Principal
from placements.history.queries import timeline
from placements.partners.models import Organisation
from placements.partners.queries import current_contacts, organisation_of, own_organisations, sites
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VERBS = (
    *("edit", "submit", "comment", "ask_for_changes", "approve", "decline", "publish"),
    *("pause", "resume", "close", "withdraw", "archive", "preview"),
)
BOTH_SIDES_READ = "The organisation and the university’s staff for the module read this. Students do not."

challenges = Area("challenges", __name__)


def challenge_of(who: Principal, public_id: str) -> Challenge | None:
    """A challenge that `who` may see today."""
    return queries.challenge_of(who, public_id, today(now()))


def to_challenge(challenge: Challenge) -> BaseResponse:
    """On to the challenge's page."""
    return redirect(url_for("challenges.challenge", public_id=challenge.public_id))


def _stopped(form: forms.ReasonForm, challenge: Challenge, verb: Callable[..., None], said: str) -> BaseResponse | None:
    """Act where the form is accepted, and on to the challenge."""
    if not form.accepted():
        return None
    verb(challenge, form.reason.data, actor=who(), now=now())
    flash(f"The challenge is {said}.", "success")
    return to_challenge(challenge)


def parts_of(challenge: Challenge) -> list[Part]:
    """What its brief has and lacks."""
    here = {contact.person_id for contact in current_contacts(challenge.organisation_id)}
    return rules.parts(challenge, is_remote=challenge.mode is WorkMode.REMOTE, contacts=here)


@challenges.get("/challenges", can="challenges.overview", nav="Challenges")
def overview() -> Any:
    """Every challenge that one posts, reviews or oversees."""
    filters = forms.ChallengeFilters()
    search = ListSearch(**filters.values())
    asked = organisation_of(who(), search.organisation) if search.organisation else None
    if asked:
        filters.organisation.choices = [SelectChoice(asked.public_id, asked.name)]
    rows, count = queries.challenges(who(), search, today(now()), PAGE_SIZE, page_number())
    own = own_organisations(who()) if who().has_any("contact") else []
    may_start = [each for each in own if site().abilities["challenges.start"](who(), each, now())]
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), own=own, may_start=may_start)


@challenges.form("/challenges/new/<public_id>", can="challenges.start", of=organisation_of)
def start(organisation: Organisation) -> Any:
    """Begin one: a title, an area, how the work is done."""
    form = forms.StartForm(queries.open_years(today(now())))
    if form.accepted():
        begun = actions.start(organisation, **form.facts(), actor=who(), now=now())
        flash("Your draft is saved. Now tell students about it.", "success")
        return redirect(url_for("challenges.edit", public_id=begun.public_id))
    return page(form=form, organisation=organisation)


@challenges.get("/challenges/<public_id>", can="challenges.challenge", of=challenge_of)
def challenge(challenge: Challenge) -> Any:
    """The brief; for those who follow it, where it stands and what was said too."""
    can = {verb: site().abilities[f"challenges.{verb}"](who(), challenge, now()) for verb in VERBS}
    if not can["preview"]:
        return page(challenge=challenge, follows=False)
    parts = parts_of(challenge) if can["edit"] else []
    return page(
        challenge=challenge,
        follows=True,
        can=can,
        parts=parts,
        lacking=rules.missing(parts),
        comments=queries.comments(challenge),
        happened=timeline(challenge, who(), now(), site().abilities),
        shows_applicants=site().abilities["applications.applicants"](who(), challenge, now()),
        is_own=who().has("contact", challenge.organisation_id),
        is_approved=challenge.organisation.is_approved(today(now())),
        answer_by=rules.review_due(challenge.submitted_at or challenge.created_at),
        today=today(now()),
    )


@challenges.form("/challenges/<public_id>/edit", can="challenges.edit", of=challenge_of)
def edit(challenge: Challenge) -> Any:
    """Write it; it is saved however little is there."""
    form = forms.BriefForm(challenge, sites(challenge.organisation), current_contacts(challenge.organisation_id))
    typed = form.version.data or ""
    version = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    if form.accepted():
        actions.edit(challenge, form.facts(challenge), version=version, actor=who(), now=now())
        flash("Your draft is saved.", "success")
        return _after_saving(challenge)
    is_stale = request.method == "POST" and version != challenge.version
    form.version.data = str(challenge.version)
    return page(form=form, challenge=challenge, is_stale=is_stale, parts=parts_of(challenge))


def _after_saving(challenge: Challenge) -> BaseResponse:
    """Where the button that was pressed leads."""
    for button in ("add_site", "add_contact"):
        if button in request.form:
            return redirect(url_for(f"partners.{button}", public_id=challenge.organisation.public_id))
    if "draft" in request.form:
        return to_challenge(challenge)
    return redirect(url_for("challenges.submit", public_id=challenge.public_id))


@challenges.get("/challenges/<public_id>/preview", can="challenges.preview", of=challenge_of)
def preview(challenge: Challenge) -> Any:
    """As students will see it."""
    return page(challenge=challenge)


@challenges.form("/challenges/<public_id>/submit", can="challenges.submit", of=challenge_of)
def submit(challenge: Challenge) -> Any:
    """Check the answers, then send it for review."""
    form = forms.ConfirmForm()
    if form.accepted():
        actions.submit(challenge, actor=who(), now=now())
        flash("Your challenge is sent. We have told whoever reviews it.", "success")
        return to_challenge(challenge)
    due = rules.review_due(now())
    return page(form=form, challenge=challenge, lacking=rules.missing(parts_of(challenge)), answer_by=due)


@challenges.form("/challenges/<public_id>/comment", can="challenges.comment", of=challenge_of)
def comment(challenge: Challenge) -> Any:
    """Say something; the other side is told."""
    form = forms.WordsForm("Your comment", "Whoever is on the other side gets it by email and can answer.")
    if form.accepted():
        actions.comment(challenge, form.text.data, form_key=form.form_key.data, actor=who(), now=now())
        flash("Your comment is sent.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/ask-for-changes", can="challenges.ask_for_changes", of=challenge_of)
def ask_for_changes(challenge: Challenge) -> Any:
    """Give it back, with what should change."""
    form = forms.WordsForm("What should change?", "Say what, and why it helps students. The organisation reads this.")
    if form.accepted():
        actions.ask_for_changes(challenge, form.text.data, form_key=form.form_key.data, actor=who(), now=now())
        flash(f"{challenge.organisation.name} has your questions.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/decline", can="challenges.decline", of=challenge_of)
def decline(challenge: Challenge) -> Any:
    """Say no, and why."""
    form = forms.WordsForm("Why can it not be a placement?", "The organisation reads this. Say what might work.")
    if form.accepted():
        actions.decline(challenge, form.text.data, form_key=form.form_key.data, actor=who(), now=now())
        flash(f"Declined. {challenge.organisation.name} has your reason.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.post("/challenges/<public_id>/approve", can="challenges.approve", of=challenge_of)
def approve(challenge: Challenge) -> Any:
    """Find it good."""
    actions.approve(challenge, actor=who(), now=now())
    flash("The brief is approved.", "success")
    return to_challenge(challenge)


@challenges.post("/challenges/<public_id>/publish", can="challenges.publish", of=challenge_of)
def publish(challenge: Challenge) -> Any:
    """Show it to students."""
    actions.publish(challenge, actor=who(), now=now())
    flash("The challenge is published. Students can see it now.", "success")
    return to_challenge(challenge)


@challenges.form("/challenges/<public_id>/pause", can="challenges.pause", of=challenge_of)
def pause(challenge: Challenge) -> Any:
    """Take it out of sight for now."""
    form = forms.ReasonForm("Only the engagement team and module leaders can read it.")
    return _stopped(form, challenge, actions.pause, "paused") or page(form=form, challenge=challenge)


@challenges.post("/challenges/<public_id>/resume", can="challenges.resume", of=challenge_of)
def resume(challenge: Challenge) -> Any:
    """Show it again."""
    actions.resume(challenge, actor=who(), now=now())
    flash("Students can see the challenge again.", "success")
    return to_challenge(challenge)


@challenges.form("/challenges/<public_id>/close", can="challenges.close", of=challenge_of)
def close(challenge: Challenge) -> Any:
    """Take no more students."""
    form = forms.ReasonForm(BOTH_SIDES_READ)
    return _stopped(form, challenge, actions.close, "closed") or page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/withdraw", can="challenges.withdraw", of=challenge_of)
def withdraw(challenge: Challenge) -> Any:
    """Take it back."""
    form = forms.ReasonForm(BOTH_SIDES_READ)
    return _stopped(form, challenge, actions.withdraw, "withdrawn") or page(form=form, challenge=challenge)


@challenges.post("/challenges/<public_id>/archive", can="challenges.archive", of=challenge_of)
def archive(challenge: Challenge) -> Any:
    """Put it away."""
    actions.archive(challenge, actor=who(), now=now())
    flash("The challenge is archived.", "success")
    return to_challenge(challenge)
