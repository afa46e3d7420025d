"""What runs out: every kind, by day, narrowed, paged, and as a sheet."""

import csv
import io
from collections.abc import Callable
from datetime import date

import pytest

from placements.db import db
from placements.partners.models import Organisation, Site
from placements.partners.workflow import OrganisationState
from placements.vetting.models import Check, Memorandum
from placements.vetting.rules import Answer, CheckKind
from placements.vetting.workflow import CheckState, MemorandumState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.page import Page
from tests.reports.conftest import Show

FAR = date(2028, 8, 31)


def check(of: Organisation, until: date, state: CheckState = CheckState.PASSED, site: Site | None = None) -> None:
    said = {"answer": Answer.PAPER, "answered_at": NOW, "answered_by": make.person()}
    db.session.add(Check(organisation=of, site=site, kind=CheckKind.INSURANCE, state=state, valid_until=until, **said))


def memorandum(
    of: Organisation, until: date, state: MemorandumState = MemorandumState.SIGNED, version: int = 1
) -> None:
    said = {"version": version, "text": "Together.", "made_at": NOW, "made_by": make.person(), "signed_on": NOW.date()}
    db.session.add(Memorandum(organisation=of, state=state, expires_on=until, **said))


def one_of_each() -> None:
    """In October and November 2026; today is Tuesday 20 October."""
    owner = make.person(public_id="owner-123456", given_name="Ngozi", family_name="Adeyemi")
    mine = make.organisation(name="Holloway Larder", approved_until=date(2026, 11, 19), owner=owner)
    other = make.organisation(name="Bow Walkers", approved_until=date(2027, 1, 18))
    make.site(mine, name="The hall", cleared_until=date(2026, 10, 20))
    check(other, date(2026, 11, 1))
    memorandum(other, date(2026, 12, 19))
    make.site(other, name="The hut", cleared_until=date(2026, 10, 19))  # yesterday


def what(page: Page) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in page.rows]


SOON = [
    ("Place: The hall", "Holloway Larder"),
    ("Check: Employers’ liability insurance", "Bow Walkers"),
    ("Approval", "Holloway Larder"),
]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", SOON),
        ("?within=30", SOON),
        ("?within=60", [*SOON, ("Memorandum", "Bow Walkers")]),
        ("?within=90", [*SOON, ("Memorandum", "Bow Walkers"), ("Approval", "Bow Walkers")]),
        ("?within=over", [("Place: The hut", "Bow Walkers")]),
        ("?within=90&kind=approval", [("Approval", "Holloway Larder"), ("Approval", "Bow Walkers")]),
        ("?within=90&owner=owner-123456", [SOON[0], SOON[2]]),
        ("?within=nonsense&kind=nonsense&owner=nobody", SOON),
    ],
)
def test_the_soonest_come_first_and_filters_narrow(show: Show, query: str, rows: list[tuple[str, str]]) -> None:
    assert what(show(f"/expiries{query}", one_of_each)) == rows


def test_each_row_says_whose_it_is_and_how_far_off(show: Show) -> None:
    page = show("/expiries", one_of_each)
    assert page.rows[0][2:] == ["Tue 20 Oct 2026 (today)", "Ngozi Adeyemi"]
    assert page.rows[1][3] == "Nobody yet"
    assert page.link("Bow Walkers").startswith("/organisations/")


def of_no_concern() -> None:
    gone = make.organisation(name="Gone", state=OrganisationState.ARCHIVED, approved_until=date(2026, 11, 1))
    make.site(gone, cleared_until=date(2026, 11, 1))
    paused = make.organisation(name="Paused", state=OrganisationState.PAUSED, approved_until=date(2026, 11, 1))
    check(paused, date(2026, 11, 1), CheckState.FAILED)
    memorandum(paused, date(2026, 11, 1), MemorandumState.DRAFT)
    make.site(paused, cleared_until=None)


def test_what_has_ended_or_never_held_does_not_run_out(show: Show) -> None:
    page = show("/expiries?within=90", of_no_concern)
    assert page.rows == []
    assert "Nothing runs out" in page.text


def said_once() -> None:
    """A place whose check runs out, and a memorandum that another has replaced."""
    of = make.organisation(name="Larder", approved_until=FAR)
    place = make.site(of, name="The hall", cleared_until=date(2026, 11, 1))
    check(of, date(2026, 11, 1), site=place)
    memorandum(of, date(2026, 11, 1))
    memorandum(of, FAR, version=2)


def test_a_place_and_its_check_are_one_thing_and_what_was_replaced_runs_out_no_more(show: Show) -> None:
    assert what(show("/expiries", said_once)) == [("Place: The hall", "Larder")]


@pytest.mark.parametrize("name", ["endpoint", "_scheme", "_anchor", "_method"])
def test_nothing_in_the_address_changes_where_the_download_leads(show: Show, name: str) -> None:
    page = show(f"/expiries?{name}=javascript&kind=approval", one_of_each)
    assert page.link("Download the list as CSV") == "/expiries.csv?kind=approval"


def many(number: int) -> Callable[[], None]:
    def build() -> None:
        for _ in range(number):
            make.organisation(approved_until=date(2026, 10, 30))

    return build


def test_it_is_paged_and_the_sheet_is_whole(show: Show, client: PageClient) -> None:
    page = show("/expiries?within=60", many(30))
    assert len(page.rows) == 25
    assert "1–25 of 30 things that run out" in page.text
    assert len(client.page(page.link("Next page")).rows) == 5
    answer = client.get(page.link("Download the list as CSV"))
    lines = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert len(lines) == 31
    assert lines[0] == ["Last day", "What", "Organisation", "Looked after by"]
    assert lines[1][:2] == ["Fri 30 Oct 2026", "Approval"]


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_it_asks_five_queries_however_many_there_are(show: Show, client: PageClient, rows: int) -> None:
    show("/expiries", one_of_each, many(rows))
    with counting_queries() as asked:
        client.page("/expiries")
    assert asked.count == 5  # who asks and their roles; who looks after organisations; the count, the rows
