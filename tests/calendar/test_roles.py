"""Whose dates are whose: every role's calendar, typed by hand; what is over, off or nobody's any more stands in none."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.applications.models import HostAnswer
from placements.applications.workflow import AnswerState, ApplicationState
from placements.attendance.actions import cancel, move_day, remove_day, restore
from placements.attendance.models import ContactKind
from placements.attendance.workflow import ContactState
from placements.board.workflow import StagedState
from placements.calendar.feed import calendar_text
from placements.calendar.queries import entries_of
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import ClosedDay
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking.models import SecondMark
from placements.double_marking.workflow import Role, SecondState
from placements.examining.models import ExaminerReport
from placements.examining.workflow import ReportState
from placements.feedback.workflow import FeedbackState
from placements.moderation.models import Moderation
from placements.moderation.workflow import ModerationState
from placements.offers.workflow import OfferState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it
from tests.calendar.everybody import DUE, THURSDAY, WEDNESDAY, Everybody, everybody
from tests.client import counting_queries
from tests.factories import DAY, NOW
from tests.factories.feedback import feedback

COMES = [("A student comes", WEDNESDAY), ("A student comes", datetime(2026, 11, 5, 13, tzinfo=UTC))]
FIRST_MORNING = datetime(2026, 10, 26, 9, tzinfo=UTC)  # 9am in London, a day after the clocks went back
GIVE = ("Give interim feedback", datetime(2026, 11, 10, 8, tzinfo=UTC))
VISIT = datetime(2026, 11, 9, 10, 30, tzinfo=UTC)
BACK = datetime(2027, 4, 7, 14, tzinfo=UTC)  # three weeks after DUE, at the same time in London


@pytest.fixture
def there(session: Any) -> Everybody:
    return everybody()


def test_a_student_on_a_placement(there: Everybody) -> None:
    assert there.dates(there.of.students[0]) == [
        ("First day of your placement", date(2026, 10, 26)),
        ("Sign the Challenge Agreement", FIRST_MORNING),
        ("Placement day", WEDNESDAY),
        ("Placement day", datetime(2026, 11, 5, 13, tzinfo=UTC)),
        ("Your tutor visits", VISIT),
        ("Have your logbook up to date: Mid-point", date(2027, 1, 13)),
        ("Hand in: Final Project Portfolio", DUE),
        ("Mark and feedback due: Final Project Portfolio", BACK),
        ("Last day of your placement", date(2027, 4, 30)),
    ]
    one = there.entries(there.of.students[0])
    assert [each.what for each in one if not each.is_to_do] == [
        "Mark and feedback due: Final Project Portfolio",
        "Last day of your placement",
    ]
    assert [(each.is_visit, each.until) for each in one if each.what == "Placement day"] == [
        (True, None),
        (True, datetime(2026, 11, 5, 17, tzinfo=UTC)),
    ]


def test_a_student_who_chooses_and_one_who_is_offered_a_place(there: Everybody) -> None:
    chooser = make.account(make.person(given_name="Chi"))
    enrolment = make.enrolment(there.of.group, chooser.person, state=EnrolmentState.SEEKING)
    work = [("Hand in: Final Project Portfolio", DUE), ("Mark and feedback due: Final Project Portfolio", BACK)]
    opens, closes = datetime(2026, 10, 12, 8, tzinfo=UTC), datetime(2026, 10, 30, 8, tzinfo=UTC)
    assert there.dates(chooser) == [("Choices open", opens), ("Choices close", closes), *work]
    sent = make.application(enrolment, [make.challenge()], state=ApplicationState.SUBMITTED)
    assert there.dates(chooser) == work
    sent.state = ApplicationState.WITHDRAWN
    assert there.dates(chooser) == [("Choices open", opens), ("Choices close", closes), *work]
    enrolment.state = EnrolmentState.PLACED
    offer = make.offer(enrolment, deadline_at=NOW + 9 * DAY)
    assert there.dates(chooser) == [("Answer your offer", datetime(2026, 10, 29, 8, tzinfo=UTC)), *work]
    offer.state = OfferState.DECLINED
    assert there.dates(chooser) == work
    enrolment.state = EnrolmentState.WITHDRAWN
    assert there.dates(chooser) == []


def test_a_tutor(there: Everybody) -> None:
    expected = [
        ("Sign the Challenge Agreement", FIRST_MORNING),
        ("Visit to a student", VISIT),
        ("Grade the logbooks: Mid-point", date(2027, 1, 13)),
        ("Marking due: Final Project Portfolio", BACK),
    ]
    assert there.dates(there.of.tutor) == expected
    assert [each.is_to_do for each in there.entries(there.of.tutor)] == [True] * 4
    there.of.run.state = RunState.CLOSED
    assert there.dates(there.of.tutor) == expected[:2]


def test_marking_is_done_once_each_has_a_mark(session: Any) -> None:
    there = everybody(students=2)
    first = hand_in(there.of, 0)
    [marking] = [each for each in there.entries(there.of.tutor) if each.what.startswith("Marking")]
    assert marking.is_to_do
    mark_it(there.of, first, 60, 60, 60)
    mark_it(there.of, hand_in(there.of, 1), 60, 60, 60)
    [marking] = [each for each in there.entries(there.of.tutor) if each.what.startswith("Marking")]
    assert not marking.is_to_do


def test_what_somebody_else_was_given_to_mark_is_theirs(there: Everybody) -> None:
    there.of.tutor.active = True
    mark = make.mark(there.of.enrolments[0], there.of.portfolio, None)
    hand_in(there.of)
    mark.allocated_id = there.moderator.person_id
    assert there.dates(there.moderator) == [("Marking due: Final Project Portfolio", BACK)]
    assert [what for what, _ in there.dates(there.of.tutor) if what.startswith("Marking")] == []


def second_mark(of: Scene, by: int, **said: Any) -> SecondMark:
    mark = hand_in(of).mark
    assert mark is not None
    mark.second_id = by
    made = SecondMark(mark=mark, marker_id=by, role=Role.SECOND, allotted_at=NOW, **said)
    db.session.add(made)
    return made


def test_a_second_marker(there: Everybody) -> None:
    made = second_mark(there.of, there.moderator.person_id)
    assert there.dates(there.moderator) == [("Second marking due: Final Project Portfolio", BACK)]
    assert [each.is_to_do for each in there.entries(there.moderator)] == [True]
    made.state, made.given, made.submitted_at = SecondState.SUBMITTED, 60, NOW
    assert [each.is_to_do for each in there.entries(there.moderator)] == [False]


def test_a_moderator_closes_what_was_drawn_for_them(there: Everybody) -> None:
    assert there.dates(there.moderator) == []
    said = {"rule": "All.", "seed": "1", "drawn_at": NOW, "number": 1}
    drawn = Moderation(component=there.of.portfolio, moderator_id=there.moderator.person_id, **said)
    db.session.add(drawn)
    assert there.dates(there.moderator) == [("Close the moderation: Final Project Portfolio", BACK)]
    drawn.attempt = 2
    assert there.dates(there.moderator) == []  # no day for reassessment is known
    there.of.run.reassessment_due_at = datetime(2027, 7, 14, 14, tzinfo=UTC)
    again = datetime(2027, 8, 4, 14, tzinfo=UTC)
    assert there.dates(there.moderator) == [("Close the moderation: Final Project Portfolio", again)]
    drawn.state = ModerationState.DISCARDED
    assert there.dates(there.moderator) == []


def test_an_external_examiner(there: Everybody) -> None:
    expected = [("The board: read scripts and report by then", date(2027, 6, 16))]
    assert there.dates(there.external) == expected
    said = {"run": there.of.run, "by": there.external.person, "saved_at": NOW}
    report = ExaminerReport(**said)
    db.session.add(report)
    assert [each.is_to_do for each in there.entries(there.external)] == [True]
    report.state, report.submitted_at = ReportState.SUBMITTED, NOW
    assert there.dates(there.external) == expected
    assert [each.is_to_do for each in there.entries(there.external)] == [False]


def test_a_module_leader(there: Everybody) -> None:
    of = there.of
    staged = make.staged_release(of.run, of.portfolio, of.leader.person, release_at=datetime(2027, 4, 6, 8, tzinfo=UTC))
    expected = [
        ("First day of teaching", date(2026, 9, 28)),
        ("Opening of choices", datetime(2026, 10, 12, 8, tzinfo=UTC)),
        ("Closing of choices", datetime(2026, 10, 30, 8, tzinfo=UTC)),
        ("Deadline for answering offers", datetime(2026, 11, 9, 15, tzinfo=UTC)),
        ("First day of placements", date(2026, 11, 16)),
        ("Portfolio deadline", DUE),
        ("Marks are released: Final Project Portfolio", datetime(2027, 4, 6, 8, tzinfo=UTC)),
        ("Last day of placements", date(2027, 4, 30)),
        ("Board", date(2027, 6, 16)),
    ]
    assert there.dates(of.leader) == expected
    staged.state = StagedState.CANCELLED
    assert there.dates(of.leader) == [each for each in expected if not each[0].startswith("Marks are")]
    of.run.state = RunState.CLOSED
    assert there.dates(of.leader) == []


def test_a_supervisor(there: Everybody) -> None:
    asked = feedback(there.of.placements[0], state=FeedbackState.REQUESTED, asked_at=NOW)
    expected = [("Sign the Challenge Agreement", FIRST_MORNING), *COMES, ("The university visits", VISIT)]
    assert there.dates(there.supervisor) == [*expected, GIVE]
    asked.state = FeedbackState.NOT_OBTAINABLE
    assert there.dates(there.supervisor) == expected
    there.of.placements[0].supervisor = there.contact.person
    assert there.dates(there.supervisor) == []


def test_an_organisations_contact(there: Everybody) -> None:
    assert there.dates(there.contact) == []
    organisation = there.of.placements[0].challenge.organisation
    brief = make.challenge(organisation, title="Sort the shed", state=ChallengeState.APPROVED, published_at=None)
    brief.publish_on = date(2026, 10, 26)
    assert there.dates(there.contact) == [("Your brief is published", date(2026, 10, 26))]
    brief.publish_on = None
    wanted = make.challenge(organisation)
    applicant = make.enrolment(there.of.group, state=EnrolmentState.SEEKING)
    sent = make.application(applicant, [wanted], state=ApplicationState.SUBMITTED)
    by = datetime(2026, 11, 2, 8, tzinfo=UTC)  # three days after choices close
    assert there.dates(there.contact) == [("Say what you think of your applicants", by)]
    answer = db.session.scalars(select(HostAnswer).filter_by(application_id=sent.id)).one()
    answer.state = AnswerState.KEEN
    assert there.dates(there.contact) == []
    make.offer(applicant, wanted)
    assert there.dates(there.contact) == [
        ("Students have answered their offers", datetime(2026, 11, 9, 15, tzinfo=UTC))
    ]


def test_nobody_elses_dates(there: Everybody) -> None:
    """A stranger to all of it has none, whatever they are elsewhere."""
    other = everybody(numbers="2699")
    for account in (other.of.tutor, other.supervisor, other.of.leader, other.of.students[0]):
        mine = {each.uid for each in other.entries(account)}
        for theirs in (there.of.tutor, there.supervisor, there.of.leader, there.of.students[0]):
            assert mine.isdisjoint({each.uid for each in there.entries(theirs)})


def test_no_calendar_says_a_name(there: Everybody) -> None:
    of = there.of
    names = ("Sunita", "Conrad", "Host", "Tariq", "Tutor ", "Lena", "Student1", "Okoro", "Mo ", "Xenia", "Staff")
    for account in (
        of.students[0],
        of.tutor,
        of.leader,
        there.supervisor,
        there.contact,
        there.moderator,
        there.external,
    ):
        said = [(each, "https://example.org") for each in there.entries(account)]
        text = calendar_text(said, NOW).decode()
        assert [name for name in names if name in text] == []


# What takes place, and what does not


def students_days(there: Everybody) -> list[tuple[str, datetime | date, int]]:
    found = there.entries(there.of.students[0])
    return [(each.uid, each.at, each.sequence) for each in found if each.what == "Placement day"]


def test_a_moved_day_is_the_same_entry_and_a_cancelled_one_is_gone_until_it_is_restored(there: Everybody) -> None:
    day = there.days[0]
    student = Principal(there.of.students[0].person_id)
    [(uid, _, before), rest] = students_days(there)
    move_day(day, date(2026, 10, 29), None, None, actor=student, now=NOW)
    assert students_days(there) == [(uid, date(2026, 10, 29), before + 1), rest]
    cancel(day, "Ill.", actor=student, now=NOW)
    assert students_days(there) == [rest]
    assert [what for what, _ in there.dates(there.supervisor) if "comes" in what] == ["A student comes"]
    restore(day, actor=student, now=NOW)
    assert students_days(there) == [(uid, date(2026, 10, 29), before + 3), rest]
    remove_day(day, actor=student, now=NOW)
    assert students_days(there) == [rest]


def test_a_day_on_which_somebody_is_closed_is_gone(there: Everybody) -> None:
    organisation = there.of.placements[0].challenge.organisation
    make.host_closure(organisation, WEDNESDAY - DAY, WEDNESDAY)
    assert [at for _, at, _ in students_days(there)] == [datetime(2026, 11, 5, 13, tzinfo=UTC)]
    make.host_closure(make.organisation(), THURSDAY)
    db.session.add(ClosedDay(day=date(2026, 12, 25), name="Christmas Day"))
    assert [at for _, at, _ in students_days(there)] == [datetime(2026, 11, 5, 13, tzinfo=UTC)]
    db.session.add(ClosedDay(day=THURSDAY, name="A strike"))
    assert students_days(there) == []


@pytest.mark.parametrize("state", [PlacementState.ENDED_EARLY, PlacementState.NOT_STARTED, PlacementState.COMPLETED])
def test_a_placement_that_does_not_go_on_has_no_dates(there: Everybody, state: PlacementState) -> None:
    there.of.placements[0].state = state
    work = [("Hand in: Final Project Portfolio", DUE), ("Mark and feedback due: Final Project Portfolio", BACK)]
    assert there.dates(there.of.students[0]) == work
    assert there.dates(there.supervisor) == []


def test_nobody_comes_while_it_is_paused(there: Everybody) -> None:
    there.of.placements[0].state = PlacementState.PAUSED
    assert students_days(there) == []
    assert ("Your tutor visits", VISIT) in there.dates(there.of.students[0])


def test_a_call_is_called_one_and_a_missed_one_is_gone(there: Everybody) -> None:
    call = make.contact_point(there.of.placements[0], kind=ContactKind.CALL, at=VISIT + DAY)
    assert ("Call about a student", VISIT + DAY) in there.dates(there.of.tutor)
    assert ("The university calls", VISIT + DAY) in there.dates(there.supervisor)
    call.state = ContactState.DONE
    [found] = [each for each in there.entries(there.of.tutor) if each.what == "Call about a student"]
    assert not found.is_to_do
    call.state = ContactState.MISSED
    assert "Call about a student" not in [what for what, _ in there.dates(there.of.tutor)]


def test_the_same_number_of_queries_however_many_there_are(database: Flask) -> None:
    found: dict[int, dict[str, int]] = {}
    for students in (1, 3):
        with database.app_context():
            there = everybody(students, numbers=f"26{students:02}")
            for number in range(students):
                make.planned_day(there.of.placements[0], date(2026, 12, 1) + number * DAY)
                make.contact_point(there.of.placements[0])
                make.checkpoint(there.of.run, title=f"Point {number}", due_on=date(2027, 2, 1))
                organisation = there.of.placements[0].challenge.organisation
                brief = make.challenge(organisation, state=ChallengeState.APPROVED, published_at=None)
                brief.publish_on = date(2026, 10, 26)
                make.staged_release(there.of.run, there.of.portfolio, there.of.leader.person)
            second_mark(there.of, there.moderator.person_id)
            people = {"student": there.of.students[0], "tutor": there.of.tutor, "leader": there.of.leader}
            db.session.commit()
            people |= {name: getattr(there, name) for name in ("supervisor", "contact", "moderator", "external")}
            principals = {name: there.who(account) for name, account in people.items()}
            found[students] = {}
            for name, who in principals.items():
                db.session.expunge_all()
                with counting_queries() as queries:
                    assert len(entries_of(who)) > 0
                found[students][name] = queries.count
    assert found[1] == found[3]
    assert found[1] == {
        "student": 11,
        "tutor": 5,
        "supervisor": 7,
        "contact": 3,
        "moderator": 2,
        "external": 1,
        "leader": 3,
    }
