"""Two records of one organisation become one, and nothing that hung on either is lost."""

from datetime import date
from enum import Enum
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, Table, func, insert, select

from placements.accounts.models import GlobalRole
from placements.core.errors import NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import Model, db
from placements.directory import merging
from placements.directory.doubles import pointing_to
from placements.directory.merging import keep_apart, merge
from placements.directory.models import NotTheSame
from placements.mail.models import Notification
from placements.partners.models import Contact, ContactRole, Interest, Organisation, OrganisationBorough
from placements.partners.workflow import OrganisationState
from tests import factories as make
from tests.client import PageClient
from tests.databases import Copy, seeding
from tests.factories import DAY, NOW
from tests.races import at_once

OFFICER = Principal(None, frozenset({("engagement", None)}))
TABLE: Table = Organisation.__table__  # type: ignore[assignment]


def fill(table: Table, **given: Any) -> int:
    """A row with what it must have, made up by each column's type; returns its key."""
    for column in table.columns:
        is_free = column.nullable or column.default is not None or column.computed is not None
        if column.name not in given and not column.primary_key and not is_free:
            given[column.name] = _made_up(column)
    return int(db.session.execute(insert(table).values(given).returning(table.c.id)).scalar_one())


def _made_up(column: Column[Any]) -> object:
    if column.foreign_keys:
        table = next(iter(column.foreign_keys)).column.table
        return make.enrolment().id if table.name == "enrolment" else fill(table)  # a run's level is not just any number
    kind = column.type.python_type
    if issubclass(kind, Enum):
        return next(iter(kind))
    if issubclass(kind, str):
        return f"x{db.session.scalar(select(func.count()).select_from(column.table))}"
    return {int: 1, object: NOW, date: NOW.date(), bool: False, dict: {}}[kind]  # object: an instant


def held_by(key: int) -> set[str]:
    """The columns by which any row points to that organisation."""
    return {
        f"{table.name}.{column.name}"
        for table, column in pointing_to(TABLE)
        if db.session.scalar(select(func.count()).select_from(table).where(column == key))
    }


def test_no_row_of_any_table_points_to_the_merged_one_any_more(session: Any) -> None:
    survivor, double = make.organisation(), make.organisation()
    for table, column in pointing_to(TABLE):
        fill(table, **{column.name: double.id})
    every = {
        f"{table.name}.{key.parent.name}"
        for table in Model.metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "organisation"
    }
    assert {"challenge.organisation_id", "contact.organisation_id", "organisation.merged_into_id"} < every
    assert held_by(double.id) == every
    before = {table.name: db.session.scalar(select(func.count()).select_from(table)) for table, _ in pointing_to(TABLE)}
    merge(survivor, double, actor=OFFICER, now=NOW)
    session.flush()
    assert held_by(double.id) == set()
    assert held_by(survivor.id) == every
    after = {table.name: db.session.scalar(select(func.count()).select_from(table)) for table, _ in pointing_to(TABLE)}
    assert after == before
    assert (double.state, double.merged_into_id) == (OrganisationState.ARCHIVED, survivor.id)
    assert survivor.state is OrganisationState.APPROVED


def test_what_is_missing_is_taken_over_and_what_is_said_stays(session: Any) -> None:
    survivor = make.organisation(name="Larder", charity_number="1234567", about="", ceiling=None)
    said = {"charity_number": "7654321", "company_number": "01234567", "about": "We share.", "ceiling": 3}
    double = make.organisation(our_reference="P-7", borough="Hackney", **said)
    merge(survivor, double, actor=OFFICER, now=NOW)
    session.flush()
    assert (survivor.name, survivor.charity_number, survivor.company_number) == ("Larder", "1234567", "01234567")
    assert (survivor.about, survivor.ceiling, survivor.our_reference) == ("We share.", 3, "P-7")
    assert double.our_reference is None
    assert session.scalars(select(OrganisationBorough.borough)).all() == ["Hackney"]


@pytest.mark.parametrize(
    ("ours", "theirs", "kept"),
    [
        ((ContactRole.SUPERVISOR, None), (ContactRole.PRIMARY, None), "theirs"),
        ((ContactRole.PRIMARY, None), (ContactRole.SUPERVISOR, None), "ours"),
        ((ContactRole.PRIMARY, NOW.date()), (ContactRole.SUPERVISOR, None), "theirs"),
        ((ContactRole.SIGNATORY, None), (ContactRole.PRIMARY, NOW.date()), "ours"),
    ],
)
def test_one_person_at_both_is_there_once_with_the_stronger_role(
    session: Any, ours: tuple[Any, Any], theirs: tuple[Any, Any], kept: str
) -> None:
    survivor, double, who = make.organisation(), make.organisation(), make.person()
    rows = {
        "ours": make.contact(survivor, who, ours[0], left_on=ours[1]).id,
        "theirs": make.contact(double, who, theirs[0], left_on=theirs[1]).id,
    }
    merge(survivor, double, actor=OFFICER, now=NOW)
    assert session.execute(select(Contact.id, Contact.organisation_id)).all() == [(rows[kept], survivor.id)]


