"""A student's own work: what is asked for, handing it in, the receipt, and marks once they are released."""

from collections.abc import Sequence
from typing import Any

from flask import current_app, flash, redirect, request, url_for

from placements.assessment import actions, drafts, evidence, queries, results
from placements.assessment.forms import CheckForm, SubmitForm, chosen_files
from placements.assessment.models import HandIn, Mark, Submission, SubmissionFile
from placements.assessment.queries import RELEASED, Task
from placements.assessment.rules import mitigation_closes_on, read_late_policy
from placements.assessment.waiting import place_of
from placements.assessment.work import results_of
from placements.cohorts.queries import closed_days
from placements.core.clock import london
from placements.core.errors import Refused
from placements.drafting.queries import MOST_FILES, begun, draft_of, fingerprint_of
from placements.feedback.queries import standings
from placements.files.actions import Received, receive
from placements.files.kinds import ACCEPT, SAID
from placements.files.serving import send
from placements.history.queries import timeline
from placements.reading.frozen import content_of, snapshot_at
from placements.specification.rules import BANDS
from placements.web.area import Area, page, prepared
from placements.web.site import now, site, who

assessment = Area("assessment", __name__)


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
    works = results_of(who())
    whose = [each.enrolment.id for each in works]
    return page(works=works, feedback=standings(whose), drafts=begun(whose))


@assessment.form("/assessment/<public_id>", can="assessment.submit", of=queries.task_of, prepare=_received)
def submit(task: Task) -> Any:
    """What is asked for, how it is marked, what is drafted, and handing it in."""
    draft = draft_of(task.piece)
    form = SubmitForm(data={"text": draft.text if draft else "", "version": str(draft.version if draft else 0)})
    form.has_files = draft is not None and bool(draft.files)
    if form.accepted():
        kept = drafts.keep_draft(task, form.typed, prepared(), actor=who(), now=now())
        if form.is_only_kept:
            flash("Your draft is saved. It is not handed in yet.", "success")
            return redirect(url_for("assessment.submit", public_id=task.component.public_id))
        if form.do == "check":
            return redirect(url_for("assessment.check", public_id=task.component.public_id))
        return _received_as(drafts.submit_draft(task, kept, actor=who(), now=now()))
    theirs = draft if form.errors and draft and form.typed.seen != draft.version else None
    form.version.data = str(draft.version if draft else 0)
    words = {"bands": BANDS, "kinds": SAID, "accept": ACCEPT, "is_close": task.is_close(now())}
    return page(form=form, task=task, component=task.component, draft=draft, theirs=theirs, **words)


def _received_as(submission: Submission) -> Any:
    flash(f"Received. Your receipt number is {submission.receipt}.", "success")
    return redirect(url_for("assessment.submission", public_id=submission.public_id))


@assessment.post("/assessment/<public_id>/draft", can="assessment.autosave", of=queries.task_of)
def autosave(task: Task) -> Any:
    """Keep what is typed so far. Answers the page's script, and nobody else."""
    form = SubmitForm()
    if not form.accepted():
        return {"problem": [sentence for sentence, _ in form.error_lines()]}, 422
    draft = drafts.keep_draft(task, form.typed, actor=who(), now=now())
    return {"saved_at": f"{london(now()):%H:%M}", "version": str(draft.version)}


@assessment.post("/assessment/<public_id>/start-again", can="assessment.start_again", of=queries.task_of)
def start_again(task: Task) -> Any:
    """Begin a draft with what was handed in, to change it."""
    drafts.start_again(task, actor=who(), now=now())
    flash("This is a draft of what you handed in. What you handed in stands until you hand in again.", "info")
    return redirect(url_for("assessment.submit", public_id=task.component.public_id))


