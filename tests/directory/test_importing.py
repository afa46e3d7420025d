"""A list of organisations is looked at, then applied whole or not at all; a second time it changes nothing."""

from io import BytesIO
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from placements.accounts.models import Account, GlobalRole
from placements.core.errors import Conflict, Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db
from placements.directory import importing
from placements.directory.importing import apply_list, read_upload
from placements.directory.imports import NEW, Look, look
from placements.directory.merging import merge
from placements.directory.models import PartnerImport
from placements.directory.sheet import HEADINGS, SAMPLE
from placements.files.actions import keep_sheet
from placements.mail.models import Notification
from placements.partners.models import Contact, ContactRole, Organisation, OrganisationType, Size
from placements.partners.workflow import OrganisationState
from placements.people.models import Person
from placements.web.sheets import csv_text
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.databases import Copy
from tests.factories import NOW
from tests.races import at_once, let_go_until

WHOLE = ",".join(HEADINGS.values())


def sheet(*lines: str, header: str = "Our reference,Name,Kind,Main borough") -> bytes:
    return "\r\n".join([header, *lines]).encode()


def uploaded(data: bytes) -> PartnerImport:
    return keep_sheet(read_upload("partners.csv", data), actor=Principal(make.person().id), now=NOW)


def counts(seen: Look) -> tuple[int, int, int, int, int]:
    preview = seen.preview
    parts = (preview.new, preview.changed, preview.same, preview.likely, preview.errors)
    return tuple(len(part) for part in parts)  # type: ignore[return-value]


def errors(data: bytes) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.sentence) for each in look(uploaded(data)).preview.errors]


def apply(data: bytes, choices: dict[int, str] | None = None) -> PartnerImport:
    upload = uploaded(data)
    apply_list(upload, choices or {}, fingerprint=look(upload).fingerprint, actor=NOBODY, now=NOW)
    db.session.flush()
    return upload


def named(name: str) -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.name == name)).one()


def test_the_sample_makes_two_organisations_and_a_second_time_nothing(session: Any) -> None:
    sample = csv_text(list(HEADINGS.values()), SAMPLE).encode()
    assert apply(sample).outcome == {"new": 2, "changed": 0, "same": 0, "left_out": 0}
    larder = named("Holloway Larder")
    assert (larder.type, larder.size, larder.ceiling, larder.our_reference) == (
        OrganisationType.CHARITY,
        Size.FEW,
        3,
        "P-001",
    )
    assert (larder.website, larder.state) == ("https://www.larder.example", OrganisationState.PROSPECTIVE)
    assert [each.borough for each in larder.also_in] == ["Camden", "Hackney"]
    contact = session.scalars(select(Contact)).one()
    assert (contact.person.name, contact.role, contact.job_title) == ("Amina Yusuf", ContactRole.PRIMARY, "Coordinator")
    assert session.scalars(select(Account)).all() == []
    assert session.scalars(select(Notification)).all() == []
    seen = look(uploaded(sample))
    assert (counts(seen), seen.preview.changes_nothing) == ((0, 0, 2, 0, 0), True)


@pytest.mark.parametrize(
    ("held", "line"),
    [
        ({"our_reference": "P-1"}, "P-1,Other name,Charity,Hackney,,"),
        ({"charity_number": "1234567"}, ",Other name,Charity,Hackney,1234567,"),
        ({"company_number": "01234567"}, ",Other name,Charity,Hackney,,1234567"),
        ({"name": "Other NAME", "borough": "Hackney"}, ",Other name,Charity,Hackney,,"),
    ],
)
def test_an_organisation_is_known_by_reference_numbers_or_name_and_borough(
    session: Any, held: dict[str, Any], line: str
) -> None:
    kept = make.organisation(type=OrganisationType.SPORTS_CLUB, **held)
    header = "Our reference,Name,Kind,Main borough,Charity number,Company number"
    assert apply(sheet(line, header=header)).outcome["changed"] == 1
    assert (kept.name, kept.borough, kept.type) == ("Other name", "Hackney", OrganisationType.CHARITY)
    assert counts(look(uploaded(sheet(line, header=header)))) == (0, 0, 1, 0, 0)


def test_a_blank_cell_changes_nothing_and_each_change_is_shown(session: Any) -> None:
    said = {"about": "We share.", "ceiling": 4, "website": "https://l.example", "type": OrganisationType.SPORTS_CLUB}
    kept = make.organisation(name="Larder", our_reference="P-1", **said)
    header = "Our reference,Name,Kind,Main borough,What it does,Most students at one time,Website"
    data = sheet("P-1,Larder,Charity,Islington,,6,", header=header)
    (change,) = look(uploaded(data)).preview.changed
    assert change.differences == (("type", "Sports club", "Charity"), ("ceiling", 4, 6))
    apply(data)
    assert (kept.about, kept.ceiling, kept.website) == ("We share.", 6, "https://l.example")


