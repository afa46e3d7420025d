"""What organisations see of applicants and answer, and what module leaders decide."""

from typing import Any

from flask import flash, redirect, request, url_for

from placements.applications import answering, answers
from placements.applications.finding_views import applications
from placements.applications.forms import AgreeForm, AnswerForm, DisagreeForm
from placements.applications.models import HostAnswer
from placements.applications.queries import own_challenge
from placements.applications.rules import ANSWERS, WHY_UNSUITABLE, Answer
from placements.challenges.models import Challenge
from placements.web.area import page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who


@applications.context_processor
def words() -> dict[str, Any]:
    """What every page of the area calls answers and their reasons."""
    return {"ANSWERS": ANSWERS, "WHY_UNSUITABLE": WHY_UNSUITABLE}


@applications.get("/challenges/<public_id>/applicants", can="applications.applicants", of=own_challenge)
def applicants(challenge: Challenge) -> Any:
    """Who has applied for an organisation's own challenge, what they wrote, and what was answered."""
    found, count = answers.applicants(challenge, page_number())
    may = site().abilities["applications.answer"]
    return page(
        challenge=challenge,
        applicants=found,
        may_answer={each.answer for each in found if may(who(), each.answer, now()) and _is_open(each.answer)},
        answer_by=answers.answer_by(challenge),
        paging=paging(len(found), count, answers.APPLICANTS),
        number=page_number(),
    )


@applications.form("/applicants/<public_id>/answer", can="applications.answer", of=answers.own_answer)
def answer(asked: HostAnswer) -> Any:
    """Say keen, happy or not suitable."""
    form = AnswerForm() if request.method == "POST" else _showing(asked)
    back = url_for("applications.applicants", public_id=asked.challenge.public_id, page=page_number())
    if form.accepted():
        answering.answer(
            asked,
            form.said.data,
            reason=form.reason.data,
            sentence=form.sentence.data or "",
            seen=form.seen.data or "",
            actor=who(),
            now=now(),
        )
        name = asked.application.enrolment.person.name
        flash(f"Your answer about {name}: {ANSWERS[form.said.data].lower()}.", "success")
        return redirect(f"{back}#applicant-{asked.public_id}")
    form.seen.data = asked.version
    return page(form=form, asked=asked, seen=answers.introduced(asked), shut=answers.why_answers_shut(asked), back=back)


def _showing(asked: HostAnswer) -> AnswerForm:
    """The form as the link to it says, or as the answer stands."""
    linked = request.args.get("said", "")
    said = Answer(linked) if linked in ANSWERS else asked.said
    return AnswerForm(formdata=None, data={"said": said, "reason": asked.reason, "sentence": asked.sentence})


def _is_open(asked: HostAnswer) -> bool:
    return answers.why_answers_shut(asked) is None


@applications.get("/not-suitable", can="applications.not_suitable")
def not_suitable() -> Any:
    """Each “not suitable” in the runs that one leads, what waits first."""
    found, count = answers.unsuitable(who(), PAGE_SIZE, page_number())
    return page(
        rows=[(each, _decision(each), answers.why_answers_shut(each)) for each in found],
        paging=paging(len(found), count),
    )


def _decision(asked: HostAnswer) -> str | None:
    """The first verb that one may decide by now, if any."""
    may = site().abilities
    verbs = (verb for verb in ("agree", "disagree") if may[f"applications.{verb}"](who(), asked, now()))
    return next(verbs, None) if _is_open(asked) else None


@applications.form("/not-suitable/<public_id>", can="applications.agree", of=answers.answer_seen)
def agree(asked: HostAnswer) -> Any:
    """Let it take effect, after reading all that it is about."""
    form = AgreeForm()
    if form.accepted():
        answering.agree(asked, seen=form.seen.data or "", actor=who(), now=now())
        flash("Agreed. This choice is left out of the matching.", "success")
        return redirect(url_for("applications.not_suitable"))
    form.seen.data = asked.version
    return page(form=form, asked=asked, seen=answers.introduced(asked), shut=answers.why_answers_shut(asked))


@applications.form("/not-suitable/<public_id>/disagree", can="applications.disagree", of=answers.answer_seen)
def disagree(asked: HostAnswer) -> Any:
    """Let it count as happy, with a reason that the organisation reads."""
    form = DisagreeForm()
    if form.accepted():
        answering.disagree(asked, form.reason.data, seen=form.seen.data or "", actor=who(), now=now())
        flash("It counts as happy. Your reason is on its way to the organisation.", "success")
        return redirect(url_for("applications.not_suitable"))
    form.seen.data = asked.version
    return page(form=form, asked=asked, shut=answers.why_answers_shut(asked))
