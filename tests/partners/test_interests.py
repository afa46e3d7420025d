"""Declaring one's own interests: found by name, once each, and only one's own to end."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from placements.core.policy import Principal
from placements.db import db
from placements.partners import actions
from placements.partners.models import Interest, InterestKind
from placements.partners.queries import organisations_named
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient
from tests.databases import seeding
from tests.factories import DAY, NOW


def test_anybody_signed_in_declares_an_interest_by_search(database: Flask, client: PageClient) -> None:
    with seeding(database):
        somebody = make.account()
        make.organisation(name="Bow Walkers")
        make.organisation(name="Bow Cyclists")
    client.sign_in_as(somebody)
    page = client.page(client.page("/interests").link("Declare an interest"))
    page = client.submit(page.form("Find the organisation"), named="bow")
    form = page.form("Declare this interest")
    assert client.submit(form).errors == ["Choose the organisation", "Choose what ties you to it"]
    walkers = (form.offers("organisation") or [])[1]
    page = client.submit(form, organisation=walkers, kind="trustee")
    assert page.rows[0][:2] == ["Bow Walkers", "A trustee, director or committee member"]
    page = client.page("/interests/declare?named=nothing")
    assert "No organisation is found by that name" in page.text


def test_an_organisation_that_nobody_may_know_of_is_not_found(session: Any) -> None:
    make.organisation(name="Secret Group", state=OrganisationState.PROSPECTIVE)
    archived = make.organisation(name="Secret Past", state=OrganisationState.ARCHIVED)
    assert list(organisations_named(Principal(1), "secret")) == []
    own = Principal(1, frozenset({("contact", archived.id)}))
    assert list(organisations_named(own, "secret")) == []
    officer = Principal(1, frozenset({("engagement", None)}))
    assert [each.name for each in organisations_named(officer, "secret")] == ["Secret Group"]
    assert [each.name for each in organisations_named(officer, "GROUP, secr")] == ["Secret Group"]
    assert list(organisations_named(officer, "%")) == []


def test_declaring_twice_is_one_interest_and_declaring_again_opens_it(session: Any) -> None:
    organisation, actor = make.organisation(), Principal(make.person().id)
    first = actions.declare_interest(organisation, InterestKind.EMPLOYEE, actor=actor, now=NOW)
    assert actions.declare_interest(organisation, InterestKind.EMPLOYEE, actor=actor, now=NOW) is first
    actions.end_interest(first, actor=actor, now=NOW + DAY)
    again = actions.declare_interest(organisation, InterestKind.EMPLOYEE, actor=actor, now=NOW + 2 * DAY)
    assert (again.id, again.ended_at, again.declared_at) == (first.id, None, NOW + 2 * DAY)
    assert session.scalar(select(func.count(Interest.id))) == 1


def test_nobody_ends_another_person_s_interest(database: Flask, client: PageClient) -> None:
    with database.app_context():
        actor = Principal(make.person().id)
        interest = actions.declare_interest(make.organisation(), InterestKind.TRUSTEE, actor=actor, now=NOW)
        other = make.account()
        db.session.commit()
        db.session.refresh(other)
        url = f"/interests/{interest.public_id}/end"
        db.session.expunge_all()
    client.sign_in_as(other)
    token = client.page("/interests").form("/sign-out").values["csrf_token"]
    assert client.post(url, data={"csrf_token": token}).status_code == 404
    with database.app_context():
        assert db.session.scalars(select(Interest.ended_at)).one() is None
