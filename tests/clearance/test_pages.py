"""The pages of gates, as keepers, students, tutors and supervisors meet them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.challenges.models import Dbs
from placements.clearance import actions
from placements.clearance.models import VisaDetail
from placements.core.seen import fingerprint
from placements.db import db
from placements.history.models import SensitiveRead
from placements.placing.models import Placement, PlacementGate
from placements.placing.rules import GateKind
from tests import factories as make
from tests.clearance.making import gate
from tests.clearance.scene import Cleared
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.page import Page
from tests.placing.scene import committed

Made = Callable[..., Cleared]


@pytest.fixture
def made(database: Flask) -> Made:
    def build(*more: Callable[[Cleared], object]) -> Cleared:
        with database.app_context():
            scene = Cleared()
            for add in more:
                add(scene)
            actions.ask_keepers(NOW)
            found: Cleared = committed(scene)
            return found

    return build


def needs_dbs(scene: Cleared) -> None:
    scene.challenge.dbs = Dbs.BASIC


def sponsored(scene: Cleared) -> None:
    scene.enrolment.is_visa_sponsored = True


def asked(scene: Cleared) -> None:
    actions.ask_adjustment(scene.placement, "Breaks, please.", actor=scene.as_("student"), now=NOW)


def the_form(page: Page) -> Any:
    return next(form for form in page.forms if form.method == "post" and "sign-out" not in form.action)


def state(database: Flask, scene: Cleared) -> tuple[str, list[str]]:
    with database.app_context():
        placement = db.session.get_one(Placement, scene.placement.id)
        return placement.state.value, [each.state.value for each in placement.gates]


def test_a_keeper_settles_a_check_from_home(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(needs_dbs)
    client.sign_in_as(scene.safeguarding)
    assert "1 check waits for you before a placement by Mon 2 Nov 2026, 5pm" in client.page("/home").text
    page = client.page("/clearance")
    assert page.rows[-1][:2] == ["Ada Okoro, DBS check", "DBS check"]
    page = client.page(page.link("Ada Okoro, DBS check"))
    assert "Settle this by Mon 2 Nov 2026 (in 13 days)" in page.text
    page = client.page(page.link("Record the check"))
    page = client.submit(the_form(page), level="basic", seen_on=["19", "10", "2026"])
    assert "It is recorded." in page.text
    assert "Seen on Mon 19 Oct 2026: Basic DBS check." in page.text
    assert state(database, scene) == ("cleared", ["held"])


def test_what_a_keeper_reads_is_written_down_each_time(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(needs_dbs)
    client.sign_in_as(scene.safeguarding)
    url = client.page("/clearance").link("Ada Okoro, DBS check")
    for _ in range(2):
        client.page(url)
    with database.app_context():
        rows = db.session.scalars(select(SensitiveRead)).all()
        assert {(row.reader_id, row.about_kind, row.field) for row in rows} == {
            (scene.safeguarding.person_id, "placement_gate", "dbs")
        }
        assert len(rows) == 2


def test_visa_details_sent_twice_are_one_row(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(sponsored)
    client.sign_in_as(scene.visa)
    page = client.page(client.page("/clearance").link("Ada Okoro, Student visa details"))
    form = the_form(client.page(page.link("Record the details")))
    client.submit(form, hours_a_week="6")
    page = client.submit(form, hours_a_week="6")
    assert "These details are recorded already." in page.errors
    with database.app_context():
        assert db.session.scalar(select(func.count()).select_from(VisaDetail)) == 1


def test_the_student_says_what_the_supervisor_reads(database: Flask, client: PageClient, made: Made) -> None:
    scene = made(asked)
    client.sign_in_as(scene.adviser)
    page = client.page(client.page("/clearance").link("Ada Okoro, Adjustments"))
    assert "Breaks, please." in page.text
    form = the_form(client.page(page.link("Record what is agreed")))
    client.submit(form, agreed="Rest, for her back.", to_share="A break each hour.")
    client.sign_in_as(scene.supervisor)
    assert "A break" not in client.page(scene.url).text
    client.sign_in_as(scene.student)
    assert "Say what your supervisor is told of your adjustments" in client.page("/home").text
    page = client.page(client.page(f"{scene.url}/checks").link("Say who is told"))
    assert "A break each hour." in page.text
    page = client.submit(the_form(page), shares="yes")
    assert "Sue Supervisor can read these words." in page.text
    client.sign_in_as(scene.supervisor)
    page = client.page(scene.url)
    assert "What helps Ada A break each hour." in page.text
    assert "back" not in page.text
    assert state(database, scene) == ("cleared", ["held"])


def test_words_that_changed_since_they_were_read_are_not_agreed_to(
    database: Flask, client: PageClient, made: Made
) -> None:
    def agreed(scene: Cleared) -> None:
        asked(scene)
        found = scene.gate(GateKind.ADJUSTMENT)
        actions.agree_adjustment(found, "Rest.", "A break.", actor=scene.as_("adviser"), now=NOW)

    scene = made(agreed)
    client.sign_in_as(scene.student)
    form = the_form(client.page(f"{scene.url}/adjustments/answer"))
    with database.app_context():
        found = db.session.scalars(select(PlacementGate)).one()
        actions.agree_adjustment(found, "Rest.", "A chair.", actor=scene.as_("adviser"), now=NOW)
        db.session.commit()
    page = client.submit(form, shares="yes")
    assert "The words have changed since you read them. Read them again, then answer." in page.errors
    assert fingerprint("A chair.") != fingerprint("A break.")
    assert state(database, scene)[0] == "preparing"


def test_a_tutor_tells_the_safety_officer_and_they_say_what_is_left(
    database: Flask, client: PageClient, made: Made
) -> None:
    scene = made()
    client.sign_in_as(scene.tutor)
    page = client.page(client.page(scene.url).link("The university’s own checks"))
    client.submit(the_form(client.page(page.link("Something may be risky"))), what="Faints in the heat.")
    client.sign_in_as(scene.safety)
    page = client.page(client.page("/clearance").link("Ada Okoro, Risk for the student"))
    form = the_form(client.page(page.link("Say what is left of the risk")))
    page = client.submit(form, residual="medium")
    assert page.errors == ["Say what is done about the risk, or choose low"]
    page = client.submit(form, residual="medium", actions="A fan, and water.")
    assert "What is left: Medium." in page.text
    assert state(database, scene) == ("cleared", ["held"])


def test_an_officer_opens_a_check_by_number_and_a_number_of_nobody_is_refused(
    database: Flask, client: PageClient, made: Made
) -> None:
    scene = made()
    number = scene.student.person.student_number
    client.sign_in_as(scene.adviser)
    form = the_form(client.page("/clearance/new"))
    page = client.submit(form, number="nobody", words="A chair.")
    assert page.errors == ["No student with this number is placed at present, or you have a part in it."]
    client.submit(form, number=number, words="A chair.")
    assert state(database, scene)[1] == ["open"]


@pytest.mark.parametrize("many", [1, 3, 12])
def test_the_list_asks_as_few_queries_for_one_as_for_many(client: PageClient, made: Made, many: int) -> None:
    def more(scene: Cleared) -> None:
        for _ in range(many):
            gate(make.placement(make.enrolment(scene.group), scene.challenge), GateKind.OWN_RISK)

    scene = made(more)
    client.sign_in_as(scene.safety)
    with counting_queries() as queries:
        client.page("/clearance")
    assert queries.count == 5
