"""The enrolment file in the browser: chosen, looked at, imported; and files that are no such thing."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from placements.accounts.queries import account_by_email
from placements.cohorts.models import Enrolment, RosterImport, RunRole
from placements.db import db
from tests import factories as make
from tests.client import PageClient
from tests.cohorts.enrolment_files import CELLS, HEADER, file, line
from tests.cohorts.people import Cohort, committed
from tests.databases import seeding
from tests.page import Page

NEW = line()
MOVED = line(Surname="Okafor-Reid", Occurrence="B", Visa_sponsored="Yes")
BAD = line(Student_number="21039999", Email="cai", Surname="Cai")


def choose(client: PageClient, data: bytes, name: str = "enrolments.csv") -> Page:
    return client.submit(client.page("/runs/import").form(), file=(BytesIO(data), name))


def enrolled(app) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Enrolment))


def signed_in(app, client: PageClient) -> Cohort:
    made = committed(app)
    client.sign_in_as(made.leader)
    return made


def test_a_file_is_looked_at_imported_and_changes_nothing_the_second_time(database, client: PageClient):
    signed_in(database, client)
    page = choose(client, file(NEW))
    assert page.h1 == "Check before you import"
    assert "Nothing has changed yet." in page.text
    assert ["Ada Okafor", "21034567", "ada.okafor@students.example.ac.uk", "WL6W50 2026/27", "A"] in page.rows
    assert enrolled(database) == 0
    page = client.submit(page.form())
    assert (page.h1, enrolled(database)) == ("Imported", 1)
    assert "1 new 0 changed 0 as before" in page.text
    with database.app_context():
        assert account_by_email("ada.okafor@students.example.ac.uk").password is None
    page = choose(client, file(NEW))
    assert page.h1 == "Nothing to import"
    assert "This file changes nothing: everything in it is here already." in page.text
    assert [button.text for form in page.forms for button in form.buttons if "Import" in button.text] == []


def test_the_import_is_found_from_the_list_of_runs_and_earlier_files_are_listed(database, client: PageClient):
    signed_in(database, client)
    page = client.page(client.page("/runs").link("Import enrolments"))
    assert page.h1 == "Import enrolments"
    choose(client, file(NEW), "week one.csv")
    page = client.page("/runs/import")
    assert page.rows == [["week one.csv", "Tue 20 Oct 2026, 9am", "Not yet"]]
    assert client.page(page.link("week one.csv")).h1 == "Check before you import"


def test_changes_are_shown_field_by_field_but_not_who_is_sponsored(database, client: PageClient):
    signed_in(database, client)
    client.submit(choose(client, file(NEW)).form())
    page = choose(client, file(MOVED))
    assert page.rows == [
        [
            "Ada Okafor-Reid",
            "21034567",
            "WL6W50 2026/27",
            "Surname: Okafor → Okafor-Reid Occurrence: A → B Visa sponsored: differs",
        ]
    ]
    page = client.submit(page.form())
    assert "0 new 1 changed" in page.text


def test_withdrawn_deferred_returned_unknown_and_missing_are_told_apart(database, client: PageClient):
    signed_in(database, client)
    others = [line(Student_number=f"2103000{n}", Email=f"s{n}@example.org", Surname=f"S{n}") for n in range(4)]
    client.submit(choose(client, file(*others)).form())
    page = choose(
        client,
        file(
            others[0] + "",
            line(Student_number="21030001", Email="s1@example.org", Surname="S1", Status="Withdrawn"),
            line(Student_number="21030002", Email="s2@example.org", Surname="S2", Status="Deferred"),
            line(Student_number="21030008", Email="s8@example.org", Surname="S8", Status="Withdrawn"),
        ),
    )
    assert "0 new 0 changed 1 withdrawn 1 deferred 1 as before 1 never here 1 not in the file" in page.text
    assert [row[0] for row in page.rows] == ["Ada S1", "Ada S2", "Ada S8", "Ada S3"]
    client.submit(page.form("Import 2 changes"))
    page = choose(client, file(*others))
    assert "2 back again 2 as before" in page.text


def test_bad_lines_are_listed_and_left_out_only_by_a_tick(database, client: PageClient):
    signed_in(database, client)
    page = choose(client, file(NEW, BAD))
    assert ["Line 3", "Email", "“cai” is not an email address like name@example.ac.uk."] in page.rows
    refused = client.submit(page.form())
    assert refused.errors == ["Tick the box to leave these lines out, or mend the file and choose it again."]
    assert enrolled(database) == 0
    page = client.submit(refused.form(), leave_out=True)
    assert (page.h1, enrolled(database)) == ("Imported", 1)
    assert "Lines left out" in page.text
    assert ["Line 3", "Email", "“cai” is not an email address like name@example.ac.uk."] in page.rows


def test_a_preview_gone_stale_is_shown_again_before_anything_happens(database, client: PageClient):
    signed_in(database, client)
    first = choose(client, file(NEW))
    client.submit(choose(client, file(line(Surname="Okoro"))).form())
    page = client.submit(first.form())
    assert page.errors == ["Something has changed since you looked. Check what the file would do now, then import it."]
    assert "Surname: Okoro → Okafor" in page.text


def test_an_upload_is_its_uploaders_alone(database, client: PageClient):
    signed_in(database, client)
    page = choose(client, file(NEW))
    with seeding(database):
        other = make.account()
        make.run_role(RunRole.LEADER, other.person, make.run())
    client.sign_in_as(other)
    client.page(page.url, status=404)


def test_a_long_file_shows_its_first_hundred_rows_and_says_how_many_there_are(database, client: PageClient):
    signed_in(database, client)
    lines = [line(Student_number=str(21000000 + n), Email=f"s{n}@example.org") for n in range(250)]
    page = choose(client, file(*lines))
    assert len(page.rows) == 100
    assert "These are the first 100 of 250." in page.text
    assert "Import 250 changes" in [button.text for button in page.form().buttons]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Choose another one."),
        (b"PK\x03\x04....", "This is an Excel workbook, not a CSV file. In Excel choose Save as, then “CSV UTF-8”."),
        (b"\x00\xff\x00", "The file holds bytes that are not text. In Excel choose Save as, then “CSV UTF-8”."),
        (HEADER.replace("Email", "Mail").encode(), "The file has no column “Email”. Add it and choose the file again."),
    ],
)
def test_a_file_that_is_no_roster_is_refused_with_what_to_do(database, client: PageClient, data, sentence):
    signed_in(database, client)
    assert choose(client, data).errors == [sentence]
    with database.app_context():
        assert db.session.scalars(select(RosterImport)).all() == []


def test_no_file_is_said_at_the_field(database, client: PageClient):
    signed_in(database, client)
    assert client.submit(client.page("/runs/import").form()).errors == ["Choose the enrolment file"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "<b>x</b>.csv", "x" * 5000, "\u202excsv"])
def test_a_files_name_is_only_text(database, client: PageClient, name):
    signed_in(database, client)
    page = choose(client, file(NEW), name)
    assert page.h1 == "Check before you import"
    with database.app_context():
        kept = db.session.scalars(select(RosterImport)).one().file_name
    assert len(kept) <= 200
    assert kept.isprintable()


@pytest.mark.parametrize(
    "heading", [each for each in CELLS if each not in ("Status", "Level", "Visa sponsored", "Mode")]
)
@pytest.mark.parametrize("cell", ["=cmd|'/C calc'!A0", "<script>alert(1)</script>", "\u202e", "x" * 50_000])
def test_hostile_cells_are_refused_or_shown_as_text(database, client: PageClient, heading, cell):
    signed_in(database, client)
    page = choose(client, file(line(**{heading: cell})))
    assert page.h1 in ("Check before you import", "Nothing to import")
    assert "<script>alert" not in page.html
