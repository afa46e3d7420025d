"""After a merge: approval follows from the checks that there are, and what was mailed before it still works."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.actions import invite
from placements.accounts.models import Account, GlobalRole
from placements.agreements.models import Signature
from placements.confirming.rules import CONFIRM_WEEK
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.directory.merging import merge
from placements.enquiries.models import Enquiry, Referral
from placements.enquiries.rules import ACKNOWLEDGE, CONFIRM
from placements.impact.models import Result
from placements.impact.workflow import ResultState
from placements.links.actions import add_link, latest_link, token
from placements.links.models import Link
from placements.partners import actions as partners
from placements.partners.models import Organisation
from placements.partners.workflow import OrganisationState
from placements.vetting import actions as vetting
from placements.vetting import memoranda, notices
from placements.vetting.models import Check, Memorandum
from placements.vetting.queries import Question
from placements.vetting.renewals import RENEW_BY_LINK
from placements.vetting.rules import Answer, CheckKind
from placements.vetting.workflow import CheckState
from tests import factories as make
from tests.agreements.scene import link_address, proposed
from tests.client import PageClient
from tests.conftest import Clock
from tests.databases import seeding
from tests.factories import DAY, NOW
from tests.golden import said
from tests.impact.scene import Told
from tests.placing.scene import committed

OFFICER = Principal(None, frozenset({("engagement", None)}))
TODAY = NOW.date()
EARLY, LATE = date(2027, 3, 1), date(2027, 8, 31)


def merged_into_another(organisation: Organisation, **said: Any) -> Organisation:
    """The record that stays, once the organisation became part of it."""
    survivor = make.organisation(name="One record", **said)
    merge(survivor, organisation, actor=OFFICER, now=NOW)
    db.session.flush()
    return survivor


def five(of: Organisation, **said: Any) -> list[Check]:
    return make.five_checks(of, **said)


def four(of: Organisation) -> None:
    for kind in [*CheckKind][:4]:
        make.check(of, kind)


def insured_until(day: date | None, state: CheckState = CheckState.PASSED) -> Callable[[Organisation], object]:
    """Its insurance alone, looked at last."""
    return lambda of: make.check(of, CheckKind.INSURANCE, state=state, valid_until=day, verified_at=NOW - DAY)


def nothing(of: Organisation) -> None:
    """No check at all."""


APPROVALS = [  # what the one that stays brought, what the double did, until when the whole is approved
    (five, nothing, LATE),
    (five, insured_until(EARLY), EARLY),
    (five, insured_until(None, CheckState.FAILED), TODAY - DAY),
    (nothing, nothing, date(2027, 6, 1)),
    (nothing, four, date(2027, 6, 1)),
    (nothing, insured_until(None, CheckState.ANSWERED), date(2027, 6, 1)),
    (nothing, five, LATE),
    (nothing, lambda of: five(of, valid_until=TODAY - DAY), date(2027, 6, 1)),
]


@pytest.mark.parametrize(("ours", "theirs", "until"), APPROVALS)
def test_approval_follows_from_the_checks_of_both(
    session: Any, ours: Callable[[Organisation], object], theirs: Callable[[Organisation], object], until: date
) -> None:
    survivor = make.organisation(approved_until=LATE if ours is five else date(2027, 6, 1))
    double = make.organisation()
    ours(survivor)
    theirs(double)
    merge(survivor, double, actor=OFFICER, now=NOW)
    session.flush()
    assert (survivor.state, survivor.approved_until) == (OrganisationState.APPROVED, until)


def test_what_is_not_approved_does_not_become_so(session: Any) -> None:
    survivor = make.organisation(state=OrganisationState.PAUSED, approved_until=None)
    double = make.organisation()
    five(double)
    merge(survivor, double, actor=OFFICER, now=NOW)
    assert (survivor.state, survivor.approved_until) == (OrganisationState.PAUSED, None)


def test_who_merges_reads_that_only_one_of_the_two_is_approved(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        one = make.organisation(name="Larder", state=OrganisationState.PROSPECTIVE, approved_until=None).public_id
        other = make.organisation(name="The Larder").public_id
        third = make.organisation(name="Larder again").public_id
    client.sign_in_as(officer)
    said = "Only The Larder is approved. If the other record stays, students see none of its challenges"
    assert said in client.page(f"/organisations/{one}/merge?with={other}").text
    assert "Only" not in client.page(f"/organisations/{third}/merge?with={other}").text


def test_a_new_memorandum_can_be_drafted_though_a_merge_left_gaps_in_the_numbers(session: Any) -> None:
    survivor, double = make.organisation(), make.organisation()
    by = make.person()
    for of, version in ((survivor, 1), (double, 1), (double, 2)):
        make.memorandum(of, by, version=version, state="ended")
    merge(survivor, double, actor=OFFICER, now=NOW)
    made = memoranda.draft(survivor, "Again.", form_key="a", actor=Principal(by.id), now=NOW)
    assert made.version == max(session.scalars(select(Memorandum.version)))


def test_nothing_is_added_to_what_has_just_become_part_of_another(session: Any) -> None:
    """As it is for who pressed while somebody else merged: they try again, at the record that stays."""
    double, who = make.organisation(), Principal(make.person().id)
    question = Question(double, CheckKind.SAFEGUARDING)
    merged_into_another(double)
    place = {"name": "The hall", "address": "1 Example Road", "postcode": "N7 8DB", "borough": "Islington"}
    with pytest.raises(Refused, match="archived"):
        partners.add_site(double, place, form_key="a", actor=who, now=NOW)
    with pytest.raises(Refused, match="archived"):
        vetting.answer(question, answer=Answer.INSTEAD, words="Dev.", paper_until=None, files=[], actor=who, now=NOW)


@pytest.fixture
def renewal(database: Flask) -> tuple[Account, str, str]:
    """A contact, their link to renew, and the old address of the checks: mailed before the organisation was merged."""
    with seeding(database):
        contact = make.account(make.person(given_name="Amina", family_name="Yusuf"))
        double = make.organisation(name="The double", approved_until=TODAY + 9 * DAY)
        make.contact(double, contact.person)
        five(double, valid_until=TODAY + 9 * DAY)
        link = add_link(RENEW_BY_LINK, double.id, contact.person_id, now=NOW, lasts=timedelta(days=40))
        urls = f"/still-true/{token(link)}", f"/organisations/{double.public_id}"
        merged_into_another(double, approved_until=TODAY + 9 * DAY)
        return contact, *urls


def test_a_link_to_renew_renews_the_record_that_stays(
    database: Flask, client: PageClient, renewal: tuple[Account, str, str]
) -> None:
    page = client.page(renewal[1])
    assert page.h1 == "Is this still true?"
    assert "The double is part of the record of One record now." in page.text
    page = client.submit(page.form("It is all still true"))
    assert "One record is approved until Fri 29 Oct 2027." in page.text
    with database.app_context():
        until = {check.kind: check.valid_until for check in db.session.scalars(select(Check))}
        assert until.pop(CheckKind.IDENTITY) == date(2029, 9, 20)  # three years from our last look
        assert set(until.values()) == {date(2027, 10, 29)}


def test_a_link_to_renew_that_ran_out_sends_one_about_the_record_that_stays(
    database: Flask, client: PageClient, clock: Clock, renewal: tuple[Account, str, str]
) -> None:
    _, url, _ = renewal
    clock.now += 41 * DAY
    page = client.page(client.page(url).link("Get a new link"))
    assert "A new link is on its way" in client.submit(page.form()).text
    with database.app_context():
        survivor = db.session.scalars(select(Organisation).where(Organisation.name == "One record")).one()
        newest = db.session.scalars(select(Link).order_by(Link.id.desc())).first()
        assert newest is not None
        assert newest.about_id == survivor.id
        mail = said(notices.RENEWAL_LINK, newest.id, newest.holder, clock.now) or ""
        assert "A new link to renew the checks of One record" in mail


def test_the_pages_that_mails_led_to_are_those_of_the_record_that_stays(
    database: Flask, client: PageClient, renewal: tuple[Account, str, str]
) -> None:
    contact, _, old = renewal
    client.sign_in_as(contact)
    assert client.page(f"{old}/checks").h1 == "Checks of One record"
    assert client.page(f"{old}/memorandum").h1 == "Memorandum with One record"
    question = old.replace("/organisations/", "/organisations/checks/")
    assert "One record" in client.page(f"{question}.safeguarding").text


def test_what_was_to_be_told_of_the_double_is_told_of_the_record_that_stays(session: Any) -> None:
    double = make.organisation()
    contact = make.contact(double)
    make.check(double, state=CheckState.ANSWERED)
    merged_into_another(double)
    for notice in (notices.FINDINGS, notices.ANSWERS_WAIT):
        assert "One record" in (said(notice, double.id, contact.person) or "")


def test_whoever_was_accepted_begins_their_brief_at_the_record_that_stays(database: Flask, client: PageClient) -> None:
    with seeding(database):
        double = make.organisation()
        writer = make.contact(double).person
        account = invite(writer, by_mail=False, actor=OFFICER, now=NOW)
        link = latest_link("accounts.set_password", account.id, writer.id)
        assert link is not None
        begin = f"/challenges/new/{double.public_id}"
        url = f"/password/{token(link)}?next={begin}"
        merged_into_another(double)
    page = client.page(url)
    page = client.submit(page.forms[0], password="four loud badgers", again="four loud badgers")
    assert "One record" in page.text
    page = client.submit(page.form(begin), title="Sort the food", theme="poverty", mode="remote")
    assert "Your draft is saved." in page.text


def test_links_about_what_an_organisation_s_people_do_work_on(database: Flask, client: PageClient) -> None:
    with database.app_context():
        scene = Told()
        verify = scene.ask()
        make.entry(scene.placement, activity="Counted tins")
        link = add_link(CONFIRM_WEEK, 1, scene.supervisor.person_id, now=NOW, lasts=9 * DAY)
        confirm = f"/confirm/{token(link)}"
        merged_into_another(scene.organisation)
        committed(scene)
    page = client.page(verify)
    assert page.h1 == "Is this true?"
    form = next(form for form in page.forms if "/verify-result/" in form.action)
    assert "Thank you." in client.submit(form, answer="keep").text
    assert "Counted tins" in client.page(confirm).text
    with database.app_context():
        assert db.session.scalars(select(Result.state)).one() is ResultState.VERIFIED


def test_an_agreement_that_goes_round_is_signed_by_the_old_link(database: Flask, client: PageClient) -> None:
    """It names the organisation as it was called when it went out; dates and people are the same."""
    with database.app_context():
        scene = Told()
        address = link_address(proposed(scene))
        merged_into_another(scene.organisation)
        committed(scene)
    page = client.page(address)
    assert page.h1 == "Sign the Challenge Agreement"
    assert "The food bank" in page.text
    form = next(form for form in page.forms if "/sign-agreement/" in form.action)
    page = client.submit(form, has_read=True, typed_name="Sue Supervisor")
    assert "You have signed the Challenge Agreement. Thank you." in page.text
    with database.app_context():
        assert db.session.scalars(select(Signature.typed_name)).all() == ["Sue Supervisor"]


def test_enquiries_and_what_was_passed_on_are_confirmed_by_their_old_links(database: Flask, client: PageClient) -> None:
    with database.app_context():
        double = make.organisation()
        enquiry = make.enquiry(confirmed_at=None, organisation=double)
        referral = make.referral(organisation=double)
        holders = ((CONFIRM, enquiry.id, enquiry.writer_id), (ACKNOWLEDGE, referral.id, referral.receiver_id))
        confirm, has_it = (token(add_link(*holder, now=NOW, lasts=9 * DAY)) for holder in holders)
        merged_into_another(double)
        db.session.commit()
    url = f"/confirm-enquiry/{confirm}"
    assert client.submit(client.page(url).form(url)).h1 == "Thank you. Your enquiry is with us"
    url = f"/passed-on/{has_it}"
    client.submit(client.page(url).form(url))
    with database.app_context():
        assert db.session.scalars(select(Enquiry.confirmed_at)).one() == NOW
        assert db.session.scalars(select(Referral.acknowledged_at)).one() == NOW
