"""What the engagement team does with an enquiry, from taking it up to its end."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import Account, GlobalRole
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.enquiries import actions as verbs
from placements.enquiries.actions import NewOrganisation
from placements.enquiries.duplicates import likely_enquiries, likely_same
from placements.enquiries.models import Enquiry, Referral
from placements.enquiries.workflow import EnquiryState
from placements.history.queries import lately
from placements.mail.models import Notification
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient
from tests.databases import Copy, seeding
from tests.factories import NOW
from tests.races import at_once

OFFICER = Principal(None, frozenset({("engagement", None)}))
LARDER = NewOrganisation("Holloway Larder", OrganisationType.CHARITY, "Islington")


@pytest.fixture
def officer(database: Flask) -> Account:
    with seeding(database):
        return make.account(make.person(given_name="Ngozi", family_name="Adeyemi"), GlobalRole.ENGAGEMENT)


def _enquiry(app: Flask, **said: Any) -> str:
    with app.app_context():
        writer = make.person(given_name="Amina", family_name="Yusuf", email="amina@larder.example")
        made = make.enquiry(writer, **{"organisation_name": "Holloway Larder", **said})
        db.session.commit()
        return f"/enquiries/{made.public_id}"


def _only_enquiry() -> Enquiry:
    return db.session.scalars(select(Enquiry)).one()


def test_an_officer_takes_it_up_plans_and_accepts(database: Flask, client: PageClient, officer: Account) -> None:
    url = _enquiry(database)
    client.sign_in_as(officer)
    page = client.page("/enquiries")
    assert page.rows == [["Holloway Larder", "Received", "Sun 18 Oct 2026 (2 days ago)", "Nobody yet", "Not planned"]]
    page = client.page(page.link("Holloway Larder"))
    assert "An answer is due by Mon 26 Oct 2026 (in 6 days)" in page.text
    page = client.submit(page.form(f"{url}/take-up"))
    assert page.h1 == "What happens next?"
    form = page.form(f"{url}/next-step")
    page = client.submit(form, {"step": "Ring Amina", "step_on": ["23", "10", "2026"]}, owner=officer.person.public_id)
    assert "Ring Amina, by Fri 23 Oct 2026 (in 3 days)" in page.text
    form = client.page(page.link("Accept")).form(f"{url}/accept")
    page = client.submit(form, match="new", type="charity", borough="Islington")
    assert page.h1 == "Holloway Larder"
    assert "Amina Yusuf is invited by email" in page.text
    with database.app_context():
        kept = db.session.scalars(select(Organisation)).one()
        contact = db.session.scalars(select(Contact)).one()
        assert (kept.state, kept.owner_id) == (OrganisationState.PROSPECTIVE, officer.person_id)
        assert (contact.person.name, contact.role) == ("Amina Yusuf", ContactRole.PRIMARY)
        told = db.session.scalars(
            select(Notification.notice).where(Notification.recipient_id == contact.person_id).order_by(Notification.id)
        )
        assert list(told) == ["enquiries.accepted"]  # which holds the invitation
        assert _only_enquiry().next_step_on == date(2026, 10, 23)


def test_accepting_into_an_organisation_that_we_know(database: Flask, client: PageClient, officer: Account) -> None:
    url = _enquiry(database)
    with database.app_context():
        known = make.organisation(name="The Holloway Larder CIC")
        make.contact(known)
        make.organisation(name="Somebody else")
        db.session.commit()
        known_id = known.public_id
    client.sign_in_as(officer)
    page = client.page(f"{url}/accept")
    assert page.form(f"{url}/accept").offers("match") == [known_id, "new"]
    assert client.submit(page.form(f"{url}/accept"), match=known_id).h1 == "The Holloway Larder CIC"
    with database.app_context():
        kept = _only_enquiry().organisation
        assert kept is not None
        assert [(each.person.name, each.role) for each in kept.contacts][1:] == [
            ("Amina Yusuf", ContactRole.SUPERVISOR)
        ]


def test_a_new_organisation_needs_its_kind_and_borough(database: Flask, client: PageClient, officer: Account) -> None:
    url = _enquiry(database)
    client.sign_in_as(officer)
    page = client.submit(client.page(f"{url}/accept").form(f"{url}/accept"), name="")
    assert page.errors == [
        "Enter the name of the organisation",
        "Choose what kind of organisation it is",
        "Choose the borough where it mainly works",
    ]


def test_closing_and_routing_tell_the_writer(database: Flask, client: PageClient, officer: Account) -> None:
    first = _enquiry(database)
    client.sign_in_as(officer)
    form = client.page(f"{first}/route").form(f"{first}/route")
    page = client.submit(form, to="at-business1", name="Bo Tran", email="bo@example.org", note="Ask about August")
    assert "Passed on to Bo Tran, Business Clinic. We have told Amina Yusuf." in page.text
    assert "With Bo Tran, Business Clinic, since Tue 20 Oct 2026, 9am (now). Not acknowledged yet" in page.text
    assert "Our note: Ask about August" in page.text
    assert client.get(f"{first}/close").status_code == 409
    assert client.get(f"{first}/accept").status_code == 409
    with database.app_context():
        _only_enquiry().state = EnquiryState.IN_CONVERSATION
        db.session.commit()
    page = client.submit(client.page(f"{first}/close").form(f"{first}/close"), reason="We have no students until June.")
    assert "Closed: We have no students until June." in page.text
    with database.app_context():
        told = db.session.scalars(select(Notification.notice).order_by(Notification.id))
        assert list(told) == ["enquiries.passed_on", "enquiries.routed", "enquiries.closed"]
        referral = db.session.scalars(select(Referral)).one()
        assert (referral.receiver.email, referral.asker.name) == ("bo@example.org", "Amina Yusuf")
        assert (referral.subject, referral.sent_by_id) == ("Holloway Larder", officer.person_id)


def test_whoever_wrote_it_does_not_handle_it(database: Flask, client: PageClient) -> None:
    url = _enquiry(database)
    with seeding(database):
        own = make.account(_only_enquiry().writer, GlobalRole.ENGAGEMENT)
    client.sign_in_as(own)
    assert [form.action for form in client.page(url).forms] == ["/sign-out"]  # no button but the header's
    for verb in ("accept", "route", "close", "note"):
        assert client.get(f"{url}/{verb}").status_code == 403


def test_nor_reads_what_the_team_says_to_itself(database: Flask, client: PageClient) -> None:
    url = _enquiry(database, state=EnquiryState.ROUTED)
    with seeding(database):
        own = make.account(_only_enquiry().writer, GlobalRole.ENGAGEMENT)
        make.enquiry_note(_only_enquiry(), text="Canary")
        make.referral(enquiry=_only_enquiry(), note="Canary")
    client.sign_in_as(own)
    client.forbidden = {"Canary"}
    assert client.page(url).h1 == "Holloway Larder"


def test_nobody_else_sees_enquiries(database: Flask, client: PageClient) -> None:
    url = _enquiry(database)
    with seeding(database):
        leader = make.account()
    client.sign_in_as(leader)
    assert client.get("/enquiries").status_code == 403
    assert client.get(url).status_code == 404


def test_whoever_wrote_it_is_not_asked_to_look_after_it(database: Flask, client: PageClient, officer: Account) -> None:
    url = _enquiry(database, state=EnquiryState.IN_CONVERSATION)
    with database.app_context():
        make.account(_only_enquiry().writer, GlobalRole.ENGAGEMENT)
        db.session.commit()
    client.sign_in_as(officer)
    form = client.page(f"{url}/next-step").form(f"{url}/next-step")
    assert form.offers("owner") == ["", officer.person.public_id]


def test_of_two_who_take_it_up_at_once_one_is_told_who_has_it(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        make.enquiry()
        team = [make.person(given_name="Ngozi", family_name="Adeyemi").id, make.person(given_name="Zoe").id]
        db.session.commit()

    def take_up(who: int) -> None:
        verbs.take_up(_only_enquiry(), actor=Principal(who), now=NOW)

    found = at_once(fresh_database, *(partial(take_up, who) for who in team))
    with fresh_database.app.app_context():
        owner = _only_enquiry().owner
        assert owner is not None
        take_up(owner.id)  # again changes nothing
        sentence = f"{owner.name} has taken this up already, so you need do nothing."
        assert [str(each) for each in found] == ["None" if who == owner.id else sentence for who in team]


def test_of_two_accepted_at_once_one_is_the_main_contact(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        known = make.organisation().id
        keys = [make.enquiry().id, make.enquiry().id]
        db.session.commit()

    def accept(key: int) -> None:
        organisation = db.session.get_one(Organisation, known)
        verbs.accept(db.session.get_one(Enquiry, key), organisation, actor=OFFICER, now=NOW)

    assert at_once(fresh_database, *(partial(accept, key) for key in keys)) == [None, None]
    with fresh_database.app.app_context():
        roles = sorted(db.session.scalars(select(Contact.role)))
        assert roles == [ContactRole.PRIMARY, ContactRole.SUPERVISOR]


def test_filters_narrow_the_list_and_show_as_tags(database: Flask, client: PageClient, officer: Account) -> None:
    _enquiry(database)
    with database.app_context():
        make.enquiry(
            organisation_name="Bow 100% Walkers", state=EnquiryState.IN_CONVERSATION, owner_id=officer.person_id
        )
        make.enquiry(organisation_name="Bow Cyclists", state=EnquiryState.CLOSED, outcome="No answer")
        db.session.commit()
    client.sign_in_as(officer)

    def names(query: str) -> list[str]:
        return [row[0] for row in client.page(f"/enquiries?{query}").rows]

    assert names("") == ["Holloway Larder", "Bow 100% Walkers", "Bow Cyclists"]
    assert names("text=bow") == ["Bow 100% Walkers", "Bow Cyclists"]
    assert names("text=100%25") == ["Bow 100% Walkers"]
    assert names("owner=me") == ["Bow 100% Walkers"]
    assert names("owner=nobody&state=received") == ["Holloway Larder"]
    assert names("state=nonsense&owner=x&page=no") == ["Holloway Larder", "Bow 100% Walkers", "Bow Cyclists"]
    page = client.page("/enquiries?state=closed&text=bow")
    assert page.link("Remove State: Closed") == "/enquiries?text=bow"
    assert page.link("Clear all") == "/enquiries"


def test_a_note_is_not_its_writer_s_to_read(session: Any) -> None:
    enquiry, officer = make.enquiry(), Principal(make.person().id)
    verbs.route(enquiry, make.route("Consultancy"), make.person(), "Canary", actor=officer, now=NOW)
    verbs.note(enquiry, "Canary", "", actor=officer, now=NOW)
    assert [row.sentence for row in lately(Principal(enquiry.writer_id), 10)] == ["Routed: Consultancy"]


def test_accepting_twice_makes_one_organisation(session: Any) -> None:
    enquiry = make.enquiry(organisation_name="Holloway Larder")
    first = verbs.accept(enquiry, LARDER, actor=OFFICER, now=NOW)
    assert verbs.accept(enquiry, LARDER, actor=OFFICER, now=NOW) is first
    assert session.scalar(select(func.count(Organisation.id))) == 1
    assert session.scalar(select(func.count(Contact.id))) == 1


def test_an_interest_keeps_an_officer_from_accepting_for_that_organisation(session: Any) -> None:
    known = make.organisation(name="Holloway Larder")
    tied = Principal(None, frozenset({("engagement", None), ("interest", known.id)}))
    with pytest.raises(Refused, match="You have an interest in Holloway Larder"):
        verbs.accept(make.enquiry(), known, actor=tied, now=NOW)


def test_an_archived_organisation_takes_no_new_contact(session: Any) -> None:
    gone = make.organisation(name="Gone", state=OrganisationState.ARCHIVED)
    with pytest.raises(Refused, match="We do not work with Gone any more"):
        verbs.accept(make.enquiry(), gone, actor=OFFICER, now=NOW)


def test_likely_duplicates_by_name_and_by_mail_domain_but_not_by_free_mail(session: Any) -> None:
    by_name = make.organisation(name="Larder of Holloway")
    by_domain = make.organisation(name="Quite another name")
    make.contact(by_domain, make.person(email="old@larder.example"))
    by_website = make.organisation(name="Yet another", website="https://www.larder.example/about")
    make.organisation(name="Not theirs", website="https://my-larder.example")
    make.contact(make.organisation(name="Unrelated"), make.person(email="x@gmail.com"))
    from_work = make.enquiry(make.person(email="new@larder.example"), organisation_name="Holloway Larder")
    assert [each.name for each in likely_same(from_work)] == [by_domain.name, by_website.name, by_name.name]
    from_home = make.enquiry(make.person(email="new@gmail.com"), organisation_name="Bow Walkers")
    assert likely_same(from_home) == []


def test_the_likeliest_are_found_among_many_that_share_a_word(session: Any) -> None:
    for number in range(70):
        make.organisation(name=f"Islington Club {number}")
        make.enquiry(organisation_name=f"Islington Friends {number}")
    make.organisation(name="Islington Kitchen")
    make.enquiry(organisation_name="Islington Kitchen Project")
    ours = make.enquiry(make.person(email="kit@gmail.com"), organisation_name="The Islington Kitchen")
    assert [each.name for each in likely_same(ours)] == ["Islington Kitchen"]
    assert [each.organisation_name for each in likely_enquiries(OFFICER, ours)] == ["Islington Kitchen Project"]


def test_a_writer_who_had_left_is_a_contact_again(session: Any) -> None:
    known = make.organisation()
    writer = make.person()
    make.contact(known)
    old = make.contact(known, writer, ContactRole.SIGNATORY, left_on=date(2026, 1, 5))
    verbs.accept(make.enquiry(writer), known, actor=OFFICER, now=NOW)
    assert (old.left_on, old.role) == (None, ContactRole.SIGNATORY)
