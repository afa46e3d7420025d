"""A roster looked at and applied: told before it is done, whole or nothing, twice the same as once."""

from typing import Any

import pytest
from sqlalchemy import inspect, select

from placements.accounts.models import GlobalRole
from placements.cohorts import actions, enrolling
from placements.cohorts.imports import look
from placements.cohorts.models import Enrolment, RosterImport
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.files.actions import keep_sheet
from placements.files.queries import sheets_of
from placements.mail.models import Notification
from placements.people.models import Person
from tests import factories as make
from tests.client import counting_queries
from tests.cohorts.enrolment_files import file, line
from tests.cohorts.people import Cohort, cohort, principal

ADA = line()
BEN = line(Student_number="21034568", Surname="Mbeki", Forename="Ben", Email="ben@example.org", Occurrence="B")


@pytest.fixture
def made(session: Any) -> Cohort:
    return cohort()


@pytest.fixture
def leader(made: Cohort) -> Principal:
    return principal(made.leader)


def keep(*lines: str, leader: Principal, now: Any) -> RosterImport:
    return keep_sheet(enrolling.read_upload("enrolments.csv", file(*lines)), actor=leader, now=now)


def bring_in(*lines: str, leader: Principal, now: Any, leaves_out: bool = False) -> RosterImport:
    upload = keep(*lines, leader=leader, now=now)
    fingerprint = look(upload, leader).fingerprint
    enrolling.apply_roster(upload, fingerprint=fingerprint, leaves_out_errors=leaves_out, actor=leader, now=now)
    return upload


def problems(*lines: str, leader: Principal, now: Any) -> list[tuple[int, str, str]]:
    preview = look(keep(*lines, leader=leader, now=now), leader).preview
    return [(error.line, error.column, error.sentence) for error in preview.errors]


def only(session: Any) -> Enrolment:
    return session.scalars(select(Enrolment)).one()


def told(session: Any, person: Person) -> list[str]:
    return [
        row.notice for row in session.scalars(select(Notification).filter_by(recipient_id=person.id).order_by("id"))
    ]


def test_a_new_student_is_enrolled_in_their_group_told_and_invited(session, made, leader, now):
    upload = bring_in(line(Visa_sponsored="Yes"), leader=leader, now=now)
    ada = only(session)
    assert (ada.person.name, ada.person.student_number) == ("Ada Okafor", "21034567")
    assert (ada.run, ada.group.tutor, ada.state) == (made.run, made.tutor.person, EnrolmentState.REGISTERED)
    assert (ada.course_title, ada.mode, ada.is_visa_sponsored) == ("BSc Community Development", "full-time", True)
    assert told(session, ada.person) == ["cohorts.enrolled", "accounts.invitation"]
    assert upload.outcome["new"] == 1
    assert (upload.rows, upload.applied_at) == ([], now)


def test_the_same_file_twice_changes_nothing(session, made, leader, now):
    bring_in(ADA, BEN, leader=leader, now=now)
    before = [(each.id, each.person.email, each.group_id) for each in session.scalars(select(Enrolment))]
    messages = len(session.scalars(select(Notification)).all())
    upload = keep(ADA, BEN, leader=leader, now=now)
    assert look(upload, leader).preview.changes_nothing
    bring_in(ADA, BEN, leader=leader, now=now)
    assert [(each.id, each.person.email, each.group_id) for each in session.scalars(select(Enrolment))] == before
    assert len(session.scalars(select(Notification)).all()) == messages


def test_a_file_is_applied_once(session, made, leader, now):
    upload = bring_in(ADA, leader=leader, now=now)
    enrolling.apply_roster(upload, fingerprint="", leaves_out_errors=False, actor=leader, now=now)
    assert only(session).person.name == "Ada Okafor"


def test_ones_uploads_are_listed_without_reading_what_they_hold(session, made, leader, now):
    keep(ADA, leader=leader, now=now)
    session.expunge_all()
    [listed] = sheets_of(RosterImport, leader)
    assert inspect(listed).unloaded == {"rows", "errors"}


