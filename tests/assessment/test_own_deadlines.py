"""A student's own deadline is what counts for them, and their latest attempt; what is put off is asked of nobody."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.assessment import notices
from placements.assessment.collecting import collect, find_missing, take_agreements
from placements.assessment.models import Mark, Submission
from placements.assessment.queries import OWN_DEADLINE
from placements.assessment.waiting import to_be_marked
from placements.assessment.workflow import MarkState, SubmissionState
from placements.cohorts.models import Component, ComponentKind
from placements.mail.actions import remind
from placements.mail.asking import still_said
from placements.mail.gathering import gather
from placements.mail.models import Message, Notification
from placements.mail.notices import Notice
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, agree, hand_in, mark_it, scene, seeded
from tests.client import PageClient
from tests.factories import NOW

DAY = timedelta(days=1)
DUE = datetime(2027, 5, 12, 14, 0, tzinfo=UTC)  # Wednesday, 3pm in London
LATER = datetime(2027, 5, 26, 14, 0, tzinfo=UTC)


def given(of: Scene, due: datetime | None = LATER, place: int = 0, **said: Any) -> Submission:
    """A student's attempt with a deadline of its own, by hand."""
    return make.submission(
        of.enrolments[place],
        of.portfolio,
        **{"state": SubmissionState.OPEN, "due_at": due, "receipt": None, "received_at": None, **said},
    )


def standings(session: Any) -> list[tuple[int, int, SubmissionState]]:
    """Each attempt there is: (student, attempt, state)."""
    rows = session.scalars(select(Submission).order_by(Submission.enrolment_id, Submission.attempt))
    return [(each.enrolment_id, each.attempt, each.state) for each in rows]


def reminded(session: Any, notice: Notice, at: datetime) -> list[tuple[int, datetime]]:
    """Who has been reminded once the worker has run at that moment: (person, due)."""
    remind(at)
    rows = select(Notification.recipient_id, Notification.due_at).where(Notification.notice == notice.name)
    return [(person, due) for person, due in session.execute(rows.order_by(Notification.due_at, Notification.id))]


def test_each_is_found_missing_after_their_own_deadline(session: Any) -> None:
    of = scene(students=2, due=DUE)
    given(of)
    first, second = (each.id for each in of.enrolments)
    find_missing(DUE + HOUR)
    assert standings(session) == [
        (first, 1, SubmissionState.OPEN),
        (second, 1, SubmissionState.NOT_SUBMITTED),
    ]
    find_missing(LATER)
    assert standings(session)[0] == (first, 1, SubmissionState.OPEN)
    find_missing(LATER + HOUR)
    assert standings(session)[0] == (first, 1, SubmissionState.NOT_SUBMITTED)


def test_where_everybodys_deadline_was_moved_past_ones_own_the_later_counts(session: Any) -> None:
    of = scene(due=LATER)
    given(of, DUE)
    find_missing(DUE + HOUR)
    assert standings(session) == [(of.enrolments[0].id, 1, SubmissionState.OPEN)]
    find_missing(LATER + HOUR)
    assert standings(session) == [(of.enrolments[0].id, 1, SubmissionState.NOT_SUBMITTED)]


@pytest.mark.parametrize("apart", [{"attempt": 2}, {"deferred_at": NOW}], ids=["second", "deferred"])
def test_a_second_attempt_and_a_deferred_one_have_their_own_day(session: Any, apart: dict[str, Any]) -> None:
    of = scene(due=LATER)
    if "attempt" in apart:
        mark_it(of, hand_in(of), 20, 20, 20)
    own = given(of, DUE, **apart)
    find_missing(DUE + HOUR)
    assert (own.own_due_at, own.state) == (DUE, SubmissionState.NOT_SUBMITTED)


def test_what_was_late_by_ones_own_deadline_is_on_time_by_a_later_one_of_everybody(session: Any) -> None:
    of = scene(due=DUE - DAY, late_policy={"kind": "capped_within", "days": 7, "cap": 40})
    given(of, DUE)
    late = hand_in(of, 0, DUE + HOUR)
    mark = mark_it(of, late, 62, 62, 62)
    assert (late.state, mark.mark) == (SubmissionState.LATE, 40)
    of.portfolio.due_at = LATER
    session.flush()
    collect(DUE + 2 * HOUR)
    assert (late.state, mark.mark) == (SubmissionState.RECEIVED, 62)


