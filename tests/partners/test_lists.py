"""Lists keep their queries whatever their length, and their order and pages."""

from collections.abc import Callable

import pytest
from flask import Flask

from placements.accounts.models import Account, GlobalRole
from placements.db import db
from placements.enquiries.workflow import EnquiryState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import DAY, NOW


@pytest.fixture
def officer(database: Flask) -> Account:
    with seeding(database):
        return make.account(None, GlobalRole.ENGAGEMENT)


def _organisation() -> None:
    make.organisation(owner=make.person())


def _enquiry() -> None:
    make.enquiry(owner=make.person(), state=EnquiryState.IN_CONVERSATION)


LISTS: dict[str, Callable[[], None]] = {"/organisations": _organisation, "/enquiries": _enquiry}


@pytest.mark.parametrize("url", LISTS)
@pytest.mark.parametrize("rows", [1, 3, 300])
def test_a_list_asks_three_queries_however_long_it_is(
    database: Flask, client: PageClient, officer: Account, url: str, rows: int
) -> None:
    with database.app_context():
        for _ in range(rows):
            LISTS[url]()
        db.session.commit()
    client.sign_in_as(officer)
    client.page("/me")  # what the application asks once and remembers
    with counting_queries() as asked:
        page = client.page(url)
    assert len(page.rows) == min(rows, 25)
    assert asked.count == 3  # the account, its roles, the rows with how many they are


def test_enquiries_wait_oldest_first_then_come_the_answered_newest_first(
    database: Flask, client: PageClient, officer: Account
) -> None:
    with database.app_context():
        make.enquiry(organisation_name="Closed", state=EnquiryState.CLOSED, received_at=NOW - 9 * DAY)
        make.enquiry(organisation_name="Routed", state=EnquiryState.ROUTED, received_at=NOW - 2 * DAY)
        make.enquiry(organisation_name="New", received_at=NOW - DAY)
        make.enquiry(organisation_name="Old", received_at=NOW - 5 * DAY)
        db.session.commit()
    client.sign_in_as(officer)
    assert [row[0] for row in client.page("/enquiries").rows] == ["Old", "New", "Routed", "Closed"]


def test_a_long_list_has_pages_that_keep_its_filters(database: Flask, client: PageClient, officer: Account) -> None:
    with database.app_context():
        for number in range(27):
            make.organisation(name=f"Group {number:02}", borough="Hackney")
        make.organisation(name="Other", borough="Camden")
        db.session.commit()
    client.sign_in_as(officer)
    page = client.page("/organisations?borough=Hackney")
    assert "1–25 of 27 organisations" in page.text
    page = client.page(page.link("Next page"))
    assert [row[0] for row in page.rows] == ["Group 25", "Group 26"]
    assert page.link("Previous page") == "/organisations?borough=Hackney&page=1"
    assert client.page("/organisations?page=99").rows == []