def test_changed_details_are_taken_over_and_a_new_address_is_invited(session, made, leader, now):
    bring_in(ADA, leader=leader, now=now)
    bring_in(
        line(Surname="Okafor-Reid", Email="Ada.Reid@example.org", Occurrence="B", Mode="PT", Visa_sponsored="Y"),
        leader=leader,
        now=now.replace(day=21),
    )
    ada = only(session)
    assert (ada.person.family_name, ada.person.email_key) == ("Okafor-Reid", "ada.reid@example.org")
    assert (ada.group, ada.mode, ada.is_visa_sponsored) == (made.b, "part-time", True)
    assert told(session, ada.person) == ["cohorts.enrolled", "accounts.invitation"] * 2


def test_who_is_withdrawn_leaves_and_who_comes_back_is_registered_again(session, made, leader, now):
    bring_in(ADA, leader=leader, now=now)
    heard = []
    with actions.enrolment_left.connected_to(lambda sender, **_: heard.append(sender.state)):
        bring_in(line(Status="Withdrawn"), leader=leader, now=now)
        bring_in(line(Status="Interrupted"), leader=leader, now=now)
    assert heard == [EnrolmentState.WITHDRAWN]
    assert only(session).state is EnrolmentState.DEFERRED
    bring_in(ADA, leader=leader, now=now.replace(day=22))
    assert only(session).state is EnrolmentState.REGISTERED
    assert told(session, only(session).person).count("cohorts.enrolled") == 2


def test_a_placed_student_stays_placed_while_the_record_says_registered(session, made, leader, now):
    bring_in(ADA, leader=leader, now=now)
    only(session).state = EnrolmentState.PLACED
    bring_in(line(Course_title="BA Youth Studies"), leader=leader, now=now)
    assert (only(session).state, only(session).course_title) == (EnrolmentState.PLACED, "BA Youth Studies")


def test_who_is_missing_from_a_file_stays(session, made, leader, now):
    bring_in(ADA, BEN, leader=leader, now=now)
    upload = bring_in(ADA, leader=leader, now=now)
    assert upload.outcome["missing"] == 1
    assert len(session.scalars(select(Enrolment)).all()) == 2


def test_bad_lines_stop_everything_unless_they_are_left_out_by_a_tick_and_stay_listed(session, made, leader, now):
    with pytest.raises(Refused) as refused:
        bring_in(ADA, line(Student_number="123"), leader=leader, now=now)
    assert refused.value.field == "leave_out"
    assert session.scalars(select(Enrolment)).all() == []
    upload = bring_in(ADA, line(Student_number="123"), leader=leader, now=now, leaves_out=True)
    assert only(session).person.name == "Ada Okafor"
    assert [(error["line"], error["column"]) for error in upload.errors] == [(3, "Student number")]


def test_what_was_not_looked_at_is_not_applied(session, made, leader, now):
    upload = keep(ADA, leader=leader, now=now)
    fingerprint = look(upload, leader).fingerprint
    bring_in(line(Surname="Okoro"), leader=leader, now=now)
    with pytest.raises(Conflict, match="Something has changed since you looked"):
        enrolling.apply_roster(upload, fingerprint=fingerprint, leaves_out_errors=False, actor=leader, now=now)
    assert only(session).person.family_name == "Okoro"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"Academic_year": "2027/28"}, ("Module code", "You lead no module run WL6W50 2027/28. Plan it first")),
        ({"Module_code": "WL5W50", "Level": "5"}, ("Module code", "You lead no module run WL5W50 2026/27.")),
        ({"Period": "AUT"}, ("Period", "WL6W50 2026/27 has no period AUT here, only YEAR.")),
        ({"Occurrence": "C"}, ("Occurrence", "WL6W50 2026/27 has no timeslot group C. It has A and B. Add the group")),
    ],
)
def test_a_line_without_a_place_here_is_an_error_at_the_preview(made, leader, now, changed, expected):
    make.run(code="WL5W50", level=5, period="YEAR")  # another leader's
    ((number, where, said),) = problems(line(**changed), leader=leader, now=now)
    assert (number, where) == (2, expected[0])
    assert said.startswith(expected[1])


