"""The words that organisations and the engagement team are sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from placements.core.policy import Principal
from placements.mail.notices import Notice
from placements.mail.rendering import render
from placements.partners import enquiries, notices
from placements.partners.enquiries import NewOrganisation
from placements.partners.models import ContactRole, Enquiry, OrganisationType
from placements.partners.workflow import EnquiryState
from placements.people.models import Person
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden


@pytest.fixture
def enquiry(session: Any) -> Iterator[Enquiry]:
    writer = make.person(given_name="Amina", family_name="Yusuf", email="amina@larder.example")
    yield make.enquiry(
        writer,
        public_id="enquiry-1234",
        organisation_name="Holloway Larder",
        challenges_faced="We have more food than we can sort.",
        thoughts="Some afternoons?",
    )


def said(notice: Notice, about_id: int, to: Person) -> str | None:
    """The mail that the notice makes for that person, subject first; None where it is not true."""
    context = notice.context(about_id, to, NOW)
    if context is None:
        return None
    mail = render([(notice, context)], to)
    return f"{mail.subject}\n\n{mail.text}"


def test_what_the_writer_is_sent(enquiry: Enquiry) -> None:
    check_golden("partners/enquiry_received", said(notices.ENQUIRY_RECEIVED, enquiry.id, enquiry.writer) or "")


def test_what_the_team_is_sent_while_it_is_still_true(enquiry: Enquiry) -> None:
    officer = make.person(given_name="Ngozi", family_name="Adeyemi")
    check_golden("partners/enquiry_waiting", said(notices.ENQUIRY_WAITING, enquiry.id, officer) or "")
    enquiry.state = EnquiryState.IN_CONVERSATION
    assert said(notices.ENQUIRY_WAITING, enquiry.id, officer) is None


def test_what_the_writer_is_sent_when_we_accept(enquiry: Enquiry) -> None:
    enquiry.owner = make.person(given_name="Ngozi", family_name="Adeyemi")
    new = NewOrganisation("Holloway Larder", OrganisationType.CHARITY, "Islington")
    kept = enquiries.accept(enquiry, new, actor=Principal(), now=NOW)
    kept.public_id = "organisation"
    check_golden("partners/enquiry_accepted", said(notices.ENQUIRY_ACCEPTED, enquiry.id, enquiry.writer) or "")


def test_what_the_writer_is_sent_when_it_ends(enquiry: Enquiry) -> None:
    enquiries.route(enquiry, to="Business Clinic", note="Canary", actor=Principal(), now=NOW)
    check_golden("partners/enquiry_routed", said(notices.ENQUIRY_ROUTED, enquiry.id, enquiry.writer) or "")
    enquiry.state = EnquiryState.RECEIVED
    enquiries.close(enquiry, reason="We have no students until June.", actor=Principal(), now=NOW)
    check_golden("partners/enquiry_closed", said(notices.ENQUIRY_CLOSED, enquiry.id, enquiry.writer) or "")


def test_what_a_colleague_is_sent_unless_they_have_left(session: Any) -> None:
    dev = make.person(given_name="Dev", family_name="Patel")
    organisation = make.organisation(name="Holloway Larder", public_id="organisation")
    contact = make.contact(organisation, dev, ContactRole.SUPERVISOR)
    check_golden("partners/contact_added", said(notices.CONTACT_ADDED, contact.id, dev) or "")
    contact.left_on = NOW.date()
    assert said(notices.CONTACT_ADDED, contact.id, dev) is None
