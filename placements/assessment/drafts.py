"""A student's draft of a piece of work: kept, begun anew from what is in, and handed in."""

from collections.abc import Sequence
from datetime import datetime

from placements.assessment.actions import submit
from placements.assessment.models import Submission
from placements.assessment.queries import Task, submission_of
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.drafting.actions import hand_over, held, save, start_from, throw_away
from placements.drafting.models import Draft
from placements.drafting.queries import Typed, fingerprint, fingerprint_of
from placements.files.actions import Received


def keep_draft(task: Task, typed: Typed, files: Sequence[Received] = (), *, actor: Principal, now: datetime) -> Draft:
    """Keep what was typed and chosen, without handing it in. Raises Conflict and Refused as `drafting.save` does."""
    return save(task.piece, typed, files, actor=actor, now=now)


def start_again(task: Task, *, actor: Principal, now: datetime) -> Draft:
    """Begin a draft with what was handed in, which stands until another is. Refused where nothing is in."""
    if task.submission is None or not task.is_in:
        raise Refused("Nothing is handed in yet, so there is nothing to change.")
    files = [each.file for each in task.submission.current_files]
    return start_from(task.piece, task.submission.text, files, actor=actor, now=now)


def submit_draft(task: Task, draft: Draft, *, actor: Principal, now: datetime) -> Submission:
    """Hand in what is drafted, which is no draft any more. Raises Refused as `submit` does."""
    text, files = hand_over(draft)
    submission = submit(task, files, text=text, actor=actor, now=now)
    taken = {each.file_id for each in submission.files}
    throw_away([each for each in files if each.id not in taken])
    return submission


def submit_checked(task: Task, *, seen: str, actor: Principal, now: datetime) -> Submission:
    """Hand in the draft that was looked at, `seen` by its fingerprint. Once it is in, pressing again changes nothing.

    Raises Conflict where the draft is another by now, and Refused as `submit` does.
    """
    draft = held(task.piece, now)
    if not draft.is_empty and fingerprint_of(draft) == seen:
        return submit_draft(task, draft, actor=actor, now=now)
    known = submission_of(task.component.id, task.enrolment.id)
    if draft.is_empty and known and fingerprint(known.text, [each.file for each in known.current_files]) == seen:
        return known
    raise Conflict("Your draft was changed after you opened this page. Read it as it is now, then hand it in.")