@assessment.form("/assessment/<public_id>/check", can="assessment.check", of=queries.task_of)
def check(task: Task) -> Any:
    """Exactly what will be handed in, and what is kept beside it; then it is."""
    form = CheckForm()
    if form.accepted():
        return _received_as(drafts.submit_checked(task, seen=form.seen.data or "", actor=who(), now=now()))
    draft = draft_of(task.piece)
    if draft is None or draft.is_empty:
        return redirect(url_for("assessment.submit", public_id=task.component.public_id))
    form.seen.data = fingerprint_of(draft)
    key = task.enrolment.id
    beside = {"agreements": evidence.agreements_in_force(key), "versions": evidence.feedback_given(key)}
    return page(form=form, task=task, component=task.component, draft=draft, book=content_of(key), **beside)


@assessment.get("/submissions/<public_id>", can="assessment.submission", of=queries.submission_seen)
def submission(submission: Submission) -> Any:
    """What was handed in: to its student the receipt; to who reads it, the mark too."""
    mark, published = submission.mark, queries.published_due_at(submission)
    nameless = mark if mark and mark.is_nameless and not queries.knows_whose(who(), mark) else None
    happened = timeline(submission, who(), now(), site().abilities)
    asked = ("assessment.read_mark", "marking.mark", "marking.reopen")
    may = {verb.split(".")[1]: site().abilities[verb](who(), submission, now()) for verb in asked}
    return page(
        submission=submission,
        task=Task(submission.component, submission.enrolment, submission),
        may=may,
        may_extend=site().abilities["extensions.grant"](who(), submission.enrolment.run, now()),
        given=mark if may["read_mark"] else None,
        worth=queries.worth(mark) if mark and may["read_mark"] else None,
        is_released=mark is not None and mark.state in RELEASED,
        closes_on=mitigation_closes_on(published, closed_days()) if published else None,
        hand_ins=evidence.hand_ins_of(submission),
        evidence=evidence.evidence_of(submission),
        nameless=nameless,
        place=place_of(who(), mark, now()) if mark and may["read_mark"] else None,
        sees=_seen_beside(mark) if mark and may["read_mark"] else {},
        happened=queries.without_name(happened, nameless) if nameless else happened,
    )


def _seen_beside(mark: Mark) -> dict[str, bool]:
    """What else of a script may be opened from its page."""
    ask = {verb: site().abilities[f"scripts.{verb}"](who(), mark, now()) for verb in ("logbook", "versions")}
    return {
        **ask,
        "logbook": ask["logbook"] and snapshot_at(mark.enrolment_id, mark.submission.received_at) is not None,
    }


@assessment.get("/receipts/<public_id>", can="assessment.receipt", of=evidence.receipt_seen)
def receipt(hand_in: HandIn) -> Any:
    """What was handed in under one receipt, whether or not it was replaced since."""
    submission = hand_in.submission
    later = [each for each in submission.hand_ins if each.id > hand_in.id]
    return page(
        hand_in=hand_in,
        submission=submission,
        component=submission.component,
        policy=read_late_policy(submission.component.late_policy),
        replaced_by=later[0] if later else None,
        is_own=who().has("student", submission.enrolment_id),
    )


@assessment.get("/submission-files/<public_id>", can="assessment.download", of=queries.file_seen)
def download(handed_in: SubmissionFile) -> Any:
    """A file as it was handed in: for an external examiner under a neutral name; that a leader read it is kept."""
    enrolment, stored = handed_in.submission.enrolment, handed_in.file
    mark = handed_in.submission.mark
    name = queries.neutral_name(handed_in) if who().has("external", enrolment.run_id) else None
    if mark and mark.is_nameless and not queries.knows_whose(who(), mark):
        name = name or mark.nameless_name(handed_in)
    if who().has("leader", enrolment.run_id) and not who().has("group_tutor", enrolment.group_id):
        actions.note_download(handed_in, actor=who(), now=now())
    return send(stored, name)


@assessment.get("/marks", can="assessment.marks", nav="My marks")
def marks() -> Any:
    """One's own marks once they are released, how each came about, and what happens next."""
    shown = results.shown_to(who(), now())
    settings = current_app.extensions["placements.settings"]
    feedback = standings([each.work.enrolment.id for each in shown])
    return page(shown=shown, feedback=feedback, appeal_url=settings.appeal_url)
