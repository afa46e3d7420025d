"""Where students propose a place of their own, and staff check it and decide."""

from typing import Any

from flask import flash, redirect, url_for

from placements.applications.queries import my_enrolment
from placements.cohorts.models import Enrolment, ModuleRun
from placements.cohorts.queries import bare_run_of
from placements.enquiries.duplicates import likely_organisations
from placements.history.queries import timeline
from placements.proposals import actions, checking, deciding, forms, queries
from placements.proposals.checking import NewOrganisation
from placements.proposals.models import Proposal
from placements.proposals.queries import ProposalSearch, proposal_of
from placements.proposals.workflow import ProposalState
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, site, who

proposals = Area("proposals", __name__)

VERBS = ("answer", "withdraw", "ask_more", "find_organisation", "verify", "check", "approve", "refuse")
READS = ("read_student", "read_checks")


def _to(proposal: Proposal) -> Any:
    return redirect(url_for("proposals.show", public_id=proposal.public_id))


@proposals.get("/own-place", can="proposals.mine", of=my_enrolment)
def mine(enrolment: Enrolment) -> Any:
    """What one has proposed, and until when one may."""
    return page(
        enrolment=enrolment,
        proposals=queries.own_proposals(enrolment),
        why_not=queries.why_not(enrolment, now()),
        closes_at=queries.closes_at(enrolment.run),
        states=forms.STATES,
    )


@proposals.form("/own-place/propose", can="proposals.propose", of=my_enrolment)
def propose(enrolment: Enrolment) -> Any:
    """Say everything about the place at once."""
    form = forms.ProposeForm(enrolment.person.email)
    if form.accepted():
        key = form.form_key.data or ""
        proposal = actions.propose(enrolment, form.facts(), form_key=key, actor=who(), now=now())
        flash("Your place is proposed. Please rank challenges too, in case it cannot be approved.", "success")
        return _to(proposal)
    return page(form=form, enrolment=enrolment, why_not=queries.why_not(enrolment, now()))


@proposals.get("/proposals", can="proposals.overview")
def overview() -> Any:
    """Proposals, what waits first."""
    filters = forms.ProposalFilters()
    search = ProposalSearch(filters.values()["state"])
    rows, count = queries.proposals(who(), search, PAGE_SIZE, page_number())
    abilities = site().abilities
    return page(
        filters=filters,
        rows=[(row, abilities["proposals.read_student"](who(), row, now())) for row in rows],
        paging=paging(len(rows), count),
        runs=queries.led_runs(who()),
        states=forms.STATES,
    )


@proposals.get("/proposals/<public_id>", can="proposals.show", of=proposal_of)
def show(proposal: Proposal) -> Any:
    """What is proposed, where it stands, and what is next."""
    abilities = site().abilities
    is_own = who().has("student", proposal.enrolment_id)
    can = {verb: abilities[f"proposals.{verb}"](who(), proposal, now()) for verb in (*VERBS, *READS)}
    return page(
        proposal=proposal,
        can=can,
        is_own=is_own,
        checks=queries.checks_of(proposal, now()),
        states=forms.STATES | ({ProposalState.MORE_ASKED: "Waits for you"} if is_own else {}),
        happened=timeline(proposal, who(), now(), abilities),
    )


@proposals.form("/proposals/<public_id>/answer", can="proposals.answer", of=proposal_of)
def answer(proposal: Proposal) -> Any:
    """Answer what was asked, and correct what was said."""
    form = forms.AnswerForm(proposal)
    if form.accepted():
        actions.answer(proposal, form.facts(), form.answer.data, actor=who(), now=now())
        flash("Your answer is sent.", "success")
        return _to(proposal)
    return page(form=form, proposal=proposal)


@proposals.form("/proposals/<public_id>/withdraw", can="proposals.withdraw", of=proposal_of)
def withdraw(proposal: Proposal) -> Any:
    """Take it back, having read what follows."""
    form = forms.DecideForm()
    if form.accepted():
        actions.withdraw(proposal, actor=who(), now=now())
        flash("Your proposal is withdrawn.", "success")
        return redirect(url_for("proposals.mine"))
    return page(form=form, proposal=proposal)


@proposals.form("/proposals/<public_id>/ask", can="proposals.ask_more", of=proposal_of)
def ask_more(proposal: Proposal) -> Any:
    """Ask the student something."""
    form = forms.QuestionForm()
    if form.accepted():
        actions.ask_more(proposal, form.question.data, actor=who(), now=now())
        flash("The student is asked, and has been told by email.", "success")
        return _to(proposal)
    return page(form=form, proposal=proposal)


@proposals.form("/proposals/<public_id>/organisation", can="proposals.find_organisation", of=proposal_of)
def find_organisation(proposal: Proposal) -> Any:
    """Say which organisation it is."""
    likely = likely_organisations(proposal.organisation_name, proposal.supervisor_email)
    form = forms.OrganisationForm(proposal, likely)
    if form.accepted():
        new = NewOrganisation(form.form_key.data or "", form.name.data, form.type.data)
        found = form.likely.get(form.match.data) or new
        kept = checking.find_organisation(proposal, found, actor=who(), now=now())
        flash(f"The organisation is {kept.name}.", "success")
        return _to(proposal)
    return page(form=form, proposal=proposal)


@proposals.form("/proposals/<public_id>/supervisor", can="proposals.verify", of=proposal_of)
def verify(proposal: Proposal) -> Any:
    """Write down how the supervisor's address was verified."""
    form = forms.VerifyForm()
    if form.accepted():
        said = form.email.data, form.means.data, form.how.data
        checking.verify(proposal, *said, actor=who(), now=now())
        flash("The supervisor’s address is verified.", "success")
        return _to(proposal)
    return page(form=form, proposal=proposal)


@proposals.post("/proposals/<public_id>/check", can="proposals.check", of=proposal_of)
def check(proposal: Proposal) -> Any:
    """Everything about the organisation holds."""
    checking.check(proposal, actor=who(), now=now())
    flash("The organisation is checked. The module leader decides now, and has been told.", "success")
    return _to(proposal)


@proposals.form("/proposals/<public_id>/approve", can="proposals.approve", of=proposal_of)
def approve(proposal: Proposal) -> Any:
    """Place the student there, having read what follows."""
    form = forms.DecideForm()
    if form.accepted():
        deciding.approve(proposal, actor=who(), now=now())
        flash(f"{proposal.enrolment.person.name} is placed, and everybody concerned has been told.", "success")
        return _to(proposal)
    return page(form=form, proposal=proposal)


@proposals.form("/proposals/<public_id>/refuse", can="proposals.refuse", of=proposal_of)
def refuse(proposal: Proposal) -> Any:
    """Say why it cannot be."""
    form = forms.RefuseForm()
    if form.accepted():
        deciding.refuse(proposal, form.reason.data, actor=who(), now=now())
        flash(f"Refused. {proposal.enrolment.person.name} has been told, and reads your reason.", "success")
        return _to(proposal)
    return page(form=form, proposal=proposal)


@proposals.form("/runs/<public_id>/own-places", can="proposals.set_lead", of=bare_run_of)
def set_lead(run: ModuleRun) -> Any:
    """Until when a run's students may propose."""
    form = forms.LeadForm(data={"working_days": queries.lead_of(run.id)})
    if form.accepted():
        actions.set_lead(run, form.working_days.data, actor=who(), now=now())
        flash("Saved. Students see the new day at once.", "success")
        return redirect(url_for("proposals.overview"))
    return page(form=form, run=run, closes_at=queries.closes_at(run))
