"""What students are written: that reassessment is open, and that there is news. No mail carries a mark or a reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from placements.assessment.models import Submission
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import LEFT
from placements.db import db
from placements.mail.notices import Notice
from placements.people.models import Person
from placements.reassessment.queries import reopened


def _opened(enrolment_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    enrolment, attempts = db.session.get_one(Enrolment, enrolment_id), reopened(enrolment_id)
    if not attempts or enrolment.state in LEFT:
        return None
    return {"run": enrolment.run, "attempts": attempts, "tutor": enrolment.group.tutor}


def _news(submission_id: int, recipient: Person, now: datetime) -> Mapping[str, Any] | None:
    submission = db.session.get_one(Submission, submission_id)
    return None if submission.enrolment.state in LEFT else {"component": submission.component}


OPENED = Notice("reassessment.opened", _opened, run="run.id", fills={"run": "run.title"}, private=True)
NEWS = Notice("reassessment.news", _news, run="component.run_id", fills={"component": "component.title"}, private=True)

NOTICES = (OPENED, NEWS)
