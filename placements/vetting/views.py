"""Pages of checks, approval, risk and renewal."""

from collections.abc import Sequence
from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.files.actions import Received, receive
from placements.files.kinds import ACCEPT, SAID
from placements.files.serving import send
from placements.links.actions import link_of
from placements.partners.models import TYPES, Organisation, Site
from placements.partners.queries import ever_contacts
from placements.partners.workflow import CURRENT
from placements.vetting import actions, forms, lists, queries, renewing
from placements.vetting.lists import CheckSearch
from placements.vetting.memoranda_views import vetting
from placements.vetting.models import Check, Evidence
from placements.vetting.queries import Question
from placements.vetting.renewals import RENEW_BY_LINK, Renewal, renewal_of
from placements.vetting.rules import FACTORS, RISKS, CheckKind, last_day
from placements.web.area import PUBLIC, page, prepared, token_here
from placements.web.forms import ConfirmForm
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who

__all__ = ["vetting"]

POLICIES = {  # the one page that a group can adopt
    CheckKind.HEALTH_AND_SAFETY: "vetting/policy_health_and_safety.html",
    CheckKind.SAFEGUARDING: "vetting/policy_safeguarding.html",
    CheckKind.DATA_SHARING: "vetting/policy_data_sharing.html",
}


def to_checks(organisation: Organisation) -> BaseResponse:
    """On to the organisation's checks."""
    return redirect(url_for("vetting.checks", public_id=organisation.public_id))


def _received() -> Sequence[Received]:
    """The posted files, hashed and on the disk before the transaction begins."""
    files = forms.chosen_files(request.files.getlist("files")) if who().has_any("contact", "engagement") else []
    try:
        return [receive(each) for each in files] if len(files) <= forms.MOST_FILES else []
    except Refused as refusal:
        raise Refused(refusal.sentence, "files") from refusal


@vetting.get("/checks", can="vetting.overview", nav="Checks")
def overview() -> Any:
    """What waits for us first, then what has run out or soon will."""
    filters = forms.CheckFilters()
    asked = filters.values()
    search = CheckSearch(text=asked["text"], waits=asked["show"] == forms.WAITS, within=filters.within)
    rows, count = lists.checks(search, today(now()), PAGE_SIZE, page_number())
    questions = [queries.question_asked_by(each) for each in rows]
    return page(filters=filters, questions=questions, paging=paging(len(rows), count), today=today(now()))


@vetting.get("/organisations/<public_id>/checks", can="vetting.checks", of=queries.organisation_of)
def checks(organisation: Organisation) -> Any:
    """What we ask, how each answer stands, and what to do next."""
    questions = queries.questions_of(organisation)
    lacking = queries.lacking(questions, today(now()))
    is_over = organisation.state not in CURRENT
    return page(
        organisation=organisation,
        questions=questions,
        lacking=lacking,
        is_over=is_over,
        risks=queries.risks_of(organisation),
        factors=FACTORS,
        said=RISKS,
        today=today(now()),
        first=next((each for each in questions if each.needs_an_answer(today(now())) and not is_over), None),
        still_true=any(each.renewal(today(now())) for each in questions),
    )


@vetting.form("/organisations/checks/<public_id>", can="vetting.answer", of=queries.question_of, prepare=_received)
def answer(question: Question) -> Any:
    """Answer one question, or answer it anew."""
    form = forms.AnswerForm.of(question, adopts="adopt" in request.args)
    if form.accepted():
        actions.answer(question, **form.said(), files=prepared(), actor=who(), now=now())
        flash(f"Thank you. {question.asked.title} is answered, and we look at it next.", "success")
        return to_checks(question.organisation)
    return page(
        form=form,
        question=question,
        organisation=question.organisation,
        types=TYPES,
        today=today(now()),
        kinds=SAID,
        accept=ACCEPT,
    )


@vetting.get("/organisations/checks/<public_id>/template", can="vetting.template", of=queries.question_of)
def template(question: Question) -> Any:
    """One page that a group without a policy can adopt, with its name in it."""
    if not question.asked.has_template:
        abort(404)
    return page(question=question, organisation=question.organisation, policy=POLICIES[question.kind])


@vetting.post("/organisations/checks/<public_id>/still-true", can="vetting.renew", of=queries.check_of)
def renew(check: Check) -> Any:
    """Say that an answer is still true."""
    actions.renew(check, actor=who(), now=now())
    flash(f"Thank you. {queries.question_asked_by(check).asked.title} is renewed.", "success")
    return to_checks(check.organisation)


