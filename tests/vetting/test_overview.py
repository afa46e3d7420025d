"""The list of checks: what waits first, then what runs out; the same number of queries however long it is."""

from datetime import date

import pytest
from flask import Flask

from placements.accounts.models import Account, GlobalRole
from placements.db import db
from placements.partners.workflow import OrganisationState
from placements.vetting.rules import CheckKind
from placements.vetting.workflow import CheckState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import DAY, NOW

TODAY = NOW.date()


def _officer(role: GlobalRole = GlobalRole.ENGAGEMENT) -> Account:
    officer = make.account(None, role)
    db.session.commit()
    db.session.refresh(officer)
    db.session.expunge_all()
    return officer


@pytest.fixture
def officer(database: Flask) -> Account:
    with database.app_context():
        for name, kind, said in (
            ("Later", CheckKind.IDENTITY, {"valid_until": TODAY + 91 * DAY}),
            ("In three months", CheckKind.IDENTITY, {"valid_until": TODAY + 90 * DAY}),
            ("In two months", CheckKind.IDENTITY, {"valid_until": TODAY + 60 * DAY}),
            ("In a month", CheckKind.IDENTITY, {"valid_until": TODAY + 30 * DAY}),
            ("Over", CheckKind.IDENTITY, {"valid_until": TODAY - DAY}),
            ("New", CheckKind.SAFEGUARDING, {"state": CheckState.ANSWERED, "answered_at": NOW - DAY}),
            ("Old", CheckKind.SAFEGUARDING, {"state": CheckState.ANSWERED, "answered_at": NOW - 9 * DAY}),
            ("Not passed", CheckKind.SAFEGUARDING, {"state": CheckState.FAILED}),
        ):
            make.check(make.organisation(name=name), kind, **said)  # type: ignore[arg-type]
        gone = make.organisation(name="Gone", state=OrganisationState.ARCHIVED)
        make.check(gone, CheckKind.SAFEGUARDING, state=CheckState.ANSWERED)
        return _officer()


def names(client: PageClient, asked: str = "") -> list[str]:
    return [row[0] for row in client.page(f"/checks{asked}").rows]


def test_what_waits_comes_first_then_what_runs_out(client: PageClient, officer: Account) -> None:
    client.sign_in_as(officer)
    assert names(client) == ["Old", "New", "Over", "In a month", "In two months", "In three months"]
    assert names(client, "?show=waits") == ["Old", "New"]
    assert names(client, "?show=30") == ["Over", "In a month"]
    assert names(client, "?show=60") == ["Over", "In a month", "In two months"]
    assert names(client, "?show=90") == ["Over", "In a month", "In two months", "In three months"]
    assert names(client, "?text=two&show=60") == ["In two months"]
    page = client.page("/checks")
    assert client.page(page.link("Safeguarding")).h1 == "Check: Safeguarding"
    assert client.page(page.link("Over")).h1 == "Checks of Over"


def test_the_safety_officer_has_the_list_and_may_open_it(database: Flask, client: PageClient, officer: Account) -> None:
    with database.app_context():
        safety = _officer(GlobalRole.SAFETY_OFFICER)
    client.sign_in_as(safety)
    page = client.page("/checks")
    assert page.rows[0][:2] == ["Old", "Safeguarding"]
    assert "Checks" in {link.text for link in client.page("/home").links}


@pytest.mark.parametrize("many", [1, 3, 300])
def test_it_asks_as_few_queries_for_one_row_as_for_three_hundred(
    database: Flask, client: PageClient, many: int
) -> None:
    with database.app_context():
        for number in range(many):
            kept = make.organisation()
            make.check(kept, CheckKind.HEALTH_AND_SAFETY, make.site(kept), valid_until=date(2026, 11, 1 + number % 30))
        officer = _officer()
    client.sign_in_as(officer)
    with counting_queries() as queries:
        assert len(client.page("/checks").rows) == min(many, 25)
    assert queries.count == 4


@pytest.mark.parametrize("many", [1, 3])
def test_an_organisation_s_checks_are_as_many_queries_with_one_place_as_with_three(
    database: Flask, client: PageClient, many: int
) -> None:
    with database.app_context():
        kept = make.organisation(public_id="organisation")
        for made in make.five_checks(kept):
            make.evidence(made)
        for _ in range(many):
            place = make.site(kept)
            make.check(kept, CheckKind.HEALTH_AND_SAFETY, place)
            make.site_risk(place)
        officer = _officer()
    client.sign_in_as(officer)
    with counting_queries() as queries:
        assert len(client.page("/organisations/organisation/checks").rows) == 5 + many
    assert queries.count == 8
