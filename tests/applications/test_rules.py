"""Choosing on paper: when it is open, what a draft becomes, what stands against submitting it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from placements.applications.rules import (
    Choice,
    Draft,
    Option,
    Window,
    problems,
    say_ranked,
    say_saved,
)
from placements.core.errors import Refused

pytestmark = pytest.mark.pure

OPENS = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)  # Monday, 9am in London
CLOSES = datetime(2026, 10, 30, 15, 0, tzinfo=UTC)  # Friday, 3pm in London, after the clocks have gone back
MOMENT = timedelta(microseconds=1)
WINDOW = Window(OPENS, CLOSES)

ABC = Draft("Why me", (Choice("a", "for a"), Choice("b"), Choice("c", "for c")))
OPEN = {name: Option(name.upper(), is_open=True, suits=True) for name in "abcdefg"}


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (OPENS - MOMENT, "You can choose from Mon 12 Oct 2026, 9am."),
        (OPENS, None),
        (CLOSES - MOMENT, None),
        (CLOSES, "Choosing closed on Fri 30 Oct 2026, 3pm, so your choices can no longer be changed."),
    ],
)
def test_choosing_is_open_from_its_first_instant_and_shut_at_its_last(now: datetime, why: str | None) -> None:
    assert WINDOW.why_shut(now) == why
    assert WINDOW.is_open(now) is (why is None)


@pytest.mark.parametrize(
    ("challenge", "by", "order"),
    [("b", -1, "bac"), ("b", 1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("a", 1, "bac"), ("z", 1, "abc")],
)
def test_moving_keeps_every_word(challenge: str, by: int, order: str) -> None:
    moved = ABC.moving(challenge, by)
    assert "".join(choice.challenge for choice in moved.choices) == order
    assert {choice.challenge: choice.addition for choice in moved.choices} == {"a": "for a", "b": "", "c": "for c"}
    assert moved.statement == "Why me"


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({}, "abc"),
        ({"c": 1}, "cab"),
        ({"a": 3}, "bca"),
        ({"a": 2, "b": 1}, "bac"),
        ({"b": 1, "c": 1}, "bca"),  # both typed: as they stood
        ({"a": 6, "c": 1}, "cba"),  # beyond the last is last
        ({"z": 1}, "abc"),
    ],
)
def test_what_has_a_place_typed_goes_there_and_the_others_stay_in_their_order(
    places: dict[str, int], order: str
) -> None:
    placed = ABC.placing(places)
    assert "".join(choice.challenge for choice in placed.choices) == order
    assert {*placed.choices, placed.statement} == {*ABC.choices, "Why me"}


def test_a_challenge_is_added_last_and_once() -> None:
    added = ABC.adding("d")
    assert [choice.challenge for choice in added.choices] == ["a", "b", "c", "d"]
    assert added.adding("a") == added
    assert (added.rank_of("d"), added.rank_of("z")) == (4, None)


def test_a_seventh_choice_is_refused() -> None:
    six = Draft(choices=tuple(Choice(name) for name in "abcdef"))
    with pytest.raises(Refused) as refusal:
        six.adding("g")
    assert refusal.value.sentence == "You have 6 choices, which is the most. Remove one to make room for another."


def test_removing_closes_the_gap() -> None:
    assert [choice.challenge for choice in ABC.removing("b").choices] == ["a", "c"]
    assert ABC.removing("z") == ABC


def test_what_is_kept_is_read_back_and_nothing_reads_as_empty() -> None:
    assert Draft.read(ABC.kept()) == ABC
    assert Draft.read({}) == Draft()


def test_a_version_is_of_the_words_and_their_order() -> None:
    others = [ABC.moving("a", 1), ABC.removing("c"), replace(ABC, statement="why me"), Draft()]
    assert len({ABC.version, *(other.version for other in others)}) == 5
    assert Draft.read(ABC.kept()).version == ABC.version


def _changed(**options: Option) -> dict[str, Option]:
    return {**OPEN, **options}


@pytest.mark.parametrize(
    ("draft", "options", "found"),
    [
        (ABC, OPEN, []),
        (replace(ABC, choices=(Choice("a"),)), OPEN, []),
        (replace(ABC, choices=tuple(Choice(name) for name in "abcdef")), OPEN, []),
        (replace(ABC, choices=()), OPEN, ["Choose at least one challenge."]),
        (replace(ABC, choices=tuple(Choice(name) for name in "abcdefg")), OPEN, ["Choose at most 6 challenges."]),
        (
            replace(ABC, choices=(Choice("a"), Choice("b"), Choice("a"))),
            OPEN,
            ["“A” is among your choices more than once. Remove one of them."],
        ),
        (
            ABC,
            _changed(b=Option("B", is_open=False, suits=True)),
            ["“B” is not open to students at present. Remove it, then submit."],
        ),
        (
            ABC,
            _changed(c=Option("C", is_open=True, suits=False)),
            ["“C” is not for your module. Remove it, then submit."],
        ),
        (
            ABC,
            _changed(c=Option("C", is_open=False, suits=False)),
            ["“C” is not open to students at present. Remove it, then submit."],
        ),
        (
            replace(ABC, choices=(Choice("z"),)),
            OPEN,
            ["One of your choices is not there any more. Remove it."],
        ),
        (
            replace(ABC, statement=""),
            OPEN,
            ["Write your statement. Every organisation that you choose reads it."],
        ),
        (replace(ABC, statement="x" * 2000), OPEN, []),
        (replace(ABC, statement="x" * 2001), OPEN, ["Shorten your statement to 2,000 characters."]),
        (replace(ABC, choices=(Choice("a", "x" * 500),)), OPEN, []),
        (
            replace(ABC, choices=(Choice("a", "x" * 501),)),
            OPEN,
            ["Shorten what you add for one organisation to 500 characters."],
        ),
        (
            Draft(),
            OPEN,
            ["Choose at least one challenge.", "Write your statement. Every organisation that you choose reads it."],
        ),
    ],
)
def test_what_stands_against_submitting(draft: Draft, options: dict[str, Option], found: list[str]) -> None:
    assert problems(draft, options) == found


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "fewer than 5 have ranked it"),
        (4, "fewer than 5 have ranked it"),
        (5, "5 have ranked it"),
        (41, "41 have ranked it"),
    ],
)
def test_small_counts_are_not_said(count: int, said: str) -> None:
    assert say_ranked(count) == said


def test_saved_is_said_by_the_clock_today_and_with_its_date_otherwise() -> None:
    now = datetime(2026, 10, 20, 22, 0, tzinfo=UTC)
    assert say_saved(datetime(2026, 10, 20, 13, 3, tzinfo=UTC), now) == "Saved 14:03"
    assert say_saved(datetime(2026, 10, 19, 22, 59, tzinfo=UTC), now) == "Saved Mon 19 Oct 2026, 11:59pm"
    assert say_saved(datetime(2026, 10, 19, 23, 1, tzinfo=UTC), now) == "Saved 00:01"