def test_an_interest_that_is_open_at_either_stays_open(session: Any) -> None:
    survivor, double, who = make.organisation(), make.organisation(), make.person()
    make.interest(survivor, who, ended_at=NOW)
    make.interest(double, who)
    merge(survivor, double, actor=OFFICER, now=NOW)
    assert session.execute(select(Interest.organisation_id, Interest.ended_at)).all() == [(survivor.id, None)]


def test_of_two_answers_to_one_question_the_one_verified_last_stays_with_its_evidence(session: Any) -> None:
    survivor, double = make.organisation(), make.organisation()
    checks, evidence = Model.metadata.tables["partner_check"], Model.metadata.tables["check_evidence"]
    mine = fill(checks, organisation_id=survivor.id, verified_at=NOW - 9 * DAY)
    later = fill(checks, organisation_id=double.id, verified_at=NOW - DAY)
    paper = fill(evidence, check_id=mine)
    merge(survivor, double, actor=OFFICER, now=NOW)
    assert session.execute(select(checks.c.id, checks.c.organisation_id)).all() == [(later, survivor.id)]
    assert session.execute(select(evidence.c.id, evidence.c.check_id)).all() == [(paper, later)]


def test_memoranda_are_numbered_one_after_the_other(session: Any) -> None:
    survivor, double = make.organisation(), make.organisation()
    memoranda = Model.metadata.tables["memorandum"]
    keys = [fill(memoranda, organisation_id=survivor.id, version=n) for n in (1, 2)]
    keys += [fill(memoranda, organisation_id=double.id, version=n) for n in (1, 2, 4)]
    merge(survivor, double, actor=OFFICER, now=NOW)
    found = select(memoranda.c.id, memoranda.c.version).where(memoranda.c.organisation_id == survivor.id)
    versions = dict(session.execute(found).all())
    assert sorted(versions, key=lambda key: versions[key]) == keys
    assert len(set(versions.values())) == 5


def test_the_tables_that_are_known_by_name_are_there() -> None:
    tables = Model.metadata.tables
    assert set(merging.COUNTS_FOR) | set(merging.NUMBERED) <= set(tables)
    assert all(column in tables[name].c for name, column in merging.NUMBERED.items())


def test_those_kept_apart_from_the_double_are_kept_apart_from_the_one_that_stays(session: Any) -> None:
    survivor, double, third = make.organisation(), make.organisation(), make.organisation()
    for _ in range(2):
        keep_apart(third, double, actor=OFFICER, now=NOW)
    keep_apart(survivor, double, actor=OFFICER, now=NOW)
    merge(survivor, double, actor=OFFICER, now=NOW)
    assert session.execute(select(NotTheSame.one_id, NotTheSame.other_id)).all() == [(survivor.id, third.id)]


@pytest.mark.parametrize("state", [OrganisationState.ARCHIVED, OrganisationState.DECLINED])
def test_what_is_over_takes_nothing_in(session: Any, state: OrganisationState) -> None:
    over, other = make.organisation(state=state), make.organisation()
    with pytest.raises(Refused):
        merge(over, other, actor=OFFICER, now=NOW)
    with pytest.raises(Refused):
        merge(other, other, actor=OFFICER, now=NOW)


@pytest.mark.parametrize("side", ["interest", "contact"])
@pytest.mark.parametrize("at", [0, 1])
def test_nobody_with_a_side_in_either_decides(session: Any, side: str, at: int) -> None:
    both = make.organisation(), make.organisation()
    sided = Principal(1, frozenset({("engagement", None), (side, both[at].id)}))
    for decide in (merge, keep_apart):
        with pytest.raises(NotAllowed):
            decide(*both, actor=sided, now=NOW)


def test_merged_again_nothing_happens(session: Any) -> None:
    survivor, double = make.organisation(), make.organisation()
    for _ in range(2):
        merge(survivor, double, actor=OFFICER, now=NOW)
    with pytest.raises(Refused):
        merge(double, survivor, actor=OFFICER, now=NOW)


