"""What an external examiner reads, and asks for."""

from typing import Any

from flask import flash, redirect, url_for

from placements.assessment.evidence import agreement_of, logbook_behind
from placements.assessment.models import Submission
from placements.assessment.queries import STANDINGS, neutral_name
from placements.cohorts.models import ModuleRun
from placements.cohorts.queries import run_of, team_of
from placements.examining import actions, forms, queries
from placements.examining.models import ExaminerReport
from placements.examining.rules import QUESTIONS, at_least
from placements.feedback.queries import on_placements
from placements.web.area import Area, page
from placements.web.lists import PAGE_SIZE, page_number, paging
from placements.web.site import now, who

examining = Area("examining", __name__)


@examining.get("/runs/<public_id>/examining", can="examining.run", of=run_of)
def run(run: ModuleRun) -> Any:
    """Where a run's external examiner begins; its leader sees which scripts were asked for."""
    leads = who().has("leader", run.id)
    return page(
        run=run,
        leads=leads,
        roles=[each for each in team_of(run) if each.role == "external"],
        reports=queries.reports_of(run, who()),
        before=queries.last_years(run),
        questions=QUESTIONS,
        requests=[each for each in queries.requests_in(run) if leads or each.by_id == who().person_id],
    )


@examining.get("/runs/<public_id>/examining/briefs", can="examining.briefs", of=run_of)
def briefs(run: ModuleRun) -> Any:
    """What the students were asked to work on."""
    return page(run=run, briefs=queries.briefs(run))


@examining.get("/runs/<public_id>/examining/statistics", can="examining.statistics", of=run_of)
def statistics(run: ModuleRun) -> Any:
    """How the marks are spread, by component and group."""
    return page(run=run, found=queries.statistics(run), said=at_least)


@examining.get("/runs/<public_id>/scripts", can="examining.scripts", of=run_of)
def scripts(run: ModuleRun) -> Any:
    """Every script and mark of a run by student number, for its external examiner: the moderators' sample first."""
    rows, count = queries.scripts(run, PAGE_SIZE, page_number())
    return page(
        run=run,
        rows=rows,
        paging=paging(len(rows), count),
        standings=STANDINGS,
        standing_of=queries.standing_shown,
        mark_of=queries.mark_shown,
        sampled=queries.sampled_of(rows),
        opened=[each.id for each in rows if queries.is_open_to(who(), each)],
    )


@examining.get("/scripts/<public_id>", can="examining.script", of=queries.script_of)
def script(submission: Submission) -> Any:
    """One script's mark by student number; where it is open to its reader, with rubric, feedback and evidence."""
    shown = queries.mark_shown(submission)
    if not queries.is_open_to(who(), submission):
        return page(submission=submission, given=shown, is_open=False)
    mark, moment = submission.mark, now()
    answer = page(
        submission=submission,
        given=shown,
        is_open=True,
        agreement=mark and agreement_of(mark),
        name_of=neutral_name,
        feedback=on_placements([each.id for each in mark.placements]) if mark else (),
        evidence=queries.evidence_behind(submission),
        book=logbook_behind(mark) if mark else None,
        records=queries.records_of(shown) if shown else (),
    )
    actions.note_read(submission, actor=who(), now=moment)
    return answer


@examining.form("/scripts/<public_id>/ask", can="examining.ask", of=queries.script_of)
def ask(submission: Submission) -> Any:
    """Ask for a script outside the sample."""
    form = forms.AskForm()
    if form.accepted():
        actions.ask(submission, form.why.data or "", actor=who(), now=now())
        flash("The script is open to you now, with the evidence behind it.", "success")
        return redirect(url_for("examining.script", public_id=submission.public_id))
    return page(form=form, submission=submission)


@examining.post("/runs/<public_id>/examining/report", can="examining.begin", of=run_of)
def begin(run: ModuleRun) -> Any:
    """Open one's report on the run."""
    report = actions.begin(run, actor=who(), now=now())
    return redirect(url_for("examining.write", public_id=report.public_id))


@examining.form("/examiner-reports/<public_id>", can="examining.write", of=queries.report_of)
def write(report: ExaminerReport) -> Any:
    """Write one's report, and keep it as it is so far."""
    form = forms.ReportForm(data=report.answers)
    if form.accepted():
        actions.write(report, form.answers(), now=now())
        flash("Your report is kept. Nobody else reads it before you submit it.", "success")
        return _to(report.run)
    return page(form=form, report=report)


@examining.post("/examiner-reports/<public_id>/submit", can="examining.submit", of=queries.report_of)
def submit(report: ExaminerReport) -> Any:
    """Hand one's report in."""
    actions.submit(report, actor=who(), now=now())
    flash("Your report is submitted. The module leader is written to now.", "success")
    return _to(report.run)


@examining.form("/examiner-reports/<public_id>/response", can="examining.respond", of=queries.report_of)
def respond(report: ExaminerReport) -> Any:
    """Answer a report."""
    form = forms.RespondForm()
    if form.accepted():
        actions.respond(report, form.response.data, actor=who(), now=now())
        flash("Your response is kept. The examiner is written to now.", "success")
        return _to(report.run)
    return page(form=form, report=report, questions=QUESTIONS)


def _to(run: ModuleRun) -> Any:
    return redirect(url_for("examining.run", public_id=run.public_id))