def test_numbers_of_two_organisations_on_one_line_are_an_error(session: Any) -> None:
    make.organisation(name="Larder", our_reference="P-1")
    make.organisation(name="Walkers", charity_number="1234567")
    data = sheet("P-1,Larder,Charity,Hackney,1234567", header="Our reference,Name,Kind,Main borough,Charity number")
    assert errors(data) == [(2, "", "Its reference and numbers belong to Larder and Walkers. Mend the line.")]


def test_a_likely_double_is_left_out_unless_it_is_said_what_it_is(session: Any) -> None:
    larder = make.organisation(name="Holloway Larder", borough="Islington")
    data = sheet("P-9,The Holloway Larder CIO,Charity,Hackney")
    (likely,) = look(uploaded(data)).preview.likely
    assert likely.offered == ((larder.public_id, "Holloway Larder, Islington", "Much the same name"),)
    assert apply(data).outcome == {"new": 0, "changed": 0, "same": 0, "left_out": 1}
    assert apply(data, {2: "nonsense"}).outcome["changed"] == 0
    assert apply(data, {2: larder.public_id}).outcome["changed"] == 1
    assert (larder.name, larder.our_reference) == ("The Holloway Larder CIO", "P-9")
    assert counts(look(uploaded(data))) == (0, 0, 1, 0, 0)


def test_a_likely_double_that_is_another_one_is_added(session: Any) -> None:
    make.organisation(name="Holloway Larder", website="https://www.larder.example")
    header = "Our reference,Name,Kind,Main borough,Main contact,Main contact email"
    data = sheet("P-9,Quite Different,Charity,Hackney,Ada Bell,ada@larder.example", header=header)
    (likely,) = look(uploaded(data)).preview.likely
    assert likely.offered[0][2] == "The same website or mail domain"
    assert apply(data, {2: NEW}).outcome["new"] == 1
    assert counts(look(uploaded(data))) == (0, 0, 1, 0, 0)


def test_two_lines_cannot_be_the_same_one(session: Any) -> None:
    larder = make.organisation(name="Holloway Larder")
    data = sheet("P-1,Holloway Larder CIO,Charity,Hackney", "P-2,Holloway Larder Ltd,Charity,Camden")
    with pytest.raises(Refused, match="Two lines cannot both be Holloway Larder"):
        apply(data, {2: larder.public_id, 3: larder.public_id})


def test_what_was_merged_does_not_come_back_and_renames_nothing(session: Any) -> None:
    data = sheet("P-1,Larder,Charity,Hackney", "P-2,Walkers,Charity,Camden")
    apply(data)
    merge(named("Larder"), named("Walkers"), actor=Principal(None), now=NOW)
    session.flush()
    assert counts(look(uploaded(data))) == (0, 0, 2, 0, 0)


@pytest.mark.parametrize("state", [OrganisationState.ARCHIVED, OrganisationState.DECLINED])
def test_one_that_is_over_stays_as_it_is(session: Any, state: OrganisationState) -> None:
    make.organisation(name="Larder", our_reference="P-1", borough="Hackney", state=state)
    assert counts(look(uploaded(sheet("P-1,Larder,Charity,Hackney")))) == (0, 0, 1, 0, 0)
    said = f"Larder is {state.value} here, so nothing of it changes. Take the line out."
    assert errors(sheet("P-1,Larder,Charity,Camden")) == [(2, "", said)]


def test_a_contact_who_left_is_not_taken_back_and_a_new_one_supervises_beside_the_main_one(session: Any) -> None:
    kept = make.organisation(our_reference="P-1", name="Larder", borough="Hackney")
    make.contact(kept)
    gone = make.contact(kept, make.person(email="gone@larder.example"), left_on=NOW.date())
    header = "Our reference,Name,Kind,Main borough,Main contact,Main contact email"
    assert counts(look(uploaded(sheet("P-1,Larder,Charity,Hackney,Gone,GONE@larder.example", header=header))))[2] == 1
    apply(sheet("P-1,Larder,Charity,Hackney,Ada Bell,ada@larder.example", header=header))
    assert gone.left_on == NOW.date()
    ada = session.scalars(select(Contact).join(Contact.person).where(Person.email_key == "ada@larder.example")).one()
    assert ada.role is ContactRole.SUPERVISOR


