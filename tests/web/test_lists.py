"""Filters above a list: what they read of an address, what they say of it, and where their tags lead."""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from placements.web import fields
from placements.web.forms import UNREADABLE
from placements.web.lists import Filters, paging


class Above(Filters):
    q = fields.text("Search", most=20)
    day = fields.one_of_many("Day", {"0": "Monday", "1": "Tuesday"}, coerce=int)
    expenses = fields.tick("Pays expenses")
    least = fields.number("Hours", least=0, most=40)


def asked(app: Flask, query: str) -> dict[str, Any]:
    with app.test_request_context(f"/list?{query}"):
        return Above().values()


def said(app: Flask, query: str) -> list[str]:
    with app.test_request_context(f"/list?{query}"):
        return [each["label"] for each in Above().chosen()]


def test_what_is_asked_for(app: Flask) -> None:
    assert asked(app, "") == {"q": None, "day": None, "expenses": None, "least": None}
    assert asked(app, "q=+bank+&day=1&expenses=y&least=3") == {"q": "bank", "day": 1, "expenses": True, "least": 3}


def test_nought_is_asked_for_and_an_unticked_box_is_not(app: Flask) -> None:
    assert asked(app, "q=&day=0&expenses=false&least=0") == {"q": None, "day": 0, "expenses": None, "least": 0}


def test_a_filter_says_what_it_does(app: Flask) -> None:
    assert said(app, "q=bank&day=0&expenses=y&least=0") == ["Search: bank", "Day: Monday", "Pays expenses", "Hours: 0"]


def test_a_tag_takes_its_filter_away_and_goes_back_to_the_first_page(app: Flask) -> None:
    with app.test_request_context("/list?q=bank&expenses=y&page=3"):
        assert [each["remove_url"] for each in Above().chosen()] == ["/list?expenses=y", "/list?q=bank"]


@pytest.mark.parametrize("odd", ["ba\0nk", "ba\x1bnk", "ba\uffffnk"])
def test_what_cannot_be_shown_is_left_out_refused_and_not_asked_for(app: Flask, odd: str) -> None:
    with app.test_request_context(f"/list?q={quote(odd)}"):
        form = Above()
        assert (form.values()["q"], form.chosen(), form.q.errors) == (None, [], [UNREADABLE])
        assert 'value="bank"' in str(form.q())


def test_half_a_surrogate_pair_is_no_fault(app: Flask) -> None:
    with app.test_request_context("/list", query_string="q=ba%ED%A0%80nk"):
        assert Above().q().count("value=")
        assert paging(25, 60).next_url == "/list?q=ba%25ED%25A0%2580nk&page=2"


def test_what_is_not_on_the_list_filters_nothing(app: Flask) -> None:
    assert asked(app, "day=9&least=many") == {"q": None, "day": None, "expenses": None, "least": None}


@pytest.mark.parametrize(
    ("page", "rows"), [("", "1–25"), ("0", "1–25"), ("2", "26–50"), ("-1", "1–25"), ("9" * 5000, "1–25"), ("²", "1–25")]
)
def test_an_absurd_page_is_the_first(app: Flask, page: str, rows: str) -> None:
    with app.test_request_context(f"/list?page={quote(page)}"):
        where = paging(25, 60)
        assert f"{where.first}–{where.last}" == rows


@pytest.mark.parametrize(
    ("page", "count", "is_cut_off", "goes_on"),
    [(39, 1001, False, True), (40, 1001, True, False), (40, 1000, False, False), (1, 25, False, False)],
)
def test_a_list_ends_after_its_first_thousand_and_says_so(
    app: Flask, page: int, count: int, is_cut_off: bool, goes_on: bool
) -> None:
    with app.test_request_context(f"/list?page={page}"):
        where = paging(25, count)
    assert (where.is_cut_off, where.next_url is not None) == (is_cut_off, goes_on)


def test_a_filter_is_drawn_as_the_forms_draw_it(app: Flask) -> None:
    """But for white space: the short macros say what GOV.UK's long ones do."""
    with app.test_request_context("/list?q=a%22b&day=1&expenses=y"):
        form = Above()
        for field in (form.q, form.day, form.expenses):
            theirs = field.widget(field, id=field.id)
            assert "".join(str(field()).split()) == "".join(str(theirs).split())
