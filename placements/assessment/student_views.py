"""A student's own work: what is asked for, handing it in, the receipt, and marks once they are released."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, url_for

from placements.assessment import actions, queries
from placements.assessment.forms import MOST_FILES, SubmitForm, chosen_files
from placements.assessment.models import Submission, SubmissionFile
from placements.assessment.queries import RELEASED, Task
from placements.assessment.rules import mitigation_closes_on
from placements.cohorts.presets import BANDS
from placements.cohorts.queries import closed_days
from placements.core.errors import Refused
from placements.feedback.queries import standings
from placements.files.actions import Received, receive
from placements.files.kinds import ACCEPT, SAID
from placements.files.serving import send
from placements.history.queries import timeline
from placements.web.area import Area, page, prepared
from placements.web.arrival import init_arrival
from placements.web.site import now, site, who

assessment = Area("assessment", __name__)
assessment.record_once(lambda setup: init_arrival(setup.app))


def _received() -> Sequence[Received]:
    """The posted files, hashed and on the disk before the transaction begins."""
    files = chosen_files(request.files.getlist("files")) if who().has_any("student") else []
    try:
        return [receive(each) for each in files] if len(files) <= MOST_FILES else []
    except Refused as refusal:
        raise Refused(refusal.sentence, "files") from refusal


@assessment.get("/assessment", can="assessment.work", nav="Assessment")
def work() -> Any:
    """What one is asked for, by when, and what is in."""
    works = queries.results_of(who())
    return page(works=works, feedback=standings([each.enrolment.id for each in works]))


@assessment.form("/assessment/<public_id>", can="assessment.submit", of=queries.task_of, prepare=_received)
def submit(task: Task) -> Any:
    """What is asked for, how it is marked, and handing it in."""
    form = SubmitForm()
    if form.accepted():
        submission = actions.submit(task, prepared(), actor=who(), now=now())
        flash(f"Received. Your receipt number is {submission.receipt}.", "success")
        return redirect(url_for("assessment.submission", public_id=submission.public_id))
    return page(form=form, task=task, component=task.component, bands=BANDS, kinds=SAID, accept=ACCEPT)


@assessment.get("/submissions/<public_id>", can="assessment.submission", of=queries.submission_seen)
def submission(submission: Submission) -> Any:
    """What was handed in: to its student the receipt; to who reads it, the mark too."""
    mark, published = submission.mark, queries.published_due_at(submission)
    may = {verb: site().abilities[f"assessment.{verb}"](who(), submission, now()) for verb in ("read_mark", "mark")}
    return page(
        submission=submission,
        task=Task(submission.component, submission.enrolment, submission),
        may=may,
        may_extend=site().abilities["extensions.grant"](who(), submission.enrolment.run, now()),
        may_reopen=site().abilities["assessment.reopen"](who(), submission, now()),
        given=mark if may["read_mark"] else None,
        worth=queries.worth(mark) if mark and may["read_mark"] else None,
        is_released=mark is not None and mark.state in RELEASED,
        closes_on=mitigation_closes_on(published, closed_days()) if published else None,
        happened=timeline(submission, who(), now(), site().abilities),
    )


@assessment.get("/submission-files/<public_id>", can="assessment.download", of=queries.file_seen)
def download(handed_in: SubmissionFile) -> Any:
    """A file as it was handed in: for an external examiner under a neutral name; that a leader read it is kept."""
    enrolment, stored = handed_in.submission.enrolment, handed_in.file
    name = queries.neutral_name(handed_in) if who().has("external", enrolment.run_id) else None
    if who().has("leader", enrolment.run_id) and not who().has("group_tutor", enrolment.group_id):
        actions.note_download(handed_in, actor=who(), now=now())
    return send(stored, name)


@assessment.get("/marks", can="assessment.marks", nav="My marks")
def marks() -> Any:
    """One's own marks, once they are released."""
    results = queries.results_of(who())
    return page(results=results, feedback=standings([each.enrolment.id for each in results]))
