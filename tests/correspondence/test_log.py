"""What was sent to somebody is seen by those who look after them: that it was, and whether it arrived; never what it said."""

import csv
import io
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import Account, GlobalRole
from placements.cohorts.models import RunRole
from placements.db import db
from placements.mail.models import MailReturn, MessageState, ReturnKind
from placements.mail.notices import notices
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.correspondence.conftest import Kinds
from tests.correspondence.factories import message, notification
from tests.factories import DAY, NOW

PRIVATE = [
    "board.correction_asked",
    "board.correction_refused",
    "clearance.move_answered",
    "clearance.shared",
    "clearance.waits",
    "clearance.yours",
    "concerns.link",
    "concerns.news",
    "concerns.nobody",
    "concerns.waits",
    "extensions.deadline_moved",
    "reassessment.news",
    "reassessment.opened",
    "watch.attendance",
]


@dataclass
class Scene:
    """A student and those who look after them."""

    student: Account
    supervisor: Account
    tutor: Account
    leader: Account
    administrator: Account
    engagement: Account
    contact: Account

    def url(self, of: Account, ending: str = "") -> str:
        return f"/people/{of.person.public_id}/mail{ending}"


@pytest.fixture
def scene(database: Flask, kinds: Kinds) -> Scene:
    with database.app_context():
        run = make.run()
        tutor, leader = make.account(make.person(given_name="Tom", family_name="Tutor")), make.account()
        supervisor = make.account()
        make.run_role(RunRole.LEADER, leader.person, run)
        student = make.account(make.person(given_name="Ada", family_name="Okoro"))
        enrolment = make.enrolment(make.group(run, tutor.person), student.person)
        make.placement(enrolment, make.challenge(supervisor=supervisor.person))
        contact = make.account(make.person(given_name="Sue", family_name="Park"))
        make.contact(make.organisation(), contact.person)
        administrator = make.account(make.person(), GlobalRole.ADMINISTRATOR)
        engagement = make.account(make.person(), GlobalRole.ENGAGEMENT)
        db.session.commit()
        for each in (student, supervisor, tutor, leader, administrator, engagement, contact):
            db.session.refresh(each)
        made = Scene(student, supervisor, tutor, leader, administrator, engagement, contact)
        db.session.expunge_all()
        return made


def sent(database: Flask, to: Account, names: list[str], **given: Any) -> str:
    """The address of a mail's page."""
    with database.app_context():
        made = message(to.person, names, **given)
        db.session.commit()
        return f"/mail/message/{made.public_id}"


def test_what_is_private_is_typed_by_hand(app: Flask) -> None:
    with app.app_context():
        assert sorted(name for name, notice in notices().items() if notice.private) == PRIVATE


@pytest.mark.parametrize("who", ["tutor", "leader"])
def test_who_looks_after_a_student_sees_what_was_sent_but_nothing_private(
    database: Flask, client: PageClient, scene: Scene, who: str
) -> None:
    mixed = sent(database, scene.student, ["kinds.duty", "kinds.hush"], subject="~subject~")
    hushed = sent(database, scene.student, ["kinds.hush"], subject="~subject~")
    client.sign_in_as(getattr(scene, who))
    client.forbidden = {"~subject~", "~hush-title~", "~hush-because~"}
    page = client.page(scene.url(scene.student))
    assert page.h1 == "Mail to Ada Okoro"
    assert page.rows == [
        ["Tue 20 Oct 2026, 9am (now)", "Something to do", "Sent Tue 20 Oct 2026, 9am (now)", page.rows[0][3]]
    ]
    page = client.page(mixed)
    assert page.h1 == "Why Ada Okoro got this mail"
    assert "It is sent because something is to be done. It is said once." in page.text
    assert (
        "The student’s tutor, and the leaders of the module run, with what it was about, but not what it said"
        in page.text
    )
    assert client.get(hushed).status_code == 404
    for filters in ("?kind=kinds.hush", "?fate=sent"):  # nothing follows from a filter, or a count
        assert len(client.page(scene.url(scene.student) + filters).rows) == 1
    sheet = client.get(scene.url(scene.student, ".csv")).get_data(as_text=True)
    assert list(csv.reader(io.StringIO(sheet.lstrip("\ufeff")))) == [
        ["What it was about", "Due", "Status", "Sent"],
        ["Something to do", "Tue 20 Oct 2026, 9am", "Sent", "Tue 20 Oct 2026, 9am"],
    ]


def test_one_reads_of_all_of_ones_own_mail(database: Flask, client: PageClient, scene: Scene) -> None:
    hushed = sent(database, scene.student, ["kinds.hush"], subject="About you")
    client.sign_in_as(scene.student)
    assert "~hush-title~" in client.page(scene.url(scene.student)).text
    page = client.page(hushed)
    assert page.h1 == "Why you got this mail"
    assert "Its subject: “About you”." in page.text
    assert "You get it because ~hush-because~." in page.text
    assert "Nobody: it is private." in page.text


