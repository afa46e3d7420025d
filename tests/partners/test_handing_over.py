"""Somebody leaves and a colleague takes over: the role, the students and the mail go on, the leaver's links do not."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import or_, select, update

from placements.confirming.actions import answer
from placements.confirming.rules import CONFIRM_WEEK
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.links.actions import add_link, token
from placements.logbook.models import How
from placements.mail.models import Notification
from placements.partners import actions
from placements.partners.actions import contact_left
from placements.partners.models import Contact, ContactRole, Organisation
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.databases import Copy, seeding
from tests.factories import DAY, NOW
from tests.races import at_once


@dataclass
class Hall:
    """An organisation with its main contact, a second colleague, and a placement that the main contact supervises."""

    organisation: Organisation
    leaver: Contact
    stays: Contact
    placement: Placement


def hall() -> Hall:
    organisation = make.organisation(name="Holloway Larder")
    leaver = make.contact(organisation, make.person(given_name="Amina", family_name="Yusuf"))
    stays = make.contact(organisation, make.person(given_name="Dev", family_name="Patel"), ContactRole.SUPERVISOR)
    group = make.group(tutor=make.person())
    at = make.challenge(organisation, supervisor=leaver.person)
    return Hall(organisation, leaver, stays, make.placement(make.enrolment(group), at))


def told_by(*areas: str) -> Any:
    """Whom these areas told what; others may have something to say about a handover too."""
    ours = or_(*(Notification.notice.startswith(f"{area}.") for area in areas))
    return select(Notification.notice, Notification.recipient_id).where(ours)


def leave(scene: Hall, successor: Contact | None) -> None:
    actions.say_left(scene.leaver, successor, actor=Principal(scene.leaver.person_id), now=NOW)
    db.session.flush()


def test_the_successor_has_the_role_the_students_and_a_mail(session: Any) -> None:
    scene = hall()
    leave(scene, scene.stays)
    assert (scene.leaver.left_on, scene.stays.role) == (NOW.date(), ContactRole.PRIMARY)
    placement = scene.placement
    assert placement.supervisor_id == scene.stays.person_id
    told = session.execute(told_by("partners", "placing")).all()
    student, tutor = placement.enrolment.person_id, placement.tutor_id
    assert set(told) == {
        ("partners.handed_over", scene.stays.person_id),
        ("placing.supervisor_changed", scene.stays.person_id),
        ("placing.supervisor_changed", student),
        ("placing.supervisor_changed", tutor),
    }
    about = (History.about_kind == "placement", History.about_id == placement.id)
    assert session.execute(select(History.verb, History.reason).where(*about)).all() == [
        ("given another supervisor", "The supervisor has left the organisation.")
    ]


def test_a_second_main_contact_keeps_the_others_their_roles(session: Any) -> None:
    scene = hall()
    make.contact(scene.organisation)
    leave(scene, scene.stays)
    assert scene.stays.role is ContactRole.SUPERVISOR


def test_a_colleague_who_stepped_down_meanwhile_is_no_main_contact_to_leave_it_to(session: Any) -> None:
    """The page that was pressed on had read both as main contacts; another press was first."""
    scene = hall()
    scene.stays.role = ContactRole.PRIMARY
    session.flush()
    stepped_down = update(Contact).where(Contact.id == scene.stays.id).values(role=ContactRole.SUPERVISOR)
    session.execute(stepped_down.execution_options(synchronize_session=False))
    with pytest.raises(Refused, match="Amina Yusuf is the only main contact"):
        leave(scene, None)


@pytest.mark.parametrize("state", [PlacementState.COMPLETED, PlacementState.NOT_STARTED])
def test_a_placement_that_is_over_keeps_its_supervisor(session: Any, state: PlacementState) -> None:
    scene = hall()
    scene.placement.state = state
    leave(scene, scene.stays)
    assert scene.placement.supervisor_id == scene.leaver.person_id


def test_a_placement_of_the_leaver_at_another_organisation_stays_theirs(session: Any) -> None:
    scene = hall()
    elsewhere = make.organisation()
    make.contact(elsewhere, scene.leaver.person)
    make.contact(elsewhere, scene.stays.person)
    there = make.placement(at=make.challenge(elsewhere, supervisor=scene.leaver.person))
    leave(scene, scene.stays)
    assert there.supervisor_id == scene.leaver.person_id


def test_nobody_supervises_a_placement_of_their_own(session: Any) -> None:
    scene = hall()
    student = make.contact(scene.organisation, scene.placement.enrolment.person)
    leave(scene, student)
    assert scene.placement.supervisor_id == scene.leaver.person_id


def test_where_nobody_takes_over_the_students_stay_theirs(session: Any) -> None:
    scene = hall()
    make.contact(scene.organisation)
    leave(scene, None)
    assert scene.placement.supervisor_id == scene.leaver.person_id
    assert session.execute(told_by("partners", "placing")).all() == []


def test_who_left_or_works_elsewhere_takes_nothing_over(session: Any) -> None:
    scene = hall()
    scene.stays.left_on = NOW.date()
    for other in (scene.stays, make.contact(), scene.leaver):
        with pytest.raises(Refused, match="Choose somebody who works there now"):
            leave(scene, other)
    with pytest.raises(Refused, match=r"Amina Yusuf is the only main contact\. Choose who takes over"):
        leave(scene, None)


def test_the_leaver_s_link_to_confirm_hours_shows_and_does_nothing_more(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = hall()
        entry = make.entry(scene.placement, activity="Counted tins")
        link = add_link(CONFIRM_WEEK, 1, scene.leaver.person_id, now=NOW, lasts=9 * DAY)
        new = add_link(CONFIRM_WEEK, 1, scene.stays.person_id, now=NOW, lasts=9 * DAY)
        with database.test_request_context():
            urls = [f"/confirm/{token(each)}" for each in (link, new)]
        db.session.commit()
        seen = {entry.id: entry.version}
    assert "Counted tins" in client.page(urls[0]).text  # before
    with database.app_context():
        scene.leaver, scene.stays = db.session.merge(scene.leaver), db.session.merge(scene.stays)
        leave(scene, scene.stays)
        db.session.commit()
        leaver = Principal(scene.leaver.person_id)
        with pytest.raises(NotAllowed):
            answer(seen, {}, how=How.LINK, actor=leaver, now=NOW)
        db.session.rollback()
    assert "Counted tins" not in client.page(urls[0]).text
    assert "Counted tins" in client.page(urls[1]).text


def test_the_page_hands_over_and_leads_the_leaver_home(database: Flask, client: PageClient) -> None:
    with seeding(database):
        scene = hall()
        account = make.account(scene.leaver.person)
        url, key = f"/organisations/contacts/{scene.leaver.public_id}/left", scene.stays.public_id
    client.sign_in_as(account)
    page = client.page(url)
    assert client.submit(page.form(url)).errors == ["Choose who takes over, or nobody"]
    page = client.submit(page.form(url), successor=key)
    assert "Amina Yusuf is no longer a contact." in page.text
    assert client.get(url).status_code == 404


def test_pressed_twice_at_once_it_is_handed_over_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        scene = hall()
        keys, actor = (scene.leaver.id, scene.stays.id), Principal(scene.stays.person_id)
        db.session.commit()
    heard = []

    def hear(contact: Contact, **_said: Any) -> None:
        heard.append(contact.id)

    def press() -> None:
        leaver, stays = (db.session.get_one(Contact, key) for key in keys)
        actions.say_left(leaver, stays, actor=actor, now=NOW)

    with contact_left.connected_to(hear):
        assert at_once(fresh_database, press, press, press) == [None, None, None]
    assert heard == [keys[0]]