def test_an_officer_merges_by_pages_and_old_addresses_lead_on(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer, contact = make.account(None, GlobalRole.ENGAGEMENT), make.account()
        survivor = make.organisation(name="Holloway Larder", borough="Islington", charity_number="1234567")
        double = make.organisation(name="The Holloway Larder CIO", borough="Hackney")
        make.contact(double, contact.person)
        make.challenge(double)
        urls = [f"/organisations/{each.public_id}" for each in (survivor, double)]
    client.sign_in_as(officer)
    page = client.page("/organisations/doubles")
    assert [row[:3] for row in page.rows] == [
        ["Holloway Larder, Islington", "The Holloway Larder CIO, Hackney", "Much the same name"]
    ]
    assert "May be here twice: Holloway Larder (much the same name)" in client.page(urls[1]).text
    page = client.page(page.link("Look at both records: Holloway Larder and The Holloway Larder CIO"))
    assert ["People", "0", "2"] in page.rows
    assert ["Challenges", "0", "1"] in page.rows
    form = page.form("Merge the two")
    assert client.submit(form).errors == ["Choose which record stays"]
    page = client.submit(form, stays=(form.offers("stays") or [])[0])
    assert (page.h1, "The Holloway Larder CIO is part of this record now." in page.text) == ("Holloway Larder", True)
    assert "Merged with its double: The Holloway Larder CIO" in page.text
    client.sign_in_as(contact)  # by an address that they were once sent
    answer = client.get(urls[1])
    assert (answer.status_code, answer.location) == (302, urls[0])
    assert "The Holloway Larder CIO is part of this record now." in client.page(urls[0]).text
    assert client.get(f"{urls[1]}/edit").status_code == 403
    with database.app_context():
        assert db.session.scalars(select(Notification.id)).all() == []


def test_two_that_are_not_the_same_do_not_come_back(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        both = make.organisation(name="Bow Walkers"), make.organisation(name="Bow Walkers Trust")
        urls = [f"/organisations/{each.public_id}" for each in both]
    client.sign_in_as(officer)
    page = client.page("/organisations/doubles")
    page = client.submit(page.form("Not the same Bow Walkers and Bow Walkers Trust"))
    assert "Bow Walkers and Bow Walkers Trust are kept apart." in page.text
    assert "No two organisations look the same" in page.text
    one, other = urls
    page = client.page(client.page(one).link("Is it here twice?"))  # it was a mistake
    assert "Somebody looked at these and found that they are others." in page.text
    client.submit(client.page(page.link("Bow Walkers Trust")).form("Merge the two"), stays=one.rpartition("/")[2])
    assert client.get(other).location == one


def test_a_double_that_looks_like_no_other_is_found_by_its_name(database: Flask, client: PageClient) -> None:
    with seeding(database):
        officer = make.account(None, GlobalRole.ENGAGEMENT)
        over = make.organisation(name="Cara", state=OrganisationState.DECLINED)
        make.organisation(name="Refugee Academics’ Council", borough="Camden")
        make.organisation(name="Refugee Council of old", state=OrganisationState.ARCHIVED)
        url = f"/organisations/{over.public_id}"
    client.sign_in_as(officer)
    page = client.page(client.page(url).link("Is it here twice?"))
    assert (page.h1, page.rows) == ("Is Cara here twice?", [])
    assert "No other organisation is found." in client.submit(page.form("Find the other record"), named="cara").text
    page = client.submit(page.form("Find the other record"), named="council")
    assert "of old" not in page.text
    form = client.page(page.link("Refugee Academics’ Council")).form("Merge the two")
    assert len(form.offers("stays") or []) == 1  # what was declined cannot stay
    assert client.submit(form, stays=(form.offers("stays") or [])[0]).h1 == "Refugee Academics’ Council"


def _two(copy: Copy) -> tuple[int, int]:
    with copy.app.app_context():
        survivor, double = make.organisation(), make.organisation()
        make.contact(double)
        db.session.commit()
        return survivor.id, double.id


def test_pressed_twice_at_once_they_are_merged_once(fresh_database: Copy) -> None:
    keys = _two(fresh_database)

    def press() -> None:
        merge(*(db.session.get_one(Organisation, key) for key in keys), actor=OFFICER, now=NOW)

    assert at_once(fresh_database, press, press, press) == [None, None, None]
    with fresh_database.app.app_context():
        assert db.session.scalars(select(Organisation.merged_into_id).order_by(Organisation.id)).all() == [
            None,
            keys[0],
        ]


def test_each_into_the_other_at_once_one_stays(fresh_database: Copy) -> None:
    one, other = _two(fresh_database)

    def into(stays: int, goes: int) -> None:
        merge(db.session.get_one(Organisation, stays), db.session.get_one(Organisation, goes), actor=OFFICER, now=NOW)

    refused = at_once(fresh_database, lambda: into(one, other), lambda: into(other, one))
    assert [type(each) for each in refused if each] == [Refused]
    with fresh_database.app.app_context():
        assert db.session.scalar(select(func.count(Organisation.id)).where(Organisation.merged_into_id.is_(None))) == 1