def test_a_name_may_begin_with_a_hash(session: Any) -> None:
    apply(sheet("P-1,#iwill,Charity,Hackney", "P-2,#NHS70 Choir,Charity,Camden"))
    assert (named("#iwill").our_reference, named("#NHS70 Choir").our_reference) == ("P-1", "P-2")
    said = "This is what Excel shows for an error or a narrow column. Put the value itself in the cell."
    for shown in ("#", "####", "#N/A", "#NAME?", "#DIV/0!"):
        assert errors(sheet(f"P-1,{shown},Charity,Hackney")) == [(2, "Name", said)]


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        ("P-1,,Charity,Hackney", "Name", "This is blank. Fill it in."),
        ("P-1,=1+1,Charity,Hackney", "Name", "This is a formula. Put the value itself in the cell."),
        (f"P-1,{'x' * 201},Charity,Hackney", "Name", "This is longer than 200 characters. Shorten it."),
        (
            "P-1,Larder,Charity,Hackny",
            "Main borough",
            "“Hackny” is not known here. Enter a London borough by its full name, City of London or Outside London.",
        ),
        (
            "P-1,Lar\u200bder,Charity,Hackney",
            "Name",
            "This holds a character that cannot be shown. Type the cell again.",
        ),
        (
            "P-1,Larder,Charity,Hackney,more",
            "",
            "This line has more cells than there are columns. Put quotation marks round a cell with a comma.",
        ),
    ],
)
def test_a_bad_line_is_told_by_line_and_column_and_nothing_is_applied(
    session: Any, line: str, column: str, sentence: str
) -> None:
    data = sheet("P-0,Walkers,Charity,Camden", line)
    assert errors(data) == [(3, column, sentence)]
    with pytest.raises(Refused, match="Mend the lines that cannot be used"):
        apply(data)
    assert session.scalars(select(Organisation)).all() == []


def test_a_name_that_cannot_be_kept_whole_is_an_error(session: Any) -> None:
    header = "Our reference,Name,Kind,Main borough,Main contact,Main contact email"
    line = "P-1,Larder,Charity,Hackney,{},ada@larder.example"
    said = "This is longer than 100 characters. Shorten it."
    assert errors(sheet(line.format("A" * 101), header=header)) == [(2, "Main contact", said)]
    apply(sheet(line.format("A" * 100), header=header))
    assert session.scalars(select(Contact)).one().person.name.strip() == "A" * 100


def test_every_optional_cell_is_checked_for_form(session: Any) -> None:
    line = "P,Larder,Charity,Hackney,Hakney,12,x,,javascript:1,huge,0,,Ada,,"
    found = [(column, sentence) for _, column, sentence in errors(sheet(line, header=WHOLE))]
    assert [column for column, _ in found] == [
        *("Other boroughs", "Charity number", "Company number", "Website", "Size", "Most students at one time"),
    ]
    line = "P,Larder,Charity,Hackney,,,,,,,,,Ada Bell,,"
    said = "Give both the name and the email address of the main contact, or neither."
    assert errors(sheet(line, header=WHOLE)) == [(2, "Main contact email", said)]


