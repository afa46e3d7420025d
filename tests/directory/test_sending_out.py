"""The list of organisations as a sheet: what it shows, read back without changing anything; and how full each is."""

import csv
from datetime import date
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from placements.accounts.models import GlobalRole
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import RunRole, Theme
from placements.core.csv_out import BOM, csv_text
from placements.core.policy import Principal
from placements.db import db
from placements.directory.importing import read_upload
from placements.directory.imports import look
from placements.directory.loads import loads_of, sent_out
from placements.files.actions import keep_sheet
from placements.partners.models import Organisation, OrganisationBorough, Size
from placements.partners.queries import OrganisationSearch
from placements.partners.workflow import OrganisationState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import seeding
from tests.factories import NOW

TODAY = date(2026, 10, 20)
OFFICER = Principal(None, frozenset({("engagement", None)}))


def full_record(n: int = 0) -> Organisation:
    made = make.organisation(
        name=f"=Larder {n}, “the” one", about="We share food.\n\nEvery day.", charity_number=f"12345{n:02}",
        our_reference=f"0{n}", website="https://larder.example", size=Size.FEW, ceiling=3, owner=make.person(),
        other_identifier="-7",
    )  # fmt: skip
    made.also_in = [OrganisationBorough(borough=name) for name in ("Camden", "Hackney")]
    make.contact(made)
    db.session.flush()
    return made


def test_what_goes_out_comes_in_again_and_changes_nothing(session: Any) -> None:
    full_record()
    make.organisation(state=OrganisationState.ARCHIVED)
    make.organisation(state=OrganisationState.DECLINED, approved_until=None)
    session.flush()
    header, rows = sent_out(OFFICER, OrganisationSearch(), TODAY)
    upload = read_upload("Organisations.csv", (BOM + csv_text(header, rows)).encode())
    assert upload.ignored_columns == [
        *("State", "Approved until", "Looked after by", "Students there now", "Students to come"),
        *("Places in published challenges", "More can come"),
    ]
    session.expire_all()
    preview = look(keep_sheet(upload, actor=Principal(make.person().id), now=NOW)).preview
    assert (preview.errors, preview.changed, preview.new, preview.likely) == ((), (), (), ())
    assert len(preview.same) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_a_sheet_of_any_length_asks_five_queries(session: Any, rows: int) -> None:
    for n in range(rows):
        full_record(n)
    session.expire_all()
    with counting_queries() as asked:
        assert len(sent_out(OFFICER, OrganisationSearch(), TODAY)[1]) == rows
    assert asked.count == 5  # the organisations, their boroughs, their contacts, students, places


def test_the_sheet_holds_what_the_list_shows(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        make.organisation(name="Bow Walkers", borough="Hackney")
        make.organisation(name="Elsewhere", borough="Camden")
    client.sign_in_as(officer)
    url = client.page("/organisations?borough=Hackney").link("Download what is shown")
    answer = client.get(url)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="organisations.csv"'
    lines = list(csv.DictReader(StringIO(answer.text.removeprefix(BOM))))
    assert [line["Name"] for line in lines] == ["Bow Walkers"]
    assert (lines[0]["State"], lines[0]["Approved until"], lines[0]["More can come"]) == (
        "approved",
        "2027-08-31",
        "No limit",
    )


@pytest.mark.parametrize(
    ("ceiling", "said"), [(None, "No limit"), (5, "2 more can come"), (3, "Full"), (2, "Full"), (4, "1 more can come")]
)
def test_how_full_an_organisation_is(session: Any, ceiling: int | None, said: str) -> None:
    kept = make.organisation(ceiling=ceiling)
    at = make.challenge(kept, places_max=4)
    make.challenge(kept, state=ChallengeState.DRAFT, places_max=9)
    make.challenge(kept, academic_year="2025/26", places_max=9)
    states = ("active", "paused", "preparing", "completed", "ended_early")
    for state in states:
        make.placement(at=at, state=PlacementState(state))
    make.placement()  # elsewhere
    load = loads_of([kept], TODAY)[kept.id]
    assert (load.here, load.to_come, load.places, load.said) == (2, 1, 4, said)


@pytest.mark.parametrize("many", [1, 3])
def test_loads_are_asked_in_two_queries(session: Any, many: int) -> None:
    for _ in range(many):
        make.placement()
    found = session.scalars(select(Organisation)).all()
    with counting_queries() as asked:
        loads_of(found, TODAY)
    assert asked.count == 2


def test_its_page_says_how_full_it_is_but_not_to_champions(database: Flask, client: PageClient) -> None:
    with seeding(database):
        contact = make.account()
        kept = make.organisation(ceiling=2)
        make.contact(kept, contact.person)
        make.placement(at=make.challenge(kept))
        champion = make.account()
        make.run_role(RunRole.CHAMPION, champion.person, make.run(), Theme.POVERTY)
        url = f"/organisations/{kept.public_id}"
    client.sign_in_as(champion)
    assert "there now" not in client.page(url).text
    client.sign_in_as(contact)
    said = "1 more can come (at most 2 at one time): 1 student there now, 0 to come; 2 places in this year’s published"
    assert said in client.page(url).text
