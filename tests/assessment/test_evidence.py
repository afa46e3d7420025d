"""What stood beside work when it was handed in reads the same, whatever becomes of it afterwards."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.agreements.workflow import AgreementState
from placements.assessment import evidence
from placements.assessment.actions import submit
from placements.assessment.evidence import Evidence, evidence_of
from placements.assessment.models import HandIn, Submission
from placements.assessment.queries import Task
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback, FeedbackRating, FeedbackVersion
from placements.feedback.rules import Occasion, Rating
from placements.logbook import actions as logbook
from placements.logbook.models import Entry
from placements.logbook.rules import Visit
from tests import factories as make
from tests.assessment.scene import FILE, OTHER_FILE
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.factories.feedback import feedback
from tests.logbook.cast import Cast, cast, committed, known, logged

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
RECEIVED_AT = NOW - DAY


def story() -> Cast:
    """An Agreement in force, a visit, and interim feedback; the portfolio is due tomorrow."""
    people = cast()
    people.run.components[0].due_at = NOW + DAY
    logged(people, now=NOW - 2 * DAY)
    feedback(people.placement, "Asks the right questions.")
    return people


def hand_in(people: Cast, *files: Any, text: str = "What I learned.", at: Any = RECEIVED_AT) -> Submission:
    component, enrolment = people.run.components[0], people.placement.enrolment
    there = db.session.scalar(select(Submission).where(Submission.enrolment_id == enrolment.id))
    who = Principal(people.student.person_id)
    return submit(Task(component, enrolment, there), files or (FILE,), text=text, actor=who, now=at)


def said(found: Evidence) -> dict[str, Any]:
    """All that the evidence says of then."""
    assert found.book is not None
    return {
        "visits": [(each.on, each.minutes, each.activity, each.state) for each in found.book.visits],
        "hours": vars(found.book.totals),
        "agreements": [(each.agreement.number, each.agreement.content.said("objectives")) for each in found.agreements],
        "feedback": [
            (each.version.number, each.version.strengths, [row.rating for row in each.version.ratings])
            for each in found.feedback
        ],
    }


def everything_changes(people: Cast) -> None:
    """The visit is edited, another comes; the Agreement is amended; feedback is corrected, and more is given."""
    placement = people.placement
    entry = db.session.scalars(select(Entry)).one()
    visit = Visit(entry.on, entry.starts, entry.starts.replace(hour=18))
    words = {"activity": "Something else.", "reflection": "", "is_reflection_shared": False, "mode": entry.mode}
    logbook.edit(entry, visit, **words, is_draft=False, actor=known(people)["student"], now=NOW)  # type: ignore[arg-type]
    logged(people, 1)
    _amended(people)
    given = db.session.scalars(select(Feedback)).one()
    better = FeedbackVersion(number=2, strengths="Asks better ones now.", given_by_id=placement.supervisor_id, at=NOW)
    given.versions.append(better)
    feedback(placement, "A fine end.", occasion=Occasion.FINAL)
    db.session.flush()


def _amended(people: Cast) -> None:
    [first] = evidence.agreements_in_force(people.placement.enrolment_id)
    first.state = AgreementState.SUPERSEDED
    db.session.flush()
    make.agreement(people.placement, number=2, objectives=["Do less."], in_force_at=NOW)
    db.session.flush()


def test_whatever_changes_afterwards_the_evidence_reads_the_same(session: Any) -> None:
    people = story()
    submission = hand_in(people)
    before = said(evidence_of(submission))
    assert before["visits"] == [(date(2026, 10, 14), 180, "Counted the stock.", "submitted")]
    assert before["agreements"] == [(1, "1. Count the stock every week.\n2. Leave a guide that volunteers use.")]
    assert [each[:2] for each in before["feedback"]] == [(1, "Asks the right questions.")]
    assert before["feedback"][0][2] == [Rating.FULLY, Rating.FULLY]
    assert not evidence_of(submission).has_changed
    everything_changes(people)
    session.expire_all()
    found = evidence_of(submission)
    assert said(found) == before
    assert found.has_changed
    assert found.book is not None
    assert found.book.changed == 2
    assert [each.since.number for each in found.agreements if each.since] == [2]
    assert [each.is_corrected for each in found.feedback] == [True]
    assert found.given_since == 1
    assert submission.agreement is not None
    assert submission.agreement.number == 1


def _keeps_no_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    live = property(lambda each: list(evidence.agreements_in_force(each.submission.enrolment_id)))
    monkeypatch.setattr(HandIn, "agreements", live)


def _keeps_no_feedback(monkeypatch: pytest.MonkeyPatch) -> None:
    live = property(lambda each: list(evidence.feedback_given(each.submission.enrolment_id)))
    monkeypatch.setattr(HandIn, "versions", live)


@pytest.mark.parametrize(
    "fault", [_keeps_no_agreement, _keeps_no_feedback], ids=lambda fault: fault.__name__.lstrip("_")
)
def test_evidence_that_is_read_as_it_is_now_is_found(
    session: Any, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    people = story()
    submission = hand_in(people)
    before = said(evidence_of(submission))
    fault(monkeypatch)
    everything_changes(people)
    session.expire_all()
    assert said(evidence_of(submission)) != before


def test_the_same_work_again_keeps_its_evidence_anew_where_that_has_changed(session: Any) -> None:
    people = story()
    first = hand_in(people).receipt
    assert hand_in(people, at=NOW - HOUR).receipt == first
    logged(people, 1, now=NOW - HOUR / 2)
    again = hand_in(people, at=NOW)
    assert again.receipt != first
    found = evidence_of(again)
    assert found.book is not None
    assert len(found.book.visits) == 2
    logged(people, 2, now=NOW)
    with counting_queries():
        late = hand_in(people, at=NOW + 2 * DAY)  # too late to keep it anew: nothing changes
    assert (late.receipt, late.received_at) == (again.receipt, NOW)


def test_what_was_handed_in_before_keeps_its_own_evidence(session: Any) -> None:
    people = story()
    hand_in(people)
    _amended(people)
    submission = hand_in(people, OTHER_FILE, text="Shorter.", at=NOW)
    newest, before = evidence.hand_ins_of(submission)
    assert [(each.text, [file.file.name for file in each.files]) for each in (newest, before)] == [
        ("Shorter.", ["Portfolio final.pdf"]),
        ("What I learned.", ["Portfolio.pdf"]),
    ]
    assert [[each.number for each in kept.agreements] for kept in (newest, before)] == [[2], [1]]
    assert [each.agreement.number for each in evidence_of(submission).agreements] == [2]


def test_work_without_a_placement_has_no_evidence(session: Any) -> None:
    people = cast()
    people.run.components[0].due_at = NOW + DAY
    alone = make.enrolment(people.placement.enrolment.group)
    task = Task(people.run.components[0], alone, None)
    submission = submit(task, [], text="Only words.", actor=Principal(alone.person_id), now=NOW)
    assert evidence_of(submission) == Evidence(evidence.hand_ins_of(submission)[0], None, (), ())


def evidence_queries(pieces: int) -> int:
    """How many queries the evidence takes, with so many ratings and so many pieces of work handed in before."""
    people = story()
    for number in range(pieces):
        submission = hand_in(people, text=f"Version {number}.", at=RECEIVED_AT + number * HOUR)
    assert len(db.session.scalars(select(FeedbackRating)).all()) == 2
    db.session.expire_all()
    submission = db.session.scalars(select(Submission)).one()
    _ = submission.component.kind, submission.enrolment_id
    with counting_queries() as queries:
        evidence_of(submission)
    return queries.count


@pytest.mark.parametrize("pieces", [1, 3])
def test_it_is_read_in_as_many_queries_however_often_one_handed_in(session: Any, pieces: int) -> None:
    assert evidence_queries(pieces) == 12


@pytest.fixture
def people(database: Flask) -> Cast:
    with database.app_context():
        made = story()
        hand_in(made)
        everything_changes(made)
        return committed(made)


def test_the_student_reads_on_the_receipt_what_was_kept(client: PageClient, people: Cast) -> None:
    client.sign_in_as(people.student)
    work = client.page("/assessment")
    page = client.page(work.link("See what you handed in"))
    assert "Arrived Mon 19 Oct 2026, 9am (09:00:00, London time) On time The deadline was Wed 21 Oct 2026" in page.text
    assert "Text 3 words Fingerprint (SHA-256): " in page.text
    assert (
        "Your logbook: 1 visit, 0 h confirmed, 3 h waiting Your Challenge Agreement, version 1 "
        "Interim feedback of your supervisor, given Tue 20 Oct 2026, 9am" in page.text
    )
    assert "2 visits have changed since. What was handed in is what is marked." in page.text
    assert "Version 2 has come into force since, Tue 20 Oct 2026, 9am." in page.text
    assert "The supervisor has corrected it since." in page.text
    assert "1 piece of supervisor’s feedback came only after this was handed in." in page.text
    assert "Asks the right questions." in page.text
    assert "Asks better ones now." not in page.text