def test_reminders_and_feedback_go_by_the_later_of_the_two(session: Any) -> None:
    of = scene(due=LATER)
    given(of, DUE)
    nine = LATER - 6 * HOUR
    for day in range(-24, 1):
        found = reminded(session, notices.PORTFOLIO_DUE, nine + day * DAY)
    assert [due for _, due in found] == [nine - 7 * DAY, nine - 2 * DAY, nine]
    hand_in(of, 0, DUE + HOUR)
    [row] = session.execute(to_be_marked(LATER + HOUR)).all()
    assert (row.first, of.task().feedback_due_at) == (LATER, LATER + 21 * DAY)


MOMENTS = [None, DUE, LATER]


def test_python_and_sql_know_the_same_deadline(session: Any) -> None:
    """Of every case: own and everybody's deadline, none, earlier, the same and later; first, second, deferred."""
    of, found = scene(), []
    run, student = of.run, of.enrolments[0]
    for everybodys, own, attempt, deferred in product(MOMENTS, MOMENTS, (1, 2), (None, NOW)):
        part = make.component(ComponentKind.FEEDBACK, make.run(), due_at=everybodys)
        made = make.submission(student, part, due_at=own, attempt=attempt, deferred_at=deferred)
        found.append((made, everybodys))
    bare = make.component(ComponentKind.FEEDBACK, make.run(), due_at=DUE)
    rows = select(Submission.id, OWN_DEADLINE).select_from(Component).join(Submission, isouter=True)
    in_sql = dict(session.execute(rows.where(Component.run_id != run.id)).all())
    assert in_sql.pop(None) == bare.due_at
    assert in_sql == {made.id: made.own_due_at for made, _ in found}
    apart = {in_sql[made.id] for made, due in found if (made.due_at, due) == (DUE, LATER) and made.is_apart}
    assert apart == {DUE}
    plain = {(made.due_at, due): in_sql[made.id] for made, due in found if not made.is_apart}
    assert plain == {
        (None, None): None,
        (None, DUE): DUE,
        (None, LATER): LATER,
        (DUE, None): DUE,
        (DUE, DUE): DUE,
        (DUE, LATER): LATER,
        (LATER, None): LATER,
        (LATER, DUE): LATER,
        (LATER, LATER): LATER,
    }


def test_a_second_attempt_is_found_missing_and_the_first_stays(session: Any) -> None:
    of = scene(due=DUE)
    first = mark_it(of, hand_in(of), 20, 20, 20)
    given(of, attempt=2)
    find_missing(LATER - HOUR)
    assert standings(session)[1:] == [(of.enrolments[0].id, 2, SubmissionState.OPEN)]
    find_missing(LATER + HOUR)
    assert standings(session) == [
        (of.enrolments[0].id, 1, SubmissionState.RECEIVED),
        (of.enrolments[0].id, 2, SubmissionState.NOT_SUBMITTED),
    ]
    marks = [(each.attempt, each.mark) for each in session.scalars(select(Mark).order_by(Mark.attempt))]
    assert marks == [(1, 20), (2, 0)]
    assert first.state is MarkState.SUBMITTED


@pytest.mark.parametrize("why", ["deferred_at", "waived_at"])
def test_what_is_put_off_or_waived_is_never_missing_and_nobody_is_reminded(session: Any, why: str) -> None:
    of = scene(students=2, due=DUE)
    given(of, None, 0, **{why: NOW})
    other = of.enrolments[1]
    nine = DUE - 6 * HOUR
    assert reminded(session, notices.PORTFOLIO_DUE, nine) == [(other.person_id, nine)]
    assert notices.PORTFOLIO_DUE.context(of.portfolio.id, of.students[0].person, nine) is None
    find_missing(DUE + HOUR)
    assert standings(session) == [
        (of.enrolments[0].id, 1, SubmissionState.OPEN),
        (other.id, 1, SubmissionState.NOT_SUBMITTED),
    ]
    assert [each.enrolment_id for each in session.scalars(select(Mark))] == [other.id]


def test_reminders_go_by_ones_own_deadline_and_none_by_the_old_one(session: Any) -> None:
    of = scene(students=2, due=DUE)
    given(of)
    mine, theirs = (each.person_id for each in of.enrolments)
    nine = DUE - 6 * HOUR
    for day in range(-8, 15):
        found = reminded(session, notices.PORTFOLIO_DUE, nine + day * DAY)
    assert [due for person, due in found if person == theirs] == [nine - 7 * DAY, nine - 2 * DAY, nine]
    assert [due for person, due in found if person == mine] == [nine + 7 * DAY, nine + 12 * DAY, nine + 14 * DAY]


