"""The words that people of organisations are sent."""

from typing import Any

from sqlalchemy import select

from placements.core.policy import Principal
from placements.history.models import History
from placements.mail.models import Notification
from placements.partners import actions, notices
from placements.partners.models import ContactRole
from placements.partners.workflow import OrganisationState
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


def test_what_whoever_takes_over_is_sent(session: Any) -> None:
    organisation = make.organisation(name="Holloway Larder", public_id="organisation")
    amina = make.contact(organisation, make.person(given_name="Amina", family_name="Yusuf"))
    dev = make.contact(organisation, make.person(given_name="Dev", family_name="Patel"))
    assert said(notices.HANDED_OVER, amina.id, dev.person) is None
    amina.left_on = NOW.date()
    check_golden("partners/handed_over", said(notices.HANDED_OVER, amina.id, dev.person) or "")
    dev.role = ContactRole.SUPERVISOR
    assert "main contact" not in (said(notices.HANDED_OVER, amina.id, dev.person) or "main contact")
    dev.left_on = NOW.date()
    assert said(notices.HANDED_OVER, amina.id, dev.person) is None


def test_what_a_declined_organisation_is_told_and_what_it_is_not(session: Any) -> None:
    organisation = make.organisation(name="Holloway Larder", state=OrganisationState.PROSPECTIVE)
    main, other = make.contact(organisation, make.person(given_name="Amina")), make.contact(organisation)
    other.role = ContactRole.SUPERVISOR
    gone = make.contact(organisation, left_on=NOW.date())
    reason = "Our students cannot work at night."
    actor = Principal(make.person().id)
    for _ in range(2):  # a double click
        actions.decline(organisation, reason=reason, note="~canary~", actor=actor, now=NOW)
    told = session.execute(select(Notification.notice, Notification.recipient_id)).all()
    assert told == [("partners.declined", main.person_id)]
    assert gone.person_id != main.person_id
    text = said(notices.DECLINED, organisation.id, main.person) or ""
    check_golden("partners/declined", text)
    assert "~canary~" not in text
    organisation.state = OrganisationState.ARCHIVED
    assert said(notices.DECLINED, organisation.id, main.person) is None


def test_what_is_noted_beside_it_is_for_the_university_alone(session: Any) -> None:
    organisation = make.organisation(state=OrganisationState.PROSPECTIVE)
    actions.decline(organisation, reason="For them", note="For us", actor=Principal(make.person().id), now=NOW)
    rows = session.execute(select(History.reason, History.ability).order_by(History.id)).all()
    assert rows == [("For them", None), ("For us", "partners.read_notes")]
