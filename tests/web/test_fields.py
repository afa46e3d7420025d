"""What people type becomes what is kept: line ends, lengths, days, times, and characters that nothing can keep."""

from collections.abc import Iterator
from datetime import date, time

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from placements.web import fields
from placements.web.controls import read_time
from placements.web.forms import UNREADABLE, Form

NO_DATE = "Enter a real date as day, month and year, like 14 10 2026"


class Questions(Form):
    """One field of each kind that reads what is typed."""

    class Meta(Form.Meta):
        csrf = False

    story = fields.long_text("Story", most=10, counts=True)
    notes = fields.long_text("Notes", most=10)
    name = fields.text("Name", missing="Enter your name", most=10)
    hours = fields.number("Hours", least=0, most=40, missing="Enter the hours")
    when = fields.day("Day")
    level = fields.one_of_many("Level", {"5": "Level 5", "6": "Level 6"}, missing="Choose a level", coerce=int)
    days = fields.several("Days", {"1": "Monday", "2": "Tuesday"}, coerce=int)
    mode = fields.one("Mode", {"site": "On site"}, missing="Choose a mode")
    kind = fields.one_of_many("Kind", {"a": "A kind"})
    agrees = fields.tick("I agree", missing="Say that you agree")


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def sent(**changes: str | list[str]) -> Questions:
    """The form with good answers, some of them changed, validated."""
    good: dict[str, str | list[str]] = {"name": "Ada", "hours": "3", "level": "5", "mode": "site", "agrees": "y"}
    pairs = [(name, value) for name, given in (good | changes).items() for value in _several(given)]
    form = Questions(formdata=MultiDict(pairs))
    form.validate()
    return form


def _several(given: str | list[str]) -> list[str]:
    return given if isinstance(given, list) else [given]


def errors(**changes: str | list[str]) -> dict[str, list[str]]:
    return {name: list(found) for name, found in sent(**changes).errors.items()}


@pytest.mark.parametrize("typed", ["one\r\ntwo", "one\ntwo", "one\rtwo"])
def test_the_end_of_a_line_is_one_character(typed: str) -> None:
    form = sent(story=typed, notes=typed)
    assert (form.story.data, form.notes.data) == ("one\ntwo", "one\ntwo")


def test_a_text_that_fills_the_counter_is_accepted_as_browsers_send_it() -> None:
    assert errors(story="1234\r\n6\r\n890") == {}
    assert errors(notes="1234\r\n6\r\n890") == {}
    assert errors(story="1234\r\n6\r\n8901") == {"story": ["Story: use at most 10 characters"]}


def test_an_emoji_counts_as_the_browser_counts_it() -> None:
    assert fields.counted_length("😀") == 2
    assert errors(story="😀😀😀😀😀") == {}
    assert errors(story="😀😀😀😀😀!") == {"story": ["Story: use at most 10 characters"]}


def test_the_counter_on_the_page_says_the_same_length() -> None:
    assert 'data-maxlength="10"' in str(sent().story())


@pytest.mark.parametrize("blank", ["", "  ", "\u200b", " \ufeff ", "\xa0"])
def test_a_name_that_nobody_can_see_is_none(blank: str) -> None:
    assert errors(name=blank) == {"name": ["Enter your name"]}


@pytest.mark.parametrize("odd", ["A\0da", "Ada\x1b", "\ud800Ada", "A\x85da", "Ada\uffff"])
def test_what_cannot_be_kept_or_shown_is_left_out_and_asked_about(odd: str) -> None:
    form = sent(name=odd, hours=odd, story=odd)
    assert form.name.errors == [UNREADABLE]
    assert (form.name.data, form.story.data) == ("Ada", "Ada")
    assert 'value="Ada"' in str(form.hours())
    assert form.error_lines() == [(UNREADABLE, "story"), (UNREADABLE, "name"), (UNREADABLE, "hours")]


def test_what_people_really_write_is_kept() -> None:
    assert sent(name="Zoë\u200d👩\u200d🔬").name.data == "Zoë\u200d👩\u200d🔬"
    assert sent(notes="a\tb\n\u202ec").notes.data == "a\tb\n\u202ec"


def test_nought_is_a_number() -> None:
    assert sent(hours="0").hours.data == 0
    assert errors(hours="") == {"hours": ["Enter the hours"]}


@pytest.mark.parametrize("number", ["-1", "41", "3.0", "1_0", "٣", "²", "9" * 5000, "1e1"])
def test_what_is_no_number_here(number: str) -> None:
    assert errors(hours=number) == {"hours": ["Enter a whole number from 0 to 40"]}


@pytest.mark.parametrize(
    ("parts", "day"),
    [(["14", "10", "2026"], date(2026, 10, 14)), ([" 1 ", "2", "27"], date(2027, 2, 1)), (["", "", ""], None)],
)
def test_a_day_is_read(parts: list[str], day: date | None) -> None:
    form = sent(when=parts)
    assert (form.when.data, list(form.when.errors)) == (day, [])


@pytest.mark.parametrize(
    "parts",
    [
        ["30", "2", "2027"],
        ["1", "1", "-5"],
        ["1_0", "1", "2027"],
        ["٣", "1", "2027"],
        ["1", "1", "10000"],
        ["9" * 5000, "1", "2027"],
        ["1", "1"],
        ["14", "", "2026"],
    ],
)
def test_what_is_no_day(parts: list[str]) -> None:
    assert errors(when=parts) == {"when": [NO_DATE]}


@pytest.mark.parametrize("year", ["1899", "2200", "9999", "0101"])
def test_a_year_is_one_that_sums_with_days_can_bear(year: str) -> None:
    form = sent(when=["31", "12", year])
    assert (form.when.errors, form.when.data) == (["Enter a year from 1900 to 2199"], None)


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        *[("9:30", time(9, 30)), ("9.30", time(9, 30)), ("0930", time(9, 30)), ("930", time(9, 30)), ("9", time(9))],
        *[("2:15pm", time(14, 15)), ("9a.m.", time(9)), ("12am", time(0)), ("12pm", time(12)), ("23:59", time(23, 59))],
    ],
)
def test_a_time_is_read(typed: str, moment: time) -> None:
    assert read_time(typed) == moment


@pytest.mark.parametrize(
    "typed", ["25:61", "24:00", "13pm", "0am", "9:5", "-0:30", "1_0", "٩:٣٠", "noon", "", "9" * 5000]
)
def test_what_is_no_time(typed: str) -> None:
    assert read_time(typed) is None


def test_a_choice_that_is_not_there_is_asked_for_in_our_words() -> None:
    assert errors(level="7") == {"level": ["Choose a level"]}
    assert errors(level="five") == {"level": ["Choose a level"]}
    assert errors(days=["1", "3"]) == {"days": ["Choose one that is on the list"]}
    assert errors(days=["Monday"]) == {"days": ["Choose one that is on the list"]}


@pytest.mark.parametrize("blank", ["", " ", " \t "])
def test_white_space_is_no_choice(blank: str) -> None:
    form = sent(level=blank, mode=blank, days=[blank], kind=blank)
    assert form.errors == {"level": ["Choose a level"], "mode": ["Choose a mode"]}
    assert (form.level.data, form.mode.data, form.days.data, form.kind.data) == (None, None, [], None)


@pytest.mark.parametrize("value", ["", "false"])
def test_an_agreement_is_a_tick_and_no_word_for_none(value: str) -> None:
    assert errors(agrees=value) == {"agrees": ["Say that you agree"]}
