"""What is written when a student's deadline was moved: to when. Never why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.assessment.models import Submission
from placements.assessment.queries import Task
from placements.cohorts.workflow import LEFT
from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person


def _moved(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    submission = db.session.get_one(Submission, submission_id)
    task = Task(submission.component, submission.enrolment, submission)
    if submission.enrolment.state in LEFT or not task.is_asked or task.due_at is None:
        return None
    return {"task": task, "component": task.component}


DEADLINE_MOVED = Notice(
    "extensions.deadline_moved",
    _moved,
    run="component.run_id",
    fills={"component": "component.title", "deadline": "task.due_at | when"},
    private=True,
)

NOTICES = (DEADLINE_MOVED,)