def test_nobody_is_enrolled_on_a_closed_run(made, leader, now):
    made.run.state = RunState.CLOSED
    assert problems(ADA, leader=leader, now=now) == [
        (2, "Module code", "WL6W50 2026/27 is closed, so nobody can be enrolled on it.")
    ]


def test_an_address_of_somebody_else_is_refused(made, leader, now):
    bring_in(ADA, leader=leader, now=now)
    other = line(Student_number="21034999", Surname="Cai")
    said = "This address belongs to somebody else here. Check it with the student record."
    assert problems(other, leader=leader, now=now) == [(2, "Email", said)]
    bring_in(BEN, leader=leader, now=now)
    swapped = line(Student_number="21034568", Surname="Mbeki", Forename="Ben", Occurrence="B")
    assert problems(swapped, leader=leader, now=now) == [(2, "Email", said)]


def test_a_person_known_by_address_is_the_same_person(session, made, leader, now):
    contact = make.person(given_name="Ada", family_name="Okafor", email="ada.okafor@students.example.ac.uk")
    bring_in(ADA, leader=leader, now=now)
    assert only(session).person is contact
    assert contact.student_number == "21034567"


def test_a_file_cannot_take_over_the_account_of_somebody_who_works_here(made, leader, now):
    administrator = make.account(make.person(given_name="Tom", family_name="B", email="tom@example.org"))
    administrator.global_roles = make.account(None, GlobalRole.ADMINISTRATOR).global_roles
    said = "Tom B also works here, so this file cannot change their address. Ask the administrator."
    assert problems(line(Email="tom@example.org"), leader=leader, now=now) == [(2, "Email", said)]
    administrator.person.student_number = "21034567"
    assert problems(line(Email="mine@example.org"), leader=leader, now=now) == [(2, "Email", said)]
    assert problems(line(Email="tom@example.org"), leader=leader, now=now) == []


def test_nobody_who_works_on_a_run_studies_on_it(made, leader, now):
    assert problems(line(Email="joseph.amadi@example.org"), leader=leader, now=now) == [
        (2, "Student number", "Joseph Amadi works on WL6W50 2026/27, so cannot study on it too.")
    ]


def test_who_left_before_they_were_known_is_not_enrolled(session, made, leader, now):
    upload = bring_in(line(Status="Withdrawn"), leader=leader, now=now)
    assert upload.outcome["never_started"] == 1
    assert session.scalars(select(Enrolment)).all() == []


def test_one_student_on_two_modules_is_one_person(session, made, leader, now):
    other = make.run(code="WL5W50", level=5, period="YEAR")
    make.run_role(actions.RunRole.LEADER, made.leader.person, other)
    make.group(other, occurrence="A")
    leader = principal(made.leader)
    bring_in(ADA, line(Module_code="WL5W50", Level="5"), leader=leader, now=now)
    enrolments = session.scalars(select(Enrolment)).all()
    assert len({each.person_id for each in enrolments}) == 1
    assert {each.run.code for each in enrolments} == {"WL6W50", "WL5W50"}


def test_uploads_that_nobody_applied_are_forgotten_after_a_month(session, made, leader, now):
    applied = bring_in(ADA, leader=leader, now=now.replace(month=8))
    keep(ADA, leader=leader, now=now.replace(month=8))
    kept = keep(BEN, leader=leader, now=now)
    assert set(session.scalars(select(RosterImport))) == {applied, kept}


def test_a_look_asks_the_same_number_of_questions_however_many_rows(session, made, leader, now):
    counts = []
    for size in (1, 3, 30):
        lines = [line(Student_number=f"210350{each:02}", Email=f"s{each}@example.org") for each in range(size)]
        upload = keep(*lines, leader=leader, now=now)
        session.flush()
        session.expire_all()
        with counting_queries() as queries:
            look(upload, leader)
        counts.append(queries.count)
    assert counts == [7, 7, 7]
