"""The words that those who enquire and the engagement team are sent."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from placements.accounts.queries import account_of
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import actions, newsletter, notices, receiving
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.models import Enquiry, Referral
from placements.enquiries.workflow import EnquiryState
from placements.partners.models import OrganisationType
from tests import factories as make
from tests.factories import DAY, NOW
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


def plain(text: str | None) -> str:
    """Without what is drawn at random into the address of a link."""
    return re.sub(r"(?<=/)[\w-]+\.[\w-]{20,}", "TOKEN", text or "")


def test_what_the_writer_is_sent_to_confirm_it(enquiry: Enquiry) -> None:
    enquiry.confirmed_at = None
    receiving.send_link_again(enquiry, now=NOW)
    check_golden("enquiries/received", plain(said(notices.RECEIVED, enquiry.id, enquiry.writer)))
    check_golden("enquiries/unconfirmed", plain(said(notices.UNCONFIRMED, enquiry.id, enquiry.writer)))
    assert said(notices.RECEIVED, enquiry.id, enquiry.writer, now=NOW + 15 * DAY) is None
    enquiry.confirmed_at = NOW
    assert said(notices.UNCONFIRMED, enquiry.id, enquiry.writer) is None


def test_what_a_writer_is_sent_who_was_signed_in(enquiry: Enquiry) -> None:
    check_golden("enquiries/received_confirmed", said(notices.RECEIVED, enquiry.id, enquiry.writer) or "")


def test_what_the_owner_is_sent_after_a_silence(enquiry: Enquiry) -> None:
    enquiry.owner = make.person(given_name="Ngozi", family_name="Adeyemi")
    enquiry.state, enquiry.touched_at = EnquiryState.IN_CONVERSATION, NOW - 7 * DAY
    check_golden("enquiries/silent", said(notices.SILENT, enquiry.id, enquiry.owner) or "")
    enquiry.next_step, enquiry.next_step_on = "Ring Amina", date(2026, 10, 19)
    check_golden("enquiries/silent_late", said(notices.SILENT, enquiry.id, enquiry.owner) or "")
    enquiry.touched_at, enquiry.next_step_on = NOW, date(2026, 10, 20)
    assert said(notices.SILENT, enquiry.id, enquiry.owner) is None


def test_what_a_receiver_is_sent_until_they_have_it(enquiry: Enquiry) -> None:
    sender = make.person(given_name="Ngozi", family_name="Adeyemi", email="ngozi@lab.example")
    receiver = make.person(given_name="Bo", family_name="Tran")
    actions.route(enquiry, make.route(), receiver, "Ask about August", actor=Principal(sender.id), now=NOW)
    referral = db.session.scalars(select(Referral)).one()
    referral.public_id = "referral-123"
    check_golden("enquiries/routed", said(notices.ROUTED, referral.id, enquiry.writer) or "")
    check_golden("enquiries/passed_on", plain(said(notices.PASSED_ON, referral.id, receiver)))
    check_golden("enquiries/unacknowledged", plain(said(notices.UNACKNOWLEDGED, referral.id, receiver)))
    later = NOW + 7 * DAY  # five working days
    assert said(notices.NOBODY_HAS_IT, referral.id, sender, later - DAY) is None  # somebody else has their own time
    check_golden("enquiries/nobody_has_it", said(notices.NOBODY_HAS_IT, referral.id, sender, later) or "")
    assert said(notices.PASSED_ON, referral.id, sender) is None
    referral.acknowledged_at = NOW
    assert said(notices.UNACKNOWLEDGED, referral.id, receiver) is None
    assert said(notices.NOBODY_HAS_IT, referral.id, sender, later) is None


def test_what_whoever_ticked_the_newsletter_is_sent(session: Any) -> None:
    subscription = make.subscription(make.person(given_name="Amina", family_name="Yusuf"))
    newsletter.send_newsletter_link(subscription, now=NOW)
    check_golden("enquiries/newsletter", plain(said(notices.NEWSLETTER, subscription.id, subscription.person)))
    subscription.confirmed_at = NOW
    assert said(notices.NEWSLETTER, subscription.id, subscription.person) is None
    subscription.confirmed_at, subscription.ended_at = None, NOW
    assert said(notices.NEWSLETTER, subscription.id, subscription.person) is None


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
    check_golden("enquiries/accepted", plain(said(notices.ACCEPTED, enquiry.id, enquiry.writer)))
    account = account_of(enquiry.writer_id)
    assert account is not None
    account.password = "chosen"
    check_golden("enquiries/accepted_known", said(notices.ACCEPTED, enquiry.id, enquiry.writer) or "")


def test_what_the_writer_is_sent_when_it_ends(enquiry: Enquiry) -> None:
    actions.close(enquiry, reason="We have no students until June.", actor=Principal(), now=NOW)
    check_golden("enquiries/closed", said(notices.CLOSED, enquiry.id, enquiry.writer) or "")
