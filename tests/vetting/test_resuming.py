"""A paused organisation is approved again: its main contacts are told once that it goes on, and nobody else."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.core.policy import Principal
from placements.mail.models import Notification
from placements.partners import notices
from placements.partners.models import ContactRole, Organisation
from placements.partners.workflow import OrganisationState
from placements.vetting import actions
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden, said


@pytest.fixture
def paused(session: Any) -> Organisation:
    """Its five checks hold; Amina is its main contact, and Dev supervises there."""
    erin = make.person(given_name="Erin", family_name="Okafor", email="erin@example.ac.uk")
    make.account(erin, GlobalRole.ENGAGEMENT)
    kept = make.organisation(
        name="Holloway Larder", public_id="organisation", owner=erin, state=OrganisationState.PAUSED
    )
    make.contact(kept, make.person(given_name="Amina", family_name="Yusuf"))
    make.contact(kept, make.person(given_name="Dev"), ContactRole.SUPERVISOR)
    make.five_checks(kept)
    return kept


def approve(organisation: Organisation) -> None:
    actions.approve(organisation, actor=Principal(make.person().id), now=NOW)


def test_its_main_contacts_are_told_once_at_once_and_nobody_else(session: Any, paused: Organisation) -> None:
    for _ in range(2):  # a double click
        approve(paused)
    told = session.execute(select(Notification.notice, Notification.recipient_id, Notification.due_at)).all()
    assert told == [("partners.resumed", paused.contacts[0].person_id, NOW)]


def test_who_was_never_paused_reads_of_the_findings_instead(session: Any, paused: Organisation) -> None:
    paused.state = OrganisationState.PROSPECTIVE
    approve(paused)
    assert session.scalars(select(Notification.notice)).all() == ["vetting.findings"]


def test_what_they_read(paused: Organisation) -> None:
    approve(paused)
    amina = paused.contacts[0]
    check_golden("partners/resumed", said(notices.RESUMED, paused.id, amina.person) or "")
    paused.owner = None
    assert "answer this email" in (said(notices.RESUMED, paused.id, amina.person) or "")


def test_nothing_is_sent_once_it_does_not_hold_or_to_who_is_no_main_contact_any_more(paused: Organisation) -> None:
    approve(paused)
    amina = paused.contacts[0]
    amina.role = ContactRole.SIGNATORY
    assert said(notices.RESUMED, paused.id, amina.person) is None
    amina.role = ContactRole.PRIMARY
    for state, until in ((OrganisationState.PAUSED, None), (OrganisationState.APPROVED, date(2026, 10, 19))):
        paused.state, paused.approved_until = state, until
        assert said(notices.RESUMED, paused.id, amina.person) is None