@vetting.get("/organisations/checks/files/<public_id>", can="vetting.evidence", of=queries.evidence_of)
def evidence(found: Evidence) -> Response:
    """A file that was sent with an answer."""
    return send(found.file)


@vetting.form("/organisations/checks/<public_id>/verify", can="vetting.verify", of=queries.check_of)
def verify(check: Check) -> Any:
    """Read an answer and say what we find; then the next one that waits."""
    form = forms.VerifyForm.of(check, now())
    question = queries.question_asked_by(check)
    if form.accepted():
        until, words = form.until.data, form.words.data or ""
        actions.verify(check, form.finding.data, until=until, words=words, seen=form.seen_at, actor=who(), now=now())
        flash(f"Saved: {question.asked.title}. They hear of all findings in one email within the hour.", "success")
        following = queries.next_waiting(check.organisation)
        if following is None:
            return to_checks(check.organisation)
        return redirect(url_for("vetting.verify", public_id=following.public_id))
    return page(
        form=form,
        question=question,
        organisation=check.organisation,
        types=TYPES,
        today=today(now()),
        is_own_answer=check.answered_by_id in ever_contacts(check.organisation_id),
    )


@vetting.form("/organisations/<public_id>/approve", can="vetting.approve", of=queries.organisation_of)
def approve(organisation: Organisation) -> Any:
    """Approve it for as long as its checks hold; or say what is still missing."""
    questions = [each for each in queries.questions_of(organisation) if each.site is None]
    lacking = queries.lacking(questions, today(now()))
    form = None if lacking else ConfirmForm()
    if form is None and request.method == "POST":
        actions.approve(organisation, actor=who(), now=now())
    if form and form.accepted():
        actions.approve(organisation, actor=who(), now=now())
        flash(f"{organisation.name} is approved.", "success")
        return redirect(url_for("home.organisation", public_id=organisation.public_id))
    until = last_day(each.until for each in questions)
    return page(
        form=form,
        organisation=organisation,
        questions=questions,
        lacking=lacking,
        until=until,
        deciding=[each for each in questions if each.until == until],
        today=today(now()),
    )


@vetting.form("/organisations/sites/<public_id>/risk", can="vetting.assess", of=queries.site_of)
def assess(place: Site) -> Any:
    """Weigh the risk of a place."""
    form = forms.RiskForm(obj=queries.risk_of(place))
    if form.accepted():
        actions.assess(place, form.facts(), actor=who(), now=now())
        flash(f"The risk of {place.name} is saved.", "success")
        return to_checks(place.organisation)
    return page(form=form, place=place, organisation=place.organisation)


def renewal(who: Principal, token: str) -> Renewal | None:
    """What the link of a renewal mail is about, used or not."""
    link = link_of(RENEW_BY_LINK, token)
    return renewal_of(link) if link else None


@vetting.form("/still-true/<token>", can=PUBLIC, of=renewal)
def renew_by_link(renewal: Renewal) -> Any:
    """See what one's organisation told us, and say that it is still true, without an account. GET changes nothing."""
    link, day = renewal.link, today(now())
    form = ConfirmForm()
    if renewal.works(now()) and renewal.renewable(day) and form.accepted():
        renewing.renew_by_link(renewal, now=now())
        flash("Thank you. What can be renewed is renewed.", "success")
        return redirect(request.path)
    return page(
        form=form,
        link=link,
        organisation=renewal.organisation,
        questions=renewal.shown(now()),
        is_contact=renewal.is_contact,
        is_over=renewal.is_over,
        sent_for=renewal.sent_for,
        works=renewal.works(now()),
        renewable=renewal.renewable(day),
        to_answer=[each for each in renewal.questions if each.needs_an_answer(day)],
        today=day,
        token=token_here(),
    )


@vetting.form("/still-true/<token>/new-link", can=PUBLIC, of=renewal, limit="20 per hour")
def new_renewal_link(renewal: Renewal) -> Any:
    """Send a fresh link to the address that the old one went to."""
    form = ConfirmForm()
    if form.accepted():
        renewing.send_new_link(renewal, now=now())
        flash(f"A new link is on its way to {renewal.link.holder.email}.", "success")
        return redirect(url_for("vetting.renew_by_link", **(request.view_args or {})))
    return page(form=form, link=renewal.link)