def test_a_reminder_queued_before_the_deadline_was_moved_is_not_said(session: Any) -> None:
    of = scene(due=DUE)
    nine = datetime(2027, 5, 10, 8, 0, tzinfo=UTC)  # 9am in London, two days before
    remind(nine)
    session.commit()
    gather(nine + timedelta(minutes=10), nine)
    message = session.scalars(select(Message).where(Message.recipient_id == of.students[0].person_id)).one()
    said, untrue = still_said(message, nine + HOUR)
    assert ([each.notice for each in said], untrue) == ([notices.PORTFOLIO_DUE], [])
    given(of)
    said, untrue = still_said(message, nine + HOUR)
    assert (said, untrue) == ([], [each.id for each in message.notifications])


def test_the_marker_is_reminded_by_the_students_deadline_and_the_components_weeks(session: Any) -> None:
    of = scene(due=DUE, feedback_weeks=2)
    given(of)
    hand_in(of, 0, DUE + HOUR)
    for day in range(23):
        found = reminded(session, notices.MARKING_DUE, DUE + day * DAY + HOUR)
    assert found == [(of.tutor.person_id, DUE + 21 * DAY)]
    context = notices.MARKING_DUE.context(of.portfolio.id, of.tutor.person, DUE + 21 * DAY)
    assert context and context["due_at"] == DUE + 28 * DAY


def test_an_agreement_with_a_deadline_of_its_own_is_taken_into_the_same_attempt(session: Any) -> None:
    of = scene()
    known = make.submission(
        of.enrolments[0], of.agreement, state=SubmissionState.OPEN, due_at=LATER, receipt=None, received_at=None
    )
    assert agree(of).id == known.id
    assert (known.state, known.received_at) == (SubmissionState.RECEIVED, NOW - 5 * HOUR)


def test_a_waived_agreement_is_not_taken(session: Any) -> None:
    of = scene()
    waived = {"state": SubmissionState.OPEN, "waived_at": NOW, "receipt": None, "received_at": None}
    made = make.submission(of.enrolments[0], of.agreement, **waived)
    of.placements[0].agreed_at = NOW - HOUR
    session.flush()
    take_agreements(NOW)
    assert made.state is SubmissionState.OPEN


def test_the_students_pages_show_their_own_deadline(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = scene(students=2, due=NOW + DAY)
        given(of, NOW + 10 * DAY)
        return of

    of = seeded(database, build)
    client.sign_in_as(of.students[0])
    work = client.page("/assessment")
    assert "Due Fri 30 Oct 2026, 8am (in 10 days)." in work.text
    assert "Write your text, send files, or both, by Fri 30 Oct 2026, 8am" in client.page(work.link("Hand it in")).text
    home = client.page("/home")
    assert "Fri 30 Oct 2026, 8am" in home.text
    assert "21 Oct" not in home.text + work.text


def test_a_second_attempt_takes_the_place_of_a_released_first(database: Flask, client: PageClient) -> None:
    def build() -> Scene:
        of = scene(due=NOW - DAY)
        mark = mark_it(of, hand_in(of), 20, 20, 20)
        mark.state, mark.released_at = MarkState.PROVISIONAL, NOW
        given(of, NOW + 10 * DAY, attempt=2)
        return of

    of = seeded(database, build)
    client.sign_in_as(of.students[0])
    work = client.page("/assessment")
    assert "Due Fri 30 Oct 2026, 8am (in 10 days)." in work.text
    assert "Your mark and feedback are ready" not in work.text
    assert "Hand in your Final Project Portfolio" in client.page("/home").text
    assert "20 of 100" in client.page("/marks").text


@pytest.mark.parametrize(
    ("why", "said"), [("deferred_at", "It is put off"), ("waived_at", "It is waived: nothing is asked of you.")]
)
def test_what_is_not_asked_cannot_be_handed_in(database: Flask, client: PageClient, why: str, said: str) -> None:
    def build() -> Scene:
        of = scene(due=NOW + DAY)
        given(of, None, 0, **{why: NOW})
        return of

    of = seeded(database, build)
    client.sign_in_as(of.students[0])
    work = client.page("/assessment")
    assert said in work.text
    assert "Hand it in" not in work.text + client.page("/home").text
    client.page(f"/assessment/{of.portfolio.public_id}", status=404)
