"""What organisations, tutors and module leaders see of applications, and what nobody else ever does."""

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import Account
from placements.applications.models import Application, Preference
from placements.cohorts.models import RunRole
from placements.db import db
from placements.mail.models import Notification
from tests import factories as make
from tests.applications.scene import student
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.page import elements, text_of

APPLICANTS_QUERIES = 6  # account, roles, challenge, applicants, by when to answer; is it a demo
OVERVIEW_QUERIES = 10  # account, roles, run (3), students, applications, preferences, how many; is it a demo


def applicant(name: str, statement: str, *ranked: object, **said: object) -> Application:
    """Somebody of that family name who has submitted."""
    who = make.person(given_name="Given", family_name=name)
    return make.application(make.enrolment(who=who), list(ranked), statement=statement, **said)  # type: ignore[arg-type]


def test_an_organisation_reads_what_applicants_wrote_for_it_by_name_and_never_a_rank(
    database: Flask, client: PageClient
) -> None:
    with seeding(database):
        organisation = make.organisation()
        contact = make.account(make.contact(organisation).person)
        own, other = make.challenge(organisation, title="Ours"), make.challenge(title="CANARY elsewhere")
        second = applicant("Bee", "Bee's words", other, own)
        db.session.scalars(select(Preference).where(Preference.challenge == own)).one().addition = "Only for you"
        db.session.scalars(select(Preference).where(Preference.challenge == other)).one().addition = "CANARY addition"
        applicant("Ay", "Ay's words", own)
        applicant("CANARY", "CANARY of another challenge", other)
        applicant("CANARY", "CANARY draft", own, state="draft", submitted_at=None)
        applicant("CANARY", "CANARY withdrawn", own).state = "withdrawn"  # type: ignore[assignment]
        applicant("CANARY", "CANARY decided", own, decided_at=make.NOW)
        applicant("CANARY", "CANARY placed", own).enrolment.state = "placed"  # type: ignore[assignment]
        person = second.enrolment.person
        client.forbidden = {"CANARY", str(person.student_number), person.email}
    client.sign_in_as(contact)
    page = client.page(f"/challenges/{own.public_id}/applicants")
    assert "1st" not in page.text and "2nd" not in page.text
    assert [text_of(each) for each in elements(page.main, "h2")] == ["Given Ay", "Given Bee"]
    for said in ("Ay's words", "Bee's words", "Only for you", "Psychology BSc", "1–2 of 2 applicants"):
        assert said in page.text
    client.page(f"/challenges/{other.public_id}/applicants", status=404)


def test_an_organisation_without_applicants_is_told_what_will_come(database: Flask, client: PageClient) -> None:
    with seeding(database):
        organisation = make.organisation()
        contact = make.account(make.contact(organisation).person)
        challenge = make.challenge(organisation)
    client.sign_in_as(contact)
    assert "Nobody to show yet" in client.page(f"/challenges/{challenge.public_id}/applicants").text


@pytest.mark.parametrize("count", [1, 3, 25])
def test_the_list_of_applicants_is_paged_and_asks_as_many_questions(
    database: Flask, client: PageClient, count: int
) -> None:
    with seeding(database):
        organisation = make.organisation()
        contact = make.account(make.contact(organisation).person)
        challenge = make.challenge(organisation)
        for number in range(count):
            applicant(f"F{number:02}", "x" * 2000, challenge)
    client.sign_in_as(contact)
    with counting_queries() as queries:
        page = client.page(f"/challenges/{challenge.public_id}/applicants")
    assert queries.count == APPLICANTS_QUERIES
    assert len(list(elements(page.main, "h2"))) == min(count, 10)
    if count > 10:
        last = client.page(f"/challenges/{challenge.public_id}/applicants?page=3")
        assert next(text_of(each) for each in elements(last.main, "h2")) == "Given F20"


def test_no_page_of_a_student_holds_another_students_name_words_or_rank(database: Flask, client: PageClient) -> None:
    with seeding(database):
        group = make.group()
        account, enrolment = student(group)
        challenge = make.challenge()
        run_url = f"/runs/{group.run.public_id}/applications"
        other = make.person(given_name="Canarina", family_name="Zwitscher")
        theirs = make.application(make.enrolment(group, other), [challenge], statement="CANARY statement")
        make.application(enrolment, [challenge])
    client.sign_in_as(account)
    client.forbidden = {"Canarina", "Zwitscher", "CANARY", other.email, str(other.student_number)}
    for url in ("/find", f"/find/{challenge.public_id}", "/choices", "/choices/check", "/choices/receipt"):
        client.page(url)
    for url in (
        f"/applications/{theirs.public_id}",
        f"/challenges/{challenge.public_id}/applicants",
        run_url,
    ):
        client.page(url, status=404)


