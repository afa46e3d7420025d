"""Closed days: England's bank holidays as GOV.UK lists them, and the page that keeps them."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from placements.cohorts import closing
from placements.cohorts.closures import bank_holidays, usual_closures
from placements.cohorts.models import ClosedDay
from placements.cohorts.queries import closed_days
from placements.core.clock import add_working_days
from placements.core.errors import Refused
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.models import History
from tests.client import PageClient, counting_queries
from tests.cohorts.people import committed
from tests.databases import seeding
from tests.factories import NOW


@pytest.mark.parametrize(
    ("year", "listed"),
    [  # as www.gov.uk/bank-holidays lists them, but for what a proclamation moved or added
        (2021, "1/1 2/4 5/4 3/5 31/5 30/8 27/12 28/12"),
        (2022, "3/1 15/4 18/4 2/5 30/5 29/8 26/12 27/12"),
        (2026, "1/1 3/4 6/4 4/5 25/5 31/8 25/12 28/12"),
        (2027, "1/1 26/3 29/3 3/5 31/5 30/8 27/12 28/12"),
        (2028, "3/1 14/4 17/4 1/5 29/5 28/8 25/12 26/12"),
    ],
)
def test_the_bank_holidays_of_a_year_are_those_that_are_published(year: int, listed: str) -> None:
    assert " ".join(f"{day.day}/{day.month}" for day, _ in bank_holidays(year)) == listed


def test_an_academic_year_has_its_bank_holidays_and_the_christmas_closure() -> None:
    assert [(f"{day.day}/{day.month}/{day.year}", name) for day, name in usual_closures("2026/27").items()] == [
        ("31/8/2026", "Summer bank holiday"),
        ("24/12/2026", "Christmas closure"),
        ("25/12/2026", "Christmas Day"),
        ("28/12/2026", "Boxing Day"),
        ("29/12/2026", "Christmas closure"),
        ("30/12/2026", "Christmas closure"),
        ("31/12/2026", "Christmas closure"),
        ("1/1/2027", "New Year’s Day"),
        ("26/3/2027", "Good Friday"),
        ("29/3/2027", "Easter Monday"),
        ("3/5/2027", "Early May bank holiday"),
        ("31/5/2027", "Spring bank holiday"),
    ]


@pytest.mark.usefixtures("session")
def test_a_day_is_closed_once_and_opened_again_with_its_history() -> None:
    good_friday = {date(2027, 3, 26): "Good Friday"}
    assert closing.close_days(good_friday, actor=NOBODY, now=NOW) == 1
    assert closing.close_days(good_friday, actor=NOBODY, now=NOW) == 0
    assert add_working_days(date(2027, 3, 25), 1, closed_days()) == date(2027, 3, 29)
    assert closing.open_day(date(2027, 3, 26), actor=NOBODY, now=NOW)
    assert not closing.open_day(date(2027, 3, 26), actor=NOBODY, now=NOW)
    db.session.flush()
    assert closed_days() == frozenset()
    assert [row.verb for row in db.session.scalars(select(History).order_by(History.id))] == [
        "marked Fri 26 Mar 2027 as closed",
        "marked Fri 26 Mar 2027 as open again",
    ]


@pytest.mark.usefixtures("session")
def test_a_weekend_is_no_closed_day() -> None:
    with pytest.raises(Refused):
        closing.close_days({date(2026, 12, 26): "Boxing Day"}, actor=NOBODY, now=NOW)


def test_a_leader_adds_a_year_with_one_press_and_a_day_by_hand(database: Flask, client: PageClient) -> None:
    client.sign_in_as(committed(database).leader)
    page = client.page(client.page("/runs").link("Closed days"))
    assert "No closed days yet" in page.text
    page = client.submit(page.form("Add those of 2026/27"))
    assert "12 closed days of 2026/27 added." in page.text
    assert ["Fri 26 Mar 2027", "Good Friday", "Take away Fri 26 Mar 2027"] in page.rows
    assert "Add those of 2026/27" not in page.text
    page = client.submit(page.form("Add the day"), day=["4", "1", "2027"], name="Staff day")
    assert ["Mon 4 Jan 2027", "Staff day", "Take away Mon 4 Jan 2027"] in page.rows
    page = client.submit(page.form("Take away Mon 4 Jan 2027"))
    assert "Mon 4 Jan 2027 is a working day again." in page.text
    assert "Staff day" not in page.text


def test_what_is_no_weekday_or_no_date_is_said_on_the_form(database: Flask, client: PageClient) -> None:
    client.sign_in_as(committed(database).leader)
    form = client.page("/closed-days").form("Add the day")
    assert "That day is a Saturday or Sunday" in client.submit(form, day=["27", "12", "2026"], name="Feast").text
    assert "Enter the day" in client.submit(form, name="Feast").text


@pytest.mark.parametrize("days", [1, 3])
def test_the_page_asks_the_same_for_one_day_and_three(database: Flask, client: PageClient, days: int) -> None:
    made = committed(database)
    with seeding(database):
        db.session.add_all(ClosedDay(day=date(2027, 1, 4 + n), name="Closed") for n in range(days))
    client.sign_in_as(made.leader)
    with counting_queries() as queries:
        client.page("/closed-days")
    assert queries.count == 4
