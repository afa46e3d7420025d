"""An organisation is paused: its main contacts are told once what it means for them, and never why."""

from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import GlobalRole
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.partners import actions, notices
from placements.partners.models import ContactRole, Organisation
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient
from tests.databases import Copy, seeding
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.races import at_once, let_go_until

WHY = "~canary~ of a reason"
TOGETHER = 4


@pytest.fixture
def larder(session: Any) -> Organisation:
    """Amina is its main contact, Dev supervises there, Gus has left; Erin of the engagement team looks after it."""
    erin = make.person(given_name="Erin", family_name="Okafor", email="erin@example.ac.uk")
    make.account(erin, GlobalRole.ENGAGEMENT)
    kept = make.organisation(name="Holloway Larder", public_id="organisation", owner=erin)
    make.contact(kept, make.person(given_name="Amina", family_name="Yusuf"))
    make.contact(kept, make.person(given_name="Dev"), ContactRole.SUPERVISOR)
    make.contact(kept, make.person(given_name="Gus"), left_on=NOW.date())
    return kept


def pause(organisation: Organisation) -> None:
    actions.pause(organisation, reason=WHY, actor=Principal(make.person().id), now=NOW)


def test_its_main_contacts_are_told_once_at_once_and_nobody_else(session: Any, larder: Organisation) -> None:
    for _ in range(2):  # a double click
        pause(larder)
    told = session.execute(select(Notification.notice, Notification.recipient_id, Notification.due_at)).all()
    assert told == [("partners.paused", larder.contacts[0].person_id, NOW)]
    assert larder.paused_at == NOW


def test_what_they_read(larder: Organisation) -> None:
    pause(larder)
    amina = larder.contacts[0].person
    check_golden("partners/paused", said(notices.PAUSED, larder.id, amina) or "")
    larder.owner = None
    check_golden("partners/paused_nobody_looks_after_it", said(notices.PAUSED, larder.id, amina) or "")


def test_an_owner_who_is_no_officer_any_more_is_not_whom_they_ask(larder: Organisation) -> None:
    pause(larder)
    larder.owner = make.person(given_name="Gone")
    assert "Gone" not in (said(notices.PAUSED, larder.id, larder.contacts[0].person) or "Gone")


def test_why_is_noted_for_the_university_and_in_no_mail(session: Any, larder: Organisation) -> None:
    pause(larder)
    assert WHY not in (said(notices.PAUSED, larder.id, larder.contacts[0].person) or WHY)
    rows = session.execute(select(History.verb, History.reason, History.ability).order_by(History.id)).all()
    assert rows == [("paused", None, None), ("reason noted for “paused”", WHY, "partners.read_notes")]


def test_nothing_is_sent_once_it_goes_on_or_to_who_is_no_main_contact_any_more(larder: Organisation) -> None:
    pause(larder)
    amina = larder.contacts[0]
    for role, left_on in ((ContactRole.SUPERVISOR, None), (ContactRole.PRIMARY, NOW.date())):
        amina.role, amina.left_on = role, left_on
        assert said(notices.PAUSED, larder.id, amina.person) is None
    amina.left_on = None
    assert said(notices.PAUSED, larder.id, amina.person) is not None
    larder.state = OrganisationState.APPROVED
    assert said(notices.PAUSED, larder.id, amina.person) is None


def test_the_form_says_who_is_told_and_who_reads_the_reason(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        url = f"/organisations/{make.organisation().public_id}/pause"
    client.sign_in_as(officer)
    page = client.page(url)
    assert "Its main contacts hear at once by email that it is paused" in page.text
    assert "Nobody is told why." in page.text
    assert "Only the engagement team and module leaders can read it." in page.text
    page = client.submit(page.form(url), reason=WHY)
    assert "is paused, and its main contacts are told." in page.text


def pressed_together(copy: Copy) -> int:
    """How many mails it makes that it is pressed several times at once, a day apart in the story."""
    with copy.app.app_context():
        make.contact()
        officer = Principal(make.person().id)
        db.session.commit()
    days = iter(range(TOGETHER))

    def press() -> None:
        organisation = db.session.scalars(select(Organisation)).one()
        actions.pause(organisation, reason=WHY, actor=officer, now=NOW + next(days) * DAY)

    assert at_once(copy, *[press] * TOGETHER) == [None] * TOGETHER
    with copy.app.app_context():
        return db.session.scalar(select(func.count(Notification.id))) or 0


def test_pressed_together_it_is_paused_once(fresh_database: Copy) -> None:
    assert pressed_together(fresh_database) == 1


def test_read_before_the_row_is_held_it_is_paused_several_times(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: all have read, in a transaction that ended, that nobody has pressed."""
    all_have_read = Barrier(TOGETHER)

    def read_and_let_go(organisation: Organisation, *columns: str) -> None:
        seen = organisation.state
        let_go_until(all_have_read)
        assert organisation.id
        organisation.state = seen

    monkeypatch.setattr(actions, "hold_row", read_and_let_go)
    assert pressed_together(fresh_database) == TOGETHER
