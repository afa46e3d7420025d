"""The words that those who enquire and the engagement team are sent."""

from collections.abc import Iterator
from typing import Any

import pytest

from placements.core.policy import Principal
from placements.enquiries import actions, notices
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import OrganisationType
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden, said


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


def test_what_the_writer_is_sent(enquiry: Enquiry) -> None:
    check_golden("enquiries/received", said(notices.RECEIVED, enquiry.id, enquiry.writer) or "")


def test_what_the_team_is_sent_while_it_is_still_true(enquiry: Enquiry) -> None:
    officer = make.person(given_name="Ngozi", family_name="Adeyemi")
    check_golden("enquiries/waiting", said(notices.WAITING, enquiry.id, officer) or "")
    enquiry.state = EnquiryState.IN_CONVERSATION
    assert said(notices.WAITING, enquiry.id, officer) is None


def test_what_the_writer_is_sent_when_we_accept(enquiry: Enquiry) -> None:
    enquiry.owner = make.person(given_name="Ngozi", family_name="Adeyemi")
    new = NewOrganisation("Holloway Larder", OrganisationType.CHARITY, "Islington")
    kept = actions.accept(enquiry, new, actor=Principal(), now=NOW)
    kept.public_id = "organisation"
    check_golden("enquiries/accepted", said(notices.ACCEPTED, enquiry.id, enquiry.writer) or "")


def test_what_the_writer_is_sent_when_it_ends(enquiry: Enquiry) -> None:
    actions.route(enquiry, to="Business Clinic", note="Canary", actor=Principal(), now=NOW)
    check_golden("enquiries/routed", said(notices.ROUTED, enquiry.id, enquiry.writer) or "")
    enquiry.state = EnquiryState.RECEIVED
    actions.close(enquiry, reason="We have no students until June.", actor=Principal(), now=NOW)
    check_golden("enquiries/closed", said(notices.CLOSED, enquiry.id, enquiry.writer) or "")
