"""What is handed in and marked."""

from io import BytesIO
from typing import Any

from werkzeug.datastructures import FileStorage

from placements.assessment.models import HandIn, Mark, Submission, SubmissionFile
from placements.bank.models import BankComment
from placements.cohorts.models import Component, ComponentKind, Enrolment
from placements.core.policy import Principal
from placements.drafting.models import Draft, DraftFile
from placements.files.actions import keep, receive
from placements.people.models import Person
from tests.factories.base import NOW, add


def submission(of: Enrolment, component: Component, **said: Any) -> Submission:
    return add(Submission(enrolment=of, component=component, **said))


def mark(of: Enrolment, component: Component, marker: Person | None, **said: Any) -> Mark:
    return add(Mark(enrolment=of, component=component, marker=marker, **said))


def submission_file(
    of: Submission, content: bytes = b"%PDF-1.7\n%%EOF\n", name: str = "Portfolio.pdf"
) -> SubmissionFile:
    """A file of the submission, its bytes in the store."""
    received = receive(FileStorage(BytesIO(content), filename=name))
    stored = keep(received, actor=Principal(of.enrolment.person_id), now=NOW)
    return add(SubmissionFile(submission=of, file=stored, received_at=NOW))


def work_draft(of: Enrolment, component: Component, text: str = "Half a sent", **said: Any) -> Draft:
    """What the student has written and not handed in."""
    return add(Draft(enrolment=of, component=component, text=text, **{"version": 1, "saved_at": NOW, **said}))


def draft_file(of: Draft, content: bytes = b"%PDF-1.7\n%%EOF\n", name: str = "Portfolio.pdf") -> DraftFile:
    """A file of the draft, its bytes in the store."""
    received = receive(FileStorage(BytesIO(content), filename=name))
    stored = keep(received, actor=Principal(of.enrolment.person_id), now=NOW)
    return add(DraftFile(draft=of, file=stored))


def hand_in(of: Submission, text: str = "", **said: Any) -> HandIn:
    """What was handed in under the submission's receipt; its files are those that the submission has."""
    said = {"receipt": of.receipt, "at": of.received_at, "due_at": of.own_due_at, **said}
    made = add(HandIn(submission=of, text=text, **said))
    made.files = list(of.files)
    of.text = text
    return add(made)


def bank_comment(of: Person, text: str, **said: Any) -> BankComment:
    said = {"kind": ComponentKind.PORTFOLIO, **said}
    return add(BankComment(owner=of, text=text, **said))
