"""Pages of a challenge: the brief itself, its review and publication, and how it stops."""

from collections.abc import Callable
from typing import Any

from flask import flash
from werkzeug.wrappers import Response as BaseResponse

from placements.challenges import actions, queries, review_forms, reviewing, rules
from placements.challenges.models import Challenge
from placements.challenges.publication import parts_of, places_unchecked, supervisors_gone, why_not_published
from placements.challenges.writing_views import challenge_of, challenges, to_challenge
from placements.cohorts.rules import academic_year
from placements.core.clock import say_date, today
from placements.enquiries.queries import open_routes
from placements.history.queries import timeline
from placements.partners.queries import organisation_of
from placements.web.area import page
from placements.web.site import now, site, who

VERBS = (
    *("edit", "submit", "comment", "ask_for_changes", "approve", "decline", "publish", "publish_later", "assess"),
    *("name_supervisor", "pause", "hold", "resume", "close", "withdraw", "archive"),
    *("reoffer", "preview", "read_risk"),
)
BOTH_SIDES_READ = "The organisation and the university’s staff for the module read this. Students do not."
WE_READ = "Only the engagement team and module leaders can read it."
CLOSED_SAID = "The organisation has found all the students that it can work with."
WITHDRAWN_SAID = "The organisation cannot offer this work any more."


def _stopped(
    form: review_forms.ReasonForm, challenge: Challenge, verb: Callable[..., None], said: str
) -> BaseResponse | None:
    """Act where the form is accepted, and on to the challenge."""
    if not form.accepted():
        return None
    verb(challenge, **form.answers(), actor=who(), now=now())
    flash(f"The challenge is {said}.", "success")
    return to_challenge(challenge)


@challenges.get("/challenges/<public_id>", can="challenges.challenge", of=challenge_of)
def challenge(challenge: Challenge) -> Any:
    """The brief; for those who follow it, where it stands and what was said too."""
    can = {verb: site().abilities[f"challenges.{verb}"](who(), challenge, now()) for verb in VERBS}
    is_own = who().has("contact", challenge.organisation_id)
    if not can["preview"]:
        return page(challenge=challenge, follows=False, can=can, is_own=is_own)
    parts = parts_of(challenge) if can["edit"] else []
    next_year = queries.next_year(challenge, today(now())) if can["reoffer"] else None
    return page(
        challenge=challenge,
        follows=True,
        can=can,
        obstacle=why_not_published(challenge, now()),
        supervisors_gone=supervisors_gone(challenge),
        next_year=next_year,
        again=queries.offered_again(challenge, next_year) if next_year else None,
        sees_organisation=organisation_of(who(), challenge.organisation.public_id) is not None,
        parts=parts,
        lacking=rules.missing(parts),
        comments=queries.comments(challenge),
        happened=timeline(challenge, who(), now(), site().abilities),
        shows_applicants=site().abilities["applications.applicants"](who(), challenge, now()),
        is_own=is_own,
        is_approved=challenge.organisation.is_approved(today(now())),
        unchecked=places_unchecked(challenge, now()),
        is_past=challenge.academic_year < academic_year(today(now())),
        answer_by=rules.review_due(challenge.submitted_at or challenge.created_at),
        today=today(now()),
    )


@challenges.form("/challenges/<public_id>/comment", can="challenges.comment", of=challenge_of)
def comment(challenge: Challenge) -> Any:
    """Say something; the other side is told."""
    form = review_forms.WordsForm("Your comment", "Whoever is on the other side gets it by email and can answer.")
    if form.accepted():
        reviewing.comment(challenge, form.text.data, **form.said(), actor=who(), now=now())
        flash("Your comment is sent.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/ask-for-changes", can="challenges.ask_for_changes", of=challenge_of)
def ask_for_changes(challenge: Challenge) -> Any:
    """Give it back, with what should change."""
    form = review_forms.WordsForm(
        "What should change?", "Say what, and why it helps students. The organisation reads this."
    )
    if form.accepted():
        reviewing.ask_for_changes(challenge, form.text.data, **form.said(), actor=who(), now=now())
        flash(f"{challenge.organisation.name} has your questions.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/decline", can="challenges.decline", of=challenge_of)