def test_the_administrator_sees_that_it_arrived_and_not_what_it_was_about(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    failed = {"state": MessageState.FAILED, "tries": 5, "sent_at": None, "problem": "SMTPRecipientsRefused: ~who~"}
    mail = sent(database, scene.student, ["kinds.duty"], subject="~subject~", **failed)
    hushed = sent(database, scene.student, ["kinds.hush"], subject="~subject~")
    client.sign_in_as(scene.administrator)
    client.forbidden = {
        "~subject~",
        "Something to do",
        "something is to be done",
        "~hush-title~",
        "~who~",
        "kinds.duty",
    }
    page = client.page(scene.url(scene.student))
    assert [row[:2] for row in page.rows] == [["Tue 20 Oct 2026, 9am (now)", "Could not be delivered"]]
    assert len(client.page(scene.url(scene.student, "?kind=kinds.party")).rows) == 1
    page = client.page(mail)
    assert "Handing it over failed 5 times." in page.text
    assert "Our mail server refused it." in page.text
    assert client.get(hushed).status_code == 404
    assert "Could not be delivered" in client.get(scene.url(scene.student, ".csv")).get_data(as_text=True)


def test_engagement_sees_the_mail_of_organisations_people_and_of_no_student(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    mail = sent(database, scene.contact, ["kinds.weekly"])
    client.sign_in_as(scene.engagement)
    assert [row[1] for row in client.page(scene.url(scene.contact)).rows] == ["News of the week"]
    assert client.page(mail).h1 == "Why Sue Park got this mail"
    assert client.get(scene.url(scene.student)).status_code == 404
    with database.app_context():
        make.enrolment(make.group(make.run()), db.session.merge(scene.contact.person))
        db.session.commit()
    assert client.get(scene.url(scene.contact)).status_code == 404  # what they do as a student is nobody's there
    assert client.get(mail).status_code == 404


def test_a_leader_sees_the_mail_of_the_runs_tutors_and_supervisors_and_a_tutor_does_not(
    database: Flask, client: PageClient, scene: Scene
) -> None:
    mail = sent(database, scene.supervisor, ["kinds.weekly", "kinds.hush"])
    client.sign_in_as(scene.leader)
    client.forbidden = {"~hush-title~"}
    assert client.page(scene.url(scene.tutor)).h1 == "Mail to Tom Tutor"
    assert [row[1] for row in client.page(scene.url(scene.supervisor)).rows] == ["News of the week"]
    assert "The leaders of the module runs concerned" in client.page(mail).text
    client.sign_in_as(scene.tutor)
    for other in (scene.leader, scene.supervisor, scene.administrator):
        assert client.get(scene.url(other)).status_code == 404
    client.sign_in_as(scene.supervisor)
    assert client.get(scene.url(scene.student)).status_code == 404


@pytest.mark.parametrize("many", [1, 3])
def test_an_organisations_page_leads_only_to_mail_that_opens(
    database: Flask, client: PageClient, scene: Scene, many: int
) -> None:
    with database.app_context():
        place = make.organisation()
        for each in range(many):
            make.contact(place, make.person(given_name=f"Con{each}", family_name="Tact"))
        both = make.contact(place, make.person(given_name="Amina", family_name="Khan")).person
        make.enrolment(make.group(make.run()), both)
        db.session.commit()
        url = f"/organisations/{place.public_id}"
    client.sign_in_as(scene.engagement)
    client.page(url)
    with counting_queries() as asked:
        page = client.page(url)
    assert asked.count == 18
    led_to = [link for link in page.links if link.text.startswith("What was sent")]
    assert sorted(link.text for link in led_to) == [f"What was sent to Con{each} Tact" for each in range(many)]
    assert [client.get(link.href).status_code for link in led_to] == [200] * many


def test_each_line_says_how_far_it_came(database: Flask, client: PageClient, scene: Scene) -> None:
    at = {"created_at": NOW, "sent_at": None}
    with database.app_context():
        to = db.session.merge(scene.student.person)
        message(to, ["kinds.duty"], state=MessageState.QUEUED, tries=2, problem="TimeoutError: ~what~", **at)
        message(to, ["kinds.weekly"], state=MessageState.QUEUED, **at)
        message(to, ["kinds.party"], state=MessageState.FAILED, **at)
        message(to, ["kinds.duty"], state=MessageState.SENT, sent_at=NOW - DAY)
        notification(to, "kinds.weekly", due_at=NOW - timedelta(minutes=1))
        notification(to, "kinds.duty", due_at=NOW - timedelta(minutes=2))
        notification(to, "kinds.party", due_at=NOW + 9 * DAY)
        notification(to, "kinds.party", due_at=NOW - DAY, dropped_at=NOW)
        db.session.commit()
    client.sign_in_as(scene.tutor)
    client.forbidden = {"~what~"}
    page = client.page(scene.url(scene.student))
    assert "Not sent: it was no longer true by then, or is muted." in page.text
    rows = {(row[1], row[2]) for row in page.rows}
    assert rows == {
        ("Something to do", "Put off Tried 2 times, and is tried again"),
        ("News of the week", "Waiting It is being sent"),
        ("Invitation to a party", "Could not be delivered"),
        ("Something to do", "Sent Mon 19 Oct 2026, 9am (1 day ago)"),
        ("News of the week", "Waiting With the day’s mail, Tue 20 Oct 2026, 9:10am (in 10 minutes)"),
        ("Something to do", "Waiting It is being sent"),
        ("Invitation to a party", "Waiting Not before Thu 29 Oct 2026, 8am (in 9 days)"),
        ("Invitation to a party", "Not sent"),
    }


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        ("?fate=waiting", ["Invitation to a party"]),
        ("?fate=put_off", ["News of the week"]),
        ("?fate=sent", ["Something to do"]),
        ("?fate=failed", ["Invitation to a party"]),
        ("?fate=not_sent", ["News of the week"]),
        ("?kind=kinds.duty", ["Something to do"]),
        ("?kind=kinds.duty&fate=failed", []),
    ],
)
def test_the_filters_of_the_list(
    database: Flask, client: PageClient, scene: Scene, filters: str, titles: list[str]
) -> None:
    with database.app_context():
        to = db.session.merge(scene.student.person)
        message(to, ["kinds.duty"])
        message(to, ["kinds.party"], state=MessageState.FAILED)
        message(to, ["kinds.weekly"], state=MessageState.QUEUED, tries=1)
        notification(to, "kinds.party")
        notification(to, "kinds.weekly", dropped_at=NOW)
        db.session.commit()
    client.sign_in_as(scene.tutor)
    assert [row[1] for row in client.page(scene.url(scene.student, filters)).rows] == titles


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_asks_as_much_for_three_as_for_one(
    database: Flask, client: PageClient, scene: Scene, many: int
) -> None:
    with database.app_context():
        to = db.session.merge(scene.student.person)
        for _ in range(many):
            made = message(to, ["kinds.duty"])
        db.session.commit()
        mail = f"/mail/message/{made.public_id}"
    client.sign_in_as(scene.tutor)
    client.page(scene.url(scene.student))
    with counting_queries() as asked:
        assert len(client.page(scene.url(scene.student)).rows) == many
    # the account, its roles, whose it is, the kinds, the lines, the hour, the closed days, whether mail comes back
    assert asked.count == 8
    with counting_queries() as asked:
        client.page(mail)
    # the account, its roles, the mail, what is in it, whose it is, who else sees it, whether mail comes back
    assert asked.count == 7


