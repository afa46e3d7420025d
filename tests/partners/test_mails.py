"""The words that people of organisations are sent."""

from typing import Any

from placements.partners import notices
from placements.partners.models import ContactRole
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden, said


def test_what_a_colleague_is_sent_unless_they_have_left(session: Any) -> None:
    dev = make.person(given_name="Dev", family_name="Patel")
    organisation = make.organisation(name="Holloway Larder", public_id="organisation")
    contact = make.contact(organisation, dev, ContactRole.SUPERVISOR)
    check_golden("partners/contact_added", said(notices.CONTACT_ADDED, contact.id, dev) or "")
    contact.left_on = NOW.date()
    assert said(notices.CONTACT_ADDED, contact.id, dev) is None