def led(app: Flask) -> tuple[Account, Account, str]:
    """A run's leader, its group's tutor and the address of its list. One student has submitted: Beta before Alpha."""
    with seeding(app):
        tutor = make.account()
        group = make.group(tutor=tutor.person)
        leader = make.account()
        make.run_role(RunRole.LEADER, leader.person, group.run)
        ada = make.person(given_name="Ada", family_name="Obi", student_number="26001234")
        first, second = make.challenge(title="Alpha"), make.challenge(title="Beta")
        make.application(make.enrolment(group, ada), [second, first], statement="My words")
        ben = make.person(given_name="Ben", family_name="Cole")
        make.application(make.enrolment(group, ben), [first], state="draft", statement="CANARY", submitted_at=None)
        make.enrolment(group, make.person(given_name="Cy", family_name="Day"))
        make.enrolment(group, make.person(given_name="Di", family_name="Gone"), state="withdrawn")
        url = f"/runs/{group.run.public_id}/applications"
    return leader, tutor, url


def test_the_module_leader_sees_who_submitted_what_in_which_order(database: Flask, client: PageClient) -> None:
    leader, _, url = led(database)
    client.sign_in_as(leader)
    client.forbidden = {"CANARY"}  # a draft is its writer's own
    page = client.page(url)
    assert [row[0] for row in page.rows] == ["Ben Cole", "Cy Day", "Ada Obi"]
    assert [row[2] for row in page.rows] == ["Draft only", "Nothing yet", "Submitted"]
    assert page.rows[2][3:] == ["Mon 19 Oct 2026, 9am", "Beta Alpha"]
    assert "2 students have not submitted choices." in page.text
    assert [link.href.partition("?")[2] for link in page.links if link.text == "1 Draft only"] == ["choices=draft"]
    page = client.page(page.link("Ada Obi"))
    for said in ("My words", "Choices in order", "Psychology BSc"):
        assert said in page.text
    assert page.text.index("Beta") < page.text.index("Alpha")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("choices=submitted", ["Ada Obi"]),
        ("choices=nothing", ["Cy Day"]),
        ("q=cole", ["Ben Cole"]),
        ("q=26001234", ["Ada Obi"]),
        ("choices=withdrawn", []),
        ("group=nonsense", ["Ben Cole", "Cy Day", "Ada Obi"]),
    ],
)
def test_the_list_of_a_run_can_be_narrowed(database: Flask, client: PageClient, asked: str, found: list[str]) -> None:
    leader, _, url = led(database)
    client.sign_in_as(leader)
    page = client.page(f"{url}?{asked}")
    assert [row[0] for row in page.rows] == found


def test_a_tutor_reads_the_application_of_an_own_student_without_its_order(database: Flask, client: PageClient) -> None:
    _, tutor, overview = led(database)
    with database.app_context():
        submitted = db.session.scalars(select(Application).where(Application.state == "submitted")).one()
        url = f"/applications/{submitted.public_id}"
    client.sign_in_as(tutor)
    page = client.page(url)
    assert "Choices, by title" in page.text
    assert page.text.index("Alpha") < page.text.index("Beta")
    client.page(overview, status=403)
    with seeding(database):
        other_tutor = make.account(make.group().tutor or make.person())
    client.sign_in_as(other_tutor)
    client.page(url, status=404)


def test_asking_those_without_choices_names_them_first_and_writes_once(database: Flask, client: PageClient) -> None:
    leader, _, url = led(database)
    client.sign_in_as(leader)
    page = client.page(client.page(url).link("Ask those without choices"))
    assert "Ben Cole" in page.text
    assert "Cy Day" in page.text
    assert "Ada Obi" not in page.text
    form = page.form(f"{url}/nudge")
    assert [button.text for button in form.buttons] == ["Send 2 emails"]
    assert "A mail is on its way to 2 students." in client.submit(form).text
    client.submit(form)
    with database.app_context():
        assert len(db.session.scalars(select(Notification)).all()) == 2


@pytest.mark.parametrize("count", [1, 3, 60])
def test_the_list_of_a_run_asks_as_many_questions_however_long_it_is(
    database: Flask, client: PageClient, count: int
) -> None:
    with seeding(database):
        group, leader, challenge = make.group(), make.account(), make.challenge()
        make.run_role(RunRole.LEADER, leader.person, group.run)
        for _ in range(count):
            make.application(make.enrolment(group), [challenge])
        url = f"/runs/{group.run.public_id}/applications"
    client.sign_in_as(leader)
    with counting_queries() as queries:
        page = client.page(url)
    assert len(page.rows) == min(count, 50)
    assert queries.count == OVERVIEW_QUERIES