@pytest.mark.parametrize(
    ("second", "column"),
    [
        ("P-1,Other,Charity,Camden,", "Our reference"),
        ("P-2,larder,Charity,Hackney,", "Name"),
        ("P-2,Other,Charity,Camden,1234567", "Charity number"),
    ],
)
def test_one_organisation_on_two_lines_is_an_error_of_the_second(session: Any, second: str, column: str) -> None:
    header = "Our reference,Name,Kind,Main borough,Charity number"
    data = sheet("P-1,Larder,Charity,Hackney,1234567", second, header=header)
    assert errors(data) == [(3, column, "This is also on line 2. Keep one of them.")]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty. Choose another one."),
        (b"Name\0,Kind", "The file holds bytes that are not text. In Excel choose Save as, then “CSV UTF-8”."),
        (b"PK\x03\x04", "This is an Excel workbook, not a CSV file. In Excel choose Save as, then “CSV UTF-8”."),
        (b"a,b\n1,2", f"The first line should hold the headings: {', '.join(HEADINGS.values())}."),
        (b"Name,Kind\nx,y", "The file has no column “Main borough”. Add it and choose the file again."),
        (
            b"Name,Kind,Main borough\n" + b'"' + b"x" * 1_000_000 + b'",Charity,Hackney',
            "Line 2 cannot be read: a quotation mark has no partner, or a cell is far too long.",
        ),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(data: bytes, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_upload("partners.csv", data)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_however_excel_saved_it(session: Any, encoding: str, delimiter: str) -> None:
    text = "Name,Kind,Main borough\r\nCafé Ségolène,community GROUP,tower hamlets\r\n".replace(",", delimiter)
    apply(text.encode(encoding))
    assert (named("Café Ségolène").type, named("Café Ségolène").borough) == (
        OrganisationType.COMMUNITY_GROUP,
        "Tower Hamlets",
    )


def test_what_is_not_what_was_looked_at_is_not_applied(session: Any) -> None:
    upload = uploaded(sheet("P-1,Larder,Charity,Hackney"))
    seen = look(upload).fingerprint
    make.organisation(our_reference="P-1")
    with pytest.raises(Conflict):
        apply_list(upload, {}, fingerprint=seen, actor=NOBODY, now=NOW)


@pytest.mark.parametrize("lines", [3, 60])
def test_a_list_of_any_length_is_looked_at_in_two_and_applied_in_four_reads(session: Any, lines: int) -> None:
    people = (f"P-{n},Group {n * 7919:x},Charity,Hackney,Ada Bell,ada@group{n}.example" for n in range(lines))
    header = "Our reference,Name,Kind,Main borough,Main contact,Main contact email"
    upload = uploaded(sheet(*people, header=header))
    with counting_queries() as asked:
        fingerprint = look(upload).fingerprint
    assert asked.count == 2  # the organisations, who works there; none has a borough to ask for
    with counting_queries() as asked:
        apply_list(upload, {}, fingerprint=fingerprint, actor=NOBODY, now=NOW)
        session.flush()
    assert session.scalar(select(func.count(Contact.id))) == lines
    assert (
        len([each for each in asked.statements if each.startswith("SELECT")]) == 4
    )  # is it applied; 2 as above; people


def test_applied_twice_at_once_it_is_applied_once(fresh_database: Copy) -> None:
    with fresh_database.app.app_context():
        upload = uploaded(sheet("P-1,Larder,Charity,Hackney"))
        key, fingerprint = upload.id, look(upload).fingerprint
        db.session.commit()

    def press() -> None:
        apply_list(db.session.get_one(PartnerImport, key), {}, fingerprint=fingerprint, actor=NOBODY, now=NOW)

    assert at_once(fresh_database, press, press, press) == [None, None, None]
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(Organisation.id))) == 1


def test_unless_the_upload_is_held_the_second_press_breaks(
    fresh_database: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: nobody holds the upload, and all have looked before the first has applied it."""
    both_have_looked = Barrier(2)

    def let_go(upload: PartnerImport) -> Look:
        seen = look(upload)
        let_go_until(both_have_looked)
        return seen

    monkeypatch.setattr(importing, "hold_row", lambda *_: None)
    monkeypatch.setattr(importing, "look", let_go)
    with fresh_database.app.app_context():
        upload = uploaded(sheet("P-1,Larder,Charity,Hackney"))
        key, fingerprint = upload.id, look(upload).fingerprint
        db.session.commit()

    def press() -> None:
        apply_list(db.session.get_one(PartnerImport, key), {}, fingerprint=fingerprint, actor=NOBODY, now=NOW)

    assert IntegrityError in map(type, at_once(fresh_database, press, press))


def test_an_officer_imports_by_pages(database: Flask, client: PageClient) -> None:
    with database.app_context():
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        larder = make.organisation(name="Holloway Larder")
        db.session.commit()
        db.session.refresh(officer)
        key = larder.public_id
        db.session.expunge_all()
    client.sign_in_as(officer)
    page = client.page(client.page("/organisations").link("Import a list"))
    form = page.form("/organisations/import")
    assert client.submit(form).errors == ["Choose the list"]
    data = sheet(
        "P-1,Bow Walkers,Charity,Hackney,x",
        "P-2,Holloway Larder CIO,Charity,Hackney,x",
        header="Our reference,Name,Kind,Main borough,Mood",
    )
    page = client.submit(form, file=(BytesIO(data), "partners.csv"))
    assert page.h1 == "Check before you import"
    assert "Columns that are not ours are left alone: Mood." in page.text
    url = page.url
    page = client.submit(page.form("Import the list"), {"line_3": key})
    assert (page.h1, "The list is imported. Nobody was written to." in page.text) == ("Imported", True)
    assert client.page(url).h1 == "Imported"
    page = client.submit(
        client.page("/organisations/import").form("/organisations/import"), file=(BytesIO(data), "p.csv")
    )
    assert page.h1 == "Nothing to import"
    assert "This list changes nothing: everything in it is here already." in page.text
    bad = sheet("P-1,,Charity,Hackney")
    page = client.submit(
        client.page("/organisations/import").form("/organisations/import"), file=(BytesIO(bad), "p.csv")
    )
    assert ["Line 2", "Name", "This is blank. Fill it in."] in page.rows
