"""The words that organisations and the engagement team are sent about checks, and when they are no longer true."""

from datetime import date, timedelta
from typing import Any

import pytest

from placements.links.actions import add_link
from placements.partners.models import Organisation, Site
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.vetting import notices
from placements.vetting.renewals import RENEW_BY_LINK
from placements.vetting.rules import CheckKind
from placements.vetting.workflow import CheckState, MemorandumState
from tests import factories as make
from tests.factories import NOW
from tests.golden import check_golden, said

SOON = date(2026, 11, 1)
OVER = date(2026, 10, 19)


@pytest.fixture
def amina(session: Any) -> Person:
    return make.person(given_name="Amina", family_name="Yusuf")


@pytest.fixture
def erin(session: Any) -> Person:
    return make.person(given_name="Erin", family_name="Okafor")


@pytest.fixture
def larder(session: Any, amina: Person, erin: Person) -> Organisation:
    kept = make.organisation(name="Holloway Larder", public_id="organisation", approved_until=SOON, owner=erin)
    make.contact(kept, amina)
    return kept


def place(of: Organisation, until: date | None = None) -> Site:
    return make.site(of, name="The hall", cleared_until=until)


def test_answers_wait(larder: Organisation, erin: Person) -> None:
    make.check(larder, CheckKind.SAFEGUARDING, state=CheckState.ANSWERED)
    make.check(larder, CheckKind.HEALTH_AND_SAFETY, place(larder), state=CheckState.ANSWERED)
    check_golden("vetting/answers_wait", said(notices.ANSWERS_WAIT, larder.id, erin) or "")
    larder.state = OrganisationState.DECLINED
    assert said(notices.ANSWERS_WAIT, larder.id, erin) is None


def test_findings(session: Any, larder: Organisation, amina: Person) -> None:
    larder.state = OrganisationState.PROSPECTIVE
    for kind, more in (
        (CheckKind.IDENTITY, {}),
        (CheckKind.SAFEGUARDING, {"state": CheckState.CONDITIONAL, "finding": "Two of you are in the room."}),
        (CheckKind.INSURANCE, {"state": CheckState.FAILED, "finding": "The certificate is not yours."}),
        (CheckKind.DATA_SHARING, {"state": CheckState.ANSWERED}),
    ):
        make.check(larder, kind, **more)  # type: ignore[arg-type]
    check_golden("vetting/findings", said(notices.FINDINGS, larder.id, amina) or "")


def test_findings_once_it_is_approved(larder: Organisation, amina: Person) -> None:
    make.five_checks(larder)
    larder.approved_until = date(2027, 8, 31)
    check_golden("vetting/findings_approved", said(notices.FINDINGS, larder.id, amina) or "")
    larder.state = OrganisationState.PROSPECTIVE
    check_golden("vetting/findings_before_approval", said(notices.FINDINGS, larder.id, amina) or "")
    larder.state = OrganisationState.PAUSED
    text = said(notices.FINDINGS, larder.id, amina) or ""
    assert ("It is paused for now" in text, "We approve it next" in text) == (True, False)


def fixed(text: str | None) -> str:
    """Without the token, which is another each time."""
    head, _, tail = (text or "").partition("/still-true/")
    return f"{head}/still-true/TOKEN\n{tail.partition(chr(10))[2]}" if tail else head


def test_approval_ends_soon_and_has_ended(larder: Organisation, amina: Person, erin: Person) -> None:
    add_link(RENEW_BY_LINK, larder.id, amina.id, now=NOW, lasts=timedelta(days=40))
    check_golden("vetting/approval_ending", fixed(said(notices.APPROVAL_ENDING, larder.id, amina)))
    check_golden("vetting/approval_ending_keeper", said(notices.APPROVAL_ENDING, larder.id, erin) or "")
    assert said(notices.APPROVAL_RUN_OUT, larder.id, amina) is None
    larder.approved_until = OVER
    assert said(notices.APPROVAL_ENDING, larder.id, amina) is None
    check_golden("vetting/approval_run_out", fixed(said(notices.APPROVAL_RUN_OUT, larder.id, amina)))
    check_golden("vetting/approval_run_out_keeper", said(notices.APPROVAL_RUN_OUT, larder.id, erin) or "")
    larder.state = OrganisationState.PAUSED
    assert said(notices.APPROVAL_RUN_OUT, larder.id, amina) is None


def test_a_place_ends_soon_and_has_ended(larder: Organisation, amina: Person) -> None:
    hall = place(larder, SOON)
    check_golden("vetting/place_ending", said(notices.PLACE_ENDING, hall.id, amina) or "")
    hall.cleared_until = OVER
    assert said(notices.PLACE_ENDING, hall.id, amina) is None
    check_golden("vetting/place_run_out", said(notices.PLACE_RUN_OUT, hall.id, amina) or "")
    hall.cleared_until = None
    assert said(notices.PLACE_RUN_OUT, hall.id, amina) is None


def test_a_new_link(larder: Organisation, amina: Person) -> None:
    link = add_link(RENEW_BY_LINK, larder.id, amina.id, now=NOW, lasts=timedelta(days=40))
    check_golden("vetting/renewal_link", fixed(said(notices.RENEWAL_LINK, link.id, amina)))
    larder.contacts[0].left_on = NOW.date()
    assert said(notices.RENEWAL_LINK, link.id, amina) is None


def test_a_memorandum_ends(larder: Organisation, erin: Person) -> None:
    signed = {"state": MemorandumState.SIGNED, "signed_on": date(2024, 1, 1), "expires_on": date(2026, 12, 19)}
    made = make.memorandum(larder, **signed)
    check_golden("vetting/memorandum_ending", said(notices.MEMORANDUM_ENDING, made.id, erin) or "")
    make.memorandum(larder, version=2)
    assert said(notices.MEMORANDUM_ENDING, made.id, erin) is None