def test_whose_mail_comes_back_is_said_with_what_to_do(database: Flask, client: PageClient, scene: Scene) -> None:
    mail = sent(database, scene.contact, ["kinds.weekly"])
    with database.app_context():
        back = message(scene.contact.person, ["kinds.duty"])
        db.session.flush()
        given = {"address": scene.contact.person.email, "status": "5.1.1", "at": NOW}
        db.session.add(MailReturn(message_id=back.id, kind=ReturnKind.BOUNCED, **given))
        db.session.commit()
    said = "Mail to Sue has come back since Tue 20 Oct 2026, 9am (now): there is no such mailbox."
    client.sign_in_as(scene.engagement)
    for url in (scene.url(scene.contact), mail):
        page = client.page(url)
        assert said in page.text
        assert client.page(page.link("Put it right")).h1 == "Mail does not reach Sue Park"
    client.sign_in_as(scene.administrator)
    page = client.page(mail)
    assert said in page.text
    assert "Put it right" not in page.text
    client.sign_in_as(scene.contact)
    page = client.page(scene.url(scene.contact))
    assert "Mail to you has come back since" in page.text
    assert client.page(page.link("Put it right")).h1 == "Your email address"


def test_a_kind_that_is_no_more_is_called_so(database: Flask, client: PageClient, scene: Scene) -> None:
    with database.app_context():
        to = db.session.merge(scene.student.person)
        notification(to, "kinds.duty").notice = "kinds.of_old"
        db.session.commit()
    client.sign_in_as(scene.tutor)
    assert "A kind of mail that is not sent any more" in client.page(scene.url(scene.student)).text