def decline(challenge: Challenge) -> Any:
    """Say no, and why; and pass it on, if somebody else in the university might take it on."""
    form = review_forms.DeclineForm(open_routes())
    if form.accepted():
        route, key = form.routes.get(form.route.data or ""), form.form_key.data
        reviewing.decline(challenge, form.text.data, route, form_key=key, actor=who(), now=now())
        flash(f"Declined. {challenge.organisation.name} has your reason.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.post("/challenges/<public_id>/approve", can="challenges.approve", of=challenge_of)
def approve(challenge: Challenge) -> Any:
    """Find it good."""
    reviewing.approve(challenge, actor=who(), now=now())
    flash("The brief is approved.", "success")
    return to_challenge(challenge)


@challenges.form("/challenges/<public_id>/assess", can="challenges.assess", of=challenge_of)
def assess(challenge: Challenge) -> Any:
    """Say how risky it is, and what is left once something is done about it."""
    form = review_forms.RiskForm(challenge)
    if form.accepted():
        reviewing.assess(challenge, form.answers(), actor=who(), now=now())
        flash("The risk is assessed.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/publish-later", can="challenges.publish_later", of=challenge_of)
def publish_later(challenge: Challenge) -> Any:
    """Have it published by itself on a day; change that day, or take it away."""
    form = review_forms.PublishLaterForm(data={"day": challenge.publish_on})
    if form.accepted():
        day = form.day.data
        reviewing.publish_later(challenge, day, actor=who(), now=now())
        flash(f"It is published on {say_date(day)}, at 8am." if day else "You publish it by hand.", "success")
        return to_challenge(challenge)
    return page(form=form, challenge=challenge, obstacle=why_not_published(challenge, now()))


@challenges.post("/challenges/<public_id>/publish", can="challenges.publish", of=challenge_of)
def publish(challenge: Challenge) -> Any:
    """Show it to students."""
    reviewing.publish(challenge, actor=who(), now=now())
    flash("The challenge is published. Students can see it now.", "success")
    return to_challenge(challenge)


@challenges.form("/challenges/<public_id>/pause", can="challenges.pause", of=challenge_of)
def pause(challenge: Challenge) -> Any:
    """Take it out of sight for now."""
    form = review_forms.ReasonForm(WE_READ)
    return _stopped(form, challenge, actions.pause, "paused") or page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/hold", can="challenges.hold", of=challenge_of)
def hold(challenge: Challenge) -> Any:
    """Keep what its own people paused out of sight until the university shows it again."""
    form = review_forms.ReasonForm(WE_READ)
    return _stopped(form, challenge, actions.hold, "kept paused") or page(form=form, challenge=challenge)


@challenges.post("/challenges/<public_id>/resume", can="challenges.resume", of=challenge_of)
def resume(challenge: Challenge) -> Any:
    """Show it again."""
    actions.resume(challenge, actor=who(), now=now())
    flash("Students can see the challenge again.", "success")
    return to_challenge(challenge)


@challenges.form("/challenges/<public_id>/close", can="challenges.close", of=challenge_of)
def close(challenge: Challenge) -> Any:
    """Take no more students."""
    form = review_forms.StopForm(challenge, BOTH_SIDES_READ, CLOSED_SAID)
    return _stopped(form, challenge, actions.close, "closed") or page(form=form, challenge=challenge)


@challenges.form("/challenges/<public_id>/withdraw", can="challenges.withdraw", of=challenge_of)
def withdraw(challenge: Challenge) -> Any:
    """Take it back."""
    form = review_forms.StopForm(challenge, BOTH_SIDES_READ, WITHDRAWN_SAID)
    return _stopped(form, challenge, actions.withdraw, "withdrawn") or page(form=form, challenge=challenge)


@challenges.post("/challenges/<public_id>/archive", can="challenges.archive", of=challenge_of)
def archive(challenge: Challenge) -> Any:
    """Put it away."""
    actions.archive(challenge, actor=who(), now=now())
    flash("The challenge is archived.", "success")
    return to_challenge(challenge)
