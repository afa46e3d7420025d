"""Pages of results: for those who write them, and for the organisation that says whether they are true."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from placements.challenges.models import Challenge
from placements.core.policy import Principal
from placements.history.queries import timeline
from placements.impact import actions, forms, queries
from placements.impact.forms import STATES, Answer
from placements.impact.models import Result
from placements.impact.queries import VERIFY_BY_LINK, Asked
from placements.links.actions import link_of
from placements.web.area import PUBLIC, Area, page, token_here
from placements.web.forms import ConfirmForm
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

VERBS = ("edit", "ask", "verify", "publish", "withdraw")
THANKS = {
    Answer.SHOW: "Thank you. We show it on our public pages.",
    Answer.KEEP: "Thank you. We keep it among us.",
    Answer.WRONG: "Thank you. We put it right and ask you again.",
}

impact = Area("impact", __name__)


def _to(result: Result) -> Response:
    return redirect(url_for("impact.result", public_id=result.public_id))


def _may(verb: str, thing: Any) -> bool:
    return site().abilities[f"impact.{verb}"](who(), thing, now())


@impact.get("/impact", can="impact.results", nav="Results")
def results() -> Any:
    """What came of the challenges, as far as one may see it."""
    filters = forms.ResultFilters()
    rows, count = queries.results(who(), **filters.values(), size=PAGE_SIZE, number=page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count), states=STATES, writes=_may("choose", None))


@impact.get("/impact/choose", can="impact.choose")
def choose() -> Any:
    """The challenges with students of which nothing is told yet."""
    filters = forms.ChallengeFilters()
    rows, count = queries.without_result(**filters.values(), size=PAGE_SIZE, number=page_number())
    return page(filters=filters, rows=rows, paging=paging(len(rows), count))


@impact.form("/impact/challenges/<public_id>/write", can="impact.write", of=queries.challenge_with_students)
def write(challenge: Challenge) -> Any:
    """Tell what came of it."""
    form = forms.ResultForm()
    if form.accepted():
        made = actions.write(challenge, form.words(), form.form_key.data, actor=who(), now=now())
        flash("It is saved. Nobody outside sees it before the organisation has read it.", "success")
        return _to(made)
    return page(form=form, challenge=challenge)


@impact.get("/impact/<public_id>", can="impact.result", of=queries.result_of)
def result(result: Result) -> Any:
    """The words, how far they are, and what comes next."""
    happened = timeline(result, who(), now(), site().abilities)
    return page(
        result=result,
        states=STATES,
        can={verb: _may(verb, result) for verb in VERBS},
        is_theirs=who().has("contact", result.challenge.organisation_id),
        happened=happened,
    )


@impact.form("/impact/<public_id>/edit", can="impact.edit", of=queries.result_of)
def edit(result: Result) -> Any:
    """Say it otherwise."""
    form = forms.ResultForm(obj=result)
    if form.accepted():
        actions.edit(result, form.words(), seen=form.seen, actor=who(), now=now())
        flash("It is saved.", "success")
        return _to(result)
    is_stale = form.seen not in (None, result.version)
    form.version.data = str(result.version)
    return page(form=form, result=result, is_stale=is_stale)


@impact.form("/impact/<public_id>/ask", can="impact.ask", of=queries.result_of)
def ask(result: Result) -> Any:
    """Send it to the organisation."""
    form = ConfirmForm()
    if form.accepted():
        asked = actions.ask(result, actor=who(), now=now())
        flash(f"{asked.name} is asked whether it is true.", "success")
        return _to(result)
    person = queries.whom_to_ask(result)
    has_link = person is not None and actions.has_open_link(result, person, now())
    return page(form=form, result=result, asked=person, has_link=has_link)


@impact.form("/impact/<public_id>/verify", can="impact.verify", of=queries.result_of)
def verify(result: Result) -> Any:
    """Say for the organisation whether it is true."""
    form = forms.AnswerForm(version=result.version)
    if form.accepted():
        said = {"seen": form.seen, "actor": who(), "now": now()}
        if form.answer.data is Answer.WRONG:
            actions.send_back(result, form.reason.data or "", **said)  # type: ignore[arg-type]
        else:
            actions.verify(result, may_publish=form.answer.data is Answer.SHOW, **said)  # type: ignore[arg-type]
        flash(THANKS[form.answer.data], "success")
        return redirect(url_for("impact.results"))
    form.version.data = str(result.version)
    return page(form=form, result=result)


@impact.form("/impact/<public_id>/publish", can="impact.publish", of=queries.result_of)
def publish(result: Result) -> Any:
    """Show it to anybody."""
    form = ConfirmForm()
    if form.accepted():
        actions.publish(result, actor=who(), now=now())
        flash("It is shown on the public pages.", "success")
        return _to(result)
    return page(form=form, result=result)


@impact.form("/impact/<public_id>/withdraw", can="impact.withdraw", of=queries.result_of)
def withdraw(result: Result) -> Any:
    """Take it down."""
    form = forms.WithdrawForm()
    if form.accepted():
        actions.withdraw(result, form.reason.data or "", actor=who(), now=now())
        flash("It is taken down.", "success")
        return redirect(url_for("impact.results"))
    return page(form=form, result=result)


def asked(_who: Principal, token: str) -> Asked | None:
    """What a link to verify is about, whether or not it still works."""
    link = link_of(VERIFY_BY_LINK, token)
    return queries.asked_by(link) if link else None


@impact.form("/verify-result/<token>", can=PUBLIC, of=asked)
def verify_by_link(asked: Asked) -> Any:
    """Exactly what would be shown, and the three answers. GET changes nothing, whoever follows the link."""
    form = forms.AnswerForm(version=asked.result.version)
    if asked.can_answer(now()) and form.accepted():
        if form.answer.data is Answer.WRONG:
            actions.send_back_by_link(asked, form.reason.data or "", now=now())
        else:
            actions.verify_by_link(asked, may_publish=form.answer.data is Answer.SHOW, now=now())
        flash(THANKS[form.answer.data], "success")
        return redirect(request.path)
    return page(form=form, **_linked(asked))


@impact.form("/verify-result/<token>/new-link", can=PUBLIC, of=asked, limit="20 per hour")
def new_link(asked: Asked) -> Any:
    """Send a fresh link to the address that the old one went to."""
    form = ConfirmForm()
    if form.accepted():
        actions.send_new_link(asked, now=now())
        flash(f"A new link is on its way to {asked.link.holder.email}.", "success")
        return redirect(url_for(VERIFY_BY_LINK, **(request.view_args or {})))
    return page(form=form, **_linked(asked))


def _linked(asked: Asked) -> dict[str, Any]:
    return {
        "asked": asked,
        "result": asked.result,
        "token": token_here(),
        "can_answer": asked.can_answer(now()),
        "has_answered": asked.has_answered and now() < asked.link.expires_at,
    }
